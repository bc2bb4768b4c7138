//! Who is here and where: each session's cursor, selections and the cell that it is editing.
//!
//! Kept in the sheet's memory only, told at most `TOLD_PER_SECOND` times a second, and never at
//! the cost of an edit: a session that is behind in reading is left out, and given the whole list
//! when it has caught up. Where several servers have the sheet open, each tells the others of its own
//! people. Invariant: positions are those of the sheet's head.

pub mod link;
mod others;

use std::sync::Arc;
use std::time::Duration;

use gridloom::convert;
use gridloom::v1;
use ot_engine::{Delta, Presence, Revision};
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::time::Instant;

use self::link::{Link, News, PresenceBus};
use self::others::Others;

use crate::fanout::published::SessionKey;
use crate::fanout::recent::RecentLog;
use crate::fanout::session::Outgoing;
use crate::fanout::sessions::{SessionOwner, Sessions};
use model::SheetId;

/// How often a sheet's sessions are told who has moved; of each session only the newest is told.
const TOLD_PER_SECOND: u32 = 20;

/// Selections of one person at another server.
const SELECTIONS: usize = 16;

/// Somebody in session.
struct Person {
    session_id: String,
    account: String,
    name: Arc<str>,
    /// In positions of the head.
    presence: Presence,
    /// What it has said since the last telling, in positions of that revision. Carried to the head
    /// only when it is told, so that it costs nothing to say it more often.
    said: Option<(Revision, Presence)>,
}

impl Person {
    fn to_wire(&self) -> v1::Participant {
        let cell = |(row, col)| v1::CellPosition { row, col };
        v1::Participant {
            session_id: self.session_id.clone(),
            account_id: self.account.clone(),
            display_name: self.name.to_string(),
            cursor: self.presence.cursor.map(cell),
            selections: self.presence.selections.iter().map(convert::window_to_wire).collect(),
            editing: self.presence.editing.map(cell),
        }
    }
}

/// Where somebody is, as it was told.
fn participant(said: &v1::Participant) -> Presence {
    let cell = |cell: v1::CellPosition| (cell.row, cell.col);
    let selections = said.selections.iter().take(SELECTIONS);
    Presence {
        cursor: said.cursor.map(cell),
        selections: selections.map(|window| convert::window_from_wire(*window)).collect(),
        editing: said.editing.map(cell),
    }
}

/// Everybody in session on one sheet.
pub(crate) struct Presences {
    /// The way to other servers that have the sheet open, where there are others.
    link: Option<Link>,
    /// Who is at other servers.
    others: Others,
    /// The other servers need the whole list of those who are here.
    behind_abroad: bool,
    people: FxHashMap<SessionKey, Person>,
    /// Who has come or moved since the last telling.
    moved: FxHashSet<SessionKey>,
    /// Who needs the whole list: has just come, or could not be told before.
    behind: FxHashSet<SessionKey>,
    /// When the next telling may be.
    next: Instant,
}

impl Presences {
    pub(crate) fn new(bus: Option<PresenceBus>, sheet: SheetId) -> Self {
        let (moved, behind) = (FxHashSet::default(), FxHashSet::default());
        Self {
            link: bus.map(|bus| Link::open(bus, sheet)),
            others: Others::default(),
            behind_abroad: false,
            people: FxHashMap::default(),
            moved,
            behind,
            next: Instant::now(),
        }
    }

    /// What other servers tell; for ever silent where there are none. Safe to cancel.
    pub(crate) async fn heard(&mut self) -> Option<News> {
        match &mut self.link {
            Some(link) => link.next().await,
            None => std::future::pending().await,
        }
    }

    fn len(&self) -> usize {
        self.people.len() + self.others.len()
    }

    /// Takes a session in.
    pub(crate) fn join(&mut self, key: SessionKey, session_id: String, owner: &SessionOwner) {
        self.moved.insert(key);
        if self.len() > 0 {
            self.behind.insert(key);
        }
        let (account, name) = (owner.account.to_string(), owner.name.clone());
        let presence = Presence::default();
        self.people.insert(key, Person { session_id, account, name, presence, said: None });
    }

    /// Carries everybody through a change.
    pub(crate) fn follow(&mut self, delta: &Delta) {
        if !delta.keeps_axes() {
            self.people.values_mut().for_each(|person| person.presence.follow(delta));
            self.others.follow(delta);
        }
    }

    /// When there is something to tell; `None` when there is nothing.
    pub(crate) fn due(&self, sessions: &Sessions) -> Option<Instant> {
        let quiet =
            self.moved.is_empty() && self.behind.is_empty() && self.people.len() == sessions.len();
        let abroad = self.behind_abroad && self.link.as_ref().is_some_and(Link::has_room);
        (!quiet || abroad || !self.others.is_quiet()).then_some(self.next)
    }

    /// A session is elsewhere, in the positions of a revision.
    pub(crate) fn say(&mut self, key: SessionKey, revision: Revision, presence: Presence) {
        if let Some(person) = self.people.get_mut(&key) {
            person.said = Some((revision, presence));
            self.moved.insert(key);
        }
    }

    /// Takes up what has been said. Who speaks of a revision that is no longer known speaks again.
    fn settle(&mut self, log: &RecentLog, oldest: Revision) {
        for key in &self.moved {
            let said =
                self.people.get_mut(key).and_then(|person| Some((person.said.take()?, person)));
            if let Some(((revision, mut presence), person)) = said
                && revision >= oldest
            {
                log.after(revision).for_each(|change| presence.follow(&change.entry.delta));
                person.presence = presence;
            }
        }
    }

    /// Tells all sessions what has changed; who is alone is told nothing.
    fn tell(&mut self, sessions: &Sessions, head: Revision) {
        self.next = Instant::now() + Duration::from_secs(1) / TOLD_PER_SECOND;
        let left = self.people.extract_if(|key, _| !sessions.contains(*key));
        let left = left.map(|(_, person)| person.session_id).collect();
        self.behind.retain(|key| sessions.contains(*key));
        let moved = std::mem::take(&mut self.moved);
        let present = moved.iter().filter_map(|key| self.people.get(key)).map(Person::to_wire);
        let present = present.collect();
        let mut news = v1::PresenceChange { present, left, complete: false };
        self.tell_abroad(head, &news);
        let (present, left) = self.others.news();
        news.present.extend(present);
        news.left.extend(left);
        let nobody_moved = news.present.is_empty() || self.len() < 2;
        let nothing_new = nobody_moved && news.left.is_empty();
        // Encoded once, for all.
        let news = convert::encode_presence(news);
        let all = (!self.behind.is_empty()).then(|| convert::encode_presence(self.all()));
        for (key, outbox) in sessions.outboxes() {
            let behind = self.behind.contains(&key);
            if nothing_new && !behind {
                continue;
            }
            let told = all.as_ref().filter(|_| behind).unwrap_or(&news);
            // A session that has gone is noticed elsewhere.
            if outbox.has_room() && outbox.push(Outgoing::Presence(told.clone())) {
                self.behind.remove(&key);
            } else {
                self.behind.insert(key);
            }
        }
    }

    /// Tells the other servers what has changed here, or all of it.
    fn tell_abroad(&mut self, head: Revision, news: &v1::PresenceChange) {
        let Some(link) = &self.link else { return };
        if self.behind_abroad {
            let present = self.people.values().map(Person::to_wire).collect();
            let all = v1::PresenceChange { present, left: Vec::new(), complete: true };
            self.behind_abroad = !link.tell(head, &all);
        } else if !(news.present.is_empty() && news.left.is_empty()) {
            self.behind_abroad = !link.tell(head, news);
        }
    }

    /// The whole list.
    fn all(&self) -> v1::PresenceChange {
        let present = self.people.values().map(Person::to_wire).chain(self.others.all()).collect();
        v1::PresenceChange { present, left: Vec::new(), complete: true }
    }

    /// Takes in an event from another server.
    pub(crate) fn receive(
        &mut self,
        event: News,
        log: &RecentLog,
        oldest: Revision,
        head: Revision,
    ) {
        if matches!(event, News::Asked | News::Tick) && !self.people.is_empty() {
            self.behind_abroad = true;
        }
        self.others.hear(event, log, oldest, head);
    }

    /// Sends to all sessions who is where, if that is due.
    pub(crate) fn send_due(
        &mut self,
        sessions: &Sessions,
        log: &RecentLog,
        oldest: Revision,
        head: Revision,
    ) {
        self.others.catch_up(log, oldest, head);
        if self.due(sessions).is_some_and(|due| due <= Instant::now()) {
            self.settle(log, oldest);
            self.tell(sessions, head);
        }
    }
}
