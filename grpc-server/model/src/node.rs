//! The servers of a cluster, as the table of nodes shows them.
//!
//! Not here: heartbeats and who is dead. Invariant: a node that works in an epoch has not left it.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::NodeId;

/// The nodes that live, this one among them, as the last heartbeat found them.
pub type Peers = Arc<HashMap<NodeId, NodeRecord>>;

/// A server that beats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeRecord {
    /// Its name among machines, new with each start.
    pub id: Uuid,
    /// What its operator calls it.
    pub name: String,
    /// Where it listens.
    pub address: String,
    /// The era of the shared journal in which it accepts edits; `None` while it holds none that are
    /// not in the tables.
    pub era: Option<Uuid>,
    /// The era that it has left, because Redis did not have it any more.
    pub left: Option<Uuid>,
}

impl NodeRecord {
    /// Leaves the era that it works in, if any, for another or for none. Who comes back to an era has not
    /// left it.
    pub fn enter(&mut self, era: Option<Uuid>) {
        let former = self.era.or(self.left);
        self.left = former.filter(|former| Some(*former) != era);
        self.era = era;
    }
}
