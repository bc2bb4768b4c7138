//! Reads rows at a revision: the current rows, and the before images since.
//!
//! By ids; the order of rows is in `checkpoints`. Invariant: current rows and before images come from one statement,
//! so from one moment, also while others commit.

use std::ops::Range;

use ot_engine::{ColumnId, Revision, RowId};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::cells::{read_cells, read_patch};
use super::{bounds, keys};
use crate::sql::{JsonSlice, Micros, from_bigint, to_bigint};
use crate::{Store, StoreError};
use model::sizes::OVERWRITTEN_BYTES;
use model::{AccountId, RowBody, SheetId};

const MOMENT: &str = "
    select coalesce(changes.account, sheets.owner), coalesce(accounts.display_name, ''),
        coalesce(changes.at, sheets.created_at)
    from sheets
    left join changes on changes.sheet = sheets.id and changes.revision = $2
    left join accounts on accounts.id = coalesce(changes.account, sheets.owner)
    where sheets.id = $1";

const REVISION_AT: &str = "
    select revision from (
        select revision from (
            select revision from changes where sheet = $1 and at <= $2
            order by revision desc limit 1
        ) as last
        union all
        select 0 from sheets where id = $1 and created_at <= $2
    ) as known
    order by revision desc limit 1";

const BATCH: &str = "select batch from changes where sheet = $1 and revision = $2";

/// `offset 0` as in `rows`. The row's body of now comes first, then the oldest value of each cell that was
/// overwritten since: the later ones of a busy row are not sent.
const HELD: &str = "
    with wanted as (select * from unnest($2::bigint[], $3::bigint[]) as wanted (low, high))
    select held.id, held.before, held.cells
    from (
        select body.id, false as before, case
            when $5::text[] is null then body.cells
            else (
                select coalesce(jsonb_object_agg(key, value), '{}')
                from jsonb_each(body.cells) where key = any($5)
            )
        end as cells
        from wanted cross join lateral (
            select id, cells from rows
            where sheet = $1 and id >= wanted.low and id < wanted.high
            offset 0
        ) as body
        union all
        select id, true, jsonb_object_agg(key, value)
        from (
            select distinct on (image.id, cell.key) image.id, cell.key, cell.value
            from wanted cross join lateral (
                select id, revision, cells from before_images
                where sheet = $1 and id >= wanted.low and id < wanted.high and revision >= $4
                offset 0
            ) as image
            cross join lateral jsonb_each(image.cells) as cell
            where $5::text[] is null or cell.key = any($5)
            order by image.id, cell.key, image.revision
        ) as oldest
        group by id
    ) as held
    order by held.id, held.before";

/// Ranges of rows that [`OVERWRITTEN_BYTES`] hold.
const OVERWRITTEN_RANGES: usize = OVERWRITTEN_BYTES / size_of::<Range<RowId>>();

const OVERWRITTEN: &str = "
    select distinct id from before_images where sheet = $1 and through > $2 order by id";

/// The author and the time of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The author; of a sheet as it was made its owner.
    pub author: AccountId,
    /// The author's display name.
    pub name: String,
    /// When, in microseconds since the Unix epoch.
    pub at_micros: i64,
}

/// One row: current, and at a revision.
#[derive(Clone, Debug, PartialEq)]
pub struct RowVersions {
    /// Which row.
    pub id: RowId,
    /// Its current cells.
    pub current: RowBody,
    /// Its cells at the requested revision.
    pub at: RowBody,
}

/// Which rows and cells of an older revision are read.
#[derive(Clone, Copy, Debug)]
pub struct HeldQuery<'a> {
    /// Their ids.
    pub ranges: &'a [Range<RowId>],
    /// A revision that a commit stood on.
    pub revision: Revision,
    /// The columns; `None` for all.
    pub columns: Option<&'a [ColumnId]>,
    /// Most bytes of memory that the rows may take together, now and then.
    pub bytes_most: usize,
}

impl Store {
    /// The author and the time of a revision; `None` when there is no such sheet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn moment(
        &self,
        sheet: SheetId,
        revision: Revision,
    ) -> Result<Option<Moment>, StoreError> {
        let revision = to_bigint(revision.0)?;
        let Some(row) = self.query_opt(MOMENT, &[&sheet.0, &revision]).await? else {
            return Ok(None);
        };
        let at: Micros = row.try_get(2)?;
        let author = AccountId(row.try_get(0)?);
        Ok(Some(Moment { author, name: row.try_get(1)?, at_micros: at.0 }))
    }

    /// The last revision that was made up to a time; `None` when the sheet was made later.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn revision_at(
        &self,
        sheet: SheetId,
        at_micros: i64,
    ) -> Result<Option<Revision>, StoreError> {
        let at = Micros(at_micros);
        let row = self.query_opt(REVISION_AT, &[&sheet.0, &at]).await?;
        row.map(|row| Ok(Revision(from_bigint(row.try_get(0)?)?))).transpose()
    }

    /// The head that the commit with a change stood on; `None` when the change is not in the log.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn batch_of(
        &self,
        sheet: SheetId,
        revision: Revision,
    ) -> Result<Option<Revision>, StoreError> {
        let revision = to_bigint(revision.0)?;
        let row = self.query_opt(BATCH, &[&sheet.0, &revision]).await?;
        row.map(|row| Ok(Revision(from_bigint(row.try_get(0)?)?))).transpose()
    }

    /// What rows hold now, and at a revision. Rows that never had a cell are left out; of one that did not exist
    /// then, `at` means nothing. Rows are read one by one, and no further than `bytes_most` allows.
    ///
    /// # Errors
    /// [`StoreError::RowsTooLarge`], [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn held(
        &self,
        sheet: SheetId,
        query: HeldQuery<'_>,
    ) -> Result<Vec<RowVersions>, StoreError> {
        let HeldQuery { ranges, revision, columns, bytes_most } = query;
        if ranges.is_empty() {
            return Ok(Vec::new());
        }
        let lows = bounds(ranges, |range| range.start)?;
        let highs = bounds(ranges, |range| range.end)?;
        let revision = to_bigint(revision.0)?;
        let keys = columns.map(keys);
        let parameters: [&(dyn ToSql + Sync); 5] = [&sheet.0, &lows, &highs, &revision, &keys];
        let mut held = Held { rows: Vec::new(), bytes: 0, bytes_most };
        let each = |row: Row| {
            let before = held.bytes;
            held.take(sheet, &row)?;
            Ok(held.bytes - before)
        };
        self.stream(HELD, &parameters, each).await?;
        Ok(held.rows)
    }

    /// The rows of which cells were overwritten by commits that go beyond a revision, as ascending ranges of ids, which
    /// take [`OVERWRITTEN_BYTES`] at most.
    ///
    /// # Errors
    /// [`StoreError::RowsTooLarge`], [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn overwritten(
        &self,
        sheet: SheetId,
        after: Revision,
    ) -> Result<Vec<Range<RowId>>, StoreError> {
        let after = to_bigint(after.0)?;
        let mut ranges: Vec<Range<RowId>> = Vec::new();
        let each = |row: Row| {
            let id = RowId(from_bigint(row.try_get(0)?)?);
            let next = RowId(id.0 + 1);
            let is_full = ranges.len() >= OVERWRITTEN_RANGES;
            match ranges.last_mut() {
                Some(last) if last.end == id => last.end = next,
                _ if is_full => return Err(StoreError::RowsTooLarge { most: OVERWRITTEN_BYTES }),
                _ => ranges.push(id..next),
            }
            Ok(size_of::<Row>())
        };
        self.stream(OVERWRITTEN, &[&sheet.0, &after], each).await?;
        Ok(ranges)
    }
}

/// The rows that were read so far.
struct Held {
    rows: Vec<RowVersions>,
    bytes: usize,
    bytes_most: usize,
}

impl Held {
    /// Adds a row of the answer: a current body, or what was overwritten of the body before it.
    fn take(&mut self, sheet: SheetId, row: &Row) -> Result<(), StoreError> {
        let id = RowId(from_bigint(row.try_get(0)?)?);
        let (before, cells): (bool, JsonSlice<'_>) = (row.try_get(1)?, row.try_get(2)?);
        if before {
            let last = self.rows.last_mut().filter(|row| row.id == id);
            let last = last.ok_or_else(|| {
                let text = format!("row {id} of sheet {sheet} was overwritten and is not there");
                StoreError::Corrupt(text)
            })?;
            let patch = read_patch(cells.0)?;
            self.bytes += patch.weight_bytes();
            last.at.merge(&patch);
        } else {
            let current = read_cells(cells.0)?;
            self.bytes += current.weight_bytes();
            self.rows.push(RowVersions { id, at: current.clone(), current });
        }
        // One row is always read: no caller can ask for less.
        if self.bytes > self.bytes_most && self.rows.len() > 1 {
            return Err(StoreError::RowsTooLarge { most: self.bytes_most });
        }
        Ok(())
    }
}
