//! Sheets, one call at a time: make, find, rename, delete, read and edit.

use std::ops::Range;

use gridloom::convert::delta_to_wire;
use gridloom::v1;
use ot_engine::{Delta, Revision};

use super::{Client, Error};

/// Rows that one `ReadCells` call may ask for.
pub const READ_ROWS_MAX: u32 = 10_000;

/// What a new sheet is made of.
#[derive(Clone, Debug, Default)]
pub struct NewSheet {
    /// The columns; none means five named A to E.
    pub columns: Vec<v1::Column>,
    /// How many empty rows; `None` means 100.
    pub rows: Option<u32>,
}

/// Which sheets a list holds.
#[derive(Clone, Debug, Default)]
pub struct ListOptions {
    /// Only names that contain this, in any letter case.
    pub filter: String,
    /// The deleted ones instead.
    pub deleted: bool,
}

impl Client {
    /// Makes an empty sheet.
    ///
    /// # Errors
    /// As the call's manual says.
    pub async fn create_sheet(&self, name: &str, new: NewSheet) -> Result<v1::Sheet, Error> {
        let request = v1::CreateSheetRequest {
            name: name.to_owned(),
            columns: new.columns,
            row_count: new.rows,
        };
        let answer = self.sheet_calls().create_sheet(request).await?.into_inner();
        Ok(answer.sheet.unwrap_or_default())
    }

    /// Tells of one sheet.
    ///
    /// # Errors
    /// As the call's manual says.
    pub async fn sheet(&self, sheet_id: &str) -> Result<v1::Sheet, Error> {
        let request = v1::GetSheetRequest { sheet_id: sheet_id.to_owned() };
        Ok(self.sheet_calls().get_sheet(request).await?.into_inner().sheet.unwrap_or_default())
    }

    /// All sheets that this account may read, the one changed last first; fetches page by page.
    ///
    /// # Errors
    /// As the call's manual says.
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

    /// Renames a sheet. With an `etag`, only if nobody renamed it since that was read.
    ///
    /// # Errors
    /// As the call's manual says.
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

    /// Deletes a sheet; it can be restored for a while.
    ///
    /// # Errors
    /// As the call's manual says.
    pub async fn delete_sheet(&self, sheet_id: &str) -> Result<(), Error> {
        let request = v1::DeleteSheetRequest { sheet_id: sheet_id.to_owned() };
        self.sheet_calls().delete_sheet(request).await?;
        Ok(())
    }

    /// Restores a deleted sheet.
    ///
    /// # Errors
    /// As the call's manual says.
    pub async fn undelete_sheet(&self, sheet_id: &str) -> Result<v1::Sheet, Error> {
        let request = v1::UndeleteSheetRequest { sheet_id: sheet_id.to_owned() };
        Ok(self.sheet_calls().undelete_sheet(request).await?.into_inner().sheet.unwrap_or_default())
    }

    /// Reads rows with all their columns, at most [`READ_ROWS_MAX`] of them.
    ///
    /// # Errors
    /// As the call's manual says.
    pub async fn read_cells(
        &self,
        sheet_id: &str,
        rows: Range<u32>,
    ) -> Result<v1::ReadCellsResponse, Error> {
        let count = rows.end.saturating_sub(rows.start);
        let request = v1::ReadCellsRequest {
            sheet_id: sheet_id.to_owned(),
            rows: Some(v1::Range { start: rows.start, count }),
            cols: None,
            column_names: Vec::new(),
        };
        Ok(self.sheet_calls().read_cells(request).await?.into_inner())
    }

    /// Finds rows: one page of those that pass the filter, in the order that is asked for. The next
    /// page is asked for with the token of the last.
    ///
    /// # Errors
    /// As the call's manual says.
    pub async fn query_rows(
        &self,
        request: v1::QueryRowsRequest,
    ) -> Result<v1::QueryRowsResponse, Error> {
        Ok(self.sheet_calls().query_rows(request).await?.into_inner())
    }

    /// Applies commands on the newest state of the sheet, all or nothing. The same `request_id`
    /// applies once, however often it is sent.
    ///
    /// # Errors
    /// As the call's manual says.
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

    /// Applies a delta that was made on a revision, all or nothing; what came later is merged with
    /// it. The same `request_id` applies once, however often it is sent.
    ///
    /// # Errors
    /// As the call's manual says.
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

    /// Takes back a change of one's own: the last one that is not taken back, or the one of a
    /// revision. Edits that were sent before on a live sheet should be answered first.
    ///
    /// # Errors
    /// As the manual of `Undo` says: nothing to undo, or its history is gone.
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

    /// Takes back the last undo of one's own.
    ///
    /// # Errors
    /// As the manual of `Redo` says.
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
        };
        Ok(self.sheet_calls().apply_edits(request).await?.into_inner())
    }
}
