//! `gridloom.v1.JobService`: the jobs that an account is shown, their cancellation, their retry, and streams of them.
//!
//! Not the workers (the crate `jobs`), and not what a kind does. `watch` looks for jobs that have changed, `table` has what
//! waits for each stream, and `stream` is the state of one; `plan` has the steps of a job. Invariant: a job without a title, or of
//! another account, is NOT_FOUND in each call, and in no list and no stream. Only the steps are shown to an operator, too.

mod place;
pub(in crate::service) mod plan;
#[cfg(test)]
mod sample;
mod stream;
mod streams;
mod table;
mod watch;
mod wire;

use std::sync::Arc;

use futures_util::stream::BoxStream;
use gridloom::v1;
use gridloom::v1::job_service_server::JobService;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

pub(in crate::service) use self::place::Place;
use self::streams::JobStreams;
use self::table::Table;
use self::watch::JobWatch;
pub(in crate::service) use self::wire::{
    job as job_to_wire, job_id, states, unknown as unknown_job,
};
use crate::edge::auth::{Auth, Identity};
use crate::edge::errors::{ServiceError, job_being_cancelled, job_done, job_not_retryable};
use crate::edge::large;
use crate::edge::pages::{Paged, TOKEN_BYTES, fitting};
use jobs::Queue;
use model::limits::jobs::{JOBS_PAGE, JOBS_PAGE_MOST};
use store::{JobFilter, PersonJob, Retried, Store};

/// The parts that the service uses.
pub(crate) struct JobsParts {
    pub(crate) store: Store,
    pub(crate) auth: Arc<Auth>,
    /// Wakes the workers and the watch.
    pub(crate) queue: Queue,
    /// The bytes of a message.
    pub(crate) message_bytes: usize,
    /// Cancelled when the server is about to stop.
    pub(crate) stop: CancellationToken,
}

/// Serves the jobs of accounts.
#[derive(Debug)]
pub(crate) struct Jobs {
    store: Store,
    queue: Queue,
    streams: JobStreams,
    message_bytes: usize,
}

impl Jobs {
    /// Starts the watch, until the server is about to stop, and builds the service.
    pub(crate) fn start(parts: JobsParts) -> Self {
        let JobsParts { store, auth, queue, message_bytes, stop } = parts;
        let table = Arc::<Table>::default();
        let watch = JobWatch::new(store.clone(), queue.clone(), Arc::clone(&table));
        let ended = stop.clone();
        store.tasks().spawn(async move {
            ended.run_until_cancelled(watch.run()).await;
        });
        let streams = JobStreams::new(store.clone(), auth, table, message_bytes, stop);
        Self { store, queue, streams, message_bytes }
    }

    async fn get(&self, identity: &Identity, id: &str) -> Result<PersonJob, Status> {
        let job = self.store.job_of(identity.account, wire::job_id(id)?).await;
        Ok(job.map_err(ServiceError::from)?.ok_or_else(wire::unknown)?)
    }

    async fn plan(
        &self,
        identity: &Identity,
        id: &str,
    ) -> Result<v1::GetJobPlanResponse, ServiceError> {
        let id = wire::job_id(id)?;
        let mut job = self.store.job_of(identity.account, id).await?;
        if job.is_none() && self.store.is_operator(identity.account).await? {
            job = self.store.any_job(id).await?.map(|found| found.job);
        }
        let job = job.ok_or_else(wire::unknown)?;
        let steps = plan::steps(self.store.job_plan(id).await?);
        Ok(v1::GetJobPlanResponse { job: Some(wire::job(&job)), steps })
    }

    async fn list(
        &self,
        identity: &Identity,
        request: &v1::ListJobsRequest,
    ) -> Result<v1::ListJobsResponse, Status> {
        let states = wire::states(&request.states)?;
        let filter = JobFilter { states, file: wire::file_id(&request.file_id)? };
        let size = match request.page_size {
            0 => JOBS_PAGE,
            size => size.min(JOBS_PAGE_MOST),
        };
        let after = request.place::<Place>()?.map(|place| place.0);
        let listed = self.store.jobs_of(identity.account, &filter, after, size + 1).await;
        let listed = listed.map_err(ServiceError::from)?;
        let places: Vec<Place> = listed.iter().map(|job| Place(job.place())).collect();
        let room = self.message_bytes.saturating_sub(TOKEN_BYTES);
        let jobs = fitting(listed.iter().take(size as usize).map(wire::job), room);
        let last = jobs.len().checked_sub(1).and_then(|last| places.get(last));
        let last = last.filter(|_| jobs.len() < places.len());
        let next_page_token = last.map(|last| request.next_page_token(last)).unwrap_or_default();
        Ok(v1::ListJobsResponse { jobs, next_page_token })
    }

    async fn cancel(&self, identity: &Identity, id: &str) -> Result<PersonJob, Status> {
        let cancelled = self.store.cancel_job_of(identity.account, wire::job_id(id)?).await;
        let job = cancelled.map_err(ServiceError::from)?.ok_or_else(wire::unknown)?;
        // A worker of this node looks at once whether its job is to be cancelled.
        self.queue.wake();
        Ok(job)
    }

    async fn retry(&self, identity: &Identity, id: &str) -> Result<PersonJob, Status> {
        let retried = self.store.retry_job(identity.account, wire::job_id(id)?).await;
        match retried.map_err(ServiceError::from)? {
            Retried::Job(job) => {
                self.queue.wake();
                Ok(*job)
            }
            Retried::BeingCancelled => Err(job_being_cancelled().into()),
            Retried::Done => Err(job_done().into()),
            Retried::NotRetryable => Err(job_not_retryable().into()),
            Retried::NoJob => Err(wire::unknown().into()),
        }
    }
}

#[tonic::async_trait]
impl JobService for Jobs {
    type WatchJobsStream = BoxStream<'static, Result<v1::WatchJobsResponse, Status>>;

    async fn get_job(
        &self,
        request: Request<v1::GetJobRequest>,
    ) -> Result<Response<v1::GetJobResponse>, Status> {
        let identity = Identity::of(&request)?;
        let job = self.get(&identity, &request.get_ref().job_id).await?;
        Ok(Response::new(v1::GetJobResponse { job: Some(wire::job(&job)) }))
    }

    async fn list_jobs(
        &self,
        request: Request<v1::ListJobsRequest>,
    ) -> Result<Response<v1::ListJobsResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(large::answer(self.list(&identity, request.get_ref()).await?))
    }

    async fn get_job_plan(
        &self,
        request: Request<v1::GetJobPlanRequest>,
    ) -> Result<Response<v1::GetJobPlanResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(Response::new(self.plan(&identity, &request.get_ref().job_id).await?))
    }

    async fn cancel_job(
        &self,
        request: Request<v1::CancelJobRequest>,
    ) -> Result<Response<v1::CancelJobResponse>, Status> {
        let identity = Identity::of(&request)?;
        let job = self.cancel(&identity, &request.get_ref().job_id).await?;
        Ok(Response::new(v1::CancelJobResponse { job: Some(wire::job(&job)) }))
    }

    async fn retry_job(
        &self,
        request: Request<v1::RetryJobRequest>,
    ) -> Result<Response<v1::RetryJobResponse>, Status> {
        let identity = Identity::of(&request)?;
        let job = self.retry(&identity, &request.get_ref().job_id).await?;
        Ok(Response::new(v1::RetryJobResponse { job: Some(wire::job(&job)) }))
    }

    async fn watch_jobs(
        &self,
        request: Request<v1::WatchJobsRequest>,
    ) -> Result<Response<Self::WatchJobsStream>, Status> {
        let identity = Identity::of(&request)?;
        let only = match request.get_ref().job_id.as_str() {
            "" => None,
            id => Some(wire::job_id(id)?),
        };
        self.streams.watch(identity, only).await.map(Response::new)
    }
}
