//! The results of what a session receives: deltas, refusals and errors.
//!
//! Plain data. Invariant: each discarded edit is reported, with the edits that it takes along.

use crate::{Conflict, Delta, Revision, Sequence};

/// A message that can't follow the earlier ones. The client must resynchronise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// A revision was received before.
    #[error(
        "revision {got} was received, {expected} or a later one was expected; open the sheet again"
    )]
    OutOfOrder {
        /// The revision after the last received one.
        expected: Revision,
        /// The received revision.
        got: Revision,
    },
    /// An answer to an edit that is not in flight.
    #[error(
        "an answer to edit {0} was received, but the edit is not in flight; open the sheet again"
    )]
    NotAwaited(Sequence),
}

/// A received delta, transformed over the pending edits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Received {
    /// The delta to apply to the view that contains the client's own edits.
    pub delta: Delta,
    /// Lost edits: edits of this client whose row or column was deleted, and edits of other clients that
    /// this client's pending edits overwrite.
    pub conflicts: Vec<Conflict>,
}

/// Edits that the server refused, and their effect on later edits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refused {
    /// The refused edits, as they stood.
    pub edits: Vec<(Sequence, Delta)>,
    /// For each refused edit the change that its removal makes to the view, without values.
    pub back: Vec<Delta>,
    /// Later edits that are lost because a refused edit inserted their lines.
    pub conflicts: Vec<Conflict>,
}
