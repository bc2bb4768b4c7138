//! The servers that share this database: each keeps a row with its heartbeat.
//!
//! Not the decision that a node has died, and not what follows from it. Invariant: times are those of
//! Postgres, so the nodes' clocks do not matter.

pub(crate) mod sessions;
pub(crate) mod workers;

use std::time::Duration;

use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{Store, StoreError};
use model::{NodeId, NodeRecord};

/// How long a heartbeat may take: other nodes wait some seconds for the next one.
const HEARTBEAT_TIMEOUT: Duration = Duration::from_secs(3);

const REGISTER: &str =
    "insert into nodes (id, name, address, confirms_email) values ($1, $2, $3, $4)
    on conflict (id) do update set name = excluded.name, address = excluded.address,
        confirms_email = excluded.confirms_email, heartbeat_at = now(), ended_at = null";

/// Inserts a row that was deleted in the meantime again. Returns whether the node was declared dead:
/// the statement sees the row as it was before.
const HEARTBEAT: &str = "with was as (select ended_at is null as lived from nodes where id = $1)
    insert into nodes (id, name, address, journal_epoch, left_epoch, confirms_email)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (id) do update set heartbeat_at = now(), journal_epoch = excluded.journal_epoch,
        left_epoch = excluded.left_epoch, ended_at = null
    returning not coalesce((select lived from was), false)";

/// Ends the rows of nodes that have died. One of the same name can't be: it is this one's former run.
/// Bound: a row for each server.
const DECLARE_DEAD: &str = "update nodes set ended_at = now()
    where ended_at is null and id <> $1
        and (name = $2 or heartbeat_at < now() - $3::float8 * interval '1 second')
    returning id, name, address, journal_epoch, left_epoch, confirms_email";

const END: &str = "update nodes set ended_at = now(), journal_epoch = null where id = $1";

/// Bound: a row for each server.
const LIVE: &str = "select id, name, address, journal_epoch, left_epoch, confirms_email from nodes
    where ended_at is null and heartbeat_at > now() - $1::float8 * interval '1 second'
    order by started_at, id";

const LIVE_ONE: &str =
    "select id, name, address, journal_epoch, left_epoch, confirms_email from nodes
    where id = $1 and ended_at is null";

/// Bound: an id for each server.
const IN_OTHER_EPOCHS: &str = "select id from nodes
    where ended_at is null and id <> $1 and journal_epoch is not null and journal_epoch <> $2";

const FORGET: &str = "delete from nodes
    where coalesce(ended_at, heartbeat_at) < now() - $1::float8 * interval '1 second'";

impl Store {
    /// Makes a node's row.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn register_node(&self, node: &NodeRecord) -> Result<(), StoreError> {
        let NodeRecord { id, name, address, confirms_email, .. } = node;
        self.for_access().execute(REGISTER, &[id, name, address, confirms_email]).await.map(drop)
    }

    /// Writes a node's heartbeat, and in which epoch it accepts edits. True when another node had declared
    /// it dead.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn heartbeat(&self, node: &NodeRecord) -> Result<bool, StoreError> {
        let connection = self.for_access().connection().await?;
        let query = async {
            let statement = connection.prepare_cached(HEARTBEAT).await?;
            let NodeRecord { id, name, address, journal_epoch, left_epoch, confirms_email } = node;
            let parameters: [&(dyn ToSql + Sync); 6] =
                [id, name, address, journal_epoch, left_epoch, confirms_email];
            connection.query_one(&statement, &parameters).await
        };
        Ok(connection.within(HEARTBEAT_TIMEOUT, query).await?.try_get(0)?)
    }

    /// Ends the rows of nodes without a heartbeat for so long, and of former runs of this one, and
    /// returns them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn declare_dead(
        &self,
        survivor: &NodeRecord,
        silent: Duration,
    ) -> Result<Vec<NodeRecord>, StoreError> {
        let connection = self.for_access().connection().await?;
        let query = async {
            let statement = connection.prepare_cached(DECLARE_DEAD).await?;
            let silent = silent.as_secs_f64();
            connection.query(&statement, &[&survivor.id, &survivor.name, &silent]).await
        };
        let rows = connection.within(HEARTBEAT_TIMEOUT, query).await?;
        rows.iter().map(node).collect()
    }

    /// Ends the row of a node that has stopped and holds nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn end_node(&self, id: Uuid) -> Result<(), StoreError> {
        self.for_access().execute(END, &[&id]).await.map(drop)
    }

    /// The nodes whose `ended_at` is null and whose last heartbeat is not older than `within`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn live_nodes(&self, within: Duration) -> Result<Vec<NodeRecord>, StoreError> {
        let rows = self.for_access().query(LIVE, &[&within.as_secs_f64()]).await?;
        rows.iter().map(node).collect()
    }

    /// The node with this id, if its `ended_at` is null.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn live_node(&self, id: NodeId) -> Result<Option<NodeRecord>, StoreError> {
        self.for_access().query_opt(LIVE_ONE, &[&id.0]).await?.as_ref().map(node).transpose()
    }

    /// The other nodes whose `ended_at` is null and that work in another epoch.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn nodes_in_other_epochs(
        &self,
        node: Uuid,
        epoch: Uuid,
    ) -> Result<Vec<Uuid>, StoreError> {
        let rows = self.for_access().query(IN_OTHER_EPOCHS, &[&node, &epoch]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Deletes the rows of nodes that ended, or without an end sent their last heartbeat, longer than `after` ago.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn forget_nodes(&self, after: Duration) -> Result<u64, StoreError> {
        self.for_access().execute(FORGET, &[&after.as_secs_f64()]).await
    }
}

fn node(row: &tokio_postgres::Row) -> Result<NodeRecord, StoreError> {
    Ok(NodeRecord {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        address: row.try_get(2)?,
        journal_epoch: row.try_get(3)?,
        left_epoch: row.try_get(4)?,
        confirms_email: row.try_get(5)?,
    })
}
