//! The calls of the transfer service: the identity, the request, and the answer on the wire.
//!
//! Not what a call does: see `begin` and `fill`. Invariant: every call reads its identity first.

use gridloom::v1;
use gridloom::v1::transfer_service_server::TransferService;
use tonic::{Request, Response, Status};

use super::{Transfers, fill};
use crate::edge::auth::Identity;

#[tonic::async_trait]
impl TransferService for Transfers {
    async fn fill_sheet(
        &self,
        request: Request<v1::FillSheetRequest>,
    ) -> Result<Response<v1::FillSheetResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(Response::new(fill::begin(self, &identity, request.into_inner()).await?))
    }

    async fn save_table(
        &self,
        request: Request<v1::SaveTableRequest>,
    ) -> Result<Response<v1::SaveTableResponse>, Status> {
        let identity = Identity::of(&request)?;
        let job = self.begin_table(&identity, request.into_inner()).await?;
        Ok(Response::new(v1::SaveTableResponse { job: Some(job) }))
    }

    async fn save_sheet(
        &self,
        request: Request<v1::SaveSheetRequest>,
    ) -> Result<Response<v1::SaveSheetResponse>, Status> {
        let identity = Identity::of(&request)?;
        let job = self.begin_sheet(&identity, request.into_inner()).await?;
        Ok(Response::new(v1::SaveSheetResponse { job: Some(job) }))
    }
}
