//! Purges the sheets that were deleted long ago, with all their rows in other tables.
//!
//! Not when: the server's `retention` decides that. Invariant: the sheet itself is deleted first, in one statement that
//! also notes that the rest follows. So no sheet is restored in part, and after a stop the next run
//! continues.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::sql::Micros;
use crate::{Store, StoreError};
use model::SheetId;

/// Rows that one statement deletes at most.
const WINDOW_ROWS: i64 = 5_000;

/// Bound: an id for each of `limit` sheets.
const DELETED_BEFORE: &str = "
    select id from sheets where deleted_at < $1 order by deleted_at limit $2";

/// References delete its columns, spans, checkpoints and the record of its pruning with it.
const PURGE: &str = "
    with gone as (
        delete from sheets where id = $1 and deleted_at < $2 returning id
    )
    insert into purges (sheet) select id from gone";

/// Bound: an id for each of `limit` sheets.
const UNFINISHED: &str = "select sheet from purges limit $1";

/// The tables without a reference to their sheet.
const OWNED: [&str; 5] = [
    "delete from threads where ctid = any(array(
        select ctid from threads where sheet = $1 limit $2))",
    "delete from rows where ctid = any(array(
        select ctid from rows where sheet = $1 limit $2))",
    "delete from before_images where ctid = any(array(
        select ctid from before_images where sheet = $1 limit $2))",
    "delete from changes where ctid = any(array(
        select ctid from changes where sheet = $1 limit $2))",
    "delete from past_clients where ctid = any(array(
        select ctid from past_clients where sheet = $1 limit $2))",
];

const FINISHED: &str = "delete from purges where sheet = $1";

impl Store {
    /// Some of the sheets that were deleted before a time.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn deleted_before(
        &self,
        before_micros: i64,
        limit: u32,
    ) -> Result<Vec<SheetId>, StoreError> {
        self.sheets(DELETED_BEFORE, &[&Micros(before_micros), &i64::from(limit)]).await
    }

    /// Purges a sheet, if it was deleted before a time and not restored. [`Store::finish_purge`]
    /// deletes the rest of it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn purge(&self, sheet: SheetId, before_micros: i64) -> Result<bool, StoreError> {
        self.execute(PURGE, &[&sheet.0, &Micros(before_micros)]).await.map(|count| count > 0)
    }

    /// Some of the sheets that are gone and still own something.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn unfinished_purges(&self, limit: u32) -> Result<Vec<SheetId>, StoreError> {
        self.sheets(UNFINISHED, &[&i64::from(limit)]).await
    }

    /// Deletes what is left of a sheet that is gone.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn finish_purge(&self, sheet: SheetId) -> Result<(), StoreError> {
        self.forget_messages_of(sheet).await?;
        for sql in OWNED {
            while self.execute(sql, &[&sheet.0, &WINDOW_ROWS]).await? > 0 {}
        }
        self.execute(FINISHED, &[&sheet.0]).await.map(|_| ())
    }

    async fn sheets(
        &self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<SheetId>, StoreError> {
        let rows = self.query(sql, parameters).await?;
        rows.iter().map(|row: &Row| Ok(SheetId(row.try_get(0)?))).collect()
    }
}
