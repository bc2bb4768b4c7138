//! What waits to be committed: filled by the sheet's task, emptied by the committer's.
//!
//! Invariant: parts in the order of their entries, and none that is known to have landed once
//! `drop_landed` was called.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ot_engine::Revision;
use tokio::sync::Notify;

use super::part::Part;
use crate::state::Effects;
use model::Entry;

#[derive(Debug, Default)]
pub(super) struct Queue {
    pending: Mutex<Pending>,
    pub(super) ready: Notify,
}

#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) parts: VecDeque<Part>,
    /// Another node commits: what has landed there must be told apart from what has not.
    pub(super) apart: bool,
    /// A batch of this sheet was refused: one transaction takes one entry, so that the one that can't
    /// be stored is found.
    pub(super) single: bool,
    /// Up to here everything is in Postgres, whoever wrote it.
    pub(super) landed: Revision,
    pub(super) closed: bool,
}

impl Pending {
    /// Takes an entry and its effects. While another node commits, each stays by itself.
    pub(super) fn push(&mut self, entry: Arc<Entry>, effects: Effects) {
        let together = !self.apart && !self.single && !entry.origin.restores_lines();
        match self.parts.back_mut() {
            Some(part) if together && !part.is_full() => part.push(entry, effects),
            _ => self.parts.push_back(Part::new(entry, effects)),
        }
    }

    /// What can go into one transaction.
    pub(super) fn take(&mut self) -> Option<Part> {
        let mut part = self.parts.pop_front()?;
        while !self.single
            && !part.is_full()
            && self.parts.front().is_some_and(|next| !next.begins_batch())
        {
            part.append(self.parts.pop_front()?);
        }
        Some(part)
    }

    /// Takes note of how far Postgres is; false when that was known.
    pub(super) fn note_landed(&mut self, revision: Revision) -> bool {
        let news = self.landed < revision;
        self.landed = self.landed.max(revision);
        news
    }

    /// Drops what has landed.
    pub(super) fn drop_landed(&mut self) {
        let landed = self.landed;
        while self.parts.front().is_some_and(|part| part.head() <= Some(landed)) {
            self.parts.pop_front();
        }
    }
}

impl Queue {
    pub(super) fn lock(&self) -> MutexGuard<'_, Pending> {
        // A panic while merging would leave the part in doubt, but merging cannot panic.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
