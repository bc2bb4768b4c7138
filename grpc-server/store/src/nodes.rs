//! The servers that share this database: each keeps a row, and beats.
//!
//! Not the decision that a node has died, and not what follows from it. Times are Postgres' own, so
//! that the nodes' clocks do not matter.

use std::time::Duration;

use uuid::Uuid;

use super::{Store, StoreError};
use model::{NodeId, NodeRecord};

/// How long a beat may take: others wait for the next one no longer than some seconds.
const BEAT_TIMEOUT: Duration = Duration::from_secs(3);

const REGISTER: &str = "insert into nodes (id, name, address) values ($1, $2, $3)
    on conflict (id) do update set name = excluded.name, address = excluded.address,
        beat_at = now(), ended_at = null";

/// A row that somebody has taken away in the meantime is made again. Tells whether the node was taken
/// for dead: the statement sees the row as it was before.
const BEAT: &str = "with was as (select ended_at is null as lived from nodes where id = $1)
    insert into nodes (id, name, address, era, left_era) values ($1, $2, $3, $4, $5)
    on conflict (id) do update set beat_at = now(), era = excluded.era,
        left_era = excluded.left_era, ended_at = null
    returning not coalesce((select lived from was), false)";

/// Ends the rows of nodes that have died. One of the same name can't be: it is this one's former run.
const BURY: &str = "update nodes set ended_at = now()
    where ended_at is null and id <> $1
        and (name = $2 or beat_at < now() - $3::float8 * interval '1 second')
    returning id, name, address, era, left_era";

const END: &str = "update nodes set ended_at = now(), era = null where id = $1";

const LIVE: &str = "select id, name, address, era, left_era from nodes
    where ended_at is null and beat_at > now() - $1::float8 * interval '1 second'
    order by started_at, id";

const LIVE_ONE: &str =
    "select id, name, address, era, left_era from nodes where id = $1 and ended_at is null";

const ELSEWHERE: &str = "select id from nodes
    where ended_at is null and id <> $1 and era is not null and era <> $2";

const FORGET: &str = "delete from nodes
    where coalesce(ended_at, beat_at) < now() - $1::float8 * interval '1 second'";

impl Store {
    /// Makes a node's row.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn register_node(
        &self,
        id: Uuid,
        name: &str,
        address: &str,
    ) -> Result<(), StoreError> {
        self.execute(REGISTER, &[&id, &name, &address]).await.map(drop)
    }

    /// Says that a node lives, and in which era it accepts edits. True when others had taken it for
    /// dead.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn beat(&self, node: &NodeRecord) -> Result<bool, StoreError> {
        let connection = self.connection().await?;
        let query = async {
            let statement = connection.prepare_cached(BEAT).await?;
            let NodeRecord { id, name, address, era, left } = node;
            connection.query_one(&statement, &[id, name, address, era, left]).await
        };
        Ok(connection.within(BEAT_TIMEOUT, query).await?.try_get(0)?)
    }

    /// Ends the rows of nodes that have not beaten for so long, and of former runs of this one, and
    /// tells which these were.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn bury_nodes(
        &self,
        survivor: &NodeRecord,
        silent: Duration,
    ) -> Result<Vec<NodeRecord>, StoreError> {
        let connection = self.connection().await?;
        let query = async {
            let statement = connection.prepare_cached(BURY).await?;
            let silent = silent.as_secs_f64();
            connection.query(&statement, &[&survivor.id, &survivor.name, &silent]).await
        };
        let rows = connection.within(BEAT_TIMEOUT, query).await?;
        rows.iter().map(node).collect()
    }

    /// Says that a node has stopped and holds nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn end_node(&self, id: Uuid) -> Result<(), StoreError> {
        self.execute(END, &[&id]).await.map(drop)
    }

    /// The nodes that have beaten within this time and have not ended.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn live_nodes(&self, within: Duration) -> Result<Vec<NodeRecord>, StoreError> {
        let rows = self.query(LIVE, &[&within.as_secs_f64()]).await?;
        rows.iter().map(node).collect()
    }

    /// A node that has not ended, as far as anybody has noticed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn live_node(&self, id: NodeId) -> Result<Option<NodeRecord>, StoreError> {
        self.query_opt(LIVE_ONE, &[&id.0]).await?.as_ref().map(node).transpose()
    }

    /// The other nodes that work in another era than this one and have not ended, as far as anybody has
    /// noticed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn nodes_elsewhere(&self, node: Uuid, era: Uuid) -> Result<Vec<Uuid>, StoreError> {
        let rows = self.query(ELSEWHERE, &[&node, &era]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Deletes the rows of nodes that ended, or died, so long ago.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn forget_nodes(&self, after: Duration) -> Result<u64, StoreError> {
        self.execute(FORGET, &[&after.as_secs_f64()]).await
    }
}

fn node(row: &tokio_postgres::Row) -> Result<NodeRecord, StoreError> {
    Ok(NodeRecord {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        address: row.try_get(2)?,
        era: row.try_get(3)?,
        left: row.try_get(4)?,
    })
}
