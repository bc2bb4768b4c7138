//! The calls of `OperatorService` on the wire.
//!
//! Not what a call does: each is a method of [`Operators`]. Invariant: each call checks the right first.

use gridloom::v1;
use gridloom::v1::operator_service_server::OperatorService;
use tonic::{Request, Response, Status};

use super::{Operators, wire};
use crate::edge::auth::Identity;
use crate::edge::large;

#[tonic::async_trait]
impl OperatorService for Operators {
    async fn list_workers(
        &self,
        request: Request<v1::ListWorkersRequest>,
    ) -> Result<Response<v1::ListWorkersResponse>, Status> {
        self.check(&Identity::of(&request)?).await?;
        Ok(Response::new(self.workers().await?))
    }

    async fn list_all_jobs(
        &self,
        request: Request<v1::ListAllJobsRequest>,
    ) -> Result<Response<v1::ListAllJobsResponse>, Status> {
        self.check(&Identity::of(&request)?).await?;
        Ok(large::answer(self.list(request.get_ref()).await?))
    }

    async fn cancel_any_job(
        &self,
        request: Request<v1::CancelAnyJobRequest>,
    ) -> Result<Response<v1::CancelAnyJobResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.check(&identity).await?;
        let job = self.cancel(&identity, &request.get_ref().job_id).await?;
        Ok(Response::new(v1::CancelAnyJobResponse { job: Some(wire::job(&job)) }))
    }

    async fn retry_any_job(
        &self,
        request: Request<v1::RetryAnyJobRequest>,
    ) -> Result<Response<v1::RetryAnyJobResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.check(&identity).await?;
        let job = self.retry(&identity, &request.get_ref().job_id).await?;
        Ok(Response::new(v1::RetryAnyJobResponse { job: Some(wire::job(&job)) }))
    }
}
