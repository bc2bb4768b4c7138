//! The recent entries of a sheet, bounded by their number and weight.
//!
//! It does not know which entries are durable; the sequencer passes that.
//!
//! Invariant: the limits never drop a staged entry.

use std::collections::VecDeque;
use std::sync::Arc;

use super::entry::Entry;
use crate::{Revision, Size};

/// The limits of the history that is kept for late submissions. They do not apply to staged entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryLimits {
    /// Number of entries.
    pub max_entries: usize,
    /// Sum of [`Delta::weight`](crate::Delta::weight) (runs, cells and column edits).
    pub max_weight: usize,
}

/// The limits of a server without other configuration.
pub const DEFAULT_HISTORY: HistoryLimits =
    HistoryLimits { max_entries: 4096, max_weight: 1_000_000 };

/// The recent entries.
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

    /// The entries after `revision`; `None` when the first of them was dropped or is in the future.
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

    /// Drops the oldest entries above the limits, but none after `last`.
    pub(super) fn trim(&mut self, last: Revision) {
        while (self.entries.len() > self.limits.max_entries || self.weight > self.limits.max_weight)
            && self.entries.front().is_some_and(|oldest| oldest.revision <= last)
            && let Some(oldest) = self.entries.pop_front()
        {
            self.weight -= oldest.delta.weight();
        }
    }

    pub(super) fn push_oldest(&mut self, entry: Arc<Entry>) {
        self.weight += entry.delta.weight();
        self.entries.push_front(entry);
    }

    /// Removes the newest entry.
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
