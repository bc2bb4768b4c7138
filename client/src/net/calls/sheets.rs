//! Sheets: create, list, rename, delete, read and edit with single calls.
//!
//! It follows no changes; a live sheet does. Invariant: an edit with a request id is applied once.

use gridloom::convert::delta_to_wire;
use gridloom::v1;
use ot_engine::{Delta, Revision};

use crate::net::client::Client;
use crate::net::error::Error;

/// The columns and rows of a new sheet.
#[derive(Clone, Debug, Default)]
pub struct NewSheet {
    /// The columns; none means five columns named A to E.
    pub columns: Vec<v1::Column>,
    /// Number of empty rows; `None` means 100.
    pub rows: Option<u32>,
}

/// A filter on sheets.
#[derive(Clone, Debug, Default)]
pub struct ListOptions {
    /// Only names that contain this text, in any letter case.
    pub filter: String,
    /// Whether to list the deleted sheets instead.
    pub deleted: bool,
}

impl Client {
    /// Creates an empty sheet.
    ///
    /// # Errors
    /// See the call in `sheets.proto` or `queries.proto`.
    pub async fn create_sheet(&self, name: &str, new: NewSheet) -> Result<v1::Sheet, Error> {
        let request = v1::CreateSheetRequest {
            name: name.to_owned(),
            columns: new.columns,
            row_count: new.rows,
        };
        let answer = self.sheet_calls().create_sheet(request).await?.into_inner();
        Ok(answer.sheet.unwrap_or_default())
    }

    /// One sheet, with its columns.
    ///
    /// # Errors
    /// See the call in `sheets.proto` or `queries.proto`.
    pub async fn sheet(&self, sheet_id: &str) -> Result<v1::Sheet, Error> {
        let request = v1::GetSheetRequest { sheet_id: sheet_id.to_owned() };
        Ok(self.sheet_calls().get_sheet(request).await?.into_inner().sheet.unwrap_or_default())
    }

    /// All sheets that this account can read, the last changed one first, read page by page.
    ///
    /// # Errors
    /// See the call in `sheets.proto` or `queries.proto`.
    pub async fn sheets(&self, options: &ListOptions) -> Result<Vec<v1::Sheet>, Error> {
        let mut calls = self.sheet_calls();
        let mut sheets = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = v1::ListSheetsRequest {
                page_size: 0,
                page_token,
                filter: options.filter.clone(),
                deleted: options.deleted,
            };
            let page = calls.list_sheets(request).await?.into_inner();
            sheets.extend(page.sheets);
            if page.next_page_token.is_empty() {
                return Ok(sheets);
            }
            page_token = page.next_page_token;
        }
    }

    /// Renames a sheet. With an `etag`, only if the sheet was not renamed since the etag was read.
    ///
    /// # Errors
    /// See the call in `sheets.proto` or `queries.proto`.
    pub async fn rename_sheet(
        &self,
        sheet_id: &str,
        name: &str,
        etag: Option<&str>,
    ) -> Result<v1::Sheet, Error> {
        let request = v1::UpdateSheetRequest {
            sheet_id: sheet_id.to_owned(),
            name: name.to_owned(),
            etag: etag.unwrap_or_default().to_owned(),
        };
        Ok(self.sheet_calls().update_sheet(request).await?.into_inner().sheet.unwrap_or_default())
    }

    /// Deletes a sheet. The server keeps it for a while, and [`Self::undelete_sheet`] restores it.
    ///
    /// # Errors
    /// See the call in `sheets.proto` or `queries.proto`.
    pub async fn delete_sheet(&self, sheet_id: &str) -> Result<(), Error> {
        let request = v1::DeleteSheetRequest { sheet_id: sheet_id.to_owned() };
        self.sheet_calls().delete_sheet(request).await?;
        Ok(())
    }

    /// Restores a deleted sheet.
    ///
    /// # Errors
    /// See the call in `sheets.proto` or `queries.proto`.
    pub async fn undelete_sheet(&self, sheet_id: &str) -> Result<v1::Sheet, Error> {
        let request = v1::UndeleteSheetRequest { sheet_id: sheet_id.to_owned() };
        Ok(self.sheet_calls().undelete_sheet(request).await?.into_inner().sheet.unwrap_or_default())
    }

    /// The positions of rows now, by their ids, in the given order; `None` for a row that is not in the sheet.
    ///
    /// # Errors
    /// See the call in `sheets.proto`.
    pub async fn locate_rows(
        &self,
        sheet_id: &str,
        row_ids: &[u64],
    ) -> Result<Vec<Option<u32>>, Error> {
        let (sheet_id, row_ids) = (sheet_id.to_owned(), row_ids.to_vec());
        let request = v1::LocateRowsRequest { sheet_id, row_ids };
        let located = self.sheet_calls().locate_rows(request).await?.into_inner().rows;
        Ok(located.into_iter().map(|row| row.position).collect())
    }

    /// One page of the rows that match the filter, in the requested order. The page's token requests the
    /// next page.
    ///
    /// # Errors
    /// See the call in `sheets.proto` or `queries.proto`.
    pub async fn query_rows(
        &self,
        request: v1::QueryRowsRequest,
    ) -> Result<v1::QueryRowsResponse, Error> {
        Ok(self.sheet_calls().query_rows(request).await?.into_inner())
    }

    /// Applies commands to the newest state of the sheet, all or none. Calls with the same `request_id` apply
    /// them once.
    ///
    /// # Errors
    /// See the call in `sheets.proto` or `queries.proto`.
    pub async fn apply(
        &self,
        sheet_id: &str,
        commands: Vec<v1::Command>,
        wait_for: v1::WaitFor,
        request_id: &str,
    ) -> Result<v1::ApplyEditsResponse, Error> {
        let change = v1::apply_edits_request::Change::Commands(v1::CommandList { commands });
        self.apply_change(sheet_id, Revision(0), change, wait_for, request_id).await
    }

    /// Applies a delta that was made on a revision, transformed over later changes. Calls with the same
    /// `request_id` apply it once.
    ///
    /// # Errors
    /// See the call in `sheets.proto` or `queries.proto`.
    pub async fn apply_delta(
        &self,
        sheet_id: &str,
        base: Revision,
        delta: &Delta,
        wait_for: v1::WaitFor,
        request_id: &str,
    ) -> Result<v1::ApplyEditsResponse, Error> {
        let change = v1::apply_edits_request::Change::Delta(delta_to_wire(delta));
        self.apply_change(sheet_id, base, change, wait_for, request_id).await
    }

    /// Undoes what was done last at this client's [place](Self::place): an edit, or a group of edits; or the change of this
    /// account at a revision. Wait first for the answers to edits on a live sheet. The answer's `undo` has what was done
    /// and what was passed over.
    ///
    /// # Errors
    /// See `Undo` in `sheets.proto`: there is nothing to undo, or its history is deleted.
    pub async fn undo(
        &self,
        sheet_id: &str,
        revision: Option<Revision>,
        wait_for: v1::WaitFor,
        request_id: &str,
    ) -> Result<v1::ApplyEditsResponse, Error> {
        let revision = revision.unwrap_or_default().0;
        let change = v1::apply_edits_request::Change::Undo(v1::Undo { revision });
        self.apply_change(sheet_id, Revision(0), change, wait_for, request_id).await
    }

    /// Redoes what was undone last at this client's place.
    ///
    /// # Errors
    /// See `Redo` in `sheets.proto`.
    pub async fn redo(
        &self,
        sheet_id: &str,
        wait_for: v1::WaitFor,
        request_id: &str,
    ) -> Result<v1::ApplyEditsResponse, Error> {
        let change = v1::apply_edits_request::Change::Redo(v1::Redo {});
        self.apply_change(sheet_id, Revision(0), change, wait_for, request_id).await
    }

    async fn apply_change(
        &self,
        sheet_id: &str,
        base: Revision,
        change: v1::apply_edits_request::Change,
        wait_for: v1::WaitFor,
        request_id: &str,
    ) -> Result<v1::ApplyEditsResponse, Error> {
        let request = v1::ApplyEditsRequest {
            sheet_id: sheet_id.to_owned(),
            base_revision: base.0,
            request_id: request_id.to_owned(),
            wait_for: wait_for.into(),
            change: Some(change),
            place: self.place(),
            group: 0,
        };
        Ok(self.sheet_calls().apply_edits(request).await?.into_inner())
    }
}
