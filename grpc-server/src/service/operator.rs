//! `gridloom.v1.OperatorService`: what runs jobs and queries, and the jobs of all accounts.
//!
//! | file | holds |
//! | --- | --- |
//! | `calls` | the calls on the wire |
//! | `wire` | servers, parts of an engine and jobs as messages |
//!
//! Not the right of an operator, which `gridloom admin operator` gives. Invariants: each call asks Postgres whether the account has
//! the right now; no answer has the parameters of a job or its secret part. The log has each operator that has changed a job.

mod calls;
mod wire;

use gridloom::v1;
use tonic::Status;

use crate::edge::auth::Identity;
use crate::edge::errors::{
    ServiceError, SharingRefusal, job_being_cancelled, job_done, job_not_retryable,
};
use crate::edge::pages::{Paged, TOKEN_BYTES, fitting};
use crate::service::jobs::{Place, job_id, states, unknown_job};
use crate::service::names;
use crate::service::tables::Queries;
use jobs::Queue;
use model::limits::jobs::{JOBS_PAGE, JOBS_PAGE_MOST};
use store::{JobId, JobState, OperatedJob, Retried, Store};

/// Serves operators.
pub(crate) struct Operators {
    store: Store,
    /// Wakes the workers and the watch.
    queue: Queue,
    engine: Queries,
    /// The bytes of a message.
    message_bytes: usize,
}

impl Operators {
    pub(crate) fn new(store: Store, queue: Queue, engine: Queries, message_bytes: usize) -> Self {
        Self { store, queue, engine, message_bytes }
    }

    /// Refuses an account without the right.
    async fn check(&self, identity: &Identity) -> Result<(), ServiceError> {
        match self.store.is_operator(identity.account).await? {
            true => Ok(()),
            false => Err(SharingRefusal::NotOperator.into()),
        }
    }

    async fn workers(&self) -> Result<v1::ListWorkersResponse, ServiceError> {
        let nodes = self.store.working_nodes().await?;
        let servers = nodes.iter().map(wire::server);
        let parts = self.engine.workers().await;
        let workers = servers.chain(parts.into_iter().map(wire::part)).collect();
        Ok(v1::ListWorkersResponse { workers, engine: self.engine.name() })
    }

    async fn list(
        &self,
        request: &v1::ListAllJobsRequest,
    ) -> Result<v1::ListAllJobsResponse, ServiceError> {
        let states = states(&request.states)?;
        let size = match request.page_size {
            0 => JOBS_PAGE,
            size => size.min(JOBS_PAGE_MOST),
        };
        let after = request.place::<Place>()?.map(|place| place.0);
        let account = match names::lower_case(&request.email)?.as_str() {
            "" => None,
            email => match self.store.account_by_email(email).await? {
                // An account that is not there has no jobs.
                None => return Ok(v1::ListAllJobsResponse::default()),
                Some(account) => Some(account.id),
            },
        };
        let listed = self.store.all_jobs(&states, account, after, size + 1).await?;
        let places: Vec<Place> = listed.iter().map(|it| Place(it.job.place())).collect();
        let room = self.message_bytes.saturating_sub(TOKEN_BYTES);
        let jobs = fitting(listed.iter().take(size as usize).map(wire::job), room);
        let last = jobs.len().checked_sub(1).and_then(|last| places.get(last));
        let last = last.filter(|_| jobs.len() < places.len());
        let next_page_token = last.map(|last| request.next_page_token(last)).unwrap_or_default();
        Ok(v1::ListAllJobsResponse { jobs, next_page_token })
    }

    async fn cancel(&self, identity: &Identity, id: &str) -> Result<OperatedJob, ServiceError> {
        let id = job_id(id)?;
        let found = self.job(id).await?;
        if found.job.state.is_ended() {
            return Ok(found);
        }
        self.store.cancel_job(id, None).await?;
        tracing::info!(operator = %identity.account, job = %id, "an operator has cancelled a job");
        // A worker of this node looks at once whether its job is to be cancelled.
        self.queue.wake();
        self.job(id).await
    }

    async fn retry(&self, identity: &Identity, id: &str) -> Result<OperatedJob, Status> {
        let id = job_id(id)?;
        let found = self.job(id).await?;
        let account = match (found.job.state, found.account) {
            (JobState::Waiting | JobState::Running, _) if found.job.cancel_asked => {
                return Err(job_being_cancelled().into());
            }
            (JobState::Waiting | JobState::Running, _) => return Ok(found),
            (JobState::Done, _) => return Err(job_done().into()),
            (_, Some(account)) if found.job.is_retryable => account,
            _ => return Err(job_not_retryable().into()),
        };
        let retried = self.store.retry_job(account, id).await.map_err(ServiceError::from)?;
        match retried {
            Retried::Job(_) => {
                tracing::info!(operator = %identity.account, job = %id, "an operator has retried a job");
                self.queue.wake();
                Ok(self.job(id).await?)
            }
            Retried::BeingCancelled => Err(job_being_cancelled().into()),
            Retried::Done => Err(job_done().into()),
            Retried::NotRetryable => Err(job_not_retryable().into()),
            Retried::NoJob => Err(unknown_job().into()),
        }
    }

    async fn job(&self, id: JobId) -> Result<OperatedJob, ServiceError> {
        self.store.any_job(id).await?.ok_or_else(unknown_job)
    }
}
