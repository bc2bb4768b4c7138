//! Deletes the oldest history of a sheet: raises its floor, then deletes what lies below it.
//!
//! Not the decision what is kept: the server's `retention` makes it. Every statement deletes a bounded part of rows
//! that no other statement writes, so nothing waits for it.
//!
//! Invariants: the floor is a sheet's oldest checkpoint, a revision that a commit stood on, and only
//! rises; nothing at or above it is deleted. So a read of an older revision is complete when the floor
//! is not above that revision afterwards.

use std::ops::Range;

use ot_engine::{Revision, RowId};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::rows::bounds;
use crate::sql::{Micros, check_text, from_bigint, kind_to_sql, to_bigint};
use crate::{Store, StoreError};
use model::{Order, SheetId};

/// Revisions whose changes one statement deletes at most.
const WINDOW_REVISIONS: i64 = 2_000;
/// Changes whose age one statement looks at; where more are too old, the floor rises in steps.
const SCANNED_CHANGES: i64 = 500_000;
/// Bodies of rows that one statement deletes at most.
const WINDOW_BODIES: i64 = 5_000;
/// Ranges of row ids that one statement looks at.
const WINDOW_RANGES: usize = 500;

pub(crate) const FLOOR: &str = "select min(revision) from checkpoints where sheet = $1";

/// A sheet is due by its first change above the floor: that is the oldest one.
/// Bound: five numbers for each of `limit` sheets.
const DUE: &str = "
    select sheets.id, sheets.head, kept.floor, prunings.floor,
        prunings.bodies_floor < prunings.floor and prunings.since <= $4
    from sheets
    left join prunings on prunings.sheet = sheets.id
    cross join lateral (
        select coalesce(prunings.floor, min(revision)) as floor from checkpoints
        where checkpoints.sheet = sheets.id
    ) as kept
    where sheets.id > $1 and (
        sheets.head - $2::bigint > kept.floor
        or $3::timestamptz > (
            select at from changes where changes.sheet = sheets.id and revision > kept.floor
            order by revision limit 1
        )
        or prunings.floor > (
            select min(revision) from changes where changes.sheet = sheets.id
        )
        or (prunings.bodies_floor < prunings.floor and prunings.since <= $4)
    )
    order by sheets.id limit $5";

/// The newest revision that one of the limits does not keep, and from there back to where a commit stood, since
/// before images are kept by commit. `offset 0` keeps Postgres from evaluating the subquery twice.
const TARGET: &str = "
    select coalesce(
        (select batch from changes where sheet = $1 and revision = wanted.revision + 1),
        wanted.revision
    )
    from (
        select greatest(head - $3::bigint, case when $4::timestamptz is not null then coalesce(
            (
                select revision - 1 from changes
                where sheet = $1 and revision > $2 and revision <= $2 + $5 and at >= $4
                order by revision limit 1
            ),
            least(head, $2 + $5)
        ) end) as revision
        from sheets where id = $1 offset 0
    ) as wanted
    where wanted.revision > $2";

/// It changes nothing where another server has moved the floor meanwhile.
const RAISE: &str = "
    with raised as (
        insert into prunings (sheet, floor, since, bodies_floor)
        select id, $3::bigint, $4::timestamptz, $2::bigint from sheets where id = $1
        on conflict (sheet) do update set floor = excluded.floor, since = excluded.since
        where prunings.floor = $2
        returning sheet
    ), noted as (
        insert into checkpoints (sheet, revision, spans, columns, next_row_id, next_column_id)
        select sheet, $3, $5::bigint[], coalesce((
            select jsonb_agg(
                jsonb_build_object(
                    'id', id, 'name', name, 'kind', kind, 'width', width, 'settings', settings
                ) order by place
            )
            from unnest($6::bigint[], $7::text[], $8::text[], $9::bigint[], $12::text[])
                with ordinality as item (id, name, kind, width, settings, place)
        ), '[]'), $10::bigint, $11::bigint
        from raised
        on conflict do nothing
    ), gone as (
        delete from checkpoints using raised
        where checkpoints.sheet = raised.sheet and checkpoints.revision < $3
    )
    select 1 from raised";

const OLDEST_CHANGE: &str = "select min(revision) from changes where sheet = $1";

/// The change that made the floor stays: it holds the author and the time of that revision.
const DELETE_CHANGES: &str = "
    with pruned as (
        delete from changes
        where sheet = $1 and revision > $2 and revision <= $3 and revision < $4
        returning client, sequence, revision, account, at
    ), named as (
        insert into past_clients (sheet, client, sequence, revision, account, at)
        select distinct on (client) $1, client, sequence, revision, account, at
        from pruned where at >= $5 order by client, sequence desc
        on conflict (sheet, client) do update
        set sequence = excluded.sequence, revision = excluded.revision, at = excluded.at
        where past_clients.sequence < excluded.sequence
    ), overwritten as (
        delete from before_images
        where sheet = $1 and through > $2 and through <= $3 and through <= $4
    )
    select count(*) from pruned";

const DELETE_BODIES: &str = "
    with dead as (
        select body.id
        from unnest($2::bigint[], $3::bigint[]) as range (low, high)
        cross join lateral (
            select id from rows
            where sheet = $1 and id >= range.low and id < range.high order by id limit $4
        ) as body
        order by body.id limit $4
    ), gone as (
        delete from rows using dead where rows.sheet = $1 and rows.id = dead.id returning rows.id
    )
    select count(*), max(id) from gone";

const BODIES_DELETED: &str =
    "update prunings set bodies_floor = $2 where sheet = $1 and bodies_floor < $2";

const FORGET_CLIENTS: &str = "
    delete from past_clients where ctid = any(array(
        select ctid from past_clients where at < $1 limit $2
    ))";

/// The history to keep: the changes that both limits keep. `None`: no limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept {
    /// Changes from this time on, in microseconds since the Unix epoch.
    pub from_micros: Option<i64>,
    /// This many of the newest changes.
    pub changes: Option<u64>,
}

/// A sheet with something to prune.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueSheet {
    /// Which one.
    pub sheet: SheetId,
    /// Its newest committed revision.
    pub head: Revision,
    /// The oldest revision that can be read.
    pub floor: Revision,
    /// The same, where it was raised before.
    pub raised: Option<Revision>,
    /// Bodies of rows that were deleted before `raised` may go by now.
    pub bodies: bool,
}

impl Store {
    /// The oldest revision of a sheet that can be read; `None` when there is no such sheet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn history_floor(&self, sheet: SheetId) -> Result<Option<Revision>, StoreError> {
        let row = self.query_one(FLOOR, &[&sheet.0]).await?;
        revision(&row, 0)
    }

    /// Sheets after `after`, in the order of their ids, of which there is something to prune: by what
    /// is to be kept, or because floors that stand since `stood_micros` have bodies below them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn due_sheets(
        &self,
        after: SheetId,
        kept: Kept,
        stood_micros: i64,
        limit: u32,
    ) -> Result<Vec<DueSheet>, StoreError> {
        let (changes, from) = limits(kept)?;
        let parameters: [&(dyn ToSql + Sync); 5] =
            [&after.0, &changes, &from, &Micros(stood_micros), &i64::from(limit)];
        let rows = self.query(DUE, &parameters).await?;
        // A sheet without a checkpoint has no history to prune.
        let due = |row: &Row| -> Result<Option<DueSheet>, StoreError> {
            let Some(floor) = revision(row, 2)? else { return Ok(None) };
            Ok(Some(DueSheet {
                sheet: SheetId(row.try_get(0)?),
                head: Revision(from_bigint(row.try_get(1)?)?),
                floor,
                raised: revision(row, 3)?,
                bodies: row.try_get::<_, Option<bool>>(4)?.unwrap_or(false),
            }))
        };
        rows.iter().filter_map(|row| due(row).transpose()).collect()
    }

    /// Where the floor of a sheet should be, or a step on the way there; `None`: where it is.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn floor_target(
        &self,
        sheet: SheetId,
        floor: Revision,
        kept: Kept,
    ) -> Result<Option<Revision>, StoreError> {
        let (changes, from) = limits(kept)?;
        let known = to_bigint(floor.0)?;
        let parameters: [&(dyn ToSql + Sync); 5] =
            [&sheet.0, &known, &changes, &from, &SCANNED_CHANGES];
        let row = self.query_opt(TARGET, &parameters).await?;
        let target = row.map(|row| revision(&row, 0)).transpose()?.flatten();
        Ok(target.filter(|target| *target > floor))
    }

    /// Makes `to` the oldest revision that can be read, if `from` is; `order` is the sheet's there.
    /// False: another server has moved the floor.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Invalid`].
    pub async fn raise_floor(
        &self,
        sheet: SheetId,
        (from, to): (Revision, Revision),
        order: &Order,
        now_micros: i64,
    ) -> Result<bool, StoreError> {
        let mut spans = Vec::with_capacity(order.spans.len() * 2);
        for span in &order.spans {
            spans.extend([to_bigint(span.start.0)?, i64::from(span.length)]);
        }
        let columns = order.columns.iter();
        columns.clone().try_for_each(|column| check_text(&column.name))?;
        let ids: Vec<i64> =
            columns.clone().map(|column| to_bigint(column.id.0)).collect::<Result<_, _>>()?;
        let names: Vec<&str> = columns.clone().map(|column| &*column.name).collect();
        let kinds: Vec<&str> = columns.clone().map(|column| kind_to_sql(column.kind)).collect();
        let widths: Vec<Option<i64>> =
            columns.clone().map(|column| column.width.map(i64::from)).collect();
        // What is not known stays so.
        let is_known = |settings: &&str| order.knows_settings || !settings.is_empty();
        let settings: Vec<Option<&str>> =
            columns.map(|column| Some(&*column.settings).filter(is_known)).collect();
        let (from, to) = (to_bigint(from.0)?, to_bigint(to.0)?);
        let (next_row, next_column) =
            (to_bigint(order.next_row_id.0)?, to_bigint(order.next_column_id.0)?);
        let now = Micros(now_micros);
        let parameters: [&(dyn ToSql + Sync); 12] = [
            &sheet.0,
            &from,
            &to,
            &now,
            &spans,
            &ids,
            &names,
            &kinds,
            &widths,
            &next_row,
            &next_column,
            &settings,
        ];
        self.query_opt(RAISE, &parameters).await.map(|row| row.is_some())
    }

    /// Deletes the changes below `floor`, and the before images of the commits up to it. The last deleted edit
    /// of each client stays in `past_clients` if it was made at `named_micros` or later. Returns the number of
    /// deleted changes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn delete_below(
        &self,
        sheet: SheetId,
        floor: Revision,
        named_micros: i64,
    ) -> Result<u64, StoreError> {
        let floor = to_bigint(floor.0)?;
        let oldest: Option<i64> = self.query_one(OLDEST_CHANGE, &[&sheet.0]).await?.try_get(0)?;
        let named = Micros(named_micros);
        let (mut low, mut deleted) = (oldest.map_or(floor, |oldest| oldest - 1), 0);
        while low < floor {
            let high = low.saturating_add(WINDOW_REVISIONS);
            let parameters: [&(dyn ToSql + Sync); 5] = [&sheet.0, &low, &high, &floor, &named];
            deleted += from_bigint(self.query_one(DELETE_CHANGES, &parameters).await?.try_get(0)?)?;
            low = high;
        }
        Ok(deleted)
    }

    /// Deletes the bodies of the rows in these ascending ranges of ids. Gives their number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn delete_bodies(
        &self,
        sheet: SheetId,
        ranges: &[Range<RowId>],
    ) -> Result<u64, StoreError> {
        let mut total = 0;
        for some in ranges.chunks(WINDOW_RANGES) {
            let lows = bounds(some, |range| range.start)?;
            let highs = bounds(some, |range| range.end)?;
            let (mut lows, mut highs) = (lows, highs);
            loop {
                let parameters: [&(dyn ToSql + Sync); 4] =
                    [&sheet.0, &lows, &highs, &WINDOW_BODIES];
                let row = self.query_one(DELETE_BODIES, &parameters).await?;
                let (count, last): (i64, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
                total += from_bigint(count)?;
                let Some(last) = last.filter(|_| count == WINDOW_BODIES) else { break };
                // On from there, not over what has just been emptied.
                let done = highs.partition_point(|high| *high <= last);
                (lows, highs) = (lows.split_off(done), highs.split_off(done));
                if let Some(low) = lows.first_mut() {
                    *low = last.saturating_add(1).max(*low);
                }
            }
        }
        Ok(total)
    }

    /// Notes that the bodies below a floor are gone.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn bodies_deleted(&self, sheet: SheetId, floor: Revision) -> Result<(), StoreError> {
        let floor = to_bigint(floor.0)?;
        self.execute(BODIES_DELETED, &[&sheet.0, &floor]).await.map(|_| ())
    }

    /// Forgets the names of pruned edits that were made before a time.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_past_clients(&self, before_micros: i64) -> Result<(), StoreError> {
        let before = Micros(before_micros);
        while self.execute(FORGET_CLIENTS, &[&before, &WINDOW_BODIES]).await? > 0 {}
        Ok(())
    }
}

fn limits(kept: Kept) -> Result<(Option<i64>, Option<Micros>), StoreError> {
    Ok((kept.changes.map(to_bigint).transpose()?, kept.from_micros.map(Micros)))
}

fn revision(row: &Row, column: usize) -> Result<Option<Revision>, StoreError> {
    let revision: Option<i64> = row.try_get(column)?;
    revision.map(|revision| Ok(Revision(from_bigint(revision)?))).transpose()
}
