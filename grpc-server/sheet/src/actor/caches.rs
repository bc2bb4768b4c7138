//! The caches of a sheet within the memory that all sheets share: its rows, its recent changes, and what is made of the
//! settings of its columns.
//!
//! Not here: what a cache evicts (`row_cache`, the history of the sequencer). Invariant: after each event the sheet's
//! bytes are noted; while all sheets together pass their share, this sheet holds its fair part at most.

use super::SheetActor;
use model::sizes::HISTORY_BYTES;

impl SheetActor {
    /// Notes the bytes of the caches, and sets their limits.
    pub(super) fn limit_caches(&mut self) {
        match self.caches.set(self.cached_bytes()) {
            Some(share) => {
                self.set_cache_limits(share / 2);
                self.wire_columns.forget();
                self.caches_limited = true;
                // What is pinned or not durable, and the rules of columns, stay, so the sheet may be above its share still.
                self.caches.set(self.cached_bytes());
            }
            None if self.caches_limited => {
                self.set_cache_limits(usize::MAX);
                self.caches_limited = false;
            }
            None => {}
        }
    }

    fn cached_bytes(&self) -> usize {
        // A change is in memory as a delta and, once a session has read it, as a frame.
        let changes = 2 * self.ordering.history_bytes();
        let columns = self.wire_columns.bytes() + self.state.column_rules().bytes();
        self.rows.cached_bytes() + changes + columns
    }

    fn set_cache_limits(&mut self, bytes: usize) {
        self.rows.limit(self.shared.row_cache_bytes.min(bytes));
        self.ordering.limit_history_bytes(HISTORY_BYTES.min(bytes / 2));
        self.log.forget_until(self.ordering.kept_after());
    }
}

#[cfg(test)]
mod tests;
