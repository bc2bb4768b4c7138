//! Jobs: the list, single ones, and what ends one or lets it run again.
//!
//! It runs no job: the server does. `jobs/watch.rs` streams what changes, and `jobs/wait.rs` follows one job to its end.
//! Invariant: each call may be made twice.

mod wait;
mod watch;

use gridloom::v1;

pub use self::wait::{JobProgress, job_has_ended};
pub use self::watch::Jobs;
use crate::net::client::Client;
use crate::net::error::Error;

/// Which jobs are listed.
#[derive(Clone, Debug, Default)]
pub struct JobOptions {
    /// Only jobs in one of these states; empty: all.
    pub states: Vec<v1::JobState>,
    /// Only jobs about this file, by its id; empty: all.
    pub file_id: String,
}

impl Client {
    /// One page of the jobs, the newest first. The token is that of the page before, or empty for the first page; an empty
    /// page is not always the last one.
    ///
    /// # Errors
    /// See the call in `jobs.proto`.
    pub async fn jobs_page(
        &self,
        options: &JobOptions,
        page_token: &str,
    ) -> Result<v1::ListJobsResponse, Error> {
        let request = v1::ListJobsRequest {
            // As the server is set.
            page_size: 0,
            page_token: page_token.to_owned(),
            states: options.states.iter().map(|state| i32::from(*state)).collect(),
            file_id: options.file_id.clone(),
        };
        Ok(self.job_calls().list_jobs(request).await?.into_inner())
    }

    /// One job.
    ///
    /// # Errors
    /// See the call in `jobs.proto`.
    pub async fn job(&self, job_id: &str) -> Result<v1::Job, Error> {
        let request = v1::GetJobRequest { job_id: job_id.to_owned() };
        Ok(self.job_calls().get_job(request).await?.into_inner().job.unwrap_or_default())
    }

    /// The steps of the last attempt at a job, with the job. An operator may name a job of any account.
    ///
    /// # Errors
    /// See the call in `jobs.proto`.
    pub async fn job_plan(&self, job_id: &str) -> Result<v1::GetJobPlanResponse, Error> {
        let request = v1::GetJobPlanRequest { job_id: job_id.to_owned() };
        Ok(self.job_calls().get_job_plan(request).await?.into_inner())
    }

    /// Asks for the cancellation of a job, and returns it as it is then: a running one ends within seconds.
    ///
    /// # Errors
    /// See the call in `jobs.proto`.
    pub async fn cancel_job(&self, job_id: &str) -> Result<v1::Job, Error> {
        let request = v1::CancelJobRequest { job_id: job_id.to_owned() };
        Ok(self.job_calls().cancel_job(request).await?.into_inner().job.unwrap_or_default())
    }

    /// Lets a job that failed or was cancelled run again.
    ///
    /// # Errors
    /// See the call in `jobs.proto`.
    pub async fn retry_job(&self, job_id: &str) -> Result<v1::Job, Error> {
        let request = v1::RetryJobRequest { job_id: job_id.to_owned() };
        Ok(self.job_calls().retry_job(request).await?.into_inner().job.unwrap_or_default())
    }
}
