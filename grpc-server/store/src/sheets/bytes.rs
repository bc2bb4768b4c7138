//! The bytes that sheets take in the tables, and the sums of each account with those of its messages.
//!
//! A commit and an import count what they write, and note the largest row; a measurement replaces both by what is
//! there. Not here: the limit,
//! and when a sheet is measured (`quotas` of the server). Invariant: what a transaction writes is counted in it, so the
//! count is never below the bytes by more than a measurement's rounding.

use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::database::connection::Connection;
use crate::sql::{from_bigint, to_bigint};
use crate::{COMMIT_TIMEOUT, QUERY_TIMEOUT, Store, StoreError};
use model::{AccountId, SheetId};

/// A row of a table and its place in the indexes, besides its content.
pub(crate) const TUPLE_BYTES: usize = 64;
/// A change in the log and its places in the indexes, besides its deltas.
pub(crate) const CHANGE_BYTES: usize = 300;
/// A row of at most this many bytes is not noted.
pub(crate) const SMALL_ROW_BYTES: u64 = 65_536;
/// Each sheet counts as this many bytes besides what it holds.
const SHEET_BYTES: i64 = 4_096;
/// A sheet is measured again when the server has counted this part of it, and this many bytes.
const MEASURE_PART: i64 = 8;
const MEASURE_BYTES: i64 = 1 << 20;

/// A count that is negative counts as none, so that one wrong row makes no account unreadable.
/// Bound: a number for each account that is given.
const USED: &str = "
    select given.id,
        greatest(0, coalesce(sum(greatest(0, coalesce(measured_bytes, 0) + written_bytes) + $2)
                filter (where sheets.id is not null), 0)::bigint
            + greatest(0, coalesce((select bytes from message_bytes where account = given.id), 0)))
    from unnest($1::uuid[]) as given (id)
    left join sheets on sheets.owner = given.id
    group by given.id";

const LARGEST: &str = "
    select coalesce(max(bytes), 0)::bigint from (
        select sum(greatest(0, coalesce(measured_bytes, 0) + written_bytes) + $1)::bigint as bytes
        from sheets group by owner
    ) as account";

const OF_SHEET: &str = "
    select greatest(0, coalesce(measured_bytes, 0) + written_bytes) + $2 from sheets where id = $1";

const OWNED: &str = "
    select count(*), coalesce(sum(greatest(0, coalesce(measured_bytes, 0) + written_bytes) + $2), 0)::bigint
    from sheets where owner = $1 and deleted_at is null";

const COUNT: &str = "select count(*) from sheets where owner = $1 and deleted_at is null";

/// First the sheets whose largest row is an estimate, because their edits wait for it.
const UNMEASURED: &str = "
    select id from (
        (
            select sheet as id, 0 as turn from largest_rows
            where estimated and sheet <> all($1::uuid[])
            order by bytes desc limit 1
        )
        union all
        (
            select id, 1 as turn from sheets
            where measured_bytes is null and id <> all($1::uuid[])
            limit 1
        )
    ) as due
    order by turn limit 1";

const GROWN: &str = "
    select id from sheets
    where owner = $1 and written_bytes > $2 + coalesce(measured_bytes, 0) / $3
        and id <> all($4::uuid[])
    order by written_bytes desc limit 1";

/// What is there, what was counted at that moment, and the largest row of a sheet that has large ones. The concatenation
/// has the size before compression, which makes no row of more than 64 KiB as small as 250 bytes.
const MEASURE: &str = "
    select written_bytes, measured_bytes, head,
    case when exists (select 1 from largest_rows where sheet = sheets.id) then (
        select max(pg_column_size(cells || '{}'::jsonb)) from rows
        where sheet = sheets.id and pg_column_size(cells) > 250
    )::bigint end,
    (
        coalesce((select sum(pg_column_size(cells) + $2::bigint) from rows where sheet = sheets.id), 0)
        + coalesce((
            select sum(pg_column_size(delta) + coalesce(pg_column_size(inverse), 0) + $3::bigint)
            from changes where sheet = sheets.id
        ), 0)
        + coalesce((
            select sum(pg_column_size(cells) + $2::bigint) from before_images where sheet = sheets.id
        ), 0)
        + coalesce((
            select sum(pg_column_size(spans) + pg_column_size(columns) + $2::bigint)
            from checkpoints where sheet = sheets.id
        ), 0)
        + coalesce((
            select sum(pg_column_size(entry) + $2::bigint) from parked_changes where sheet = sheets.id
        ), 0)
        + coalesce((select count(*) * $2::bigint from spans where sheet = sheets.id), 0)
        + coalesce((select sum(octet_length(name) + octet_length(settings) + $2::bigint)
            from columns where sheet = sheets.id
        ), 0)
        + coalesce((select count(*) * $3::bigint from past_clients where sheet = sheets.id), 0)
    )::bigint
    from sheets where id = $1";

/// Nothing where another server has measured meanwhile.
const MEASURED: &str = "
    update sheets set measured_bytes = $4, written_bytes = written_bytes - $2
    where id = $1 and written_bytes >= $2 and measured_bytes is not distinct from $3::bigint";

/// Nothing where a commit came meanwhile. One that is under way is awaited, and a later one waits.
const LARGEST_MEASURED: &str = "
    with unmoved as (
        select id from sheets where id = $1 and head = $2 for share
    )
    update largest_rows set bytes = greatest($3::bigint, $4::bigint), estimated = false
    from unmoved where sheet = unmoved.id";

const ESTIMATED: &str = "select 1 from largest_rows where sheet = $1 and estimated";

const NOTE_LARGEST: &str = "
    insert into largest_rows (sheet, bytes) select $1, $2::bigint where $2::bigint > $3::bigint";

const WRITTEN: &str = "update sheets set written_bytes = written_bytes + $2 where id = $1";

impl Store {
    /// The bytes that each of these accounts has stored, with deleted sheets and messages.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn stored_bytes(
        &self,
        accounts: &[AccountId],
    ) -> Result<Vec<(AccountId, u64)>, StoreError> {
        let accounts: Vec<Uuid> = accounts.iter().map(|account| account.0).collect();
        let rows = self.for_access().query(USED, &[&accounts, &SHEET_BYTES]).await?;
        let used = |row: &tokio_postgres::Row| {
            Ok((AccountId(row.try_get(0)?), from_bigint(row.try_get(1)?)?))
        };
        rows.iter().map(used).collect()
    }

    /// The bytes of the account that has stored the most.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn most_stored_bytes(&self) -> Result<u64, StoreError> {
        from_bigint(self.query_one(LARGEST, &[&SHEET_BYTES]).await?.try_get(0)?)
    }

    /// The bytes that a sheet counts for its owner; none for one that does not exist.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn sheet_bytes(&self, sheet: SheetId) -> Result<u64, StoreError> {
        let row = self.query_opt(OF_SHEET, &[&sheet.0, &SHEET_BYTES]).await?;
        row.map_or(Ok(0), |row| from_bigint(row.try_get(0)?))
    }

    /// The sheets of an account without deleted ones: how many, and the bytes that they count together.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn owned_bytes(&self, account: AccountId) -> Result<(u64, u64), StoreError> {
        let row = self.query_one(OWNED, &[&account.0, &SHEET_BYTES]).await?;
        Ok((from_bigint(row.try_get(0)?)?, from_bigint(row.try_get(1)?)?))
    }

    /// How many sheets an account has, without deleted ones.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn sheet_count(&self, account: AccountId) -> Result<u64, StoreError> {
        from_bigint(self.query_one(COUNT, &[&account.0]).await?.try_get(0)?)
    }

    /// A sheet of an earlier release that was never measured, of all but these.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn unmeasured_sheet(
        &self,
        except: &[SheetId],
    ) -> Result<Option<SheetId>, StoreError> {
        self.sheet_of(UNMEASURED, &[&ids(except)]).await
    }

    /// A sheet of an account of which much was counted since it was measured, of all but these.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn grown_sheet(
        &self,
        account: AccountId,
        except: &[SheetId],
    ) -> Result<Option<SheetId>, StoreError> {
        let parts = (MEASURE_BYTES, MEASURE_PART);
        self.sheet_of(GROWN, &[&account.0, &parts.0, &parts.1, &ids(except)]).await
    }

    /// Measures a sheet. It reads all of it. False: its largest row is still an estimate, because a commit came
    /// meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn measure_sheet(&self, sheet: SheetId) -> Result<bool, StoreError> {
        let (tuple, change) = (TUPLE_BYTES as i64, CHANGE_BYTES as i64);
        let connection = self.connection().await?;
        let query = async {
            let statement = connection.prepare_cached(MEASURE).await?;
            connection.query_opt(&statement, &[&sheet.0, &tuple, &change]).await
        };
        let Some(row) = connection.within(COMMIT_TIMEOUT, query).await? else { return Ok(true) };
        let (counted, measured): (i64, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
        let (head, largest): (i64, Option<i64>) = (row.try_get(2)?, row.try_get(3)?);
        let bytes: i64 = row.try_get(4)?;
        let small = to_bigint(SMALL_ROW_BYTES)?;
        let query = async {
            let statement = connection.prepare_cached(MEASURED).await?;
            connection.execute(&statement, &[&sheet.0, &counted, &measured, &bytes]).await?;
            let statement = connection.prepare_cached(LARGEST_MEASURED).await?;
            let largest = largest.unwrap_or_default();
            connection.execute(&statement, &[&sheet.0, &head, &largest, &small]).await?;
            let statement = connection.prepare_cached(ESTIMATED).await?;
            connection.query_opt(&statement, &[&sheet.0]).await
        };
        Ok(connection.within(QUERY_TIMEOUT, query).await?.is_none())
    }

    async fn sheet_of(
        &self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<SheetId>, StoreError> {
        let row = self.query_opt(sql, parameters).await?;
        row.map(|row| Ok(SheetId(row.try_get(0)?))).transpose()
    }
}

fn ids(sheets: &[SheetId]) -> Vec<Uuid> {
    sheets.iter().map(|sheet| sheet.0).collect()
}

/// Notes what was written to a new sheet and the bytes of its largest row, on a connection that may be in a
/// transaction.
pub(crate) async fn note_written(
    connection: &Connection,
    sheet: SheetId,
    (bytes, largest): (u64, u64),
) -> Result<(), StoreError> {
    let (bytes, largest) = (to_bigint(bytes)?, to_bigint(largest)?);
    let small = to_bigint(SMALL_ROW_BYTES)?;
    let query = async {
        let statement = connection.prepare_cached(NOTE_LARGEST).await?;
        connection.execute(&statement, &[&sheet.0, &largest, &small]).await?;
        let statement = connection.prepare_cached(WRITTEN).await?;
        connection.execute(&statement, &[&sheet.0, &bytes]).await
    };
    connection.within(QUERY_TIMEOUT, query).await.map(|_| ())
}
