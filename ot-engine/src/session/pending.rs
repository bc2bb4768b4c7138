//! The edits that are not accepted yet.
//!
//! Plain data; the session keeps their order. Invariant: `sent` changes only where
//! [`Replica::alter_pending`](crate::Replica::alter_pending) replaces its values.

use crate::{Delta, Revision, Sequence};

/// An edit that is not accepted yet.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) sequence: Sequence,
    /// The edit as it applies after all earlier pending edits.
    pub(super) now: Delta,
}

/// An edit that is sent and not answered.
#[derive(Clone, Debug)]
pub(super) struct InFlight {
    pub(super) base: Revision,
    /// The delta as it was first sent, or altered since.
    pub(super) sent: Delta,
    pub(super) edit: Pending,
    /// Whether its text edits may have missed changes of the same texts outside the window. The client
    /// then loads the resulting texts from the server.
    pub(super) stale: bool,
}
