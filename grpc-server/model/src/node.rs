//! The servers of a cluster, as the table of nodes shows them.
//!
//! Not here: heartbeats and their time limits. Invariant: a node that works in an epoch has not left it.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::NodeId;

/// The nodes that live, this one among them, as the last heartbeat found them.
pub type Peers = Arc<HashMap<NodeId, NodeRecord>>;

/// A server with its last heartbeat's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeRecord {
    /// Its name among machines, new with each start.
    pub id: Uuid,
    /// Its name, by its operator.
    pub name: String,
    /// Where it listens.
    pub address: String,
    /// The epoch of the shared journal in which it accepts edits; `None` while all edits that it holds are
    /// in the tables. Not a sheet's epoch.
    pub journal_epoch: Option<Uuid>,
    /// The journal's epoch that it has left, because Redis no longer knew it.
    pub left_epoch: Option<Uuid>,
    /// Whether its settings have the address of a new account confirmed; `None` of an earlier release.
    pub confirms_email: Option<bool>,
}

impl NodeRecord {
    /// Leaves the epoch that it works in, if any, for another or for none. A node that comes back to an
    /// epoch has not left it.
    pub fn enter(&mut self, epoch: Option<Uuid>) {
        let former = self.journal_epoch.or(self.left_epoch);
        self.left_epoch = former.filter(|former| Some(*former) != epoch);
        self.journal_epoch = epoch;
    }
}
