//! The recent past, bounded by number of entries and by their weight.
//!
//! Not here: which entries are durable (the caller tells the sequencer). Invariant: an entry that may still be
//! rolled back never leaves, whatever the limits say.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{Entry, HistoryLimits};
use crate::{Revision, Size};

#[derive(Debug)]
pub(super) struct History {
    /// Oldest first, without gaps.
    entries: VecDeque<Arc<Entry>>,
    weight: usize,
    limits: HistoryLimits,
}

impl History {
    pub(super) fn new(limits: HistoryLimits) -> Self {
        Self { entries: VecDeque::new(), weight: 0, limits }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entries after `revision`; `None` when the first of them is gone or still to come.
    pub(super) fn since(
        &self,
        revision: Revision,
        head: Revision,
    ) -> Option<std::collections::vec_deque::Iter<'_, Arc<Entry>>> {
        let missing = usize::try_from(head.0.checked_sub(revision.0)?).ok()?;
        let skip = self.entries.len().checked_sub(missing)?;
        Some(self.entries.range(skip..))
    }

    /// Adds the newest entry.
    pub(super) fn push(&mut self, entry: Arc<Entry>) {
        self.weight += entry.delta.weight();
        self.entries.push_back(entry);
    }

    /// Drops the oldest entries beyond the limits, but none after `settled`.
    pub(super) fn trim(&mut self, settled: Revision) {
        while (self.entries.len() > self.limits.max_entries || self.weight > self.limits.max_weight)
            && self.entries.front().is_some_and(|oldest| oldest.revision <= settled)
            && let Some(oldest) = self.entries.pop_front()
        {
            self.weight -= oldest.delta.weight();
        }
    }

    pub(super) fn push_oldest(&mut self, entry: Arc<Entry>) {
        self.weight += entry.delta.weight();
        self.entries.push_front(entry);
    }

    /// Takes the newest entry back.
    pub(super) fn pop(&mut self) -> Option<Arc<Entry>> {
        let entry = self.entries.pop_back()?;
        self.weight -= entry.delta.weight();
        Some(entry)
    }

    pub(super) fn check_invariants(&self, head: Revision, size: Size) {
        let weight: usize = self.entries.iter().map(|entry| entry.delta.weight()).sum();
        assert_eq!(self.weight, weight, "weight of the history");
        let (mut revision, mut after) = (head, size);
        for entry in self.entries.iter().rev() {
            entry.delta.check_invariants();
            assert_eq!(entry.revision, revision, "revisions without gaps");
            assert_eq!(entry.size_before.after(&entry.delta), after, "sizes follow from deltas");
            revision = Revision(revision.0 - 1);
            after = entry.size_before;
        }
    }
}
