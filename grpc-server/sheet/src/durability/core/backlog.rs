//! Entries that wait to be committed, merged into as few batches as possible.
//!
//! Entries are merged when they arrive, so a backlog grows with the cells that it writes and not with the edits of
//! one cell. It has no limit of its own: an entry counts in the memory of the journal until it is committed, and its
//! write set with it (`WriteSet::bytes`). So the journal refuses edits beyond its share, and bounds every backlog.
//!
//! Not here: when a batch is committed (`core`). Invariant: batches stand in the order of their entries.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use ot_engine::Revision;

use super::merged::{BatchLimits, Merged};
use crate::state::WriteSet;
use model::Entry;

#[derive(Debug, Default)]
pub(super) struct Backlog {
    batches: VecDeque<Merged>,
    limits: BatchLimits,
    /// Another node holds the lease. It may commit some of these entries, so none are merged.
    pub(super) apart: bool,
    /// A batch of this sheet was refused. Each transaction takes one entry, to find the one at fault.
    pub(super) single: bool,
}

impl Backlog {
    pub(super) fn new(limits: BatchLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Appends an entry. An entry that restores lines begins a batch, so that the batch keeps the before images
    /// of those lines (see `undo::inverse`).
    pub(super) fn push(&mut self, now: Instant, entry: Arc<Entry>, writes: WriteSet) {
        let next = Merged::new(now, entry, writes);
        let alone = self.apart || self.single || next.begins_batch();
        match self.batches.back_mut() {
            Some(last) if !alone && last.fits_with(&next, self.limits) => last.append(next),
            _ => self.batches.push_back(next),
        }
    }

    /// Removes the entries of one transaction.
    pub(super) fn take(&mut self) -> Option<Merged> {
        let mut batch = self.batches.pop_front()?;
        while let Some(next) = self.batches.front()
            && !self.single
            && !next.begins_batch()
            && batch.fits_with(next, self.limits)
        {
            batch.append(self.batches.pop_front()?);
        }
        Some(batch)
    }

    /// Drops the batches that are committed up to here.
    pub(super) fn drop_until(&mut self, committed: Revision) {
        while self.batches.front().is_some_and(|batch| batch.head() <= Some(committed)) {
            self.batches.pop_front();
        }
    }

    /// When the oldest entry arrived; `None` when none waits.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.batches.front().map(Merged::since)
    }

    /// Whether more than one batch waits. One transaction may take several of them, if they are kept apart.
    pub(super) fn is_behind(&self) -> bool {
        self.batches.len() > 1
    }
}
