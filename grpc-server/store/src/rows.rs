//! Reads the bodies of rows by id.
//!
//! Not their order: the open sheet turns positions into ids. Invariant: a read carries the head of the same
//! moment.

pub(crate) mod cells;
pub(crate) mod snapshot;

use std::ops::Range;

use ot_engine::{ColumnId, Revision, RowId};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use self::cells::read_cells;
use super::sql::{JsonSlice, from_bigint, to_bigint};
use super::{Store, StoreError};
use model::sizes::LIGHT_BYTES;
use model::{RowBody, SheetId};

/// With the head of the same moment: other nodes commit, too.
const READ_RANGE: &str = "
    select id, cells, (select head from sheets where id = $1)
    from rows where sheet = $1 and id >= $2 and id < $3";

/// `offset 0` keeps Postgres from merging the subquery into the join. So it scans the index of `rows` once for
/// each range.
const READ_RANGES: &str = "
    select body.id, body.cells, (select head from sheets where id = $1)
    from unnest($2::bigint[], $3::bigint[]) as wanted (low, high)
    cross join lateral (
        select id, cells from rows
        where sheet = $1 and id >= wanted.low and id < wanted.high
        offset 0
    ) as body";

/// The same of some columns: each body is unpacked once.
const READ_CELLS: &str = "
    select body.id, coalesce((
        select jsonb_object_agg(cell.key, cell.value) from jsonb_each(body.cells) as cell
        where cell.key = any($4)
    ), '{}'), (select head from sheets where id = $1)
    from unnest($2::bigint[], $3::bigint[]) as wanted (low, high)
    cross join lateral (
        select id, cells from rows
        where sheet = $1 and id >= wanted.low and id < wanted.high
        offset 0
    ) as body";

const BEFORE_IMAGES: &str = "
    select id, case
        when $4::text[] is null then cells
        else (
            select coalesce(jsonb_object_agg(key, value), '{}')
            from jsonb_each(cells) where key = any($4)
        )
    end
    from before_images where sheet = $1 and revision = $2 and id = any($3)";

impl Store {
    /// The cells of rows as they were at `revision`, those that the commit which stood there wrote, with these
    /// columns or all. Rows that it did not write, or made itself, are not among them. Rows are read one by one, and
    /// no further than `bytes_most` of memory allows.
    ///
    /// # Errors
    /// [`StoreError::RowsTooLarge`], [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn before_images(
        &self,
        sheet: SheetId,
        revision: Revision,
        (rows, columns): (&[RowId], Option<&[ColumnId]>),
        bytes_most: usize,
    ) -> Result<Vec<(RowId, RowBody)>, StoreError> {
        let ids: Vec<i64> = rows.iter().map(|id| to_bigint(id.0)).collect::<Result<_, _>>()?;
        let revision = to_bigint(revision.0)?;
        let keys = columns.map(keys);
        let parameters: [&(dyn ToSql + Sync); 4] = [&sheet.0, &revision, &ids, &keys];
        let mut read = Read::new(bytes_most);
        let each = |row: Row| read.take(decode(&row)?);
        self.stream(BEFORE_IMAGES, &parameters, each).await?;
        Ok(read.rows)
    }

    /// The bodies of the rows in these ranges of ids, in no particular order. A row that never had
    /// a cell has none. The caller bounds the ranges.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn read_rows(
        &self,
        sheet: SheetId,
        ranges: &[Range<RowId>],
    ) -> Result<Vec<(RowId, RowBody)>, StoreError> {
        Ok(self.read_rows_at(sheet, ranges, usize::MAX).await?.0)
    }

    /// The same, and the revision at which they were read; 0 where there are no rows: absent rows were
    /// absent before, too. Rows are read one by one, and no further than `bytes_most` of memory allows; a single
    /// row is always read.
    ///
    /// # Errors
    /// [`StoreError::RowsTooLarge`], [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn read_rows_at(
        &self,
        sheet: SheetId,
        ranges: &[Range<RowId>],
        bytes_most: usize,
    ) -> Result<(Vec<(RowId, RowBody)>, Revision), StoreError> {
        self.read_within(sheet, ranges, None, bytes_most).await
    }

    /// The same of the cells of some columns alone.
    ///
    /// # Errors
    /// See [`Store::read_rows_at`].
    pub async fn read_cells_at(
        &self,
        sheet: SheetId,
        ranges: &[Range<RowId>],
        columns: &[ColumnId],
        bytes_most: usize,
    ) -> Result<(Vec<(RowId, RowBody)>, Revision), StoreError> {
        self.read_within(sheet, ranges, Some(&keys(columns)), bytes_most).await
    }

    async fn read_within(
        &self,
        sheet: SheetId,
        ranges: &[Range<RowId>],
        keys: Option<&Vec<String>>,
        bytes_most: usize,
    ) -> Result<(Vec<(RowId, RowBody)>, Revision), StoreError> {
        if ranges.is_empty() {
            return Ok((Vec::new(), Revision(0)));
        }
        let lows = bounds(ranges, |range| range.start)?;
        let highs = bounds(ranges, |range| range.end)?;
        let (mut read, mut head) = (Read::new(bytes_most), 0);
        let each = |row: Row| {
            head = row.try_get::<_, Option<i64>>(2)?.unwrap_or_default();
            read.take(decode(&row)?)
        };
        match (lows.as_slice(), highs.as_slice(), keys) {
            (_, _, Some(keys)) => {
                self.stream(READ_CELLS, &[&sheet.0, &lows, &highs, keys], each).await?;
            }
            // The read of a window of an undisturbed sheet.
            ([low], [high], None) => {
                self.stream(READ_RANGE, &[&sheet.0, low, high], each).await?;
            }
            _ => self.stream(READ_RANGES, &[&sheet.0, &lows, &highs], each).await?,
        }
        Ok((read.rows, Revision(from_bigint(head)?)))
    }
}

/// Rows that are read until they take more memory than they may. One row is always read: no caller can ask for less.
struct Read {
    rows: Vec<(RowId, RowBody)>,
    bytes: usize,
    bytes_most: usize,
}

impl Read {
    fn new(bytes_most: usize) -> Self {
        Self { rows: Vec::new(), bytes: 0, bytes_most }
    }

    /// Adds a row, and returns its weight in memory.
    fn take(&mut self, (id, body): (RowId, RowBody)) -> Result<usize, StoreError> {
        let weight = body.weight_bytes();
        self.bytes += weight;
        self.rows.push((id, body));
        if self.bytes > self.bytes_most && self.rows.len() > 1 {
            return Err(StoreError::RowsTooLarge { most: self.bytes_most });
        }
        Ok(weight)
    }
}

/// Columns as the keys of cells.
pub(crate) fn keys(columns: &[ColumnId]) -> Vec<String> {
    columns.iter().map(|column| column.0.to_string()).collect()
}

/// Lets other tasks run after each [`LIGHT_BYTES`] of a long read.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    bytes: usize,
}

impl Steps {
    /// After this many bytes more.
    pub(crate) async fn after(&mut self, bytes: usize) {
        self.bytes += bytes;
        if self.bytes > LIGHT_BYTES {
            self.bytes = 0;
            tokio::task::yield_now().await;
        }
    }
}

pub(super) fn bounds(
    ranges: &[Range<RowId>],
    bound: impl Fn(&Range<RowId>) -> RowId,
) -> Result<Vec<i64>, StoreError> {
    ranges.iter().map(|range| to_bigint(bound(range).0)).collect()
}

pub(crate) fn decode(row: &Row) -> Result<(RowId, RowBody), StoreError> {
    let id = from_bigint(row.try_get(0)?)?;
    let cells: JsonSlice<'_> = row.try_get(1)?;
    Ok((RowId(id), read_cells(cells.0)?))
}
