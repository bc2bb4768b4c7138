//! All drills: the name, the fault and the number of nodes of each.
//!
//! Not the faults: see [`Fault`]. Invariant: names are unique and do not change.

use super::fault::Fault;

/// A fault and the cluster that it strikes.
#[derive(Clone, Copy, Debug)]
pub struct Drill {
    /// For the command line.
    pub name: &'static str,
    /// The fault.
    pub fault: Fault,
    /// Nodes in the cluster; a fault of one node strikes the first one.
    pub nodes: usize,
    /// The clients beside the writers.
    pub beside: Beside,
}

/// Clients beside the writers, on a sheet of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// None.
    Nothing,
    /// One that sends edits of the largest size.
    Heavy,
    /// Some that edit texts in rows outside of the cache, and one that edits values.
    Texts,
}

/// All drills, in the order in which they are run.
pub const DRILLS: [Drill; 40] = [
    drill("server-killed", Fault::ServerKilled),
    drill("server-stopped", Fault::ServerStopped),
    drill("postgres-paused", Fault::PostgresPaused),
    drill("postgres-killed", Fault::PostgresKilled),
    drill("postgres-stopped", Fault::PostgresStopped),
    drill("postgres-slow", Fault::PostgresSlow),
    drill("postgres-reset", Fault::PostgresReset),
    drill("postgres-silent", Fault::PostgresSilent),
    drill("postgres-disk-full", Fault::PostgresDisk),
    drill("connections-taken", Fault::ConnectionsTaken),
    drill("journal-limit", Fault::JournalLimit),
    drill("journal-disk-full", Fault::JournalDisk),
    drill("slow-reader", Fault::SlowReader),
    drill("deaf-reader", Fault::DeafReader),
    on_nodes("node-killed", Fault::ServerKilled),
    on_nodes("node-stopped", Fault::ServerStopped),
    on_nodes("nodes-postgres-paused", Fault::PostgresPaused),
    on_nodes("nodes-postgres-killed", Fault::PostgresKilled),
    on_nodes("nodes-postgres-stopped", Fault::PostgresStopped),
    on_nodes("nodes-postgres-slow", Fault::PostgresSlow),
    on_nodes("nodes-postgres-reset", Fault::PostgresReset),
    on_nodes("nodes-postgres-silent", Fault::PostgresSilent),
    on_nodes("nodes-postgres-disk-full", Fault::PostgresDisk),
    on_nodes("nodes-connections-taken", Fault::ConnectionsTaken),
    on_nodes("redis-paused", Fault::RedisPaused),
    on_nodes("redis-killed", Fault::RedisKilled),
    on_nodes("redis-emptied", Fault::RedisEmptied),
    on_nodes("redis-silent-for-one", Fault::RedisSilentForOne),
    on_nodes("redis-cut-for-one", Fault::RedisCutForOne),
    on_nodes("redis-emptied-unseen", Fault::RedisEmptiedUnseen),
    on_nodes("both-stopped", Fault::BothStopped),
    on_nodes("both-silent", Fault::BothSilent),
    Drill { beside: Beside::Texts, ..drill("texts-postgres-silent", Fault::PostgresSilent) },
    heavy("heavy-server-killed", Fault::ServerKilled, 1),
    heavy("heavy-postgres-stopped", Fault::PostgresStopped, 1),
    heavy("heavy-journal-limit", Fault::JournalLimit, 1),
    heavy("heavy-journal-disk-full", Fault::JournalDisk, 1),
    heavy("heavy-node-killed", Fault::ServerKilled, NODES),
    heavy("heavy-redis-paused", Fault::RedisPaused, NODES),
    heavy("heavy-redis-killed", Fault::RedisKilled, NODES),
];
/// Servers that share a Redis, where a drill has several.
const NODES: usize = 3;

const fn drill(name: &'static str, fault: Fault) -> Drill {
    Drill { name, fault, nodes: 1, beside: Beside::Nothing }
}

const fn on_nodes(name: &'static str, fault: Fault) -> Drill {
    Drill { name, fault, nodes: NODES, beside: Beside::Nothing }
}

const fn heavy(name: &'static str, fault: Fault, nodes: usize) -> Drill {
    Drill { name, fault, nodes, beside: Beside::Heavy }
}

impl Drill {
    /// The drill of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        DRILLS.into_iter().find(|drill| drill.name == name)
    }
}
