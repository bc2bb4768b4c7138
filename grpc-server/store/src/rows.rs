//! Reads the bodies of rows by id.
//!
//! Not their order: the open sheet turns positions into ids. Invariant: a read carries the head of the same
//! moment.

pub(crate) mod cells;
pub(crate) mod query;
pub(crate) mod snapshot;

use std::ops::Range;
use std::pin::pin;

use futures_util::TryStreamExt;
use ot_engine::{ColumnId, Revision, RowId};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use self::cells::read_cells;
use super::connection::Connection;
use super::sql::{JsonSlice, from_bigint, to_bigint};
use super::{QUERY_TIMEOUT, Store, StoreError};
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
    select id, cells from before_images where sheet = $1 and revision = $2 and id = any($3)";

impl Store {
    /// The cells of rows as they were at `revision`, those that the commit which stood there wrote.
    /// Rows that it did not write, or made itself, are not among them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn before_images(
        &self,
        sheet: SheetId,
        revision: Revision,
        rows: &[RowId],
    ) -> Result<Vec<(RowId, RowBody)>, StoreError> {
        let ids: Vec<i64> = rows.iter().map(|id| to_bigint(id.0)).collect::<Result<_, _>>()?;
        let revision = to_bigint(revision.0)?;
        self.query(BEFORE_IMAGES, &[&sheet.0, &revision, &ids]).await?.iter().map(decode).collect()
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
        let keys: Vec<String> = columns.iter().map(|column| column.0.to_string()).collect();
        self.read_within(sheet, ranges, Some(&keys), bytes_most).await
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
        let connection = self.connection().await?;
        let reading = read_within(&connection, sheet, (&lows, &highs, keys), bytes_most);
        let outcome = connection.within(QUERY_TIMEOUT, reading).await;
        if outcome.is_err() {
            // It may be in the middle of an answer.
            connection.discard();
            connection.cancel().await;
        }
        outcome
    }
}

/// Reads rows until they take more memory than they may.
async fn read_within(
    connection: &Connection,
    sheet: SheetId,
    (lows, highs, keys): (&Vec<i64>, &Vec<i64>, Option<&Vec<String>>),
    bytes_most: usize,
) -> Result<(Vec<(RowId, RowBody)>, Revision), StoreError> {
    let stream = match (lows.as_slice(), highs.as_slice(), keys) {
        (_, _, Some(keys)) => {
            let statement = connection.prepare_cached(READ_CELLS).await?;
            let parameters: [&(dyn ToSql + Sync); 4] = [&sheet.0, lows, highs, keys];
            connection.query_raw(&statement, parameters).await?
        }
        // The read of a window of an undisturbed sheet.
        ([low], [high], None) => {
            let statement = connection.prepare_cached(READ_RANGE).await?;
            let parameters: [&(dyn ToSql + Sync); 3] = [&sheet.0, low, high];
            connection.query_raw(&statement, parameters).await?
        }
        _ => {
            let statement = connection.prepare_cached(READ_RANGES).await?;
            let parameters: [&(dyn ToSql + Sync); 3] = [&sheet.0, lows, highs];
            connection.query_raw(&statement, parameters).await?
        }
    };
    let (mut rows, mut bytes, mut head) = (Vec::new(), 0, 0);
    let mut stream = pin!(stream);
    let mut steps = Steps::default();
    while let Some(row) = stream.try_next().await? {
        head = row.try_get::<_, Option<i64>>(2)?.unwrap_or_default();
        let (id, body) = decode(&row)?;
        let weight = body.weight_bytes();
        bytes += weight;
        rows.push((id, body));
        steps.after(weight).await;
        if bytes > bytes_most && rows.len() > 1 {
            return Err(StoreError::RowsTooLarge { most: bytes_most });
        }
    }
    Ok((rows, Revision(from_bigint(head)?)))
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

/// The same on a connection that may be in a transaction.
pub(super) async fn read_rows(
    connection: &Connection,
    sheet: SheetId,
    ranges: &[Range<RowId>],
) -> Result<Vec<(RowId, RowBody)>, StoreError> {
    query_rows(connection, sheet, ranges).await?.iter().map(decode).collect()
}

async fn query_rows(
    connection: &Connection,
    sheet: SheetId,
    ranges: &[Range<RowId>],
) -> Result<Vec<Row>, StoreError> {
    let lows = bounds(ranges, |range| range.start)?;
    let highs = bounds(ranges, |range| range.end)?;
    let rows = connection.within(QUERY_TIMEOUT, async {
        match (lows.as_slice(), highs.as_slice()) {
            // The read of a window of an undisturbed sheet.
            ([low], [high]) => {
                let statement = connection.prepare_cached(READ_RANGE).await?;
                connection.query(&statement, &[&sheet.0, low, high]).await
            }
            _ => {
                let statement = connection.prepare_cached(READ_RANGES).await?;
                connection.query(&statement, &[&sheet.0, &lows, &highs]).await
            }
        }
    });
    rows.await
}

pub(super) fn bounds(
    ranges: &[Range<RowId>],
    bound: impl Fn(&Range<RowId>) -> RowId,
) -> Result<Vec<i64>, StoreError> {
    ranges.iter().map(|range| to_bigint(bound(range).0)).collect()
}

fn decode(row: &Row) -> Result<(RowId, RowBody), StoreError> {
    let id = from_bigint(row.try_get(0)?)?;
    let cells: JsonSlice<'_> = row.try_get(1)?;
    Ok((RowId(id), read_cells(cells.0)?))
}
