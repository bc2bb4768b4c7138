//! Reads the tables of one sheet as they are, right or wrong, for the check.
//!
//! Not the reads of the server: those end at the first invalid value, while this one continues and returns each.
//! Numbers are returned as they are; a value that can't be read is returned with the reason.
//!
//! Invariants: everything of one [`Audit`] is from one moment, also while others write; memory
//! is bounded by [`PAGE_BYTES`] and the spans and columns of the sheet.

mod marks;
mod pages;

use ot_engine::{ClientId, Delta};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{COMMIT_TIMEOUT, Store, StoreError};
use crate::database::connection::{Connection, Purpose};
use model::{Origin, RowPatch, SheetId};

pub use marks::{MarkedOrder, Pruned, RepeatedName};

/// Bytes of one page at most, except that it has one row. Rows count as Postgres stores them: compressed to a ninetieth at
/// best.
const PAGE_BYTES: i64 = 1024 * 1024;
/// Rows of one page at most.
const PAGE_ROWS: i64 = 1_000;

/// Bound: one row of numbers and a name.
const SHEET: &str = "
    select name, head, next_row_id, next_column_id, row_count from sheets where id = $1";

/// Bound: an id for each of `limit` sheets.
const SHEETS: &str = "select id from sheets where id > $1 order by id limit $2";

/// Bound: the columns that a sheet may have.
const COLUMNS: &str = "
    select id, position, name, kind, width, settings from columns where sheet = $1 order by position, id";

/// Bound: the spans that a sheet may have.
const SPANS: &str = "select key, start, length from spans where sheet = $1 order by key";

/// For a table whose primary key begins with the sheet: finds its sheets one by one along the key.
macro_rules! strangers {
    ($table:literal) => {
        concat!(
            "with recursive held as (
                (select sheet from ",
            $table,
            " order by sheet limit 1)
                union all
                select (select next.sheet from ",
            $table,
            " as next where next.sheet > held.sheet order by next.sheet limit 1)
                from held where held.sheet is not null
            )
            select sheet from held where sheet is not null
                and not exists (select from sheets where id = held.sheet)
                and not exists (select from purges where purges.sheet = held.sheet)"
        )
    };
}

/// Bound: an id for each sheet that a defect or an operator left without its row.
const STRANGERS: [(&str, &str); 4] = [
    ("rows", strangers!("rows")),
    ("changes", strangers!("changes")),
    ("before_images", strangers!("before_images")),
    ("past_clients", strangers!("past_clients")),
];

const PURGED: &str = "select exists (select from purges where sheet = $1)";

const FORM: &str = "select max(version)::bigint from refinery_schema_history";

/// One sheet's tables at one moment.
#[derive(Debug)]
pub struct Audit {
    connection: Connection,
    sheet: SheetId,
}

/// The sheet's own row.
#[derive(Clone, Debug)]
pub struct AuditedSheet {
    /// Its name.
    pub name: String,
    /// Its newest revision.
    pub head: i64,
    /// The first row id that was never given out.
    pub next_row_id: i64,
    /// The first column id that was never given out.
    pub next_column_id: i64,
    /// How many rows it has by its own record.
    pub row_count: i64,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditedColumn {
    /// Its id.
    pub id: i64,
    /// From the left, from 0.
    pub position: i64,
    /// Its heading.
    pub name: String,
    /// The name of its kind.
    pub kind: String,
    /// Its width.
    pub width: Option<i64>,
    /// What belongs to its kind.
    pub settings: String,
}

/// A run of rows: its key, the first id, and how many.
pub type AuditedSpan = (i64, i64, i64);

/// A row of the operation log.
#[derive(Clone, Debug)]
pub struct AuditedChange {
    /// The revision that it makes.
    pub revision: i64,
    /// The client that sent it.
    pub client: ClientId,
    /// Under which number.
    pub sequence: i64,
    /// On which revision.
    pub base: i64,
    /// The head that its commit stood on.
    pub batch: i64,
    /// Why.
    pub origin: Result<Origin, String>,
    /// Its delta.
    pub delta: Result<Delta, String>,
    /// How its lines are taken back.
    pub inverse: Result<Option<Delta>, String>,
}

/// A row of the sheet, or what one held before.
#[derive(Clone, Debug)]
pub struct AuditedRow {
    /// Which row.
    pub id: i64,
    /// Its cells.
    pub cells: Result<RowPatch, String>,
}

/// The cells of one row that a commit overwrote.
#[derive(Clone, Debug)]
pub struct AuditedBefore {
    /// The head that the commit stood on.
    pub revision: i64,
    /// The head that it made.
    pub through: i64,
    /// Whether the row is there now.
    pub has_row: bool,
    /// The cells.
    pub row: AuditedRow,
}

impl Store {
    /// The sheets after `after` in the order of their ids, deleted ones among them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn sheet_ids(&self, after: SheetId, limit: u32) -> Result<Vec<SheetId>, StoreError> {
        let connection = self.connection().await?;
        let limit = i64::from(limit);
        let query = async { connection.query(SHEETS, &[&after.0, &limit]).await };
        let rows = connection.within(COMMIT_TIMEOUT, query).await?;
        rows.iter().map(|row| Ok(SheetId(row.try_get(0)?))).collect()
    }

    /// The version of the tables' form, and the one that this release knows; `None`: there are none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn form(&self) -> Result<(Option<i64>, i64), StoreError> {
        let known = crate::migration::versions().into_iter().max().unwrap_or_default();
        let connection = self.connection().await?;
        let there = "select to_regclass('refinery_schema_history') is not null";
        let there = connection.within(COMMIT_TIMEOUT, connection.query_one(there, &[])).await?;
        if !there.try_get::<_, bool>(0)? {
            return Ok((None, known));
        }
        let form = connection.within(COMMIT_TIMEOUT, connection.query_one(FORM, &[])).await?;
        Ok((form.try_get(0)?, known))
    }

    /// Sheets that tables hold something of though they are not among the sheets, each with the table,
    /// and not among those that are being deleted either.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn strangers(&self) -> Result<Vec<(&'static str, SheetId)>, StoreError> {
        let connection = self.connection().await?;
        let mut found = Vec::new();
        for (table, sql) in STRANGERS {
            let rows = connection.within(COMMIT_TIMEOUT, connection.query(sql, &[])).await?;
            for row in rows {
                found.push((table, SheetId(row.try_get(0)?)));
            }
        }
        Ok(found)
    }

    /// Whether a sheet was purged and its rows are being deleted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn is_purged(&self, sheet: SheetId) -> Result<bool, StoreError> {
        let connection = self.connection().await?;
        let query = async { connection.query_one(PURGED, &[&sheet.0]).await };
        Ok(connection.within(COMMIT_TIMEOUT, query).await?.try_get(0)?)
    }

    /// Starts to read a sheet's tables. It holds one of the few connections for bulk work until it is
    /// dropped.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], also when too many imports and exports run.
    pub async fn audit(&self, sheet: SheetId) -> Result<Audit, StoreError> {
        let connection = Connection::get(&self.pools, Purpose::Bulk).await?;
        // The transaction ends with its connection: there is nothing to keep.
        connection.discard();
        let begin = "begin isolation level repeatable read read only; \
                     set local statement_timeout = 0; set local jit = off";
        connection.within(COMMIT_TIMEOUT, connection.batch_execute(begin)).await?;
        Ok(Audit { connection, sheet })
    }
}

impl Audit {
    /// The sheet's own row; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn sheet(&self) -> Result<Option<AuditedSheet>, StoreError> {
        let rows = self.query(SHEET, &[&self.sheet.0]).await?;
        let sheet = |row: &Row| -> Result<AuditedSheet, StoreError> {
            Ok(AuditedSheet {
                name: row.try_get(0)?,
                head: row.try_get(1)?,
                next_row_id: row.try_get(2)?,
                next_column_id: row.try_get(3)?,
                row_count: row.try_get(4)?,
            })
        };
        rows.first().map(sheet).transpose()
    }

    /// Its columns from left to right.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn columns(&self) -> Result<Vec<AuditedColumn>, StoreError> {
        let rows = self.query(COLUMNS, &[&self.sheet.0]).await?;
        let column = |row: &Row| {
            Ok(AuditedColumn {
                id: row.try_get(0)?,
                position: i64::from(row.try_get::<_, i32>(1)?),
                name: row.try_get(2)?,
                kind: row.try_get(3)?,
                width: row.try_get(4)?,
                settings: row.try_get(5)?,
            })
        };
        rows.iter().map(column).collect()
    }

    /// Its rows' order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn spans(&self) -> Result<Vec<AuditedSpan>, StoreError> {
        let rows = self.query(SPANS, &[&self.sheet.0]).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
    }

    async fn query(
        &self,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, StoreError> {
        let query = async {
            let statement = self.connection.prepare_cached(sql).await?;
            self.connection.query(&statement, parameters).await
        };
        self.connection.within(COMMIT_TIMEOUT, query).await
    }
}

fn client(row: &Row, column: usize) -> Result<ClientId, StoreError> {
    Ok(ClientId(row.try_get::<_, Uuid>(column)?.as_u128()))
}
