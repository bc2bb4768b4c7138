//! One job, followed until it ends.
//!
//! It cancels nothing: a future that is dropped leaves the job as it is. Invariants: the job that is returned was read by
//! `GetJob`, never from a stream; while no stream is there, the job is read once a second.

use std::time::Duration;

use gridloom::v1;
use tokio::time::{sleep, timeout};

use super::watch::SILENCE_MAX;
use crate::net::calls::again::Attempts;
use crate::net::client::Client;
use crate::net::error::Error;

/// The pause between two reads of a job without a stream.
const LOOK: Duration = Duration::from_secs(1);
/// Reads after a stream has broken, or was refused, before another one is opened.
const LOOKS_BETWEEN: u32 = 10;

/// What is reported of a job that has not ended.
#[derive(Clone, Debug)]
pub enum JobProgress {
    /// The job as it is; it may be as it was before.
    Changed(Box<v1::Job>),
    /// A call has failed, and is made again.
    Waits {
        /// Why it has failed.
        error: Error,
        /// The time until it is made again.
        pause: Duration,
    },
}

/// Whether a job is done, has failed or was cancelled.
#[must_use]
pub fn job_has_ended(job: &v1::Job) -> bool {
    matches!(job.state(), v1::JobState::Done | v1::JobState::Failed | v1::JobState::Cancelled)
}

impl Client {
    /// Waits until a job ends, and returns it: it is done, has failed or was cancelled. `progress` is called after each
    /// change. An outage is waited for, for about a minute and a half.
    ///
    /// # Errors
    /// See `GetJob` in `jobs.proto`.
    pub async fn wait_for_job(
        &self,
        job_id: &str,
        mut progress: impl FnMut(JobProgress),
    ) -> Result<v1::Job, Error> {
        let mut attempts = Attempts::default();
        let mut looks_left = 0;
        loop {
            match self.job(job_id).await {
                Ok(job) if job_has_ended(&job) => return Ok(job),
                Ok(job) => {
                    attempts.succeeded();
                    progress(JobProgress::Changed(Box::new(job)));
                }
                Err(error) => {
                    let Some(pause) = attempts.pause(&error) else { return Err(error) };
                    progress(JobProgress::Waits { error, pause });
                    sleep(pause).await;
                    continue;
                }
            }
            if looks_left == 0 {
                if self.follow_job(job_id, &mut progress).await {
                    continue;
                }
                looks_left = LOOKS_BETWEEN;
            }
            looks_left -= 1;
            sleep(LOOK).await;
        }
    }

    /// Follows a job by a stream. True: the job has ended; false: the stream has, or it is silent or was refused.
    async fn follow_job(&self, job_id: &str, progress: &mut impl FnMut(JobProgress)) -> bool {
        let request = v1::WatchJobsRequest { job_id: job_id.to_owned() };
        let mut calls = self.job_calls();
        let Ok(Ok(answer)) = timeout(SILENCE_MAX, calls.watch_jobs(request)).await else {
            return false;
        };
        let mut stream = answer.into_inner();
        while let Ok(Ok(Some(answer))) = timeout(SILENCE_MAX, stream.message()).await {
            for job in answer.jobs {
                if job_has_ended(&job) {
                    return true;
                }
                progress(JobProgress::Changed(Box::new(job)));
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_of_an_unknown_state_has_not_ended() {
        let ended = |state| job_has_ended(&v1::Job { state, ..v1::Job::default() });
        let states = [0, 1, 2, 3, 4, 5, 77].map(ended);
        assert_eq!(states, [false, false, false, true, true, true, false]);
    }
}
