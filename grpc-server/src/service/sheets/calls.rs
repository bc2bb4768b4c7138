//! The calls of the sheet service: the identity, the request, and the answer on the wire.
//!
//! Not what a call does: each is a method of [`Sheets`]. Invariant: every call reads its identity first.

use gridloom::v1;
use gridloom::v1::sheet_service_server::SheetService;
use heavy_work::Caller;
use tonic::{Request, Response, Status};

use super::Sheets;
use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, SharingRefusal};
use crate::edge::large;
use crate::edge::pages::Paged;
use crate::edge::rights::access::sheet_id;
use crate::edge::row_places;
use crate::service::sheets::exports::ExportStream;

#[tonic::async_trait]
impl SheetService for Sheets {
    type ExportSheetStream = ExportStream;

    async fn create_sheet(
        &self,
        request: Request<v1::CreateSheetRequest>,
    ) -> Result<Response<v1::CreateSheetResponse>, Status> {
        let identity = Identity::of(&request)?;
        let sheet = self.create(&identity, request.into_inner()).await?;
        Ok(Response::new(v1::CreateSheetResponse { sheet: Some(sheet) }))
    }

    async fn get_sheet(
        &self,
        request: Request<v1::GetSheetRequest>,
    ) -> Result<Response<v1::GetSheetResponse>, Status> {
        let identity = Identity::of(&request)?;
        let sheet = self.get(&identity, &request.get_ref().sheet_id).await?;
        Ok(Response::new(v1::GetSheetResponse { sheet: Some(sheet) }))
    }

    async fn list_sheets(
        &self,
        request: Request<v1::ListSheetsRequest>,
    ) -> Result<Response<v1::ListSheetsResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(Response::new(self.list(&identity, request.into_inner()).await?))
    }

    async fn update_sheet(
        &self,
        request: Request<v1::UpdateSheetRequest>,
    ) -> Result<Response<v1::UpdateSheetResponse>, Status> {
        let identity = Identity::of(&request)?;
        let sheet = self.rename(&identity, request.into_inner()).await?;
        Ok(Response::new(v1::UpdateSheetResponse { sheet: Some(sheet) }))
    }

    async fn delete_sheet(
        &self,
        request: Request<v1::DeleteSheetRequest>,
    ) -> Result<Response<v1::DeleteSheetResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.delete(&identity, &request.get_ref().sheet_id).await?;
        Ok(Response::new(v1::DeleteSheetResponse {}))
    }

    async fn undelete_sheet(
        &self,
        request: Request<v1::UndeleteSheetRequest>,
    ) -> Result<Response<v1::UndeleteSheetResponse>, Status> {
        let identity = Identity::of(&request)?;
        let sheet = self.undelete(&identity, &request.get_ref().sheet_id).await?;
        Ok(Response::new(v1::UndeleteSheetResponse { sheet: Some(sheet) }))
    }

    async fn read_cells(
        &self,
        request: Request<v1::ReadCellsRequest>,
    ) -> Result<Response<v1::ReadCellsResponse>, Status> {
        let identity = Identity::of(&request)?;
        let request = request.into_inner();
        let id = sheet_id(&request.sheet_id)?;
        self.access.role(&identity, id).await?;
        let place = request.place()?;
        let read = match place {
            None => self.cells.read(&identity, id, request).await?,
            Some(place) => self.read_on(&identity, id, (request, place)).await?,
        };
        // The role may have ended while the call waited for the sheet.
        self.access.reads_on(&identity, id).await?;
        Ok(large::answer(read))
    }

    async fn query_rows(
        &self,
        request: Request<v1::QueryRowsRequest>,
    ) -> Result<Response<v1::QueryRowsResponse>, Status> {
        let identity = Identity::of(&request)?;
        let request = request.into_inner();
        let id = sheet_id(&request.sheet_id)?;
        self.access.role(&identity, id).await?;
        let after = request.place()?;
        self.cells.flushed(id).await?;
        let (queries, account) = (self.queries.clone(), identity.account);
        let find = async move { queries.find(account, id, (request, after)).await };
        let found = heavy_work::drive(Caller::Account(account), find).await;
        let found = found.map_err(ServiceError::internal)??;
        // The role may have ended while the call waited for its turn.
        self.access.reads_on(&identity, id).await?;
        Ok(large::answer(found))
    }

    async fn locate_rows(
        &self,
        request: Request<v1::LocateRowsRequest>,
    ) -> Result<Response<v1::LocateRowsResponse>, Status> {
        let identity = Identity::of(&request)?;
        let v1::LocateRowsRequest { sheet_id: sheet, row_ids } = request.get_ref();
        let id = sheet_id(sheet)?;
        self.access.role(&identity, id).await?;
        let rows = row_places::check(row_ids)?;
        if rows.is_empty() {
            return Err(ServiceError::malformed("row_ids", "must name 1 to 1,000 rows").into());
        }
        let caller = Caller::Account(identity.account);
        let found = row_places::find(&self.registry, caller, id, rows).await?;
        self.access.reads_on(&identity, id).await?;
        let located = |(id, position): (&u64, _)| v1::LocatedRow { id: *id, position };
        let rows = rows.iter().zip(found.rows).map(located).collect();
        Ok(Response::new(v1::LocateRowsResponse { rows }))
    }

    async fn apply_edits(
        &self,
        request: Request<v1::ApplyEditsRequest>,
    ) -> Result<Response<v1::ApplyEditsResponse>, Status> {
        let identity = Identity::of(&request)?;
        let request = request.into_inner();
        let editable = self.editable(&identity, &request.sheet_id).await?;
        Ok(large::answer(self.cells.apply(&identity, &editable, request).await?))
    }

    async fn convert_column(
        &self,
        request: Request<v1::ConvertColumnRequest>,
    ) -> Result<Response<v1::ConvertColumnResponse>, Status> {
        let identity = Identity::of(&request)?;
        let request = request.into_inner();
        let editable = self.editable(&identity, &request.sheet_id).await?;
        let converted = self.cells.convert(&identity, &editable, request).await?;
        // The role may have ended since the cells were read.
        self.access.reads_on(&identity, editable.sheet).await?;
        Ok(large::answer(converted))
    }

    async fn list_changes(
        &self,
        request: Request<v1::ListChangesRequest>,
    ) -> Result<Response<v1::ListChangesResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(large::answer(self.changes(&identity, request.into_inner()).await?))
    }

    async fn get_revision(
        &self,
        request: Request<v1::GetRevisionRequest>,
    ) -> Result<Response<v1::GetRevisionResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(large::answer(self.revision(&identity, request.into_inner()).await?))
    }

    async fn restore_revision(
        &self,
        request: Request<v1::RestoreRevisionRequest>,
    ) -> Result<Response<v1::RestoreRevisionResponse>, Status> {
        let identity = Identity::of(&request)?;
        let request = request.into_inner();
        let editable = self.editable(&identity, &request.sheet_id).await?;
        Ok(Response::new(self.cells.restore(&identity, &editable, request).await?))
    }

    async fn export_sheet(
        &self,
        request: Request<v1::ExportSheetRequest>,
    ) -> Result<Response<ExportStream>, Status> {
        let identity = Identity::of(&request)?;
        Ok(Response::new(self.export(&identity, request.get_ref()).await?))
    }

    async fn start_import(
        &self,
        request: Request<v1::StartImportRequest>,
    ) -> Result<Response<v1::StartImportResponse>, Status> {
        let identity = Identity::of(&request)?;
        if identity.is_guest {
            return Err(SharingRefusal::Guest("an import").into());
        }
        Ok(Response::new(self.imports.start(identity.account, request.get_ref()).await?))
    }

    async fn preview_import(
        &self,
        request: Request<v1::PreviewImportRequest>,
    ) -> Result<Response<v1::PreviewImportResponse>, Status> {
        let account = Identity::of(&request)?.account;
        Ok(Response::new(self.imports.preview(account, request.into_inner()).await?))
    }

    async fn import_chunk(
        &self,
        request: Request<v1::ImportChunkRequest>,
    ) -> Result<Response<v1::ImportChunkResponse>, Status> {
        self.imports.chunk(request).await
    }

    async fn finish_import(
        &self,
        request: Request<v1::FinishImportRequest>,
    ) -> Result<Response<v1::FinishImportResponse>, Status> {
        self.imports.finish(request).await
    }

    async fn cancel_import(
        &self,
        request: Request<v1::CancelImportRequest>,
    ) -> Result<Response<v1::CancelImportResponse>, Status> {
        self.imports.cancel(request).await
    }
}
