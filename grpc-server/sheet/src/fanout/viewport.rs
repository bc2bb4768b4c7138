//! What a session sees, and whether a batch concerns it.
//!
//! A session is left alone by a batch that does not touch its window and holds no answer for it, so many
//! sessions in many places do not wake each other. Now and then it is sent how far the sheet is.
//! Invariant: a session's window here is the one that its stream has when it has read its queue, and a
//! batch that is not queued produces no frame.

use std::sync::Arc;

use ot_engine::{Revision, Window};

use crate::fanout::published::{Item, Published, PublishedChange, intersects};
use crate::fanout::session::Outgoing;

/// Changes of a batch that are held against each window; a larger one simply goes to everybody.
const CHECKED_CHANGES: usize = 64;
/// Revisions that a session was not queued after which it is told how far the sheet is. Well within
/// the history that its next edit is transformed over.
const UNQUEUED_REVISIONS: u64 = 256;

/// What of the sheet a session sees, at the head.
#[derive(Debug)]
pub(crate) struct Viewport {
    pub(crate) window: Window,
    /// Revisions since the last entry that was queued.
    unqueued: u64,
    /// The batch at hand has an answer for it, or tells it what it has lost.
    answered: bool,
}

impl Viewport {
    pub(crate) const fn new(window: Window) -> Self {
        Self { window, unqueued: 0, answered: false }
    }

    /// Maps the window through a change.
    pub(crate) fn follow(&mut self, change: &PublishedChange) {
        if !change.entry.delta.keeps_axes() {
            self.window = self.window.map(&change.entry.delta);
        }
    }
}

/// Where a batch changes cells.
pub(crate) struct Footprint<'a> {
    /// `None`: to be taken for everything.
    windows: Option<Vec<&'a Window>>,
    changes: u64,
}

impl<'a> Footprint<'a> {
    /// The footprint of a batch.
    pub(crate) fn of(batch: &'a Published) -> Self {
        let changes = || {
            batch.items.iter().filter_map(|item| match item {
                Item::Change(change) => Some(change),
                Item::Refused { .. } | Item::Again { .. } => None,
            })
        };
        let count = changes().count();
        let local =
            count <= CHECKED_CHANGES && changes().all(|change| change.entry.delta.is_cells_only());
        // One that touches nothing, because all of it lost to others, is told to everybody: it is
        // seldom, and who looks at the whole sheet is to hear of every revision.
        let windows = local.then(|| changes().map(|change| change.touched()).collect()).flatten();
        Self { windows, changes: count as u64 }
    }

    fn concerns(&self, window: &Window) -> bool {
        self.windows
            .as_ref()
            .is_none_or(|windows| windows.iter().any(|touched| intersects(window, touched)))
    }
}

impl Viewport {
    /// Notes that the batch at hand answers the session, or holds what the session has lost.
    pub(crate) const fn note_answer(&mut self) {
        self.answered = true;
    }

    /// What is queued for the session of a batch after which the sheet is at `head`.
    pub(crate) fn entry_for(
        &mut self,
        batch: &Arc<Published>,
        footprint: &Footprint<'_>,
        head: Revision,
    ) -> Option<Outgoing> {
        if footprint.windows.is_none() {
            for item in &batch.items {
                if let Item::Change(change) = item {
                    self.follow(change);
                }
            }
        }
        if std::mem::take(&mut self.answered) || footprint.concerns(&self.window) {
            self.unqueued = 0;
            return Some(Outgoing::Batch(Arc::clone(batch)));
        }
        self.unqueued += footprint.changes;
        if self.unqueued < UNQUEUED_REVISIONS {
            return None;
        }
        self.unqueued = 0;
        Some(Outgoing::Reached(head))
    }
}
