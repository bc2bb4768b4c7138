//! What is submitted, and the answer.

use std::sync::Arc;

use super::{Entry, EntryConflict};
use crate::{ClientId, Delta, Invalid, Revision, Sequence};

/// An edit as a client sends it.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// Who.
    pub client: ClientId,
    /// The number of this edit among the client's.
    pub sequence: Sequence,
    /// The revision that the client had seen when it first sent the edit.
    pub base: Revision,
    /// The change; its inserts name no ids.
    pub delta: Delta,
}

/// The answer to a submission that was not refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is part of history now.
    Accepted(Arc<Entry>),
    /// It was already: a resend.
    Already {
        /// At this revision.
        revision: Revision,
        /// With these conflicts.
        conflicts: Arc<[EntryConflict]>,
    },
}

/// Why a submission was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The delta is malformed.
    #[error("{0}")]
    Invalid(#[from] Invalid),
    /// History was pruned past the base.
    #[error(
        "the base revision is older than the history that is kept; the oldest base is {oldest}"
    )]
    BaseTooOld {
        /// The oldest base that can be submitted against.
        oldest: Revision,
    },
    /// The base has not happened yet.
    #[error("the base revision is in the future; the head is {head}")]
    BaseInFuture {
        /// The latest revision.
        head: Revision,
    },
    /// An edit before this one is missing.
    #[error("an edit is missing; the next sequence number is {expected}")]
    SequenceGap {
        /// The number that must come next.
        expected: Sequence,
    },
    /// The number was used before, by an edit that was refused or that is long gone.
    #[error("the sequence number was used; the next is {expected}")]
    SequenceUsed {
        /// The number that must come next.
        expected: Sequence,
    },
    /// The number can't name an edit, whatever the client sent before.
    #[error("the sequence number must be from 1 to {last}")]
    SequenceOutOfRange {
        /// The last number that can.
        last: Sequence,
    },
    /// The client has an unseen edit of its own in between, and that one moves lines or this one
    /// edits text.
    #[error(
        "the edit, which edits text or stands on lines that were moved, was sent before the answer to revision {0}"
    )]
    Pipelined(Revision),
}
