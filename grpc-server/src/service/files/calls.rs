//! The calls of the file service: the identity, the request, and the answer on the wire.
//!
//! Not what a call does: each is a method of [`Files`]. Invariant: every call reads its identity first.

use gridloom::v1;
use gridloom::v1::file_service_server::FileService;
use tonic::{Request, Response, Status};

use super::Files;
use super::downloads::DownloadStream;
use super::wire::file_to_wire;
use crate::edge::auth::Identity;
use crate::edge::large;
use model::Role;

#[tonic::async_trait]
impl FileService for Files {
    type DownloadFileStream = DownloadStream;

    async fn start_upload(
        &self,
        request: Request<v1::StartUploadRequest>,
    ) -> Result<Response<v1::StartUploadResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(large::answer(self.start(&identity, request.get_ref()).await?))
    }

    async fn upload_piece(
        &self,
        request: Request<v1::UploadPieceRequest>,
    ) -> Result<Response<v1::UploadPieceResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(Response::new(self.piece(&identity, request.into_inner()).await?))
    }

    async fn get_upload(
        &self,
        request: Request<v1::GetUploadRequest>,
    ) -> Result<Response<v1::GetUploadResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(large::answer(self.upload(&identity, &request.get_ref().upload_id).await?))
    }

    async fn list_uploads(
        &self,
        request: Request<v1::ListUploadsRequest>,
    ) -> Result<Response<v1::ListUploadsResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(large::answer(self.uploads(&identity).await?))
    }

    async fn finish_upload(
        &self,
        request: Request<v1::FinishUploadRequest>,
    ) -> Result<Response<v1::FinishUploadResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(Response::new(self.finish(&identity, &request.get_ref().upload_id).await?))
    }

    async fn cancel_upload(
        &self,
        request: Request<v1::CancelUploadRequest>,
    ) -> Result<Response<v1::CancelUploadResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.cancel(&identity, &request.get_ref().upload_id).await?;
        Ok(Response::new(v1::CancelUploadResponse {}))
    }

    async fn list_files(
        &self,
        request: Request<v1::ListFilesRequest>,
    ) -> Result<Response<v1::ListFilesResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(large::answer(self.list(&identity, request.get_ref()).await?))
    }

    async fn get_file(
        &self,
        request: Request<v1::GetFileRequest>,
    ) -> Result<Response<v1::GetFileResponse>, Status> {
        let identity = Identity::of(&request)?;
        let found = self.file(&identity, &request.get_ref().file_id, Role::Viewer).await?;
        Ok(Response::new(v1::GetFileResponse { file: Some(file_to_wire(&found)) }))
    }

    async fn rename_file(
        &self,
        request: Request<v1::RenameFileRequest>,
    ) -> Result<Response<v1::RenameFileResponse>, Status> {
        let identity = Identity::of(&request)?;
        let file = self.rename(&identity, request.into_inner()).await?;
        Ok(Response::new(v1::RenameFileResponse { file: Some(file) }))
    }

    async fn remove_file(
        &self,
        request: Request<v1::RemoveFileRequest>,
    ) -> Result<Response<v1::RemoveFileResponse>, Status> {
        let identity = Identity::of(&request)?;
        let file = self.remove(&identity, request.get_ref()).await?;
        Ok(Response::new(v1::RemoveFileResponse { file }))
    }

    async fn restore_file(
        &self,
        request: Request<v1::RestoreFileRequest>,
    ) -> Result<Response<v1::RestoreFileResponse>, Status> {
        let identity = Identity::of(&request)?;
        let file = self.restore(&identity, &request.get_ref().file_id).await?;
        Ok(Response::new(v1::RestoreFileResponse { file: Some(file) }))
    }

    async fn download_file(
        &self,
        request: Request<v1::DownloadFileRequest>,
    ) -> Result<Response<DownloadStream>, Status> {
        let identity = Identity::of(&request)?;
        Ok(Response::new(self.download(&identity, request.get_ref()).await?))
    }

    async fn create_download_link(
        &self,
        request: Request<v1::CreateDownloadLinkRequest>,
    ) -> Result<Response<v1::CreateDownloadLinkResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(Response::new(self.make_link(&identity, request.get_ref()).await?))
    }

    async fn delete_original(
        &self,
        request: Request<v1::DeleteOriginalRequest>,
    ) -> Result<Response<v1::DeleteOriginalResponse>, Status> {
        let identity = Identity::of(&request)?;
        let file = self.end_original(&identity, request.get_ref()).await?;
        Ok(Response::new(v1::DeleteOriginalResponse { file: Some(file) }))
    }

    async fn list_file_shares(
        &self,
        request: Request<v1::ListFileSharesRequest>,
    ) -> Result<Response<v1::ListFileSharesResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(large::answer(self.list_shares(&identity, &request.get_ref().file_id).await?))
    }

    async fn share_file(
        &self,
        request: Request<v1::ShareFileRequest>,
    ) -> Result<Response<v1::ShareFileResponse>, Status> {
        let identity = Identity::of(&request)?;
        let peer = request.remote_addr().map(|address| address.ip());
        Ok(Response::new(self.share(&identity, request.into_inner(), peer).await?))
    }

    async fn unshare_file(
        &self,
        request: Request<v1::UnshareFileRequest>,
    ) -> Result<Response<v1::UnshareFileResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.unshare(&identity, request.get_ref()).await?;
        Ok(Response::new(v1::UnshareFileResponse {}))
    }

    async fn leave_file(
        &self,
        request: Request<v1::LeaveFileRequest>,
    ) -> Result<Response<v1::LeaveFileResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.leave(&identity, &request.get_ref().file_id).await?;
        Ok(Response::new(v1::LeaveFileResponse {}))
    }

    async fn get_file_usage(
        &self,
        request: Request<v1::GetFileUsageRequest>,
    ) -> Result<Response<v1::GetFileUsageResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(Response::new(self.usage(&identity).await?))
    }
}
