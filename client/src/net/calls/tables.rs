//! Tables of files: previews, reading, the list, views, summaries, and pages of rows.
//!
//! It reads no file and runs no job: the server does. Invariants: each call may be made twice; rows of [`TableRows`] are of
//! one version of their table, each once and in order.

use std::ops::Range;
use std::time::Duration;

use gridloom::v1;
use tonic::Status;

use super::again::Attempts;
use crate::net::client::Client;
use crate::net::error::Error;

/// Most rows of one answer.
const ANSWER_ROWS_MAX: u32 = 1_000;

/// Rows that follow each other in a table.
#[derive(Clone, Debug, PartialEq)]
pub struct TablePage {
    /// The position in the table of each row, from 0.
    pub positions: Vec<u64>,
    /// The rows; a value for each column that was asked for, without empty ones at the end.
    pub rows: Vec<v1::PreviewRow>,
}

/// A range of rows of a table, read answer by answer.
#[derive(Debug)]
pub struct TableRows<'a> {
    client: &'a Client,
    /// The next call.
    request: v1::ReadTableRowsRequest,
    /// The position behind the last row.
    end: u64,
    attempts: Attempts,
}

impl Client {
    /// Reads the begin of a file as [`Self::read_file`] does with the same reading, and makes nothing.
    ///
    /// # Errors
    /// See the call in `tables.proto`.
    pub async fn preview_file(
        &self,
        file_id: &str,
        reading: &v1::FileReading,
    ) -> Result<v1::PreviewFileResponse, Error> {
        let (file_id, reading) = (file_id.to_owned(), Some(reading.clone()));
        let request = v1::PreviewFileRequest { file_id, reading };
        Ok(self.table_calls().preview_file(request).await?.into_inner())
    }

    /// Begins the job that reads a file and makes its tables, or finds the one that does; then wait for it with
    /// [`Self::wait_for_job`].
    ///
    /// # Errors
    /// See the call in `tables.proto`.
    pub async fn read_file(
        &self,
        file_id: &str,
        reading: &v1::FileReading,
    ) -> Result<v1::Job, Error> {
        let (file_id, reading) = (file_id.to_owned(), Some(reading.clone()));
        let request = v1::ReadFileRequest { file_id, reading };
        Ok(self.table_calls().read_file(request).await?.into_inner().job.unwrap_or_default())
    }

    /// The tables of a file, and the newest job that reads it.
    ///
    /// # Errors
    /// See the call in `tables.proto`.
    pub async fn tables(&self, file_id: &str) -> Result<v1::ListTablesResponse, Error> {
        let request = v1::ListTablesRequest { file_id: file_id.to_owned() };
        Ok(self.table_calls().list_tables(request).await?.into_inner())
    }

    /// Begins the job that makes a view of a table, or finds the view or the job that makes it. The done job names the view.
    ///
    /// # Errors
    /// See the call in `tables.proto`.
    pub async fn make_view(
        &self,
        request: v1::MakeViewRequest,
    ) -> Result<v1::MakeViewResponse, Error> {
        Ok(self.table_calls().make_view(request).await?.into_inner())
    }

    /// Counts the values of a column of a table.
    ///
    /// # Errors
    /// See the call in `tables.proto`.
    pub async fn summarize_column(
        &self,
        request: v1::SummarizeColumnRequest,
    ) -> Result<v1::SummarizeColumnResponse, Error> {
        Ok(self.table_calls().summarize_column(request).await?.into_inner())
    }

    /// Rows of a table, as [`Self::tables`] returns it: those at these positions that it has, with the columns at `columns`,
    /// or with all where that is empty.
    #[must_use]
    pub fn table_rows(
        &self,
        file_id: &str,
        table: &v1::Table,
        rows: Range<u64>,
        columns: &[u32],
    ) -> TableRows<'_> {
        let request = v1::ReadTableRowsRequest {
            file_id: file_id.to_owned(),
            table: table.number,
            first: rows.start,
            count: 0,
            columns: columns.to_vec(),
            etag: table.etag.clone(),
            view_id: String::new(),
        };
        let end = rows.end.min(table.rows);
        TableRows { client: self, request, end, attempts: Attempts::default() }
    }
}

impl TableRows<'_> {
    /// The rows of a view of the table, which has `rows`: the range is one of its rows.
    #[must_use]
    pub fn of_view(mut self, view_id: &str, rows: u64) -> Self {
        self.request.view_id = view_id.to_owned();
        self.end = self.end.min(rows);
        self
    }

    /// The next rows; `None` after the last. After an error that may pass, it makes the call again, after a pause that
    /// `waits` receives.
    ///
    /// # Errors
    /// See `ReadTableRows` in `tables.proto`.
    pub async fn next(
        &mut self,
        mut waits: impl FnMut(&Error, Duration),
    ) -> Result<Option<TablePage>, Error> {
        loop {
            self.request.count = rows_to_ask(self.request.first, self.end);
            if self.request.count == 0 {
                return Ok(None);
            }
            let error = match self.answer().await {
                Ok(answer) => {
                    self.attempts.succeeded();
                    return page(&mut self.request, answer).map(Some);
                }
                Err(error) => error,
            };
            let Some(pause) = self.attempts.pause(&error) else { return Err(error) };
            waits(&error, pause);
            tokio::time::sleep(pause).await;
        }
    }

    async fn answer(&self) -> Result<v1::ReadTableRowsResponse, Error> {
        let mut calls = self.client.table_calls();
        Ok(calls.read_table_rows(self.request.clone()).await?.into_inner())
    }
}

/// Rows of the next call.
fn rows_to_ask(first: u64, end: u64) -> u32 {
    u32::try_from(end.saturating_sub(first)).unwrap_or(u32::MAX).min(ANSWER_ROWS_MAX)
}

/// The rows of an answer, of which the next request asks for those that follow. An answer without rows would be asked for
/// without end.
fn page(
    request: &mut v1::ReadTableRowsRequest,
    answer: v1::ReadTableRowsResponse,
) -> Result<TablePage, Error> {
    let v1::ReadTableRowsResponse { mut rows, mut positions, .. } = answer;
    rows.truncate(usize::try_from(request.count).unwrap_or(usize::MAX));
    if rows.is_empty() {
        return Err(Status::internal("the server sent no rows of a table that has more").into());
    }
    let end = request.first + rows.len() as u64;
    match request.view_id.is_empty() {
        true => positions = (request.first..end).collect(),
        false => positions.truncate(rows.len()),
    }
    if positions.len() < rows.len() {
        return Err(
            Status::internal("the server sent rows of a view without their positions").into()
        );
    }
    request.first = end;
    Ok(TablePage { positions, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rows: usize) -> v1::ReadTableRowsResponse {
        let rows = vec![v1::PreviewRow::default(); rows];
        v1::ReadTableRowsResponse { rows, total: 5_000, positions: Vec::new() }
    }

    #[test]
    fn short_answers_are_followed_to_the_end() {
        let mut request =
            v1::ReadTableRowsRequest { first: 4_990, ..v1::ReadTableRowsRequest::default() };
        let mut seen = Vec::new();
        for rows in [3, 1, 6] {
            request.count = rows_to_ask(request.first, 5_000);
            let page = page(&mut request, answer(rows)).expect("has rows");
            seen.push((page.positions[0], page.rows.len(), request.count));
        }
        assert_eq!(seen, [(4_990, 3, 10), (4_993, 1, 7), (4_994, 6, 6)]);
        assert_eq!(rows_to_ask(request.first, 5_000), 0);
    }

    #[test]
    fn a_call_asks_for_no_more_rows_than_an_answer_may_have() {
        assert_eq!(rows_to_ask(0, u64::MAX), ANSWER_ROWS_MAX);
        assert_eq!(rows_to_ask(10, 3), 0);
    }

    #[test]
    fn an_answer_without_rows_is_an_error_and_surplus_rows_are_left_out() {
        let mut request = v1::ReadTableRowsRequest { count: 2, ..Default::default() };
        assert!(page(&mut request, answer(0)).is_err());
        assert_eq!(page(&mut request, answer(5)).expect("has rows").rows.len(), 2);
        assert_eq!(request.first, 2);
    }

    #[test]
    fn rows_of_a_view_have_the_positions_of_the_table() {
        let view_id = "view".to_owned();
        let mut request = v1::ReadTableRowsRequest { count: 2, view_id, ..Default::default() };
        let positions = vec![41, 7, 9];
        let of_view = v1::ReadTableRowsResponse { positions, ..answer(3) };
        let found = page(&mut request, of_view).expect("has rows");
        assert_eq!((found.positions, found.rows.len()), (vec![41, 7], 2));
        assert!(page(&mut request, answer(2)).is_err());
        assert_eq!(request.first, 2, "a refused answer moves nothing");
    }
}
