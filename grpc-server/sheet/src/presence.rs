//! Presence on one sheet: each session's cursor, its selections and the cell that it edits.
//!
//! It lives in memory only. Updates are sent at most `UPDATES_PER_SECOND` times a second, and never at the cost
//! of an edit: a session whose queue is more than half full gets no update, and later the complete list. Where
//! several nodes have the sheet open, each publishes its own participants to the others.
//!
//! Not here: the participants of other nodes (`remote`), the topic in Redis (`link`) and its messages (`message`). Invariant: positions
//! are those of the sheet's head.

pub mod link;
mod message;
mod participant;
mod remote;

use std::time::Duration;

use gridloom::convert;
use gridloom::v1;
use ot_engine::{Delta, Presence, Revision};
use rustc_hash::{FxHashMap, FxHashSet};
use tasks::Tasks;
use tokio::time::Instant;

use self::link::{Link, PresenceBus};
pub(crate) use self::message::PresenceEvent;
use self::participant::{Participant, SHOWN_EVERY};
use self::remote::Remote;

use crate::fanout::published::SessionKey;
use crate::fanout::recent::RecentLog;
use crate::fanout::session::Outgoing;
use crate::fanout::sessions::{SessionOwner, Sessions};
use model::SheetId;

/// Updates that a session receives in a second; each has the newest place of a participant.
const UPDATES_PER_SECOND: u32 = 20;

/// A participant of this node.
struct Local {
    participant: Participant,
    /// The newest place that its client sent since the last update, in positions of that revision. It is
    /// carried to the head when it is sent, so a client that moves often costs nothing more.
    pending: Option<(Revision, Presence)>,
    /// When the others last received that it was active.
    shown: Instant,
}

/// The participants of one sheet.
pub(crate) struct Presences {
    /// The link to other nodes that have the sheet open; `None` on a single node.
    link: Option<Link>,
    /// The participants of other nodes.
    remote: Remote,
    /// The other nodes need the complete list of the local participants.
    link_behind: bool,
    local: FxHashMap<SessionKey, Local>,
    /// Sessions that joined or moved since the last update.
    moved: FxHashSet<SessionKey>,
    /// Sessions that need the complete list: they have just joined, or their queue was full.
    behind: FxHashSet<SessionKey>,
    /// When the next update may be sent.
    next: Instant,
}

impl Presences {
    pub(crate) fn new(bus: Option<PresenceBus>, sheet: SheetId, tasks: &Tasks) -> Self {
        Self {
            link: bus.map(|bus| Link::open(bus, sheet, tasks)),
            remote: Remote::default(),
            link_behind: false,
            local: FxHashMap::default(),
            moved: FxHashSet::default(),
            behind: FxHashSet::default(),
            next: Instant::now(),
        }
    }

    /// The next event of the link; pending on a single node. Safe to cancel.
    pub(crate) async fn next_event(&mut self) -> Option<PresenceEvent> {
        match &mut self.link {
            Some(link) => link.next().await,
            None => std::future::pending().await,
        }
    }

    fn len(&self) -> usize {
        self.local.len() + self.remote.len()
    }

    /// Adds a session.
    pub(crate) fn join(&mut self, key: SessionKey, session_id: String, owner: &SessionOwner) {
        self.moved.insert(key);
        if self.len() > 0 {
            self.behind.insert(key);
        }
        let participant = Participant {
            session_id,
            account: owner.account.to_string(),
            name: owner.name.clone(),
            color: owner.color,
            presence: Presence::default(),
            active: Instant::now(),
        };
        self.local.insert(key, Local { participant, pending: None, shown: Instant::now() });
    }

    /// Shows the name and the color that the owner of a session has now. It is no activity.
    pub(crate) fn set_person(&mut self, key: SessionKey, owner: &SessionOwner) {
        if let Some(local) = self.local.get_mut(&key) {
            (local.participant.name, local.participant.color) = (owner.name.clone(), owner.color);
            self.moved.insert(key);
        }
    }

    /// Transforms all positions over a change.
    pub(crate) fn follow(&mut self, delta: &Delta) {
        if !delta.keeps_axes() {
            self.local.values_mut().for_each(|local| local.participant.presence.follow(delta));
            self.remote.follow(delta);
        }
    }

    /// When the next update is due; `None` when there is nothing to send.
    pub(crate) fn due(&self, sessions: &Sessions) -> Option<Instant> {
        let quiet =
            self.moved.is_empty() && self.behind.is_empty() && self.local.len() == sessions.len();
        let publish = self.link_behind && self.link.as_ref().is_some_and(Link::has_room);
        (!quiet || publish || !self.remote.is_quiet()).then_some(self.next)
    }

    /// Keeps the newest place of a session, in the positions of a revision.
    pub(crate) fn update(&mut self, key: SessionKey, revision: Revision, presence: Presence) {
        if let Some(local) = self.local.get_mut(&key) {
            // To leave the sheet is no activity; to come back is.
            if !presence.away {
                local.participant.active = Instant::now();
                local.shown = local.participant.active;
            }
            local.pending = Some((revision, presence));
            self.moved.insert(key);
        }
    }

    /// Notes that a session edits.
    pub(crate) fn edited(&mut self, key: SessionKey) {
        if let Some(local) = self.local.get_mut(&key) {
            local.participant.active = Instant::now();
            if local.shown.elapsed() >= SHOWN_EVERY {
                local.shown = local.participant.active;
                self.moved.insert(key);
            }
        }
    }

    /// Carries the kept places to the head. A place at a revision that the log no longer has is dropped:
    /// the client sends its place again with its next move.
    fn resolve(&mut self, log: &RecentLog, oldest: Revision) {
        for key in &self.moved {
            let Some(local) = self.local.get_mut(key) else { continue };
            if let Some((revision, mut presence)) = local.pending.take()
                && revision >= oldest
            {
                log.after(revision).for_each(|change| presence.follow(&change.entry.delta));
                local.participant.presence = presence;
            }
        }
    }

    /// Sends all sessions the changes since the last update; a session that is alone receives none.
    fn send(&mut self, sessions: &Sessions, head: Revision) {
        self.next = Instant::now() + Duration::from_secs(1) / UPDATES_PER_SECOND;
        let mut change = self.local_change(sessions);
        self.publish(head, &change);
        let (present, left) = self.remote.take_change();
        change.present.extend(present);
        change.left.extend(left);
        let none_moved = change.present.is_empty() || self.len() < 2;
        let is_empty = none_moved && change.left.is_empty();
        // Encoded once, for all sessions; the complete list when the first session has room for it.
        let change = convert::encode_presence(change);
        let mut all = None;
        for (key, outbox) in sessions.outboxes() {
            let behind = self.behind.contains(&key);
            if is_empty && !behind {
                continue;
            }
            let mut update = || match behind {
                true => all.get_or_insert_with(|| convert::encode_presence(self.all())).clone(),
                false => change.clone(),
            };
            // The next broadcast removes a session whose queue is closed.
            if outbox.is_half_free() && outbox.push(Outgoing::Presence(update())) {
                self.behind.remove(&key);
            } else {
                self.behind.insert(key);
            }
        }
    }

    /// Takes the changes among the local participants since the last update.
    fn local_change(&mut self, sessions: &Sessions) -> v1::PresenceChange {
        let left = self.local.extract_if(|key, _| !sessions.contains(*key));
        let left = left.map(|(_, local)| local.participant.session_id).collect();
        self.behind.retain(|key| sessions.contains(*key));
        let moved = std::mem::take(&mut self.moved);
        let moved = moved.iter().filter_map(|key| self.local.get(key));
        let present = moved.map(|local| local.participant.to_wire()).collect();
        v1::PresenceChange { present, left, complete: false }
    }

    /// Publishes a change to the other nodes, or the complete list where they need it.
    fn publish(&mut self, head: Revision, change: &v1::PresenceChange) {
        let Some(link) = &self.link else { return };
        if self.link_behind {
            let present = self.local_to_wire().collect();
            let all = v1::PresenceChange { present, left: Vec::new(), complete: true };
            self.link_behind = !link.publish(head, &all);
        } else if !(change.present.is_empty() && change.left.is_empty()) {
            self.link_behind = !link.publish(head, change);
        }
    }

    fn local_to_wire(&self) -> impl Iterator<Item = v1::Participant> {
        self.local.values().map(|local| local.participant.to_wire())
    }

    /// The complete list.
    fn all(&self) -> v1::PresenceChange {
        let present = self.local_to_wire().chain(self.remote.to_wire()).collect();
        v1::PresenceChange { present, left: Vec::new(), complete: true }
    }

    /// Applies an event of the link.
    pub(crate) fn receive(
        &mut self,
        event: PresenceEvent,
        log: &RecentLog,
        oldest: Revision,
        head: Revision,
    ) {
        let asks = matches!(event, PresenceEvent::Asked | PresenceEvent::Tick);
        if asks && !self.local.is_empty() {
            self.link_behind = true;
        }
        self.remote.receive(event, log, oldest, head);
    }

    /// Sends an update to all sessions, if one is due.
    pub(crate) fn send_due(
        &mut self,
        sessions: &Sessions,
        log: &RecentLog,
        oldest: Revision,
        head: Revision,
    ) {
        self.remote.catch_up(log, oldest, head);
        if self.due(sessions).is_some_and(|due| due <= Instant::now()) {
            self.resolve(log, oldest);
            self.send(sessions, head);
        }
    }
}

#[cfg(test)]
mod tests;
