//! The calls of the table service: the identity, the request, and the answer on the wire.
//!
//! Not what a call does: each is a method of [`Tables`]. Invariant: every call reads its identity first.

use gridloom::v1;
use gridloom::v1::table_service_server::TableService;
use tonic::{Request, Response, Status};

use super::Tables;
use crate::edge::auth::Identity;
use crate::edge::large;

#[tonic::async_trait]
impl TableService for Tables {
    async fn preview_file(
        &self,
        request: Request<v1::PreviewFileRequest>,
    ) -> Result<Response<v1::PreviewFileResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(large::answer(self.preview(&identity, request.into_inner()).await?))
    }

    async fn read_file(
        &self,
        request: Request<v1::ReadFileRequest>,
    ) -> Result<Response<v1::ReadFileResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(Response::new(self.read(&identity, request.into_inner()).await?))
    }

    async fn list_tables(
        &self,
        request: Request<v1::ListTablesRequest>,
    ) -> Result<Response<v1::ListTablesResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(large::answer(self.list(&identity, &request.get_ref().file_id).await?))
    }

    async fn read_table_rows(
        &self,
        request: Request<v1::ReadTableRowsRequest>,
    ) -> Result<Response<v1::ReadTableRowsResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(large::answer(self.rows(&identity, request.get_ref()).await?))
    }

    async fn make_view(
        &self,
        request: Request<v1::MakeViewRequest>,
    ) -> Result<Response<v1::MakeViewResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(Response::new(self.begin_view(&identity, request.into_inner()).await?))
    }

    async fn summarize_column(
        &self,
        request: Request<v1::SummarizeColumnRequest>,
    ) -> Result<Response<v1::SummarizeColumnResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(large::answer(self.summary(&identity, request.into_inner()).await?))
    }
}
