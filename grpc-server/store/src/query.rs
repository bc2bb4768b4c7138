//! Finds rows: filter, sort, page, in one snapshot.
//!
//! The text of a statement is composed of fixed pieces and numbers of parameters; every value of a caller is a
//! parameter. Bodies of deleted rows stay in `rows`, so the spans define which rows exist. Not the query's checks:
//! the service makes them. Invariants: rows without a body are rows like any other; a page ends behind the row with
//! which it passes its bytes.
//!
//! Cost: a search without an order looks through the positions from the end of the page before, and no further than
//! its rows need. One with an order looks through the sheet for each page, and holds the rows of a page.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt;
use ot_engine::RowId;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

use crate::database::connection::Connection;
use crate::rows::Steps;
use crate::rows::cells::read_cells;
use crate::sheets::load;
use crate::sql::{JsonSlice, from_bigint, u32_from_bigint};
use crate::{QUERY_TIMEOUT, Store, StoreError};
use model::{RowBody, RowQuery, SheetId, SheetRecord};

mod cell;
mod order;
mod parameters;
mod resume;
mod source;
mod statement;

use statement::Statement;

/// How long Postgres may look for rows, in milliseconds. Below [`QUERY_TIMEOUT`], so that it is
/// Postgres that gives up.
const SEARCH_TIMEOUT_MS: u32 = 20_000;

/// How long a search is waited for that was cancelled: until then it counts as running.
const CANCELLED_WITHIN: Duration = Duration::from_secs(600);

/// The positions that a search without an order looks through first, for each row that it may give. Then as many again
/// as so far.
const POSITIONS_FIRST: u32 = 16;

/// A transaction that reads one sheet as it was when the transaction began. [`RowFinder::find`] runs a query in it.
#[derive(Debug)]
pub struct RowFinder {
    connection: Connection,
    record: SheetRecord,
    /// No further statement is begun.
    is_cancelled: AtomicBool,
}

/// A row that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundRow {
    /// Its id.
    pub id: RowId,
    /// Where it stands in the sheet.
    pub position: u32,
    /// Its cells.
    pub body: RowBody,
}

/// The result of a search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The rows, in order.
    pub rows: Vec<FoundRow>,
    /// Whether further rows of the page were not read, because these took its bytes.
    pub is_cut: bool,
    /// How many pass in all, if that was asked.
    pub total: Option<u64>,
}

impl Store {
    /// Begins to look for rows of a sheet as it is now; `None` if there is none with this id.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn finder(&self, sheet: SheetId) -> Result<Option<RowFinder>, StoreError> {
        let connection = self.connection().await?;
        // Until the transaction has ended, no other call can use the connection.
        connection.discard();
        let begin = format!(
            "begin isolation level repeatable read read only;
            set local statement_timeout = {SEARCH_TIMEOUT_MS};
            set local jit = off"
        );
        connection.within(QUERY_TIMEOUT, connection.batch_execute(&begin)).await?;
        let record = load(&connection, sheet).await?;
        let is_cancelled = AtomicBool::new(false);
        Ok(record.map(|record| RowFinder { connection, record, is_cancelled }))
    }
}

impl RowFinder {
    /// The sheet at that moment.
    #[must_use]
    pub const fn sheet(&self) -> &SheetRecord {
        &self.record
    }

    /// Finds rows. Once the caller is `gone`, Postgres is asked to end the search; it is waited for all the same,
    /// so that the caller's turn lasts as long as the search.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`] when it takes too long or was cancelled; [`StoreError::Unavailable`],
    /// [`StoreError::Corrupt`].
    pub async fn find(
        self,
        query: &RowQuery,
        gone: impl Future<Output = ()>,
    ) -> Result<Found, StoreError> {
        let mut search = pin!(self.search(query));
        tokio::select! {
            found = &mut search => return found,
            () = gone => {}
        }
        self.is_cancelled.store(true, Ordering::Relaxed);
        self.connection.cancel().await;
        let ended = tokio::time::timeout(CANCELLED_WITHIN, search).await;
        ended.unwrap_or_else(|_| {
            tracing::warn!(sheet = %self.record.id, "Postgres has not ended a cancelled search");
            Err(StoreError::TooSlow)
        })
    }

    async fn search(&self, query: &RowQuery) -> Result<Found, StoreError> {
        // Before the count: a token that is refused costs little.
        let start = match query.after {
            Some(end) => Some(self.resume(end, &query.order).await?),
            None => None,
        };
        // Before the rows, since a page that is cut ends the transaction.
        let total = if query.total {
            let counted = self.count(&Statement::count(&self.record, query)?).await?;
            Some(from_bigint(counted)?)
        } else {
            None
        };
        let mut page = Page::default();
        if query.order.is_empty() {
            self.fill(query, start.map_or(0, |start| start.position), &mut page).await?;
        } else {
            self.still_wanted()?;
            let statement = Statement::sorted(&self.record, query, start)?;
            self.read(&statement, query.bytes_most, &mut page).await?;
        }
        if page.is_cut {
            // Postgres is in the middle of its answer: the connection is closed.
            self.connection.cancel().await;
        } else {
            // The transaction has read only; there is nothing to keep.
            self.connection.within(QUERY_TIMEOUT, self.connection.batch_execute("commit")).await?;
            self.connection.keep();
        }
        let Page { rows, is_cut, .. } = page;
        Ok(Found { rows, is_cut, total })
    }

    /// Reads the rows from a position on, in the order of the sheet.
    async fn fill(
        &self,
        query: &RowQuery,
        mut from: u32,
        page: &mut Page,
    ) -> Result<(), StoreError> {
        let mut count = query.limit.saturating_mul(POSITIONS_FIRST);
        loop {
            let most = query.limit - u32::try_from(page.rows.len()).unwrap_or(query.limit);
            if from >= self.record.row_count || most == 0 || page.is_cut {
                return Ok(());
            }
            self.still_wanted()?;
            let until = from.saturating_add(count);
            let statement = Statement::among(&self.record, query, from..until, most)?;
            self.read(&statement, query.bytes_most, page).await?;
            (from, count) = (until, count.saturating_mul(2));
        }
    }

    /// Whether its caller still waits for the search.
    fn still_wanted(&self) -> Result<(), StoreError> {
        match self.is_cancelled.load(Ordering::Relaxed) {
            true => Err(StoreError::TooSlow),
            false => Ok(()),
        }
    }

    async fn count(&self, statement: &Statement) -> Result<i64, StoreError> {
        let parameters = statement.parameters();
        let query = async {
            let counted = self.connection.query_one(statement.text(), &parameters).await;
            Ok(counted.map_err(ended)?.try_get(0)?)
        };
        self.connection.answered(query).await
    }

    /// Reads rows of a page, up to the one that passes `bytes_most` of memory.
    async fn read(
        &self,
        statement: &Statement,
        bytes_most: usize,
        page: &mut Page,
    ) -> Result<(), StoreError> {
        let parameters = statement.parameters();
        let query = async {
            let statement = self.connection.prepare(statement.text()).await.map_err(ended)?;
            let rows = self.connection.query_raw(&statement, parameters).await.map_err(ended)?;
            let (mut rows, mut steps) = (pin!(rows), Steps::default());
            while let Some(row) = rows.try_next().await.map_err(ended)? {
                if page.bytes > bytes_most {
                    page.is_cut = true;
                    return Ok(());
                }
                let row = decode(&row)?;
                let weight = row.body.weight_bytes();
                page.bytes += weight;
                page.rows.push(row);
                steps.after(weight).await;
            }
            Ok(())
        };
        self.connection.answered(query).await
    }
}

/// A page that is being read.
#[derive(Default)]
struct Page {
    rows: Vec<FoundRow>,
    bytes: usize,
    /// Whether a further row was there and not read.
    is_cut: bool,
}

/// The error of a search: Postgres ends it at its time limit, or when it is asked to.
fn ended(error: tokio_postgres::Error) -> StoreError {
    match error.code() {
        Some(code) if *code == SqlState::QUERY_CANCELED => StoreError::TooSlow,
        _ => error.into(),
    }
}

fn decode(row: &Row) -> Result<FoundRow, StoreError> {
    let cells: Option<JsonSlice<'_>> = row.try_get(2)?;
    Ok(FoundRow {
        id: RowId(from_bigint(row.try_get(0)?)?),
        position: u32_from_bigint(row.try_get(1)?)?,
        body: cells.map(|cells| read_cells(cells.0)).transpose()?.unwrap_or_default(),
    })
}
