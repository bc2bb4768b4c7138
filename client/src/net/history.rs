//! History, one call at a time: what was changed, by whom and when, and what a sheet looked like.

use std::ops::Range;

use gridloom::v1;
use gridloom::v1::get_revision_request::At;
use ot_engine::Revision;

use super::{Client, Error};

/// Which changes a list holds; all that are given must fit.
#[derive(Clone, Debug, Default)]
pub struct ChangesOptions {
    /// Only those of this account.
    pub author_id: String,
    /// Only those from this time on, in microseconds since the Unix epoch; 0 means all.
    pub from_micros: i64,
    /// Only those before this time; 0 means all.
    pub until_micros: i64,
    /// Only those that touch these rows, by their positions now.
    pub rows: Option<Range<u32>>,
    /// Only those that touch these columns.
    pub cols: Option<Range<u32>>,
    /// With what each of them does.
    pub include_deltas: bool,
}

impl Client {
    /// The last `most` changes of a sheet that fit, the newest first; fetches page by page.
    ///
    /// # Errors
    /// As the manual of `ListChanges` says.
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

    /// One page of the changes of a sheet; 0 leaves its size to the server. The token comes from the
    /// page before, and is empty for the first. A page may be empty and still not be the last.
    ///
    /// # Errors
    /// As the manual of `ListChanges` says.
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

/// Which state of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// As it was at this revision.
    Revision(Revision),
    /// As it was at this time, in microseconds since the Unix epoch.
    TimeMicros(i64),
}

impl Client {
    /// Reads rows with all their columns as they were, at most
    /// [`READ_ROWS_MAX`](super::READ_ROWS_MAX) of them.
    ///
    /// # Errors
    /// As the manual of `GetRevision` says.
    pub async fn read_revision(
        &self,
        sheet_id: &str,
        when: When,
        rows: Range<u32>,
    ) -> Result<v1::GetRevisionResponse, Error> {
        let at = match when {
            When::Revision(revision) => At::Revision(revision.0),
            When::TimeMicros(micros) => At::TimeMicros(micros),
        };
        let request = v1::GetRevisionRequest {
            sheet_id: sheet_id.to_owned(),
            at: Some(at),
            rows: Some(range_to_wire(&rows)),
            cols: None,
        };
        Ok(self.sheet_calls().get_revision(request).await?.into_inner())
    }
}

impl Client {
    /// Makes a sheet as it was at a revision, by one new change; gives the revision of that. The same
    /// `request_id` does it once, however often it is sent.
    ///
    /// # Errors
    /// As the manual of `RestoreRevision` says.
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
        };
        let answer = self.sheet_calls().restore_revision(request).await?.into_inner();
        Ok(Revision(answer.revision))
    }
}

fn range_to_wire(range: &Range<u32>) -> v1::Range {
    v1::Range { start: range.start, count: range.end.saturating_sub(range.start) }
}
