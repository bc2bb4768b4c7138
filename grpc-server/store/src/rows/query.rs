//! Finds rows: filter, sort, page, in one snapshot.
//!
//! The text of a statement is composed of fixed pieces and numbers of parameters; every value of a caller is a
//! parameter. Bodies of deleted rows stay in `rows`, so the spans define which rows exist. Not the query's checks:
//! the service makes them. Invariant: rows without a body are rows like any other.

use std::pin::pin;
use std::time::Duration;

use ot_engine::RowId;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

use super::cells::read_cells;
use crate::connection::Connection;
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
        let page = Statement::page(&self.record, query)?;
        let rows = self.run(&page).await?;
        let rows = rows.iter().map(decode).collect::<Result<_, _>>()?;
        let total = if query.total {
            let counted = self.run(&Statement::count(&self.record, query)?).await?;
            let count = counted.first().map(|row| row.try_get(0)).transpose()?;
            Some(from_bigint(count.unwrap_or_default())?)
        } else {
            None
        };
        // The transaction has read only; there is nothing to keep.
        self.connection.within(QUERY_TIMEOUT, self.connection.batch_execute("commit")).await?;
        self.connection.keep();
        Ok(Found { rows, total })
    }

    async fn run(&self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        let parameters = statement.parameters();
        let query = async {
            let found = self.connection.query(statement.text(), &parameters).await;
            found.map_err(|error| match error.code() {
                Some(code) if *code == SqlState::QUERY_CANCELED => StoreError::TooSlow,
                _ => error.into(),
            })
        };
        self.connection.answered(query).await
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
