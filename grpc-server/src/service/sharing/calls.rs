//! The calls of the sharing service: the identity, the request, and the answer.
//!
//! Not what a call does: each is a method of [`Sharing`]. Invariant: every call but that of a guest reads its identity
//! first.

use gridloom::v1;
use gridloom::v1::sharing_service_server::SharingService;
use tonic::{Request, Response, Status};

use super::Sharing;
use crate::edge::auth::Identity;
use crate::service::device;
use sheet::fanout::role::role_to_wire;

#[tonic::async_trait]
impl SharingService for Sharing {
    async fn list_shares(
        &self,
        request: Request<v1::ListSharesRequest>,
    ) -> Result<Response<v1::ListSharesResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(Response::new(self.list(&identity, &request.get_ref().sheet_id).await?))
    }

    async fn share(
        &self,
        request: Request<v1::ShareRequest>,
    ) -> Result<Response<v1::ShareResponse>, Status> {
        let identity = Identity::of(&request)?;
        let peer = request.remote_addr().map(|address| address.ip());
        Ok(Response::new(self.share(&identity, request.into_inner(), peer).await?))
    }

    async fn unshare(
        &self,
        request: Request<v1::UnshareRequest>,
    ) -> Result<Response<v1::UnshareResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.unshare(&identity, request.get_ref()).await?;
        Ok(Response::new(v1::UnshareResponse {}))
    }

    async fn create_link(
        &self,
        request: Request<v1::CreateLinkRequest>,
    ) -> Result<Response<v1::CreateLinkResponse>, Status> {
        let identity = Identity::of(&request)?;
        let link = self.new_link(&identity, request.into_inner()).await?;
        Ok(Response::new(v1::CreateLinkResponse { link: Some(link) }))
    }

    async fn delete_link(
        &self,
        request: Request<v1::DeleteLinkRequest>,
    ) -> Result<Response<v1::DeleteLinkResponse>, Status> {
        let identity = Identity::of(&request)?;
        let v1::DeleteLinkRequest { sheet_id, link } = request.get_ref();
        self.end_link(&identity, sheet_id, link).await?;
        Ok(Response::new(v1::DeleteLinkResponse {}))
    }

    async fn open_link(
        &self,
        request: Request<v1::OpenLinkRequest>,
    ) -> Result<Response<v1::OpenLinkResponse>, Status> {
        let identity = Identity::of(&request)?;
        let (sheet, role) = self.open(&identity, &request.get_ref().token).await?;
        let role = role_to_wire(role).into();
        Ok(Response::new(v1::OpenLinkResponse { sheet_id: sheet.to_string(), role }))
    }

    async fn enter_as_guest(
        &self,
        request: Request<v1::EnterAsGuestRequest>,
    ) -> Result<Response<v1::EnterAsGuestResponse>, Status> {
        let peer = request.remote_addr().map(|address| address.ip());
        let device = device::name(request.metadata());
        Ok(Response::new(self.enter(request.into_inner(), (peer, device)).await?))
    }

    async fn transfer_sheet(
        &self,
        request: Request<v1::TransferSheetRequest>,
    ) -> Result<Response<v1::TransferSheetResponse>, Status> {
        let identity = Identity::of(&request)?;
        let v1::TransferSheetRequest { sheet_id, email } = request.get_ref();
        self.transfer(&identity, sheet_id, email).await?;
        Ok(Response::new(v1::TransferSheetResponse {}))
    }

    async fn leave_sheet(
        &self,
        request: Request<v1::LeaveSheetRequest>,
    ) -> Result<Response<v1::LeaveSheetResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.leave(&identity, &request.get_ref().sheet_id).await?;
        Ok(Response::new(v1::LeaveSheetResponse {}))
    }
}
