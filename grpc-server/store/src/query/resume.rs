//! The end of a page, at a later moment: where the next page begins.
//!
//! The end is a row at a revision. Its sort keys are those of its cells at that revision, so a later edit of the row, its
//! move or its deletion do not move the end, and a page token needs no value of it. Its position follows the changes of
//! lines since as a boundary between rows does. So each row that stays as it is stays on its side of the end.
//!
//! Invariant: what is read is of the moment of the search.

use ot_engine::{Bias, Revision};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::order::PageStart;
use super::{RowFinder, ended};
use crate::log::changes::decode_inverse;
use crate::log::checkpoints::CHANGES_OF_LINES;
use crate::log::retention::FLOOR;
use crate::rows::keys;
use crate::sql::{JsonSlice, from_bigint, to_bigint};
use crate::{QUERY_TIMEOUT, StoreError};
use model::sizes::{LOG_PAGE_BYTES, RESUME_BYTES};
use model::{PageEnd, RowOrder};

/// Changes of lines in one read.
const STEPS_READ: i64 = 500;
/// Changes of lines over which the end of a page is carried.
const STEPS: usize = 20_000;

/// The cells of today, and over them the oldest of those that were overwritten since.
/// Bound: one row, now and before.
const CELLS_AT: &str = "
    select coalesce((
        select jsonb_object_agg(cell.key, cell.value)
        from rows cross join lateral jsonb_each(rows.cells) as cell
        where rows.sheet = $1 and rows.id = $2 and cell.key = any($4::text[])
    ), '{}') || coalesce((
        select jsonb_object_agg(key, value) from (
            select distinct on (cell.key) cell.key, cell.value
            from before_images as image cross join lateral jsonb_each(image.cells) as cell
            where image.sheet = $1 and image.id = $2 and image.revision >= $3
                and cell.key = any($4::text[])
            order by cell.key, image.revision
        ) as oldest
    ), '{}')";

impl RowFinder {
    /// Where the page behind `end` begins now.
    ///
    /// # Errors
    /// [`StoreError::TooOld`] where the history since is not kept, or too long; see [`RowFinder::find`].
    pub(super) async fn resume(
        &self,
        end: PageEnd,
        order: &[RowOrder],
    ) -> Result<PageStart, StoreError> {
        let floor = self.one(FLOOR, &[&self.record.id.0]).await?;
        let floor: Option<i64> = floor.try_get(0)?;
        let revision = to_bigint(end.revision.0)?;
        if floor.is_none_or(|floor| floor > revision) || end.revision > self.record.head {
            return Err(StoreError::TooOld);
        }
        let columns: Vec<_> = order.iter().map(|level| level.column).collect();
        let cells = if columns.is_empty() {
            b"{}".to_vec()
        } else {
            let row = to_bigint(end.row.0)?;
            let parameters: [&(dyn ToSql + Sync); 4] =
                [&self.record.id.0, &row, &revision, &keys(&columns)];
            let row = self.one(CELLS_AT, &parameters).await?;
            row.try_get::<_, JsonSlice<'_>>(0)?.0.to_vec()
        };
        let position = self.carried(end.position.saturating_add(1), end.revision).await?;
        Ok(PageStart { cells, position })
    }

    /// The boundary before a row of a revision, at the head. The rows between which it is may have moved away; those that
    /// stay are on the same sides of it.
    async fn carried(&self, mut boundary: u32, mut at: Revision) -> Result<u32, StoreError> {
        let head = to_bigint(self.record.head.0)?;
        let (mut steps, mut bytes) = (0, 0);
        loop {
            let from = to_bigint(at.0)?;
            let parameters: [&(dyn ToSql + Sync); 5] =
                [&self.record.id.0, &from, &head, &STEPS_READ, &(LOG_PAGE_BYTES as i64)];
            let read =
                async { self.connection.query(CHANGES_OF_LINES, &parameters).await.map_err(ended) };
            let rows = self.connection.within(QUERY_TIMEOUT, read).await?;
            if rows.is_empty() {
                return Ok(boundary);
            }
            for row in rows {
                let (revision, delta): (i64, &[u8]) = (row.try_get(0)?, row.try_get(1)?);
                let revision = from_bigint(revision)?;
                steps += 1;
                bytes += delta.len();
                let delta = decode_inverse(self.record.id, revision, delta)?;
                boundary = delta.rows.map_boundary(boundary, Bias::Left);
                at = Revision(revision);
                self.still_wanted()?;
            }
            if steps > STEPS || bytes > RESUME_BYTES {
                return Err(StoreError::TooOld);
            }
        }
    }

    async fn one(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Row, StoreError> {
        let read = async { self.connection.query_one(sql, parameters).await.map_err(ended) };
        self.connection.within(QUERY_TIMEOUT, read).await
    }
}
