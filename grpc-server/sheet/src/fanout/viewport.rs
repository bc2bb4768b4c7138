//! Which sessions a batch is queued for: those that it concerns.
//!
//! A session whose window a batch does not touch and which has no answer in it is left alone, so
//! that many people in many places don't wake each other. It is told now and then how far the sheet
//! is. Invariant: a session's window here is the one that its stream will have when it has read its
//! queue, and a batch that is not queued would have produced no frame.

use std::sync::Arc;

use ot_engine::{Revision, Window};

use crate::fanout::published::{Item, Published, PublishedChange, SessionKey, intersects};
use crate::fanout::session::Outgoing;
use crate::fanout::sessions::{Session, Sessions};

/// Changes of a batch that are held against each window; a larger one simply goes to everybody.
const CHECKED_CHANGES: usize = 64;
/// Revisions that a session was not queued after which it is told how far the sheet is. Well within
/// the history that its next edit is transformed over.
const UNQUEUED_REVISIONS: u64 = 256;

/// What of the sheet a session sees, at the head.
#[derive(Debug)]
pub(crate) struct Sight {
    pub(crate) window: Window,
    /// Revisions since the last entry that was queued.
    unqueued: u64,
    /// The batch at hand has an answer for it, or tells it what it has lost.
    answered: bool,
}

impl Sight {
    pub(crate) const fn new(window: Window) -> Self {
        Self { window, unqueued: 0, answered: false }
    }

    /// Carries the window over a change.
    pub(crate) fn follow(&mut self, change: &PublishedChange) {
        if !change.entry.delta.keeps_axes() {
            self.window = self.window.map(&change.entry.delta);
        }
    }
}

/// What a batch touches.
struct Touches<'a> {
    /// `None`: to be taken for everything.
    windows: Option<Vec<&'a Window>>,
    changes: u64,
}

impl<'a> Touches<'a> {
    fn of(batch: &'a Published) -> Self {
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

impl Sessions {
    /// Queues a batch, after which the sheet is at `head`, for the sessions that it concerns.
    pub(crate) fn deliver(&mut self, batch: &Arc<Published>, head: Revision) {
        let touches = Touches::of(batch);
        for item in &batch.items {
            self.note_answer(item);
        }
        self.queue_each(|session| {
            if touches.windows.is_none() {
                for item in &batch.items {
                    if let Item::Change(change) = item {
                        session.sight.follow(change);
                    }
                }
            }
            entry_for(session, batch, &touches, head)
        });
    }

    fn note_answer(&mut self, item: &Item) {
        match item {
            Item::Change(change) => {
                self.note_session(self.session_of(change.entry.client));
                for lost in change.entry.conflicts.iter() {
                    self.note_session(self.session_of(lost.author));
                }
            }
            Item::Refused { session, .. } | Item::Again { session, .. } => {
                self.note_session(Some(*session));
            }
        }
    }

    fn note_session(&mut self, key: Option<SessionKey>) {
        if let Some(session) = key.and_then(|key| self.get_mut(key)) {
            session.sight.answered = true;
        }
    }
}

fn entry_for(
    session: &mut Session,
    batch: &Arc<Published>,
    touches: &Touches<'_>,
    head: Revision,
) -> Option<Outgoing> {
    let sight = &mut session.sight;
    if std::mem::take(&mut sight.answered) || touches.concerns(&sight.window) {
        sight.unqueued = 0;
        return Some(Outgoing::Batch(Arc::clone(batch)));
    }
    sight.unqueued += touches.changes;
    if sight.unqueued < UNQUEUED_REVISIONS {
        return None;
    }
    sight.unqueued = 0;
    Some(Outgoing::Reached(head))
}
