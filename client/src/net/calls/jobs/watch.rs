//! The jobs of the account as they change: a stream that is opened again after its end.
//!
//! It keeps the last state of each job that its reader has received. Invariants: a job is yielded once in each of its states
//! that the server sends; memory holds at most [`SEEN_MAX`] jobs.

use std::collections::HashMap;
use std::time::Duration;

use gridloom::v1;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tonic::{Code, Streaming};

use crate::net::bearer::Token;
use crate::net::client::Client;
use crate::net::error::Error;

/// The pause before a stream is opened again; each later one is twice as long, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(300);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A stream that is silent for so long is opened again: the server answers every 25 seconds at the latest.
pub(super) const SILENCE_MAX: Duration = Duration::from_secs(60);
/// Jobs whose last state is kept. Above that all are discarded, and the next stream may repeat some.
const SEEN_MAX: usize = 4_096;

/// A stream of the caller's jobs.
#[derive(Debug)]
pub struct Jobs {
    client: Client,
    /// The token, and each one that takes its place.
    tokens: watch::Receiver<Token>,
    stream: Option<Streaming<v1::WatchJobsResponse>>,
    seen: Seen,
    /// Attempts that have failed since the last answer.
    failures: u32,
}

impl Jobs {
    /// The jobs that are new or have changed; at least one. The first answer has those that wait or run, or ended within the
    /// last hour. A stream that ends, because its server stops or the network fails, is opened again.
    ///
    /// # Errors
    /// An error that does not pass by waiting, such as a token that has ended, or too many streams of the account.
    pub async fn next(&mut self) -> Result<Vec<v1::Job>, Error> {
        loop {
            match self.step().await {
                Ok(jobs) => {
                    let changed = self.seen.changed(jobs);
                    if !changed.is_empty() {
                        return Ok(changed);
                    }
                }
                // The token of the stream has ended, and another one took its place.
                Err(_) if self.tokens.has_changed().unwrap_or(false) => self.stream = None,
                Err(error) => {
                    let Some(pause) = pause(self.failures, &error) else { return Err(error) };
                    // The next call uses the next address, where this one does not answer.
                    self.stream = None;
                    self.failures = self.failures.saturating_add(1);
                    sleep(pause).await;
                }
            }
        }
    }

    /// The jobs of one answer; none after the end of a stream, too.
    async fn step(&mut self) -> Result<Vec<v1::Job>, Error> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                self.tokens.mark_unchanged();
                let request = v1::WatchJobsRequest::default();
                let stream = self.client.job_calls().watch_jobs(request).await?.into_inner();
                self.stream.insert(stream)
            }
        };
        match timeout(SILENCE_MAX, stream.message()).await {
            Ok(Ok(Some(answer))) => {
                self.failures = 0;
                Ok(answer.jobs)
            }
            Ok(Err(status)) => Err(status.into()),
            Ok(Ok(None)) | Err(_) => {
                self.stream = None;
                // A server that stops ends its streams at once, also each one that is opened again.
                sleep(FIRST_PAUSE).await;
                Ok(Vec::new())
            }
        }
    }
}

/// The pause after a failed attempt; `None`: no wait helps.
fn pause(failures: u32, error: &Error) -> Option<Duration> {
    let asked = match error {
        // The account has as many streams as it may have: only the end of another one helps.
        Error::Refused(refusal)
            if refusal.code == Code::ResourceExhausted && refusal.retry_after.is_none() =>
        {
            return None;
        }
        Error::Refused(refusal) => refusal.retry_after.unwrap_or_default(),
        _ => Duration::ZERO,
    };
    let pause = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(failures));
    error.is_transient().then_some(pause.min(LONGEST_PAUSE).max(asked))
}

/// The last state of each job that was yielded.
#[derive(Debug, Default)]
struct Seen {
    jobs: HashMap<String, v1::Job>,
}

impl Seen {
    /// Those jobs of an answer that differ from what is kept of them.
    fn changed(&mut self, mut jobs: Vec<v1::Job>) -> Vec<v1::Job> {
        jobs.retain(|job| self.jobs.get(&job.id) != Some(job));
        for job in &jobs {
            if self.jobs.len() >= SEEN_MAX {
                self.jobs.clear();
            }
            self.jobs.insert(job.id.clone(), job.clone());
        }
        jobs
    }
}

impl Client {
    /// Streams the caller's jobs.
    #[must_use]
    pub fn watch_jobs(&self) -> Jobs {
        let (client, tokens) = (self.clone(), self.bearer().watch());
        Jobs { client, tokens, stream: None, seen: Seen::default(), failures: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::error::Refusal;

    fn job(id: &str, progress_done: u64) -> v1::Job {
        v1::Job { id: id.to_owned(), progress_done, ..v1::Job::default() }
    }

    fn refused(code: Code, seconds: Option<u64>) -> Error {
        Error::Refused(Box::new(Refusal {
            code,
            message: "a sentence".to_owned(),
            reason: None,
            violations: Vec::new(),
            retry_after: seconds.map(Duration::from_secs),
        }))
    }

    #[test]
    fn a_job_is_yielded_once_in_each_of_its_states() {
        let mut seen = Seen::default();
        assert_eq!(seen.changed(vec![job("a", 1), job("b", 1)]).len(), 2);
        // As a stream that is opened again repeats it.
        assert!(seen.changed(vec![job("b", 1), job("a", 1)]).is_empty());
        assert_eq!(seen.changed(vec![job("a", 2), job("b", 1)]), [job("a", 2)]);
    }

    #[test]
    fn the_kept_states_are_bounded() {
        let mut seen = Seen::default();
        let many = (0..3 * SEEN_MAX).map(|number| job(&number.to_string(), 0));
        assert_eq!(seen.changed(many.collect()).len(), 3 * SEEN_MAX);
        assert!(seen.jobs.len() <= SEEN_MAX);
    }

    #[test]
    fn an_outage_is_waited_for_and_a_full_account_is_not() {
        let away = refused(Code::Unavailable, None);
        assert_eq!(pause(0, &away), Some(FIRST_PAUSE));
        assert_eq!(pause(u32::MAX, &away), Some(LONGEST_PAUSE));
        let busy = refused(Code::ResourceExhausted, Some(20));
        assert_eq!(pause(0, &busy), Some(Duration::from_secs(20)));
        assert_eq!(pause(0, &refused(Code::ResourceExhausted, None)), None);
        assert_eq!(pause(0, &refused(Code::Unauthenticated, None)), None);
    }
}
