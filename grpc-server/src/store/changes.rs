//! Reads the operation log: history, and what clients have had accepted.
//!
//! Not its writer: that is `commit`.

use std::sync::Arc;

use ot_engine::{ClientId, Revision, Sequence, codec};
use tokio_postgres::Row;
use uuid::Uuid;

use super::sql::{Micros, from_bigint, origin_from_sql, to_bigint};
use super::{QUERY_TIMEOUT, Store, StoreError};
use crate::model::{AccountId, Entry, SheetId};

const CHANGES: &str = "
    select revision, client, sequence, base, account, at, delta, origin, target from changes
    where sheet = $1 and revision > $2 order by revision limit $3";

const CLIENT_STATE: &str = "
    select client, sequence, revision, account from changes
    where sheet = $1 and client = $2 order by sequence desc limit 1";

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

impl Store {
    /// Up to `limit` entries after a revision, in order and without gaps.
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
        let connection = self.connection().await?;
        let query = async {
            let statement = connection.prepare_cached(CHANGES).await?;
            connection.query(&statement, &[&sheet.0, &low, &i64::from(limit)]).await
        };
        let rows = connection.within(QUERY_TIMEOUT, query).await?;
        let entries: Vec<Entry> =
            rows.iter().map(|row| decode(sheet, row)).collect::<Result<_, _>>()?;
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
        let connection = self.connection().await?;
        let client = Uuid::from_u128(client.0);
        let query = async {
            let statement = connection.prepare_cached(CLIENT_STATE).await?;
            connection.query_opt(&statement, &[&sheet.0, &client]).await
        };
        let row = connection.within(QUERY_TIMEOUT, query).await?;
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
        let connection = self.connection().await?;
        let client = Uuid::from_u128(client.0);
        let sequence = to_bigint(sequence.0)?;
        let query = async {
            let statement = connection.prepare_cached(EDIT).await?;
            connection.query_opt(&statement, &[&sheet.0, &client, &sequence]).await
        };
        let row = connection.within(QUERY_TIMEOUT, query).await?;
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
        let connection = self.connection().await?;
        let query = async {
            let statement = connection.prepare_cached(RECENT_CLIENTS).await?;
            connection.query(&statement, &[&sheet.0, &i64::from(limit)]).await
        };
        let rows = connection.within(QUERY_TIMEOUT, query).await?;
        rows.iter().map(decode_client).collect()
    }
}

fn decode(sheet: SheetId, row: &Row) -> Result<Entry, StoreError> {
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
        delta: Arc::new(delta),
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
