//! Sheets that are set aside, and the changes that are parked with them.
//!
//! A sheet is set aside when a change that was accepted can't be stored. Its changes are parked: kept as
//! the journal had them, so that the journal is free of them. Invariant: parking the same change again
//! changes nothing, and a parked change goes only with its sheet.

use ot_engine::Revision;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::sql::{Micros, from_bigint, to_bigint};
use crate::{Store, StoreError};
use model::{AccountId, Parked, SheetId};

/// Characters of a reason that are kept.
const REASON_CHARS: usize = 500;

const SET_ASIDE: &str = "
    insert into set_aside (sheet, head, reason)
    select id, $2, $3 from sheets where id = $1
    on conflict (sheet) do nothing";

const PARK: &str = "
    insert into parked_changes (sheet, epoch, revision, account, accepted_at, entry)
    select sheets.id, sheets.epoch, item.*
    from sheets, unnest($2::bigint[], $3::uuid[], $4::timestamptz[], $5::bytea[]) as item
    where sheets.id = $1
    on conflict do nothing";

/// In the next epoch clients load the sheet again: its revisions are given again.
const REOPEN: &str = "
    with opened as (delete from set_aside where sheet = $1)
    update sheets set epoch = epoch + 1 where id = $1";

const ASIDE: &str = "select head, reason, at from set_aside where sheet = $1";

/// Bound: numbers for each of `limit` changes: the length of an entry, not the entry.
const PARKED: &str = "
    select epoch, revision, account, accepted_at, parked_at, length(entry)
    from parked_changes where sheet = $1 order by epoch, revision limit $2";

/// Why a sheet is set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// The last revision that is stored.
    pub head: Revision,
    /// Why the change after it is not.
    pub reason: String,
    /// Since when, in microseconds since 1970.
    pub at_micros: i64,
}

/// A change that is parked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedChange {
    /// The epoch of the history to which its revision belongs.
    pub epoch: u64,
    /// Its revision there.
    pub revision: Revision,
    /// Its author.
    pub account: AccountId,
    /// When it was accepted.
    pub accepted_micros: i64,
    /// When it was parked.
    pub parked_micros: i64,
    /// Bytes that it takes.
    pub bytes: u64,
}

impl Store {
    /// Sets a sheet aside that can't be brought beyond `head`. The first reason stays.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn set_aside(
        &self,
        sheet: SheetId,
        head: Revision,
        reason: &str,
    ) -> Result<(), StoreError> {
        // The text may be one that Postgres itself has refused.
        let kept = reason.chars().filter(|char| *char != '\0').take(REASON_CHARS);
        let reason: String = kept.collect();
        self.execute(SET_ASIDE, &[&sheet.0, &to_bigint(head.0)?, &reason]).await.map(drop)
    }

    /// Keeps changes of a sheet that leave the journal without being committed. One statement for all.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Invalid`].
    pub async fn park(&self, sheet: SheetId, changes: &[Parked]) -> Result<(), StoreError> {
        let revisions = changes.iter().map(|change| to_bigint(change.revision.0));
        let revisions = revisions.collect::<Result<Vec<_>, _>>()?;
        let accounts: Vec<Uuid> = changes.iter().map(|change| change.account.0).collect();
        let times: Vec<_> = changes.iter().map(|change| Micros(change.at_micros)).collect();
        let bodies: Vec<&[u8]> = changes.iter().map(|change| &*change.entry).collect();
        let parameters: [&(dyn ToSql + Sync); 5] =
            [&sheet.0, &revisions, &accounts, &times, &bodies];
        self.execute(PARK, &parameters).await.map(drop)
    }

    /// Opens a sheet again that was set aside, as Postgres has it, in a new epoch.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Unavailable`].
    pub async fn reopen(&self, sheet: SheetId) -> Result<(), StoreError> {
        match self.execute(REOPEN, &[&sheet.0]).await? {
            0 => Err(StoreError::NotFound("sheet")),
            _ => Ok(()),
        }
    }

    /// Why a sheet is set aside; `None` when it is not.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn aside(&self, sheet: SheetId) -> Result<Option<Aside>, StoreError> {
        let Some(row) = self.query_opt(ASIDE, &[&sheet.0]).await? else { return Ok(None) };
        Ok(Some(Aside {
            head: Revision(from_bigint(row.try_get(0)?)?),
            reason: row.try_get(1)?,
            at_micros: row.try_get::<_, Micros>(2)?.0,
        }))
    }

    /// Up to `limit` changes of a sheet that are parked, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn parked(
        &self,
        sheet: SheetId,
        limit: u32,
    ) -> Result<Vec<ParkedChange>, StoreError> {
        let rows = self.query(PARKED, &[&sheet.0, &i64::from(limit)]).await?;
        let change = |row: &tokio_postgres::Row| {
            Ok(ParkedChange {
                epoch: from_bigint(row.try_get(0)?)?,
                revision: Revision(from_bigint(row.try_get(1)?)?),
                account: AccountId(row.try_get::<_, Uuid>(2)?),
                accepted_micros: row.try_get::<_, Micros>(3)?.0,
                parked_micros: row.try_get::<_, Micros>(4)?.0,
                bytes: from_bigint(i64::from(row.try_get::<_, i32>(5)?))?,
            })
        };
        rows.iter().map(change).collect()
    }
}
