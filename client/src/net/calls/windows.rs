//! Windows of cells: rows of a sheet now or at an older revision, over as many answers as they take.
//!
//! All answers of a window are of one revision. Invariant: a row is given whole and once; memory holds one answer of
//! [`WindowPages`], and one row that is larger than an answer.

use std::ops::Range;

use gridloom::convert::range_to_wire;
use gridloom::v1;
use gridloom::v1::get_revision_request::At;
use ot_engine::Revision;

use crate::net::client::Client;
use crate::net::error::Error;

/// Most rows of one window.
pub const READ_ROWS_MAX: u32 = 10_000;

/// An older state of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The state at this revision.
    Revision(Revision),
    /// The state at this time, in microseconds since the Unix epoch.
    TimeMicros(i64),
}

impl Client {
    /// Reads rows with all their columns, at most [`READ_ROWS_MAX`] rows.
    ///
    /// # Errors
    /// See `ReadCells` in `sheets.proto`.
    pub async fn read_cells(
        &self,
        sheet_id: &str,
        rows: Range<u32>,
    ) -> Result<v1::ReadCellsResponse, Error> {
        let mut pages = self.window_pages(sheet_id, None, rows);
        let mut whole = pages.next().await?.unwrap_or_default();
        while let Some(page) = pages.next().await? {
            whole.rows.extend(page.rows);
        }
        Ok(whole)
    }

    /// Reads rows of an older state with all their columns, at most [`READ_ROWS_MAX`] rows.
    ///
    /// # Errors
    /// See `GetRevision` in `sheets.proto`.
    pub async fn read_revision(
        &self,
        sheet_id: &str,
        when: When,
        rows: Range<u32>,
    ) -> Result<v1::GetRevisionResponse, Error> {
        let mut request = revision_request(sheet_id, when, &rows);
        let (mut whole, mut joiner) = (None::<v1::GetRevisionResponse>, RowJoiner::default());
        loop {
            let answer = self.sheet_calls().get_revision(request.clone()).await?.into_inner();
            request.page_token.clone_from(&answer.next_page_token);
            let whole = whole.get_or_insert_with(|| v1::GetRevisionResponse {
                rows: Vec::new(),
                next_page_token: String::new(),
                ..answer.clone()
            });
            let is_last = request.page_token.is_empty();
            whole.rows.extend(joiner.join(answer.rows, answer.start_col, is_last));
            if is_last {
                return Ok(std::mem::take(whole));
            }
        }
    }

    /// The same rows answer by answer, each of whole rows: now, or of an older state.
    #[must_use]
    pub fn window_pages(
        &self,
        sheet_id: &str,
        when: Option<When>,
        rows: Range<u32>,
    ) -> WindowPages<'_> {
        let request = match when {
            Some(when) => Request::Then(revision_request(sheet_id, when, &rows)),
            None => Request::Now(v1::ReadCellsRequest {
                sheet_id: sheet_id.to_owned(),
                rows: Some(range_to_wire(&rows)),
                ..v1::ReadCellsRequest::default()
            }),
        };
        WindowPages { client: self, request: Some(request), joiner: RowJoiner::default(), at: None }
    }
}

fn revision_request(sheet_id: &str, when: When, rows: &Range<u32>) -> v1::GetRevisionRequest {
    let at = match when {
        When::Revision(revision) => At::Revision(revision.0),
        When::TimeMicros(micros) => At::TimeMicros(micros),
    };
    v1::GetRevisionRequest {
        sheet_id: sheet_id.to_owned(),
        at: Some(at),
        rows: Some(range_to_wire(rows)),
        ..v1::GetRevisionRequest::default()
    }
}

#[derive(Debug)]
enum Request {
    Now(v1::ReadCellsRequest),
    Then(v1::GetRevisionRequest),
}

/// The answers of a window, each of whole rows.
#[derive(Debug)]
pub struct WindowPages<'a> {
    client: &'a Client,
    /// `None` after the last answer.
    request: Option<Request>,
    joiner: RowJoiner,
    /// The position behind the rows that were given.
    at: Option<u32>,
}

impl WindowPages<'_> {
    /// The next rows; `None` at the end of the window.
    ///
    /// # Errors
    /// See `ReadCells` and `GetRevision` in `sheets.proto`.
    pub async fn next(&mut self) -> Result<Option<v1::ReadCellsResponse>, Error> {
        while let Some(request) = &mut self.request {
            let mut page = self.client.answer(request).await?;
            let is_last = page.next_page_token.is_empty();
            match request {
                Request::Now(request) => request.page_token.clone_from(&page.next_page_token),
                Request::Then(request) => request.page_token.clone_from(&page.next_page_token),
            }
            if is_last {
                self.request = None;
            }
            page.start_row = *self.at.get_or_insert(page.start_row);
            let rows = std::mem::take(&mut page.rows);
            page.rows = self.joiner.join(rows, page.start_col, is_last);
            (page.start_col, page.next_page_token) = (0, String::new());
            let given = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
            self.at = Some(page.start_row.saturating_add(given));
            if given > 0 || is_last {
                return Ok(Some(page));
            }
        }
        Ok(None)
    }
}

impl Client {
    async fn answer(&self, request: &Request) -> Result<v1::ReadCellsResponse, Error> {
        let mut calls = self.sheet_calls();
        let page = match request {
            Request::Now(request) => {
                return Ok(calls.read_cells(request.clone()).await?.into_inner());
            }
            Request::Then(request) => calls.get_revision(request.clone()).await?.into_inner(),
        };
        Ok(v1::ReadCellsResponse {
            revision: page.revision,
            columns: page.columns,
            rows: page.rows,
            start_row: page.start_row,
            row_count: page.row_count,
            next_page_token: page.next_page_token,
            start_col: page.start_col,
        })
    }
}

/// Joins rows that are larger than an answer.
#[derive(Debug, Default)]
struct RowJoiner {
    /// The single row of the answer before, of which more may follow.
    held: Option<v1::ReadRow>,
}

impl RowJoiner {
    /// The whole rows of the answers so far that were not given.
    fn join(&mut self, rows: Vec<v1::ReadRow>, start_col: u32, is_last: bool) -> Vec<v1::ReadRow> {
        // Only a row that is alone in its answer can continue in the next one.
        let may_continue = rows.len() == 1 && !is_last;
        let mut whole: Vec<_> = self.held.take().into_iter().collect();
        let mut rows = rows.into_iter();
        if let (1.., Some(row)) = (start_col, whole.last_mut()) {
            row.values.resize(start_col as usize, v1::Value::default());
            row.values.extend(rows.next().unwrap_or_default().values);
        }
        whole.extend(rows);
        if may_continue {
            self.held = whole.pop();
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use gridloom::v1::value::Kind;

    use super::*;

    fn row(id: u64, numbers: impl IntoIterator<Item = u8>) -> v1::ReadRow {
        let value = |number: u8| v1::Value { kind: Some(Kind::Number(number.into())) };
        v1::ReadRow { id, values: numbers.into_iter().map(value).collect() }
    }

    #[test]
    fn a_row_of_several_answers_is_given_once_and_whole() {
        let mut joiner = RowJoiner::default();
        assert_eq!(joiner.join(vec![row(1, 0..3), row(2, 0..1)], 0, false).len(), 2);
        assert!(joiner.join(vec![row(3, 0..2)], 0, false).is_empty());
        assert!(joiner.join(vec![row(3, 2..4)], 2, false).is_empty());
        let joined = joiner.join(vec![row(3, 4..5), row(4, 0..1)], 4, false);
        assert_eq!(joined, [row(3, 0..5), row(4, 0..1)]);
        // A whole row may be alone, too.
        assert!(joiner.join(vec![row(5, 0..2)], 0, false).is_empty());
        assert_eq!(joiner.join(vec![row(6, 0..2)], 0, false), [row(5, 0..2)]);
        assert_eq!(joiner.join(vec![row(6, 2..3)], 2, true), [row(6, 0..3)]);
    }
}
