//! Makes the order of a sheet's edits.

use std::sync::Arc;

use crate::{ClientId, Conflict, Delta, Invalid, Limits, Revision, Sequence, Size};

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

/// A conflict of an accepted edit, and whose edit it was that lost.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryConflict {
    /// What was lost, in positions at the entry's revision.
    pub conflict: Conflict,
    /// The author of what was lost.
    pub author: ClientId,
    /// The revision of the edit that lost: an older one, or the entry's own.
    pub revision: Revision,
}

/// An accepted edit. Shared, so that telling it to many readers clones nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its place in history.
    pub revision: Revision,
    /// Its author.
    pub client: ClientId,
    /// Its number among the author's edits.
    pub sequence: Sequence,
    /// The change as it applies to the revision before; inserts name their ids.
    pub delta: Delta,
    /// What was lost when it was transformed.
    pub conflicts: Arc<[EntryConflict]>,
    /// The sheet's size before it.
    pub size_before: Size,
}

/// The next free ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextIds {
    /// For rows.
    pub row: u64,
    /// For columns.
    pub col: u64,
}

/// How much history is kept for late submissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryLimits {
    /// Number of entries.
    pub max_entries: usize,
    /// Sum of [`Delta::weight`] (runs, cells and column edits).
    pub max_weight: usize,
}

/// What a server keeps unless it is configured otherwise.
pub const DEFAULT_HISTORY: HistoryLimits =
    HistoryLimits { max_entries: 4096, max_weight: 1_000_000 };

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
    /// The client has an unseen edit of its own in between that moves lines.
    #[error("the edit was sent before the answer to revision {0}, which moved lines")]
    Pipelined(Revision),
}

/// Orders submissions.
#[derive(Debug)]
pub struct Sequencer {
    head: Revision,
    size: Size,
}

impl Sequencer {
    /// A sequencer that goes on after `head`.
    #[must_use]
    pub fn new(
        head: Revision,
        size: Size,
        _next: NextIds,
        _limits: Limits,
        _history: HistoryLimits,
    ) -> Self {
        Self { head, size }
    }
    /// The latest revision.
    #[must_use]
    pub const fn head(&self) -> Revision {
        self.head
    }
    /// The sheet's size at the head.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }
    /// The next free ids.
    #[must_use]
    pub fn next_ids(&self) -> NextIds {
        unimplemented!()
    }
    /// The oldest base that can be submitted against.
    #[must_use]
    pub fn oldest(&self) -> Revision {
        unimplemented!()
    }
    /// Takes an edit into history.
    ///
    /// # Errors
    /// When it is refused; nothing has changed but the client's sequence number.
    pub fn submit(&mut self, _submission: Submission) -> Result<Outcome, SubmitError> {
        unimplemented!()
    }
    /// Uses up a sequence number of an edit that was refused before it came here (no right to
    /// write, too many edits a second).
    pub fn refuse(&mut self, _client: ClientId, _sequence: Sequence) {
        unimplemented!()
    }
    /// Takes back every entry after `revision`: they could not be made durable.
    pub fn rollback_to(&mut self, _revision: Revision) {
        unimplemented!()
    }
    /// The entries after `revision`, oldest first; `None` when they are not all kept.
    #[must_use]
    pub fn since(
        &self,
        _revision: Revision,
    ) -> Option<impl ExactSizeIterator<Item = &Arc<Entry>> + '_> {
        None::<std::slice::Iter<'_, Arc<Entry>>>
    }
    /// Puts older entries back, so that an old base can be submitted against.
    pub fn backfill(&mut self, _older: Vec<Arc<Entry>>) {
        unimplemented!()
    }
    /// Tells what is known about a client from the log: its last accepted edit.
    pub fn restore_client(&mut self, _client: ClientId, _last: Sequence, _revision: Revision) {
        unimplemented!()
    }
}
