//! Reads the operation log: changes, their inverses, and the last accepted edit of each client.
//!
//! Not its writer: that is `commit`. Invariant: changes are read without a gap, or the call fails.

use ot_engine::{ClientId, Delta, Revision, Sequence, codec};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::sql::{Micros, from_bigint, group_from_sql, origin_from_sql, to_bigint};
use crate::{Store, StoreError};
use model::sizes::LOG_PAGE_BYTES;
use model::{AccountId, EditGroup, EditPlace, Entry, Origin, SheetId};

/// The length of a delta is known without reading it.
const CHANGES: &str = "
    select revision, client, sequence, base, account, at, delta, origin, target, edit_group from (
        select *, sum(octet_length(delta)) over (
            order by revision rows between unbounded preceding and 1 preceding
        ) as bytes_before
        from changes where sheet = $1 and revision > $2 order by revision limit $3
    ) as page
    where coalesce(bytes_before, 0) < $4 order by revision";

/// Bound: one change: an entry of the journal, and its inverse.
const CHANGE: &str = "
    select revision, client, sequence, base, account, at, delta, origin, target, edit_group, inverse,
        batch
    from changes where sheet = $1 and revision = $2";

const INVERSES: &str = "
    select revision, inverse from (
        select revision, inverse, sum(octet_length(inverse)) over (
            order by revision desc rows between unbounded preceding and 1 preceding
        ) as bytes_before
        from changes
        where sheet = $1 and revision > $2 and revision <= $3 and inverse is not null
        order by revision desc limit $4
    ) as page
    where coalesce(bytes_before, 0) < $5 order by revision desc";

/// What an account did at a place, found by the index of migration V31.
/// Bound: three numbers and a name for each of `limit` changes.
pub const CHANGES_AT_PLACE: &str = r"
    select revision, origin, target, edit_group from changes
    where sheet = $1 and account = $2 and substring(uuid_send(client) from 9) = $5
        and substring(uuid_send(client) from 9 for 2) = '\x11ac' and revision <= $3
    order by revision desc limit $4";

/// Bound: three numbers and a name for each of `limit` changes, among as many changes of the account as $5 says.
const CHANGES_WITHOUT_PLACE: &str = r"
    select revision, origin, target, edit_group from (
        select revision, origin, target, edit_group, client from changes
        where sheet = $1 and account = $2 and revision <= $3 order by revision desc limit $5
    ) as recent
    where substring(uuid_send(client) from 9 for 2) <> '\x11ac'
    order by revision desc limit $4";

/// Changes of an account among which those without a place are searched: others may lie between.
const SEARCHED_CHANGES: i64 = 20_000;

/// Its last edit may have been pruned.
const CLIENT_STATE: &str = "
    select client, sequence, revision, account from (
        (
            select client, sequence, revision, account from changes
            where sheet = $1 and client = $2 order by sequence desc limit 1
        )
        union all
        select client, sequence, revision, account from past_clients
        where sheet = $1 and client = $2
    ) as known
    order by sequence desc limit 1";

/// The edit of a client whose id begins as this one does.
const NAMED: &str = "
    select client, sequence, revision, account from (
        (
            select client, sequence, revision, account from changes
            where sheet = $1 and client between $2 and $3 order by client limit 1
        )
        union all (
            select client, sequence, revision, account from past_clients
            where sheet = $1 and client between $2 and $3 order by client limit 1
        )
    ) as known
    limit 1";

/// Bound: four numbers for each of `limit` clients.
const RECENT_CLIENTS: &str = "
    select distinct on (client) client, sequence, revision, account
    from (
        select client, sequence, revision, account from changes
        where sheet = $1 order by revision desc limit $2
    ) as recent
    order by client, sequence desc";

const EDIT: &str = "
    select client, sequence, revision, account from changes
    where sheet = $1 and client = $2 and sequence = $3";

/// The last edit of a client that is committed, or one that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientState {
    /// The client.
    pub client: ClientId,
    /// The number of the edit.
    pub sequence: Sequence,
    /// The revision that it made.
    pub revision: Revision,
    /// The account that the client belongs to.
    pub account: AccountId,
}

/// A committed change with what it takes to undo it.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    /// The change.
    pub entry: Entry,
    /// The part of its inverse that concerns lines and columns; `None` for cells only.
    pub inverse: Option<Delta>,
    /// The head that its commit stood on.
    pub batch: Revision,
}

/// What an undo stack knows of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnChange {
    /// The revision that it made.
    pub revision: Revision,
    /// Why it was made.
    pub origin: Origin,
    /// The gesture that it is a part of.
    pub group: EditGroup,
}

impl Store {
    /// One committed change; `None` when the log does not have it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn logged_change(
        &self,
        sheet: SheetId,
        revision: Revision,
    ) -> Result<Option<Logged>, StoreError> {
        // No sheet has more revisions than the log can number.
        let Ok(number) = i64::try_from(revision.0) else { return Ok(None) };
        let row = self.query_opt(CHANGE, &[&sheet.0, &number]).await?;
        row.as_ref().map(|row| decode_logged(sheet, row)).transpose()
    }

    /// A page of the stored inverses of the changes after `after` up to `until` that do more than set cells, newest
    /// first, each with its revision: at most `limit`, and none after [`LOG_PAGE_BYTES`]. It is empty when there are no
    /// more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn inverses(
        &self,
        sheet: SheetId,
        after: Revision,
        until: Revision,
        limit: u32,
    ) -> Result<Vec<(Revision, Delta)>, StoreError> {
        let (after, until) = (to_bigint(after.0)?, to_bigint(until.0)?);
        let parameters: [&(dyn ToSql + Sync); 5] =
            [&sheet.0, &after, &until, &i64::from(limit), &(LOG_PAGE_BYTES as i64)];
        self.steps_of(INVERSES, sheet, &parameters).await
    }

    /// Deltas with their revisions, decoded as they arrive.
    pub(super) async fn steps_of(
        &self,
        sql: &str,
        sheet: SheetId,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<(Revision, Delta)>, StoreError> {
        let mut steps = Vec::new();
        let each = |row: Row| {
            let (revision, bytes): (i64, &[u8]) = (row.try_get(0)?, row.try_get(1)?);
            let revision = from_bigint(revision)?;
            steps.push((Revision(revision), decode_inverse(sheet, revision, bytes)?));
            Ok(bytes.len())
        };
        self.stream(sql, parameters, each).await?;
        Ok(steps)
    }

    /// The last `limit` changes of an account at one place up to a revision, or of those without a place, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn own_changes(
        &self,
        sheet: SheetId,
        (account, place): (AccountId, Option<EditPlace>),
        until: Revision,
        limit: u32,
    ) -> Result<Vec<OwnChange>, StoreError> {
        let until = to_bigint(until.0)?;
        let limit = i64::from(limit);
        let bytes = place.map(EditPlace::bytes);
        let bytes = bytes.as_ref().map(|bytes| &bytes[..]);
        let (sql, last): (_, &(dyn ToSql + Sync)) = match &bytes {
            Some(bytes) => (CHANGES_AT_PLACE, bytes),
            None => (CHANGES_WITHOUT_PLACE, &SEARCHED_CHANGES),
        };
        let rows = self.query(sql, &[&sheet.0, &account.0, &until, &limit, last]).await?;
        let change = |row: &Row| {
            Ok(OwnChange {
                revision: Revision(from_bigint(row.try_get(0)?)?),
                origin: origin_from_sql(row.try_get(1)?, row.try_get(2)?)?,
                group: group_from_sql(row.try_get(3)?),
            })
        };
        rows.iter().rev().map(change).collect()
    }

    /// A page of the entries after a revision, in order and without gaps: at most `limit`, and none after
    /// [`LOG_PAGE_BYTES`] of deltas. One page has at least all entries of one commit.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Corrupt`] when a delta cannot be read or a
    /// revision is missing in between.
    pub async fn changes(
        &self,
        sheet: SheetId,
        after: Revision,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        let low = to_bigint(after.0)?;
        let mut entries: Vec<Entry> = Vec::new();
        let each = |row: Row| {
            let entry = decode(sheet, &row)?;
            let weight = entry.delta.weight().bytes;
            entries.push(entry);
            Ok(weight)
        };
        let parameters: [&(dyn ToSql + Sync); 4] =
            [&sheet.0, &low, &i64::from(limit), &(LOG_PAGE_BYTES as i64)];
        self.stream(CHANGES, &parameters, each).await?;
        let gap = entries.windows(2).find(|pair| pair[1].revision != pair[0].revision.next());
        match gap {
            Some(pair) => Err(StoreError::Corrupt(format!(
                "sheet {sheet} has no change for the revision after {}",
                pair[0].revision
            ))),
            None => Ok(entries),
        }
    }

    /// The last committed edit of a client on a sheet; `None` if it has none there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn client_state(
        &self,
        sheet: SheetId,
        client: ClientId,
    ) -> Result<Option<ClientState>, StoreError> {
        let client = Uuid::from_u128(client.0);
        let row = self.query_opt(CLIENT_STATE, &[&sheet.0, &client]).await?;
        row.as_ref().map(decode_client).transpose()
    }

    /// The committed edit of a request, at whatever place it was made: the ids of a request differ in their last 8 bytes.
    /// `None` if it never landed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn named_edit(
        &self,
        sheet: SheetId,
        client: ClientId,
    ) -> Result<Option<ClientState>, StoreError> {
        let last = u128::from(u64::MAX);
        let (from, to) = (Uuid::from_u128(client.0 & !last), Uuid::from_u128(client.0 | last));
        let row = self.query_opt(NAMED, &[&sheet.0, &from, &to]).await?;
        row.as_ref().map(decode_client).transpose()
    }

    /// One committed edit by its name; `None` if it never landed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn edit(
        &self,
        sheet: SheetId,
        client: ClientId,
        sequence: Sequence,
    ) -> Result<Option<ClientState>, StoreError> {
        let client = Uuid::from_u128(client.0);
        let sequence = to_bigint(sequence.0)?;
        let row = self.query_opt(EDIT, &[&sheet.0, &client, &sequence]).await?;
        row.as_ref().map(decode_client).transpose()
    }

    /// The clients of the last `limit` committed edits, each with its last one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn recent_clients(
        &self,
        sheet: SheetId,
        limit: u32,
    ) -> Result<Vec<ClientState>, StoreError> {
        let rows = self.query(RECENT_CLIENTS, &[&sheet.0, &i64::from(limit)]).await?;
        rows.iter().map(decode_client).collect()
    }
}

/// The first ten columns are those of `CHANGES`.
pub(crate) fn decode(sheet: SheetId, row: &Row) -> Result<Entry, StoreError> {
    let revision = Revision(from_bigint(row.try_get(0)?)?);
    let delta = codec::decode_delta(row.try_get(6)?).map_err(|error| {
        StoreError::Corrupt(format!("the change of sheet {sheet} at revision {revision}: {error}"))
    })?;
    let at: Micros = row.try_get(5)?;
    Ok(Entry {
        sheet,
        revision,
        client: ClientId(row.try_get::<_, Uuid>(1)?.as_u128()),
        sequence: Sequence(from_bigint(row.try_get(2)?)?),
        base: Revision(from_bigint(row.try_get(3)?)?),
        account: AccountId(row.try_get(4)?),
        at_micros: at.0,
        origin: origin_from_sql(row.try_get(7)?, row.try_get(8)?)?,
        group: group_from_sql(row.try_get(9)?),
        delta: delta.into(),
        texts: Default::default(),
        conflicts: Default::default(),
    })
}

fn decode_logged(sheet: SheetId, row: &Row) -> Result<Logged, StoreError> {
    let entry = decode(sheet, row)?;
    let inverse = row.try_get::<_, Option<&[u8]>>(10)?;
    let inverse =
        inverse.map(|bytes| decode_inverse(sheet, entry.revision.0, bytes)).transpose()?;
    Ok(Logged { entry, inverse, batch: Revision(from_bigint(row.try_get(11)?)?) })
}

pub(crate) fn decode_inverse(
    sheet: SheetId,
    revision: u64,
    bytes: &[u8],
) -> Result<Delta, StoreError> {
    codec::decode_delta(bytes).map_err(|error| {
        StoreError::Corrupt(format!(
            "a change of sheet {sheet}, or its inverse, at revision {revision}: {error}"
        ))
    })
}

fn decode_client(row: &Row) -> Result<ClientState, StoreError> {
    Ok(ClientState {
        client: ClientId(row.try_get::<_, Uuid>(0)?.as_u128()),
        sequence: Sequence(from_bigint(row.try_get(1)?)?),
        revision: Revision(from_bigint(row.try_get(2)?)?),
        account: AccountId(row.try_get(3)?),
    })
}
