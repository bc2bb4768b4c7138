//! A submission and its answer.
//!
//! Plain data, without the order in which it is submitted. Invariant: every refusal names its cause and
//! what the client must send instead.

use std::sync::Arc;

use super::entry::{Entry, EntryConflict};
use crate::{ClientId, Invalid, Revision, Sequence, SharedDelta};

/// An edit as a client sends it.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The author.
    pub client: ClientId,
    /// The number of this edit among the client's.
    pub sequence: Sequence,
    /// The last revision that the client had received when it first sent the edit.
    pub base: Revision,
    /// The change; its inserts have no ids. It is copied only where the sequencer has to change it.
    pub delta: SharedDelta,
}

/// The answer to a submission that was not refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The edit is appended to the history.
    Accepted(Arc<Entry>),
    /// A resend of an accepted edit.
    Already {
        /// The revision of the edit.
        revision: Revision,
        /// The conflicts of the edit, while the history contains it.
        conflicts: Arc<[EntryConflict]>,
        /// Number of the author's own conflicts where it does not.
        left_out: u32,
    },
}

/// The reason why a submission is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The delta is malformed.
    #[error("{0}")]
    Invalid(#[from] Invalid),
    /// The history no longer reaches back to the base.
    #[error(
        "the base revision is older than the kept history; open the sheet again or send a base from {oldest} on"
    )]
    BaseTooOld {
        /// The oldest base that a submission may have.
        oldest: Revision,
    },
    /// The base is after the head.
    #[error("the base revision is in the future; send the last revision received, at most {head}")]
    BaseInFuture {
        /// The latest revision.
        head: Revision,
    },
    /// An edit before this one is missing.
    #[error("an edit is missing; send the edit with sequence number {expected} first")]
    SequenceGap {
        /// The number that must come next.
        expected: Sequence,
    },
    /// A refused edit, or an old accepted one, used the number.
    #[error("the sequence number is used; send the edit with {expected}")]
    SequenceUsed {
        /// The number that must come next.
        expected: Sequence,
    },
    /// The number is not valid.
    #[error("the sequence number is outside 1 to {last}; number the edits from 1 on")]
    SequenceOutOfRange {
        /// The largest valid number.
        last: Sequence,
    },
    /// The client has an unanswered edit of its own after the base, and that edit moves lines, or this
    /// edit changes text.
    #[error(
        "the edit changes text or uses lines moved by the client's own edit at revision {0}; send it after the answer to that edit"
    )]
    Pipelined(Revision),
}
