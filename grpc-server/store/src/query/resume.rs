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

use super::order::{EndKeys, PageStart, keys_of};
use super::{RowFinder, ended};
use crate::log::changes::decode_inverse;
use crate::log::checkpoints::CHANGES_OF_LINES;
use crate::log::retention::FLOOR;
use crate::rows::keys;
use crate::sql::{from_bigint, to_bigint};
use crate::{QUERY_TIMEOUT, StoreError};
use model::sizes::{LOG_PAGE_BYTES, RESUME_BYTES};
use model::{PageEnd, RowOrder};

/// Changes of lines in one read.
const STEPS_READ: i64 = 500;
/// Changes of lines over which the end of a page is carried.
const STEPS: usize = 20_000;

/// Overwritten parts of the row of an end that are looked through.
const IMAGES: i64 = 20_000;
/// Their bytes as they are stored: unpacked, each may take more.
const IMAGES_BYTES: i64 = 16 * 1024 * 1024;

/// The sort keys of a row at a revision, one row for each level: the cells of today, and over them the oldest of those
/// that were overwritten since. Of these [`IMAGES`] and [`IMAGES_BYTES`] are looked through, the oldest first; the first
/// column says whether a cell that was not found may be among the others.
fn keys_at() -> String {
    let keys = keys_of("(select cells from held) -> level.name");
    format!(
        "with images as materialized (
            select cells, revision, row_number() over by_revision as place,
                sum(pg_column_size(cells)) over by_revision as bytes
            from (
                select cells, revision from before_images
                where sheet = $1 and id = $2 and revision >= $3
                order by revision limit $5::bigint + 1
            ) as image
            window by_revision as (order by revision)
        ), looked_through as (
            select * from images where place = 1 or (place <= $5::bigint and bytes <= $6::bigint)
        ), oldest as materialized (
            select distinct on (cell.key) cell.key, cell.value
            from looked_through cross join lateral jsonb_each(looked_through.cells) as cell
            where cell.key = any($4::text[])
            order by cell.key, looked_through.revision
        ), held as materialized (
            select coalesce((
                select jsonb_object_agg(cell.key, cell.value)
                from rows cross join lateral jsonb_each(rows.cells) as cell
                where rows.sheet = $1 and rows.id = $2 and cell.key = any($4::text[])
            ), '{{}}') || coalesce((
                select jsonb_object_agg(key, value) from oldest
            ), '{{}}') as cells
        )
        select (select count(*) from looked_through) < (select count(*) from images)
                and level.name not in (select key from oldest),
            keys.rank, keys.plain, keys.micros, keys.text
        from unnest($4::text[]) with ordinality as level (name, at)
        cross join lateral {keys} as keys
        order by level.at"
    )
}

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
        let keys = self.keys_at(end, order).await?;
        let position = self.carried(end.position.saturating_add(1), end.revision).await?;
        Ok(PageStart { keys, position })
    }

    /// The sort keys of the end of a page, as they were at its revision.
    async fn keys_at(&self, end: PageEnd, order: &[RowOrder]) -> Result<Vec<EndKeys>, StoreError> {
        if order.is_empty() {
            return Ok(Vec::new());
        }
        let (row, revision) = (to_bigint(end.row.0)?, to_bigint(end.revision.0)?);
        let columns: Vec<_> = order.iter().map(|level| level.column).collect();
        let columns = keys(&columns);
        let parameters: [&(dyn ToSql + Sync); 6] =
            [&self.record.id.0, &row, &revision, &columns, &IMAGES, &IMAGES_BYTES];
        let text = keys_at();
        let read = async { self.connection.query(&text, &parameters).await.map_err(ended) };
        let levels = self.connection.within(QUERY_TIMEOUT, read).await?;
        let key = |level: &Row| match level.try_get(0)? {
            true => Err(StoreError::TooOld),
            false => EndKeys::read(level, 1),
        };
        levels.iter().map(key).collect()
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
