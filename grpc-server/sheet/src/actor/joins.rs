//! Carries out what `admission` decides: lookups, the first frames of a session, its place in the tables.
//!
//! Invariant: the changes that are replayed to a session end exactly where its live changes begin.

use std::sync::Arc;
use std::time::Instant;

use gridloom::convert;
use gridloom::v1::{self, server_frame::Frame};
use ot_engine::{ClientId, Revision};

use super::SheetActor;
use super::lookups;
use crate::admission::{Admitted, Decision, Found, Known};
use crate::api::message::Join;
use crate::fanout::published::{Item, Published, PublishedChange, SessionKey, command_client};
use crate::fanout::role::role_to_wire;
use crate::fanout::session::{EndReason, Outgoing};
use crate::fanout::sessions::Session;
use crate::fanout::sessions::SessionOwner;
use crate::fanout::viewport::Viewport;
use model::allowance::Bucket;
use model::{EditPlace, Entry};

/// Replayed changes in one queue entry.
const REPLAY_CHANGES: usize = 1_000;

impl SheetActor {
    /// Admits a session at its turn, or begins its lookup.
    pub(super) fn decide_join(&mut self, session: SessionKey) {
        self.joining = None;
        let Some(client) = self.admission.client(session) else { return };
        match self.admission.decide(session, self.known(client)) {
            Some(Decision::Admit(admitted)) => self.admit(admitted),
            Some(Decision::LookUp(lookup)) => {
                let shared = Arc::clone(&self.shared);
                self.lookups.spawn(lookups::session(shared, self.id, lookup));
            }
            None => {}
        }
    }

    /// Admits a session whose lookup has ended, or refuses it.
    pub(super) fn on_join_found(&mut self, found: Found) {
        match self.admission.found(found) {
            Some(Ok(admitted)) => self.admit(admitted),
            Some(Err((join, reason))) => join.outbox.end(reason),
            None => {}
        }
    }

    fn known(&self, client: ClientId) -> Known {
        Known {
            client: ids_of(client).iter().all(|id| self.ordering.client(*id).is_some()),
            head: self.ordering.head(),
            oldest: self.ordering.oldest(),
        }
    }

    fn admit(&mut self, admitted: Admitted) {
        let Admitted { join, clients, missed, frames, hold } = admitted;
        for (client, state) in clients {
            self.ordering.restore_client(client, Some(state));
        }
        let states = ids_of(join.client).map(|id| self.ordering.client(id));
        let states = states.into_iter().flatten();
        if states.clone().any(|state| state.account != join.owner.account) {
            return join.outbox.end(EndReason::ForeignClient);
        }
        let last_sequence = states.map(|state| state.sequence.0).max().unwrap_or(0);
        let known = self.known(join.client);
        let resumed = match missed.is_empty() || join.outbox.has_room_for_missed() {
            true => self.admission.resume(join.resume, &missed, known),
            // The account has not read what its other sessions missed.
            false => Err(v1::resync::Reason::Compacted),
        };
        let resumed = resumed.unwrap_or_else(|reason| {
            join.outbox.frame(Frame::Resync(v1::Resync { reason: reason.into() }));
            None
        });
        let SessionOwner { account, role, role_asked, .. } = join.owner;
        self.ordering.set_may_edit(account, role_asked, role.may_edit());
        self.ordering.rejoined(join.client, account, join.key);
        join.outbox.frame(Frame::Welcome(self.welcome(&join, resumed, last_sequence)));
        let viewport = self.replay(&join, resumed, &missed);
        let Join { key, session_id, owner, client, outbox, .. } = *join;
        self.presences.join(key, session_id, &owner);
        let allowance = Bucket::full(self.shared.limits.session_edits(), Instant::now());
        self.sessions.insert(key, Session { client, owner, outbox, allowance, viewport });
        self.on_frames(key, frames, &hold);
    }

    /// `resumed`: the revision from which the client resumes; `None` when it starts afresh.
    fn welcome(
        &mut self,
        join: &Join,
        resumed: Option<Revision>,
        last_sequence: u64,
    ) -> v1::Welcome {
        let fresh = resumed.is_none();
        v1::Welcome {
            session_id: join.session_id.clone(),
            client_id: convert::client_id_to_wire(join.client),
            epoch: self.epoch,
            revision: resumed.unwrap_or(self.ordering.head()).0,
            committed_revision: self.committed.borrow().min(self.ordering.head()).0,
            role: role_to_wire(join.owner.role).into(),
            columns: if fresh { self.wire_columns.of(self.state.columns()) } else { Vec::new() },
            row_count: if fresh { self.state.row_count() } else { 0 },
            limits: Some(Box::new(self.shared.wire_limits())),
            resumed: !fresh,
            last_sequence,
            name: self.name.name.to_string(),
            place: EditPlace::of(join.client).map_or(0, EditPlace::number),
        }
    }

    /// Queues the changes that a client missed. Its window is in the positions of its resume point; its
    /// stream maps the window through the replay, as is done here to know where it ends.
    fn replay(&self, join: &Join, resumed: Option<Revision>, missed: &[Arc<Entry>]) -> Viewport {
        let mut viewport = Viewport::new(join.window.clone());
        join.outbox.push(Outgoing::Window(join.window.clone()));
        let Some(revision) = resumed else { return viewport };
        let from = missed.last().map_or(revision, |entry| entry.revision);
        let mut changes = missed
            .iter()
            .map(|entry| Arc::new(PublishedChange::new(Arc::clone(entry))))
            .chain(self.log.after(from))
            .inspect(|change| viewport.follow(change))
            .map(Item::Change)
            .peekable();
        while changes.peek().is_some() {
            let items = changes.by_ref().take(REPLAY_CHANGES).collect();
            join.outbox.push_missed(Arc::new(Published::new(items)));
        }
        drop(changes);
        viewport
    }
}

/// The ids under which the log has a client: that of its deltas, and that of its commands.
fn ids_of(client: ClientId) -> [ClientId; 2] {
    [client, command_client(client)]
}
