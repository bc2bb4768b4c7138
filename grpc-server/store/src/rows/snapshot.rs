//! Reads rows at a revision: the current rows, and the before images since.
//!
//! By ids; the order of rows is in `checkpoints`. Invariant: current rows and before images come from one statement,
//! so from one moment, also while others commit.

use std::ops::Range;

use ot_engine::{Revision, RowId};
use tokio_postgres::Row;

use super::bounds;
use super::cells::{read_cells, read_patch};
use crate::sql::{JsonSlice, Micros, from_bigint, to_bigint};
use crate::{Store, StoreError};
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

/// `offset 0` as in `rows`. The row's body of now comes first, then its before images, newest to oldest.
const HELD: &str = "
    select held.id, held.revision, held.cells
    from unnest($2::bigint[], $3::bigint[]) as wanted (low, high)
    cross join lateral (
        select id, null::bigint as revision, cells from rows
        where sheet = $1 and id >= wanted.low and id < wanted.high
        union all
        select id, revision, cells from before_images
        where sheet = $1 and id >= wanted.low and id < wanted.high and revision >= $4
        offset 0
    ) as held
    order by held.id, held.revision desc nulls first";

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

    /// What the rows in these ranges of ids hold now, and at `revision`, which must be one that
    /// a commit stood on. Rows that never had a cell are left out; of one that did not exist then,
    /// `at` means nothing. The caller bounds the ranges.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn held(
        &self,
        sheet: SheetId,
        ranges: &[Range<RowId>],
        revision: Revision,
    ) -> Result<Vec<RowVersions>, StoreError> {
        if ranges.is_empty() {
            return Ok(Vec::new());
        }
        let lows = bounds(ranges, |range| range.start)?;
        let highs = bounds(ranges, |range| range.end)?;
        let revision = to_bigint(revision.0)?;
        let rows = self.query(HELD, &[&sheet.0, &lows, &highs, &revision]).await?;
        let mut held: Vec<RowVersions> = Vec::new();
        for row in &rows {
            let id = RowId(from_bigint(row.try_get(0)?)?);
            let (overwritten, cells): (Option<i64>, JsonSlice<'_>) =
                (row.try_get(1)?, row.try_get(2)?);
            if overwritten.is_none() {
                let current = read_cells(cells.0)?;
                held.push(RowVersions { id, at: current.clone(), current });
                continue;
            }
            match held.last_mut().filter(|row| row.id == id) {
                Some(row) => row.at.merge(&read_patch(cells.0)?),
                None => {
                    return Err(StoreError::Corrupt(format!(
                        "row {id} of sheet {sheet} was overwritten and is not there"
                    )));
                }
            }
        }
        Ok(held)
    }

    /// The rows of which cells were overwritten by commits that go beyond a revision, ascending.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn overwritten(
        &self,
        sheet: SheetId,
        after: Revision,
    ) -> Result<Vec<RowId>, StoreError> {
        let after = to_bigint(after.0)?;
        let rows = self.query(OVERWRITTEN, &[&sheet.0, &after]).await?;
        let id = |row: &Row| Ok(RowId(from_bigint(row.try_get(0)?)?));
        rows.iter().map(id).collect()
    }
}
