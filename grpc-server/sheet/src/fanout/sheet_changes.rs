//! What sessions have not received of changes besides cells: the name of the sheet, its roles and links, its comments.
//!
//! Not the name itself, which the actor has. Invariants: sessions receive one frame of each kind in its pause, whatever the
//! number of changes; a session that reads slowly receives the newest state when half of its queue is free.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gridloom::v1;
use rustc_hash::FxHashMap;
use tokio::time::Instant;

use crate::fanout::published::SessionKey;
use crate::fanout::session::Outgoing;
use crate::fanout::sessions::Sessions;

/// The pause between two names.
const NAME_EVERY: Duration = Duration::from_millis(250);
/// The pause between two frames after which a client may read roles and links again.
const SHARING_EVERY: Duration = Duration::from_secs(1);
/// The same for comments.
const COMMENTS_EVERY: Duration = Duration::from_millis(500);
/// The pause between two looks at sessions that read slowly.
const BEHIND_EVERY: Duration = Duration::from_millis(250);

/// A kind of change, of which at most one frame is sent in its pause.
struct Paced {
    every: Duration,
    changed: bool,
    /// When the next frame may be sent.
    next: Instant,
}

impl Paced {
    fn every(every: Duration) -> Self {
        Self { every, changed: false, next: Instant::now() }
    }

    fn due(&self) -> Option<Instant> {
        self.changed.then_some(self.next)
    }

    fn take(&mut self, now: Instant) -> bool {
        let taken = self.due().is_some_and(|due| due <= now);
        if taken {
            (self.changed, self.next) = (false, now + self.every);
        }
        taken
    }
}

/// What a frame has besides the name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Parts {
    /// Roles, links or names of persons have changed.
    sharing: bool,
    /// Comments may have changed.
    comments: bool,
}

/// What has changed since the last frames.
pub(crate) struct SheetChanges {
    name: Paced,
    sharing: Paced,
    comments: Paced,
    /// The sessions whose queue was too full for a frame, with what they have not received.
    behind: FxHashMap<SessionKey, Parts>,
    /// When these are looked at again.
    again: Instant,
}

impl SheetChanges {
    pub(crate) fn none() -> Self {
        Self {
            name: Paced::every(NAME_EVERY),
            sharing: Paced::every(SHARING_EVERY),
            comments: Paced::every(COMMENTS_EVERY),
            behind: FxHashMap::default(),
            again: Instant::now(),
        }
    }

    /// The sheet has another name.
    pub(crate) fn renamed(&mut self) {
        self.name.changed = true;
    }

    /// Roles, links or names of persons have changed.
    pub(crate) fn shared(&mut self) {
        self.sharing.changed = true;
    }

    /// Comments may have changed.
    pub(crate) fn commented(&mut self) {
        self.comments.changed = true;
    }

    /// When there is something to do; `None` when all sessions have everything.
    pub(crate) fn due(&self) -> Option<Instant> {
        let again = (!self.behind.is_empty()).then_some(self.again);
        let kinds = [&self.name, &self.sharing, &self.comments].map(Paced::due);
        kinds.into_iter().chain([again]).flatten().min()
    }

    /// Sends the sessions what is due, with the name of the sheet. A session whose queue is half full receives it later.
    pub(crate) fn send_due(&mut self, sessions: &Sessions, name: &str) {
        let now = Instant::now();
        if self.due().is_none_or(|due| due > now) {
            return;
        }
        let renamed = self.name.take(now);
        let parts = Parts { sharing: self.sharing.take(now), comments: self.comments.take(now) };
        let is_new = renamed || parts != Parts::default();
        let mut behind = std::mem::take(&mut self.behind);
        let mut frames = BTreeMap::new();
        for (key, outbox) in sessions.outboxes() {
            let missed = behind.remove(&key);
            if !is_new && missed.is_none() {
                continue;
            }
            let missed = missed.unwrap_or_default();
            let parts = Parts {
                sharing: parts.sharing || missed.sharing,
                comments: parts.comments || missed.comments,
            };
            // Encoded by each session, and shared until then.
            let mut frame = || Arc::clone(frames.entry(parts).or_insert_with(|| parts.frame(name)));
            // The next broadcast removes a session whose queue is closed.
            if !(outbox.is_half_free() && outbox.push(Outgoing::Sheet(frame()))) {
                self.behind.insert(key, parts);
            }
        }
        self.again = now + BEHIND_EVERY;
    }
}

impl Parts {
    fn frame(self, name: &str) -> Arc<v1::SheetChange> {
        let Self { sharing, comments } = self;
        Arc::new(v1::SheetChange { name: name.to_owned(), sharing, comments })
    }
}

#[cfg(test)]
mod tests;
