//! The participants of other nodes that have the same sheet open.
//!
//! Plain data. Not here: the topic on which the other nodes publish them (`link`).
//!
//! Invariant: positions are those of the sheet's head on this node; a participant is removed once its node has
//! been silent for [`SILENT`] or was declared dead; there are at most [`PARTICIPANTS`].

use std::sync::Arc;
use std::time::Duration;

use gridloom::v1;
use ot_engine::{Delta, Presence, Revision};
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::time::Instant;

use super::link::COMPLETE_INTERVAL;
use super::message::PresenceEvent;
use super::participant::{Participant, SHOWN_EVERY, active_from_wire, presence_from_wire};
use crate::fanout::recent::RecentLog;
use model::{AccountColor, NodeId};

/// How long a node may be silent before its participants are removed, at the next tick. Each node publishes a complete
/// list every [`COMPLETE_INTERVAL`]: two are missing by then, and a single lost one removes nothing.
const SILENT: Duration = Duration::from_secs(22);
/// A participant that has vanished silently is shown for less than this.
const GONE_WITHIN: Duration = Duration::from_secs(35);
const _: () = assert!(
    SILENT.as_secs() > 2 * COMPLETE_INTERVAL.as_secs()
        && SILENT.as_secs() + COMPLETE_INTERVAL.as_secs() < GONE_WITHIN.as_secs()
);
/// Participants of other nodes.
const PARTICIPANTS: usize = 10_000;
/// Changes at revisions that this node does not have yet.
const AHEAD: usize = 64;

/// The participants of other nodes, by session id.
#[derive(Default)]
pub(super) struct Remote {
    participants: FxHashMap<String, (NodeId, Participant)>,
    /// When each node last sent a change.
    received: FxHashMap<NodeId, Instant>,
    /// Participants that joined or moved, and those that left, since the last update.
    moved: FxHashSet<String>,
    left: Vec<String>,
    /// Changes and ranges that wait until this node has their revision.
    ahead: Vec<(NodeId, Revision, PresenceEvent)>,
}

impl Remote {
    pub(super) fn len(&self) -> usize {
        self.participants.len()
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.moved.is_empty() && self.left.is_empty()
    }

    /// Transforms all positions over a change.
    pub(super) fn follow(&mut self, delta: &Delta) {
        self.participants.values_mut().for_each(|(_, it)| it.presence.follow(delta));
    }

    /// Applies an event of the link.
    pub(super) fn receive(
        &mut self,
        event: PresenceEvent,
        log: &RecentLog,
        oldest: Revision,
        head: Revision,
    ) {
        match event {
            PresenceEvent::Change { node, revision, .. }
            | PresenceEvent::Range { node, revision, .. } => {
                self.received.insert(node, Instant::now());
                if revision > head {
                    // A change without room is dropped; the node's next complete list contains it.
                    if self.ahead.len() < AHEAD {
                        self.ahead.push((node, revision, event));
                    }
                } else {
                    self.apply(event, log, oldest);
                }
            }
            PresenceEvent::Gone(node) => self.remove_node(node),
            PresenceEvent::Tick => self.remove_silent(),
            PresenceEvent::Asked => {}
        }
    }

    /// Applies the waiting changes whose revision this node has by now.
    pub(super) fn catch_up(&mut self, log: &RecentLog, oldest: Revision, head: Revision) {
        if self.ahead.iter().any(|(_, revision, _)| *revision <= head) {
            for (node, revision, event) in std::mem::take(&mut self.ahead) {
                if revision <= head {
                    self.apply(event, log, oldest);
                } else {
                    self.ahead.push((node, revision, event));
                }
            }
        }
    }

    /// Takes the changes since the last call: the participants that joined or moved, and the ids of those that
    /// left.
    pub(super) fn take_change(&mut self) -> (Vec<v1::Participant>, Vec<String>) {
        let moved = std::mem::take(&mut self.moved);
        let present = moved.iter().filter_map(|id| self.participants.get(id));
        let present = present.map(|(_, participant)| participant.to_wire()).collect();
        (present, std::mem::take(&mut self.left))
    }

    pub(super) fn to_wire(&self) -> impl Iterator<Item = v1::Participant> {
        self.participants.values().map(|(_, participant)| participant.to_wire())
    }

    /// Applies a change, or a range of ids.
    fn apply(&mut self, event: PresenceEvent, log: &RecentLog, oldest: Revision) {
        let (node, revision, present) = match event {
            PresenceEvent::Change { node, revision, change } => {
                if change.complete {
                    self.keep(node, |_| true, &change.present);
                }
                for id in change.left {
                    if self.participants.get(&id).is_some_and(|(at, _)| *at == node) {
                        self.remove(id);
                    }
                }
                (node, revision, change.present)
            }
            PresenceEvent::Range { node, revision, ids, present } => {
                self.keep(node, |id| ids.contains(id), &present);
                (node, revision, present)
            }
            PresenceEvent::Asked | PresenceEvent::Gone(_) | PresenceEvent::Tick => return,
        };
        for participant in present {
            self.place(node, revision, participant, log, oldest);
        }
    }

    /// Removes the participants of a node among some ids that are not listed.
    fn keep(&mut self, node: NodeId, among: impl Fn(&str) -> bool, listed: &[v1::Participant]) {
        let listed: FxHashSet<&str> = listed.iter().map(|it| it.session_id.as_str()).collect();
        self.remove_where(|id, at| at == node && among(id) && !listed.contains(id));
    }

    fn place(
        &mut self,
        node: NodeId,
        revision: Revision,
        received: v1::Participant,
        log: &RecentLog,
        oldest: Revision,
    ) {
        let id = received.session_id.clone();
        let known = self.participants.get(&id);
        if known.is_none() && self.participants.len() >= PARTICIPANTS
            || known.is_some_and(|(at, _)| *at != node)
        {
            return;
        }
        let mut presence = presence_from_wire(&received);
        if revision >= oldest {
            log.after(revision).for_each(|change| presence.follow(&change.entry.delta));
        } else {
            // The log no longer leads from that revision to the head; the node's next complete list does.
            presence = known.map_or_else(Presence::default, |(_, it)| it.presence.clone());
        }
        let active = active_from_wire(&received);
        let color = AccountColor::new(received.color).unwrap_or_default();
        if let Some((_, known)) = self.participants.get_mut(&id)
            && known.presence == presence
            && (&*known.name, known.color) == (&*received.display_name, color)
        {
            let was_idle = active.saturating_duration_since(known.active) >= SHOWN_EVERY;
            known.active = active;
            if !was_idle {
                return;
            }
        }
        let participant = Participant {
            session_id: id.clone(),
            account: received.account_id,
            name: Arc::from(received.display_name),
            color,
            presence,
            active,
        };
        self.moved.insert(id.clone());
        self.participants.insert(id, (node, participant));
    }

    fn remove(&mut self, id: String) {
        self.participants.remove(&id);
        self.moved.remove(&id);
        self.left.push(id);
    }

    fn remove_where(&mut self, is_gone: impl Fn(&str, NodeId) -> bool) {
        let gone = self.participants.iter().filter(|(id, (at, _))| is_gone(id, *at));
        let gone: Vec<String> = gone.map(|(id, _)| id.clone()).collect();
        gone.into_iter().for_each(|id| self.remove(id));
    }

    fn remove_node(&mut self, node: NodeId) {
        self.received.remove(&node);
        self.ahead.retain(|(at, _, _)| *at != node);
        self.remove_where(|_, at| at == node);
    }

    fn remove_silent(&mut self) {
        let silent = self.received.iter().filter(|(_, received)| received.elapsed() > SILENT);
        let silent: Vec<NodeId> = silent.map(|(node, _)| *node).collect();
        silent.into_iter().for_each(|node| self.remove_node(node));
    }
}
