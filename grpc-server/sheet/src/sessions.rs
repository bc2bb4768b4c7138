//! The sessions of one sheet: who they are, and their ways out.
//!
//! A plain table inside the sheet's task. Invariant: a client id has at most one session; a session
//! whose queue is full or closed is not in the table after the next broadcast.

use std::sync::Arc;

use ot_engine::ClientId;
use rustc_hash::FxHashMap;

use super::deliver::Sight;
use super::message::SessionOwner;
use super::publish::{SessionKey, command_client};
use super::session::{EndReason, Outbox, Outgoing, Room};
use model::allowance::Bucket;

/// One session as the sheet's task sees it.
pub(super) struct Session {
    pub(super) client: ClientId,
    pub(super) owner: SessionOwner,
    pub(super) outbox: Outbox,
    /// How many edits it may send now.
    pub(super) allowance: Bucket,
    pub(super) sight: Sight,
}

/// All of them.
#[derive(Default)]
pub(super) struct Sessions {
    by_key: FxHashMap<SessionKey, Session>,
    by_client: FxHashMap<ClientId, SessionKey>,
}

impl Sessions {
    pub(super) fn insert(&mut self, key: SessionKey, session: Session) {
        if let Some(older) = self.by_client.insert(session.client, key) {
            // A client that reconnects before its old connection is known to be dead.
            self.end(older, EndReason::Replaced);
            self.by_client.insert(session.client, key);
        }
        self.by_key.insert(key, session);
    }

    pub(super) fn get_mut(&mut self, key: SessionKey) -> Option<&mut Session> {
        self.by_key.get_mut(&key)
    }

    pub(super) fn contains(&self, key: SessionKey) -> bool {
        self.by_key.contains_key(&key)
    }

    /// Everybody's way out.
    pub(super) fn outboxes(&self) -> impl Iterator<Item = (SessionKey, &Outbox)> {
        self.by_key.iter().map(|(key, session)| (*key, &session.outbox))
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// The session that a change's client has now, also for the sibling id of its commands.
    pub(super) fn session_of(&self, client: ClientId) -> Option<SessionKey> {
        self.by_client.get(&client).or_else(|| self.by_client.get(&command_client(client))).copied()
    }

    /// The room in one session's queue.
    pub(super) fn room(&self, key: SessionKey) -> Option<Arc<Room>> {
        self.by_key.get(&key).map(|session| session.outbox.room())
    }

    pub(super) fn push(&mut self, key: SessionKey, entry: Outgoing) {
        if self.by_key.get(&key).is_some_and(|session| !session.outbox.push(entry)) {
            self.remove(key);
        }
    }

    /// Queues an entry for every session.
    pub(super) fn broadcast(&mut self, entry: impl Fn() -> Outgoing) {
        self.queue_each(|_| Some(entry()));
    }

    /// Queues for each session what `entry_for` gives it; who does not take it up is out.
    pub(super) fn queue_each(
        &mut self,
        mut entry_for: impl FnMut(&mut Session) -> Option<Outgoing>,
    ) {
        let by_client = &mut self.by_client;
        self.by_key.retain(|key, session| {
            let Some(entry) = entry_for(session) else { return true };
            let alive = session.outbox.push(entry);
            if !alive && by_client.get(&session.client) == Some(key) {
                by_client.remove(&session.client);
            }
            alive
        });
    }

    /// Takes a session out; its stream ends when it has read what is queued.
    pub(super) fn remove(&mut self, key: SessionKey) {
        if let Some(session) = self.by_key.remove(&key)
            && self.by_client.get(&session.client) == Some(&key)
        {
            self.by_client.remove(&session.client);
        }
    }

    /// Ends a session from the server's side.
    pub(super) fn end(&mut self, key: SessionKey, reason: EndReason) {
        if let Some(session) = self.by_key.get(&key) {
            session.outbox.end(reason);
        }
        self.remove(key);
    }

    /// Ends all sessions that `which` names.
    pub(super) fn end_where(&mut self, reason: &EndReason, which: impl Fn(&Session) -> bool) {
        let ending: Vec<SessionKey> =
            self.by_key.iter().filter(|(_, session)| which(session)).map(|(key, _)| *key).collect();
        for key in ending {
            self.end(key, reason.clone());
        }
    }
}
