//! The servers as an operator sees them: their last heartbeats, what they have for queries, and how many jobs they run.
//!
//! Not which of them live: membership decides that. Invariant: ages are by the clock of Postgres.

use std::time::Duration;

use uuid::Uuid;

use crate::sql::{Micros, from_bigint};
use crate::{Store, StoreError};
use model::NodeId;

const DESCRIBE: &str =
    "update nodes set query_threads = $2, query_memory_bytes = $3, release = $4 where id = $1";

/// Bound: two texts and numbers for each server.
const WORKERS: &str = "
    select id, name, address, heartbeat_at, greatest(extract(epoch from now() - heartbeat_at), 0)::float8,
        query_threads, query_memory_bytes, release,
        (select count(*) from jobs where jobs.node = nodes.id and jobs.state = 'running')
    from nodes where ended_at is null order by started_at, id";

/// What a server has for queries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeFacts {
    /// Threads.
    pub threads: u32,
    /// Memory, in bytes.
    pub memory_bytes: u64,
    /// Its release.
    pub release: String,
}

/// A server as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingNode {
    /// Its id.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// Where the others reach it.
    pub address: String,
    /// Its last heartbeat, in microseconds since the Unix epoch.
    pub heartbeat_micros: i64,
    /// How long ago that was.
    pub silent: Duration,
    /// What it has for queries, as far as it is known.
    pub facts: NodeFacts,
    /// The jobs that it runs.
    pub running: u64,
}

impl Store {
    /// Notes what a server has for queries.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn describe_node(&self, node: NodeId, facts: &NodeFacts) -> Result<(), StoreError> {
        let threads = i32::try_from(facts.threads).unwrap_or(i32::MAX);
        let memory = i64::try_from(facts.memory_bytes).unwrap_or(i64::MAX);
        let store = self.for_access();
        store.execute(DESCRIBE, &[&node.0, &threads, &memory, &facts.release]).await.map(drop)
    }

    /// The servers that have not ended.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn working_nodes(&self) -> Result<Vec<WorkingNode>, StoreError> {
        self.query(WORKERS, &[]).await?.iter().map(working_node).collect()
    }
}

fn working_node(row: &tokio_postgres::Row) -> Result<WorkingNode, StoreError> {
    let threads = row.try_get::<_, Option<i32>>(5)?.unwrap_or_default();
    let memory = row.try_get::<_, Option<i64>>(6)?.unwrap_or_default();
    let seconds: f64 = row.try_get(4)?;
    Ok(WorkingNode {
        id: NodeId(row.try_get::<_, Uuid>(0)?),
        name: row.try_get(1)?,
        address: row.try_get(2)?,
        heartbeat_micros: row.try_get::<_, Micros>(3)?.0,
        silent: Duration::try_from_secs_f64(seconds).unwrap_or_default(),
        facts: NodeFacts {
            threads: u32::try_from(threads).unwrap_or_default(),
            memory_bytes: from_bigint(memory)?,
            release: row.try_get::<_, Option<String>>(7)?.unwrap_or_default(),
        },
        running: from_bigint(row.try_get(8)?)?,
    })
}
