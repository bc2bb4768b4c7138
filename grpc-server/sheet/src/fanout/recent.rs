//! The newest changes of an open sheet, with the bytes that sessions share.
//!
//! It covers the same revisions as the sequencer's history, so a client that was away for a moment catches up
//! from memory. Not here: older changes (`history`). Invariant: revisions without gaps.

use std::collections::VecDeque;
use std::sync::Arc;

use ot_engine::Revision;

use crate::fanout::published::PublishedChange;
use model::Entry;

/// Recent changes, oldest first.
#[derive(Debug, Default)]
pub(crate) struct RecentLog {
    changes: VecDeque<Arc<PublishedChange>>,
}

impl RecentLog {
    pub(crate) fn push(&mut self, change: Arc<PublishedChange>) {
        debug_assert!(
            self.changes
                .back()
                .is_none_or(|last| { last.entry.revision.0 + 1 == change.entry.revision.0 })
        );
        self.changes.push_back(change);
    }

    /// Adds older changes (oldest first) before the kept ones, as far as they continue without a gap.
    pub(crate) fn put_back(&mut self, older: Vec<Arc<Entry>>) {
        for entry in older.into_iter().rev() {
            let first = self.changes.front().map(|change| change.entry.revision.0);
            if first.is_none_or(|first| entry.revision.0 + 1 == first) {
                self.changes.push_front(Arc::new(PublishedChange::new(entry)));
            }
        }
    }

    /// Removes the changes that a client at `oldest` does not need.
    pub(crate) fn forget_until(&mut self, oldest: Revision) {
        while self.changes.front().is_some_and(|first| first.entry.revision <= oldest) {
            self.changes.pop_front();
        }
    }

    /// The changes after `revision`.
    pub(crate) fn after(&self, revision: Revision) -> impl Iterator<Item = Arc<PublishedChange>> {
        let known = self.changes.partition_point(|change| change.entry.revision <= revision);
        self.changes.iter().skip(known).cloned()
    }
}
