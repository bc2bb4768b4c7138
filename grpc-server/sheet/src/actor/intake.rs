//! Takes requests from the inbox: edits become work of the ordering core, and so do requests that wait for the
//! edits before them; the others are carried out at once.
//!
//! Not here: what a request does at its turn (`turns`). Invariant: what a session sent in one order is passed on
//! in that order.

use gridloom::v1::{self, server_frame::Frame};
use ot_engine::{ClientId, Sequence, SharedDelta, Submission};

use super::requests::Waiting;
use super::{SheetActor, lookups};
use crate::api::message::{Apply, ApplyChange, ClientMessage, Join, Request};
use crate::api::undo_target::UndoTarget;
use crate::fanout::published::SessionKey;
use crate::fanout::session::{EndReason, Outgoing};
use crate::memory::EditHold;
use crate::ordering::heavy::list_tokens;
use crate::ordering::work::{Author, Work};
use crate::refusal::Refusal;
use crate::time_travel::undo::call::UndoCall;
use model::EditGroup;
use model::allowance::tokens;

/// The tokens of a delta.
fn delta_tokens(delta: &SharedDelta) -> u32 {
    let weight = delta.weight();
    tokens(weight.cells.saturating_add(weight.runs), weight.bytes)
}

/// Frames of one session that may wait behind an edit of it that is parked.
const PARKED_MOST: usize = 1_024;

impl SheetActor {
    /// Takes a batch of requests.
    pub(super) fn on_requests(&mut self, requests: &mut Vec<Request>) {
        self.ordering.begin_turn();
        self.taken.extend(requests.drain(..));
        self.take_in();
    }

    /// Carries taken requests out, up to one that asks to join: the frames of its session follow it, and wait
    /// with all later requests until its turn.
    pub(super) fn take_in(&mut self) {
        while self.joining.is_none()
            && let Some(request) = self.taken.pop_front()
        {
            self.on_request(request);
            if self.joining.is_some() {
                self.carry_out_actions();
            }
        }
    }

    fn on_request(&mut self, request: Request) {
        match request {
            Request::Frames { session, frames, hold } => self.on_frames(session, frames, &hold),
            Request::Apply(apply) => self.on_apply(apply),
            Request::Join(join) => self.on_join(join),
            Request::Read(read) => self.alone(Waiting::Read(read)),
            Request::Places(places) => self.alone(Waiting::Places(places)),
            Request::Leave(session) => {
                // Its outbox is dropped with it.
                drop(self.admission.leave(session));
                self.stop_reads(session);
                self.sessions.remove(session);
            }
            Request::End(session, reason) => {
                if let Some(join) = self.admission.leave(session) {
                    join.outbox.end(reason.clone());
                }
                self.stop_reads(session);
                self.sessions.end(session, reason);
            }
            Request::Refresh(session, token_hash) => {
                self.admission.refresh(session, token_hash);
                if let Some(session) = self.sessions.get_mut(session) {
                    session.owner.token_hash = token_hash;
                }
            }
            Request::Revoke(token) => self.revoke(token),
            Request::Roles(roles) => self.on_roles(&roles),
            Request::Name(name) => self.on_name(name),
            Request::Sharing => self.changes.shared(),
            Request::Comments => self.changes.commented(),
            Request::Persons(persons) => self.on_persons(&persons),
            Request::Seal(sealed, done) => {
                self.ordering.seal(sealed);
                if let Some(done) = done {
                    self.mark(None, Waiting::Sealed(done), EditHold::default());
                }
            }
            Request::Drain(deadline_micros) => {
                let frame = v1::ServerFrame {
                    frame: Some(Frame::Draining(v1::Draining { deadline_micros })),
                };
                self.sessions.broadcast(|| Outgoing::Frame(Box::new(frame.clone())));
            }
            Request::Close(reason) => self.mark(None, Waiting::Close(reason), EditHold::default()),
        }
    }

    /// Adds a request that waits for the edits before it. `client`: also for its parked edits.
    fn mark(&mut self, client: Option<ClientId>, request: Waiting, hold: EditHold) {
        let request = self.requests.add(request);
        self.ordering.push_held(Work::Mark { request, client }, hold);
    }

    /// Adds a request that needs everything accepted so far, by any node.
    pub(super) fn alone(&mut self, request: Waiting) {
        let request = self.requests.add(request);
        self.ordering.push(Work::Alone { request });
    }

    fn revoke(&mut self, token: [u8; 32]) {
        for join in self.admission.revoke(token) {
            join.outbox.end(EndReason::Unauthenticated);
        }
        self.sessions
            .end_where(&EndReason::Unauthenticated, |session| session.owner.token_hash == token);
    }

    fn on_join(&mut self, join: Box<Join>) {
        let session = join.key;
        match self.admission.arrive(join, self.sessions.len()) {
            Ok(()) => {
                self.joining = Some(session);
                self.alone(Waiting::Join(session));
            }
            Err((join, reason)) => join.outbox.end(reason),
        }
    }

    /// Passes the frames of an admitted session on; those of a waiting one are kept for it.
    pub(super) fn on_frames(
        &mut self,
        session: SessionKey,
        frames: Vec<ClientMessage>,
        hold: &EditHold,
    ) {
        match self.admission.frames(session, frames, hold) {
            Ok(frames) => frames.into_iter().for_each(|frame| self.on_frame(session, frame, hold)),
            Err((join, reason)) => join.outbox.end(reason),
        }
    }

    fn on_frame(&mut self, key: SessionKey, frame: ClientMessage, hold: &EditHold) {
        let Some(session) = self.sessions.get_mut(key) else { return };
        let client = session.client;
        if self.ordering.parked_of(client) >= PARKED_MOST {
            // Postgres does not answer. The client sends its edits again when it has another session.
            self.stop_reads(key);
            return self.sessions.end(key, EndReason::Unavailable);
        }
        match frame {
            ClientMessage::Edit { sequence, base, delta, group } => {
                let cost = delta_tokens(&delta);
                let submission = Submission { client, sequence, base, delta };
                self.on_edit(key, sequence, (cost, hold, group), |author| Work::Live {
                    author,
                    session: key,
                    submission,
                });
            }
            ClientMessage::Commands { sequence, commands, group } => {
                let cost = list_tokens(&commands, &self.shared.edit_limits);
                self.on_edit(key, sequence, (cost, hold, group), |author| Work::Commands {
                    author,
                    session: key,
                    sequence,
                    list: commands,
                });
            }
            ClientMessage::Refused { sequence, refusal } => {
                let work = Work::Refused { client, session: key, sequence, refusal };
                self.ordering.push_held(work, hold.clone());
            }
            ClientMessage::Look { revision, window, fetch } => {
                let look = Waiting::Look { session: key, revision, window, fetch };
                self.mark(Some(client), look, hold.clone());
            }
            ClientMessage::Present { revision, presence } => {
                self.presences.update(key, revision, presence);
            }
            ClientMessage::Ping(nonce) => {
                self.mark(Some(client), Waiting::Ping { session: key, nonce }, hold.clone());
            }
        }
    }

    /// Passes an edit of a cost in tokens on, if its session may edit and has not sent too much.
    fn on_edit(
        &mut self,
        key: SessionKey,
        sequence: Sequence,
        (cost, hold, group): (u32, &EditHold, EditGroup),
        work: impl FnOnce(Author) -> Work,
    ) {
        self.presences.edited(key);
        let Some(session) = self.sessions.get_mut(key) else { return };
        let author = Author { account: session.owner.account, client: session.client, group };
        // The session pays for what its account may do.
        let allowed = session.allowance.spend(0, std::time::Instant::now());
        let allowance = &self.shared.account_edits;
        let allowed = allowed.and_then(|()| allowance.spend(author.account, cost));
        let allowed = allowed.map(|()| session.allowance.charge(cost));
        let refusal = allowed.err().map(|retry_after| Refusal::RateLimited { retry_after });
        if !session.owner.role.may_edit() {
            // It is refused at its turn, unless it was accepted before the right ended.
            self.ordering.set_may_edit(author.account, session.owner.role_asked, false);
        }
        let work = match refusal {
            None => work(author),
            Some(refusal) => {
                Work::Refused { client: author.client, session: key, sequence, refusal }
            }
        };
        self.ordering.push_held(work, hold.clone());
    }

    fn on_apply(&mut self, apply: Box<Apply>) {
        let cost = match &apply.change {
            ApplyChange::Delta { delta, .. } => delta_tokens(delta),
            // Before they are counted by the compiler there may be any number of them.
            ApplyChange::Commands(list) => list_tokens(list, &self.shared.edit_limits),
            // Its change is not known yet.
            ApplyChange::TakeBack(_) => 1,
        };
        if let Err(retry_after) = self.shared.account_edits.spend(apply.account, cost) {
            // A caller that has left needs no answer.
            return drop(apply.reply.send(Err(Refusal::RateLimited { retry_after })));
        }
        // A right that was given back since the account's last session is known to the caller alone.
        let (role, asked) = apply.role;
        self.ordering.set_may_edit(apply.account, asked, role.may_edit());
        let names_change = matches!(apply.change, ApplyChange::TakeBack(UndoTarget::Undo(Some(_))));
        if names_change || (apply.presented && self.ordering.client(apply.client).is_none()) {
            let at = (self.ordering.head(), self.committed.clone());
            let lookup = lookups::apply(self.shared.clone(), self.id, apply, at);
            self.lookups.spawn(lookup);
            return;
        }
        self.order_apply(apply);
    }

    /// Passes a unary edit on whose name has been looked up, if it had to be.
    pub(super) fn order_apply(&mut self, apply: Box<Apply>) {
        let Apply { account, client, group, .. } = *apply;
        let author = Author { account, client, group };
        let hold = apply.hold.clone();
        let (change, waiting) = if let ApplyChange::TakeBack(target) = apply.change {
            let call = Box::new(UndoCall::new(apply, target));
            (ApplyChange::TakeBack(target), Waiting::Undo { call, again: false })
        } else {
            let Apply { change, reply, .. } = *apply;
            (change, Waiting::Caller(reply))
        };
        let request = self.requests.add(waiting);
        self.ordering.push_held(Work::Unary { request, author, change }, hold);
    }
}
