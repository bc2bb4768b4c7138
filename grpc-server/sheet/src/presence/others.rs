//! Who has the sheet open at other servers, and where they are.
//!
//! Plain data. Invariant: positions are those of the sheet's head here; nobody is kept whose server was
//! not heard of for [`SILENT`], and never more than [`PEOPLE`].

use std::sync::Arc;
use std::time::Duration;

use gridloom::v1;
use ot_engine::{Delta, Presence, Revision};
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::time::Instant;

use super::link::News;
use super::{Person, participant};
use crate::fanout::recent::RecentLog;
use model::NodeId;

/// How long a server need not be heard of.
const SILENT: Duration = Duration::from_secs(30);
/// People at other servers.
const PEOPLE: usize = 10_000;
/// News that speaks of revisions which are not known here yet.
const AHEAD: usize = 64;

/// Everybody elsewhere.
#[derive(Default)]
pub(super) struct Others {
    people: FxHashMap<String, (NodeId, Person)>,
    heard: FxHashMap<NodeId, Instant>,
    /// Who has come or moved, and who has left, since the last telling.
    moved: FxHashSet<String>,
    left: Vec<String>,
    /// News that waits for this server to know the revision.
    ahead: Vec<(NodeId, Revision, v1::PresenceChange)>,
}

impl Others {
    pub(super) fn len(&self) -> usize {
        self.people.len()
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.moved.is_empty() && self.left.is_empty()
    }

    /// Carries everybody through a change.
    pub(super) fn follow(&mut self, delta: &Delta) {
        self.people.values_mut().for_each(|(_, person)| person.presence.follow(delta));
    }

    /// Takes up what was heard.
    pub(super) fn hear(&mut self, news: News, log: &RecentLog, oldest: Revision, head: Revision) {
        match news {
            News::Change { node, revision, change } => {
                self.heard.insert(node, Instant::now());
                if revision > head {
                    // Where there is no room the next whole list makes it good.
                    if self.ahead.len() < AHEAD {
                        self.ahead.push((node, revision, change));
                    }
                } else {
                    self.take(node, revision, change, log, oldest);
                }
            }
            News::Gone(node) => self.gone(node),
            News::Tick => self.forget_silent(),
            News::Asked => {}
        }
    }

    /// Takes up what had to wait.
    pub(super) fn catch_up(&mut self, log: &RecentLog, oldest: Revision, head: Revision) {
        if self.ahead.iter().any(|(_, revision, _)| *revision <= head) {
            for (node, revision, change) in std::mem::take(&mut self.ahead) {
                if revision <= head {
                    self.take(node, revision, change, log, oldest);
                } else {
                    self.ahead.push((node, revision, change));
                }
            }
        }
    }

    /// What has changed since this was last asked.
    pub(super) fn news(&mut self) -> (Vec<v1::Participant>, Vec<String>) {
        let moved = std::mem::take(&mut self.moved);
        let present = moved.iter().filter_map(|id| self.people.get(id));
        let present = present.map(|(_, person)| person.to_wire()).collect();
        (present, std::mem::take(&mut self.left))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = v1::Participant> {
        self.people.values().map(|(_, person)| person.to_wire())
    }

    fn take(
        &mut self,
        node: NodeId,
        revision: Revision,
        change: v1::PresenceChange,
        log: &RecentLog,
        oldest: Revision,
    ) {
        if change.complete {
            let named: FxHashSet<&str> =
                change.present.iter().map(|person| person.session_id.as_str()).collect();
            let gone: Vec<String> = self
                .people
                .iter()
                .filter(|(id, (at, _))| *at == node && !named.contains(id.as_str()))
                .map(|(id, _)| id.clone())
                .collect();
            gone.into_iter().for_each(|id| self.leave(id));
        }
        for left in change.left {
            if self.people.get(&left).is_some_and(|(at, _)| *at == node) {
                self.leave(left);
            }
        }
        for said in change.present {
            self.place(node, revision, said, log, oldest);
        }
    }

    fn place(
        &mut self,
        node: NodeId,
        revision: Revision,
        said: v1::Participant,
        log: &RecentLog,
        oldest: Revision,
    ) {
        let id = said.session_id.clone();
        let known = self.people.get(&id);
        if known.is_none() && self.people.len() >= PEOPLE
            || known.is_some_and(|(at, _)| *at != node)
        {
            return;
        }
        let mut presence = participant(&said);
        if revision >= oldest {
            log.after(revision).for_each(|change| presence.follow(&change.entry.delta));
        } else {
            // Where that was is not known any more; it is told again soon.
            presence = known.map_or_else(Presence::default, |(_, person)| person.presence.clone());
        }
        if known.is_some_and(|(_, person)| person.presence == presence) {
            return;
        }
        let person = Person {
            session_id: id.clone(),
            account: said.account_id,
            name: Arc::from(said.display_name),
            presence,
            said: None,
        };
        self.moved.insert(id.clone());
        self.people.insert(id, (node, person));
    }

    fn leave(&mut self, id: String) {
        self.people.remove(&id);
        self.moved.remove(&id);
        self.left.push(id);
    }

    fn gone(&mut self, node: NodeId) {
        self.heard.remove(&node);
        self.ahead.retain(|(at, _, _)| *at != node);
        let people: Vec<String> = self
            .people
            .iter()
            .filter(|(_, (at, _))| *at == node)
            .map(|(id, _)| id.clone())
            .collect();
        people.into_iter().for_each(|id| self.leave(id));
    }

    fn forget_silent(&mut self) {
        let silent: Vec<NodeId> = self
            .heard
            .iter()
            .filter(|(_, heard)| heard.elapsed() > SILENT)
            .map(|(node, _)| *node)
            .collect();
        silent.into_iter().for_each(|node| self.gone(node));
    }
}
