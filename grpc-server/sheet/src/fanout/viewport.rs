//! The viewport of a session, and whether a batch concerns it.
//!
//! A batch that does not touch a session's window and has no answer for it is not queued for it, so sessions at
//! different places do not wake each other. After many such batches the session receives the head alone.
//!
//! Not here: how a session cuts a batch (`session::encoder`). Invariant: a session's window here is the window
//! of its stream after all queued entries, and a batch that is not queued would produce no frame.

use std::sync::Arc;

use ot_engine::{Revision, Window};

use crate::fanout::published::{Item, Published, PublishedChange, intersects};
use crate::fanout::session::Outgoing;

/// Changes of a batch that are compared with each window; a larger batch is queued for all sessions.
const CHECKED_CHANGES: usize = 64;
/// Revisions without an entry after which a session receives the head. Well within the history that its next
/// edit is transformed over.
const UNQUEUED_REVISIONS: u64 = 256;

/// The viewport of a session, at the head.
#[derive(Debug)]
pub(crate) struct Viewport {
    pub(crate) window: Window,
    /// Revisions since the last queued entry.
    unqueued: u64,
    /// The current batch has an answer for the session, or a conflict that it lost.
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

/// The windows in which a batch changes cells.
pub(crate) struct Footprint<'a> {
    /// `None`: the batch concerns every window.
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
        // A change that touches nothing, because all of it lost, concerns every window: it is seldom, and a
        // session that sees the whole sheet receives every revision.
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
    /// Notes that the current batch answers the session, or has a conflict that it lost.
    pub(crate) const fn note_answer(&mut self) {
        self.answered = true;
    }

    /// The entry for the session, of a batch after which the sheet is at `head`.
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
