//! Finds rows: filter, sort, page, in one snapshot.
//!
//! The text of a statement is composed of fixed pieces and numbers of parameters; every value of a caller is a
//! parameter. Bodies of deleted rows stay in `rows`, so the spans define which rows exist. Not the query's checks:
//! the service makes them. Invariants: rows without a body are rows like any other; a page ends behind the row with
//! which it passes its bytes.

use std::pin::pin;
use std::time::Duration;

use futures_util::TryStreamExt;
use ot_engine::RowId;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

use super::Steps;
use super::cells::read_cells;
use crate::database::connection::Connection;
use crate::sheets::load;
use crate::sql::{JsonSlice, from_bigint, u32_from_bigint};
use crate::{QUERY_TIMEOUT, Store, StoreError};
use model::{RowBody, RowQuery, SheetId, SheetRecord};

mod statement;

use statement::Statement;

/// How long Postgres may look for rows, in milliseconds. Below [`QUERY_TIMEOUT`], so that it is
/// Postgres that gives up.
const SEARCH_TIMEOUT_MS: u32 = 20_000;

/// How long a search is waited for that was cancelled: until then it counts as running.
const CANCELLED_WITHIN: Duration = Duration::from_secs(600);

/// A transaction that reads one sheet as it was when the transaction began. [`RowFinder::find`] runs a query in it.
#[derive(Debug)]
pub struct RowFinder {
    connection: Connection,
    record: SheetRecord,
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
            set local statement_timeout = {SEARCH_TIMEOUT_MS}"
        );
        connection.within(QUERY_TIMEOUT, connection.batch_execute(&begin)).await?;
        let record = load(&connection, sheet).await?;
        Ok(record.map(|record| RowFinder { connection, record }))
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
        self.connection.cancel().await;
        let ended = tokio::time::timeout(CANCELLED_WITHIN, search).await;
        ended.unwrap_or_else(|_| {
            tracing::warn!(sheet = %self.record.id, "Postgres has not ended a cancelled search");
            Err(StoreError::TooSlow)
        })
    }

    async fn search(&self, query: &RowQuery) -> Result<Found, StoreError> {
        // First, since a page that is cut ends the transaction.
        let total = if query.total {
            let counted = self.count(&Statement::count(&self.record, query)?).await?;
            Some(from_bigint(counted)?)
        } else {
            None
        };
        let page = Statement::page(&self.record, query)?;
        let (rows, is_cut) = self.page(&page, query.bytes_most).await?;
        if is_cut {
            // Postgres is in the middle of its answer: the connection is closed.
            self.connection.cancel().await;
        } else {
            // The transaction has read only; there is nothing to keep.
            self.connection.within(QUERY_TIMEOUT, self.connection.batch_execute("commit")).await?;
            self.connection.keep();
        }
        Ok(Found { rows, is_cut, total })
    }

    async fn count(&self, statement: &Statement) -> Result<i64, StoreError> {
        let parameters = statement.parameters();
        let query = async {
            let counted = self.connection.query_one(statement.text(), &parameters).await;
            Ok(counted.map_err(ended)?.try_get(0)?)
        };
        self.connection.answered(query).await
    }

    /// The rows of a page, up to the one that passes `bytes_most` of memory, and whether further ones were left.
    async fn page(
        &self,
        statement: &Statement,
        bytes_most: usize,
    ) -> Result<(Vec<FoundRow>, bool), StoreError> {
        let parameters = statement.parameters();
        let query = async {
            let statement = self.connection.prepare(statement.text()).await.map_err(ended)?;
            let rows = self.connection.query_raw(&statement, parameters).await.map_err(ended)?;
            let mut rows = pin!(rows);
            let (mut found, mut bytes, mut steps) = (Vec::new(), 0, Steps::default());
            while let Some(row) = rows.try_next().await.map_err(ended)? {
                if bytes > bytes_most {
                    return Ok((found, true));
                }
                let row = decode(&row)?;
                let weight = row.body.weight_bytes();
                bytes += weight;
                found.push(row);
                steps.after(weight).await;
            }
            Ok((found, false))
        };
        self.connection.answered(query).await
    }
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
