//! What an operator sees and does: the servers, and the jobs of all accounts.
//!
//! It holds no right: the server asks for it in each call. Invariant: each call may be made twice.

use gridloom::v1;

use crate::net::client::Client;
use crate::net::error::Error;

impl Client {
    /// What runs jobs and queries.
    ///
    /// # Errors
    /// See the call in `operator.proto`.
    pub async fn workers(&self) -> Result<v1::ListWorkersResponse, Error> {
        Ok(self.operator_calls().list_workers(v1::ListWorkersRequest {}).await?.into_inner())
    }

    /// One page of the jobs of all accounts, in one of these states (empty: in any), the newest first. The token is that of the
    /// page before, or empty for the first page. An e-mail address names one account; empty: all.
    ///
    /// # Errors
    /// See the call in `operator.proto`.
    pub async fn all_jobs_page(
        &self,
        states: &[v1::JobState],
        email: &str,
        page_token: &str,
    ) -> Result<v1::ListAllJobsResponse, Error> {
        let request = v1::ListAllJobsRequest {
            // As the server is set.
            page_size: 0,
            page_token: page_token.to_owned(),
            states: states.iter().map(|state| i32::from(*state)).collect(),
            email: email.to_owned(),
        };
        Ok(self.operator_calls().list_all_jobs(request).await?.into_inner())
    }

    /// Asks for the cancellation of a job of any account, and returns it as it is then.
    ///
    /// # Errors
    /// See the call in `operator.proto`.
    pub async fn cancel_any_job(&self, job_id: &str) -> Result<v1::OperatedJob, Error> {
        let request = v1::CancelAnyJobRequest { job_id: job_id.to_owned() };
        let answer = self.operator_calls().cancel_any_job(request).await?.into_inner();
        Ok(answer.job.unwrap_or_default())
    }

    /// Lets a job of any account run again.
    ///
    /// # Errors
    /// See the call in `operator.proto`.
    pub async fn retry_any_job(&self, job_id: &str) -> Result<v1::OperatedJob, Error> {
        let request = v1::RetryAnyJobRequest { job_id: job_id.to_owned() };
        let answer = self.operator_calls().retry_any_job(request).await?.into_inner();
        Ok(answer.job.unwrap_or_default())
    }
}
