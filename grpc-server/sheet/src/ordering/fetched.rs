//! The rows and older changes that were fetched for waiting work.
//!
//! Not here: which work waits (`parked`). Invariant: fetched rows are those at the published head, and fetched
//! changes stay in the sequencer until their work is staged.

use std::sync::Arc;

use ot_engine::Size;

use super::core::Ordering;
use super::work::{Bodies, Queued};
use crate::state::WriteSet;

impl Ordering {
    /// Releases the rows and changes that were fetched for a piece of work, and what was made for it elsewhere.
    pub(super) fn release(&mut self, queued: &mut Queued) {
        (queued.compiled, queued.carrying) = (None, None);
        self.holding_rows -= usize::from(!queued.rows.is_empty());
        queued.rows = Bodies::default();
        self.release_history(queued);
    }

    /// Releases the changes that were fetched for a piece of work.
    pub(super) fn release_history(&mut self, queued: &mut Queued) {
        if queued.history.take().is_some() {
            self.holding_history -= 1;
            if self.holding_history == 0 {
                self.sequencer.keep_after(None);
            }
        }
    }

    /// Applies the writes of a published change to the rows that were fetched for waiting work.
    pub(crate) fn follow_rows(&mut self, writes: &WriteSet) {
        if self.holding_rows == 0 {
            return;
        }
        let work = self.queue.iter_mut().chain(self.parked.firsts());
        for queued in work.filter(|queued| !queued.rows.is_empty()) {
            for (row, patch) in &writes.row_patches {
                if let Some(body) = queued.rows.get_mut(row) {
                    Arc::make_mut(body).merge(patch);
                }
            }
        }
    }

    /// The sheet's size at the oldest revision in memory.
    pub(super) fn size_at_oldest(&self) -> Size {
        let first = self.sequencer.since(self.sequencer.oldest()).into_iter().flatten().next();
        first.map_or(self.sequencer.size(), |entry| entry.size_before)
    }
}
