//! An accepted edit and its conflicts.
//!
//! Plain data: it does not know whether it is durable. Invariant: an entry does not change after the
//! sequencer made it.

use std::sync::Arc;

use crate::{ClientId, Conflict, Content, Revision, Sequence, SharedDelta, Size};

/// A conflict of an accepted edit, with the author of the lost edit.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryConflict {
    /// The conflict, in positions at the entry's revision.
    pub conflict: Conflict,
    /// The author of the lost edit.
    pub author: ClientId,
    /// The revision of the lost edit: an older one, or the entry's own.
    pub revision: Revision,
}

/// An accepted edit. Many readers share it without a copy.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The revision that the edit leads to.
    pub revision: Revision,
    /// The author.
    pub client: ClientId,
    /// The number of the edit among the author's edits.
    pub sequence: Sequence,
    /// The change as it applies to the revision before; inserts have ids.
    pub delta: SharedDelta,
    /// The edits that the transform discarded.
    pub conflicts: Arc<[EntryConflict]>,
    /// The sheet's size before the edit.
    pub size_before: Size,
}

impl Entry {
    /// The most bytes of memory that the entry occupies.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.delta.weight().bytes + self.conflicts.iter().map(EntryConflict::bytes).sum::<usize>()
    }
}

impl EntryConflict {
    /// The most bytes of memory that the conflict occupies.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let kept = self.conflict.kept.as_ref().map_or(0, Content::bytes);
        size_of::<Self>() + self.conflict.lost.bytes() + kept
    }
}
