//! The sessions of one sheet: their owners, viewports and outgoing queues.
//!
//! A plain table inside the sheet's task. Not here: what a session does with its queue (`session`).
//!
//! Invariant: a client id has at most one session; a session whose queue is full or closed is not in the table
//! after the next broadcast.

use std::sync::Arc;

use ot_engine::{ClientId, Revision};
use rustc_hash::FxHashMap;

use crate::fanout::published::{Item, Published, SessionKey, command_client};
use crate::fanout::session::{EndReason, Outbox, Outgoing, QueueLimit};
use crate::fanout::viewport::{Footprint, Viewport};
use model::allowance::Bucket;
use model::{AccountColor, AccountId, Role};

/// The owner of a session, as far as the sheet's task needs it.
#[derive(Clone, Debug)]
pub struct SessionOwner {
    /// The account.
    pub account: AccountId,
    /// SHA-256 of the access token, to end the session when the token is revoked.
    pub token_hash: [u8; 32],
    /// The account's role on the sheet.
    pub role: Role,
    /// The number of the lookup of the role: the answer to an earlier one is not used.
    pub role_asked: u64,
    /// The name of the account that others see.
    pub name: Arc<str>,
    /// The color of the account that others see.
    pub color: AccountColor,
    /// The number of the lookup of name and color; 0: as the lookup of the token found them.
    pub person_asked: u64,
}

/// One session as the sheet's task sees it.
pub(crate) struct Session {
    pub(crate) client: ClientId,
    pub(crate) owner: SessionOwner,
    pub(crate) outbox: Outbox,
    /// Edits that it may send now.
    pub(crate) allowance: Bucket,
    pub(crate) viewport: Viewport,
}

/// All sessions of a sheet.
#[derive(Default)]
pub(crate) struct Sessions {
    by_key: FxHashMap<SessionKey, Session>,
    by_client: FxHashMap<ClientId, SessionKey>,
}

impl Sessions {
    pub(crate) fn insert(&mut self, key: SessionKey, session: Session) {
        if let Some(older) = self.by_client.insert(session.client, key) {
            // The client has reconnected before the server noticed the end of its old connection.
            self.end(older, EndReason::Replaced);
            self.by_client.insert(session.client, key);
        }
        self.by_key.insert(key, session);
    }

    pub(crate) fn get_mut(&mut self, key: SessionKey) -> Option<&mut Session> {
        self.by_key.get_mut(&key)
    }

    pub(crate) fn contains(&self, key: SessionKey) -> bool {
        self.by_key.contains_key(&key)
    }

    /// The outgoing queues of all sessions.
    pub(crate) fn outboxes(&self) -> impl Iterator<Item = (SessionKey, &Outbox)> {
        self.by_key.iter().map(|(key, session)| (*key, &session.outbox))
    }

    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// The sessions, each with its owner.
    pub(crate) fn owners(&mut self) -> impl Iterator<Item = (SessionKey, &mut SessionOwner)> {
        self.by_key.iter_mut().map(|(key, session)| (*key, &mut session.owner))
    }

    /// The current session of a change's client, also for the sibling id of its commands.
    pub(crate) fn session_of(&self, client: ClientId) -> Option<SessionKey> {
        self.by_client.get(&client).or_else(|| self.by_client.get(&command_client(client))).copied()
    }

    /// The limit of one session's queue.
    pub(crate) fn queue_limit(&self, key: SessionKey) -> Option<Arc<QueueLimit>> {
        self.by_key.get(&key).map(|session| session.outbox.limit())
    }

    pub(crate) fn push(&mut self, key: SessionKey, entry: Outgoing) {
        if self.by_key.get(&key).is_some_and(|session| !session.outbox.push(entry)) {
            self.remove(key);
        }
    }

    /// Queues an entry for every session.
    pub(crate) fn broadcast(&mut self, entry: impl Fn() -> Outgoing) {
        self.queue_each(|_| Some(entry()));
    }

    /// Queues for each session the entry of `entry_for`, and removes sessions whose queue is full or closed.
    pub(crate) fn queue_each(
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

    /// Removes a session; its stream ends after the queued entries.
    pub(crate) fn remove(&mut self, key: SessionKey) {
        if let Some(session) = self.by_key.remove(&key)
            && self.by_client.get(&session.client) == Some(&key)
        {
            self.by_client.remove(&session.client);
        }
    }

    /// Ends a session from the server's side.
    pub(crate) fn end(&mut self, key: SessionKey, reason: EndReason) {
        if let Some(session) = self.by_key.get(&key) {
            session.outbox.end(reason);
        }
        self.remove(key);
    }

    /// Ends all sessions for which `which` is true.
    pub(crate) fn end_where(&mut self, reason: &EndReason, which: impl Fn(&Session) -> bool) {
        let ending: Vec<SessionKey> =
            self.by_key.iter().filter(|(_, session)| which(session)).map(|(key, _)| *key).collect();
        for key in ending {
            self.end(key, reason.clone());
        }
    }
}

impl Sessions {
    /// Queues a batch, after which the sheet is at `head`, for the sessions that it concerns.
    pub(crate) fn fan_out(&mut self, batch: &Arc<Published>, head: Revision) {
        let footprint = Footprint::of(batch);
        for item in &batch.items {
            self.note_answer(item);
        }
        self.queue_each(|session| session.viewport.entry_for(batch, &footprint, head));
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
            session.viewport.note_answer();
        }
    }
}
