//! The recent entries of a sheet, bounded by their number, work and bytes.
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
    /// Sum of [`Weight::work`](crate::Weight::work) (runs, cells and column edits).
    pub max_work: usize,
    /// Sum of [`Entry::bytes`].
    pub max_bytes: usize,
}

/// The limits of a server without other configuration.
pub const DEFAULT_HISTORY: HistoryLimits =
    HistoryLimits { max_entries: 4096, max_work: 1_000_000, max_bytes: 64 << 20 };

/// The recent entries.
#[derive(Debug)]
pub(super) struct History {
    /// Oldest first, without gaps.
    entries: VecDeque<Arc<Entry>>,
    work: usize,
    bytes: usize,
    limits: HistoryLimits,
}

impl History {
    pub(super) fn new(limits: HistoryLimits) -> Self {
        Self { entries: VecDeque::new(), work: 0, bytes: 0, limits }
    }

    /// The bytes of the entries.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Sets the limit of the bytes. It applies from the next [`History::trim`] on.
    pub(super) const fn limit_bytes(&mut self, most: usize) {
        self.limits.max_bytes = most;
    }

    fn count_in(&mut self, entry: &Entry) {
        self.work += entry.delta.weight().work();
        self.bytes += entry.bytes();
    }

    fn count_out(&mut self, entry: &Entry) {
        self.work -= entry.delta.weight().work();
        self.bytes -= entry.bytes();
    }

    fn is_over(&self) -> bool {
        self.entries.len() > self.limits.max_entries
            || self.work > self.limits.max_work
            || self.bytes > self.limits.max_bytes
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
        self.count_in(&entry);
        self.entries.push_back(entry);
    }

    /// Drops the oldest entries above the limits, but none after `last`.
    pub(super) fn trim(&mut self, last: Revision) {
        while self.is_over()
            && self.entries.front().is_some_and(|oldest| oldest.revision <= last)
            && let Some(oldest) = self.entries.pop_front()
        {
            self.count_out(&oldest);
        }
    }

    pub(super) fn push_oldest(&mut self, entry: Arc<Entry>) {
        self.count_in(&entry);
        self.entries.push_front(entry);
    }

    /// Removes the newest entry.
    pub(super) fn pop(&mut self) -> Option<Arc<Entry>> {
        let entry = self.entries.pop_back()?;
        self.count_out(&entry);
        Some(entry)
    }

    pub(super) fn check_invariants(&self, head: Revision, size: Size) {
        let work: usize = self.entries.iter().map(|entry| entry.delta.weight().work()).sum();
        let bytes: usize = self.entries.iter().map(|entry| entry.bytes()).sum();
        assert_eq!((self.work, self.bytes), (work, bytes), "weight of the history");
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
