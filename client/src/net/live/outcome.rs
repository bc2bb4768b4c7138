//! The outcome of an edit.
//!
//! Plain data. Invariant: each edit has one outcome.

use std::sync::Arc;

use gridloom::v1;
use ot_engine::Revision;
use tokio::sync::oneshot;

use crate::net::error::Error;

/// The channel on which the owner task sends the outcome.
pub(super) type Outcome = oneshot::Sender<Result<Accepted, Error>>;

/// An accepted, durable edit.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The revision of the edit. Joined edits share one revision.
    pub revision: Revision,
    /// Lost parts of the edit.
    pub conflicts: Arc<[v1::Conflict]>,
    /// Number of further conflicts, which did not fit the server's message.
    pub conflicts_left_out: u32,
}
