//! The history of a sheet: its changes, and the return to an older revision.
//!
//! It computes no older state; the server does. Invariant: memory holds the pages of one call.

use std::ops::Range;

use gridloom::convert::range_to_wire;
use gridloom::v1;
use ot_engine::Revision;

use crate::net::client::Client;
use crate::net::error::Error;

/// A filter on changes; a change must meet all conditions.
#[derive(Clone, Debug, Default)]
pub struct ChangesOptions {
    /// Only changes by this account; empty means all.
    pub author_id: String,
    /// Only changes from this time on, in microseconds since the Unix epoch; 0 means all.
    pub from_micros: i64,
    /// Only changes before this time, in microseconds since the Unix epoch; 0 means all.
    pub until_micros: i64,
    /// Only changes of these rows, by their current positions.
    pub rows: Option<Range<u32>>,
    /// Only changes of these columns, by their current positions.
    pub cols: Option<Range<u32>>,
    /// Whether each record contains its delta.
    pub include_deltas: bool,
}

impl Client {
    /// The last `most` changes of a sheet that meet the options, newest first, read page by page.
    ///
    /// # Errors
    /// See `ListChanges` in `history.proto`.
    pub async fn changes(
        &self,
        sheet_id: &str,
        options: &ChangesOptions,
        most: usize,
    ) -> Result<Vec<v1::ChangeRecord>, Error> {
        let mut changes = Vec::new();
        let mut token = String::new();
        while changes.len() < most {
            let left = u32::try_from(most - changes.len()).unwrap_or(u32::MAX);
            let page = self.changes_page(sheet_id, options, left, &token).await?;
            changes.extend(page.changes);
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        Ok(changes)
    }

    /// One page of the changes of a sheet. A page size of 0 means the server's default. The token is that of
    /// the page before, or empty for the first page. An empty page is not always the last one.
    ///
    /// # Errors
    /// See `ListChanges` in `history.proto`.
    pub async fn changes_page(
        &self,
        sheet_id: &str,
        options: &ChangesOptions,
        page_size: u32,
        page_token: &str,
    ) -> Result<v1::ListChangesResponse, Error> {
        let request = v1::ListChangesRequest {
            sheet_id: sheet_id.to_owned(),
            page_size,
            page_token: page_token.to_owned(),
            include_deltas: options.include_deltas,
            author_id: options.author_id.clone(),
            from_micros: options.from_micros,
            until_micros: options.until_micros,
            rows: options.rows.as_ref().map(range_to_wire),
            cols: options.cols.as_ref().map(range_to_wire),
        };
        Ok(self.sheet_calls().list_changes(request).await?.into_inner())
    }
}

impl Client {
    /// Restores a sheet to a revision by one new change, and returns the revision of that change. Calls with
    /// the same `request_id` apply it once.
    ///
    /// # Errors
    /// See `RestoreRevision` in `history.proto`.
    pub async fn restore_revision(
        &self,
        sheet_id: &str,
        revision: Revision,
        request_id: &str,
    ) -> Result<Revision, Error> {
        let request = v1::RestoreRevisionRequest {
            sheet_id: sheet_id.to_owned(),
            revision: revision.0,
            request_id: request_id.to_owned(),
            place: self.place(),
        };
        let answer = self.sheet_calls().restore_revision(request).await?.into_inner();
        Ok(Revision(answer.revision))
    }
}
