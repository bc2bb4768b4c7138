//! A client's side of the order.

use crate::{ClientId, Conflict, Delta, Revision, Sequence, Submission};

/// How many edits a client has on the way at once, unless it is told otherwise.
pub const DEFAULT_MAX_IN_FLIGHT_EDITS: usize = 32;

/// The server said something that can't follow what it said before: resynchronise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// A revision was skipped.
    #[error("revision {got} came where {expected} was expected")]
    OutOfOrder {
        /// The revision after the one seen.
        expected: Revision,
        /// The one that came.
        got: Revision,
    },
    /// An answer to an edit that is not next in line.
    #[error("an answer to edit {0}, which is not awaited")]
    NotAwaited(Sequence),
}

/// What a received delta means here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Received {
    /// What to apply to the optimistic view.
    pub delta: Delta,
    /// Edits of this client that it made void (their row or column is gone).
    pub conflicts: Vec<Conflict>,
}

/// Revision seen, edits on the way, edits not yet sent.
#[derive(Clone, Debug)]
pub struct ClientSession {
    revision: Revision,
}

impl ClientSession {
    /// A session that has seen `revision`.
    #[must_use]
    pub fn new(_client: ClientId, revision: Revision) -> Self {
        Self { revision }
    }
    /// The revision seen.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.revision
    }
    /// Takes in an edit that was made on the optimistic view; answers its number.
    pub fn edit(&mut self, _delta: Delta) -> Sequence {
        unimplemented!()
    }
    /// The next edit to send, now in flight.
    pub fn next_to_send(&mut self) -> Option<Submission> {
        unimplemented!()
    }
    /// Another's change at `revision`.
    ///
    /// # Errors
    /// When it is not the revision after the one seen.
    pub fn receive(
        &mut self,
        _revision: Revision,
        _delta: &Delta,
    ) -> Result<Received, SessionError> {
        unimplemented!()
    }
    /// The server accepted an edit.
    ///
    /// # Errors
    /// When it is not the first in flight, or the revision does not follow.
    pub fn accepted(
        &mut self,
        _sequence: Sequence,
        _revision: Revision,
    ) -> Result<Option<Delta>, SessionError> {
        unimplemented!()
    }
    /// The server refused an edit; answers it as it stood.
    ///
    /// # Errors
    /// When it is not in flight.
    pub fn rejected(&mut self, _sequence: Sequence) -> Result<Delta, SessionError> {
        unimplemented!()
    }
    /// What to send again after a new connection, exactly as it was first sent.
    #[must_use]
    pub fn resume(&self) -> Vec<Submission> {
        unimplemented!()
    }
}
