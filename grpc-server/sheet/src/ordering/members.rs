//! The clients of the core: their last edits, their sessions, the edits that they may not make, and when they are removed.
//!
//! Not here: the table itself (`clients`). Invariant: a client that has work or a session is never removed.

use std::collections::VecDeque;

use ot_engine::{ClientId, Revision, Sequence};
use rustc_hash::FxHashSet;

use super::action::Action;
use super::batch::Outcome;
use super::clients::ClientState;
use super::core::Ordering;
use super::stage::live;
use super::work::{Queued, Work, line_of};
use crate::api::message::ApplyChange;
use crate::fanout::published::{SessionKey, command_client};
use crate::ports::journal::JournalError;
use crate::refusal::Refusal;
use model::{AccountId, Entry};

impl Ordering {
    /// The last accepted edit of a client, if it is in memory.
    pub(crate) fn client(&self, client: ClientId) -> Option<ClientState> {
        self.clients.get(client)
    }

    /// The accepted edit of the request that has this name, also where it was sent from another place before.
    pub(crate) fn request(&self, client: ClientId) -> Option<ClientState> {
        let state = self.clients.get(self.clients.known_name(client));
        state.filter(|state| state.sequence >= Sequence(1))
    }

    /// Adds a client whose last edit was looked up. `None`: it has had no edit accepted.
    pub(crate) fn restore_client(&mut self, client: ClientId, state: Option<ClientState>) {
        let Some(state) = state else { return };
        if self.clients.restore(client, state) {
            self.sequencer.restore_client(client, state.sequence, state.revision);
        }
    }

    /// Notes that a client opened a session: its next number may be any later one. Work of its earlier
    /// sessions is dropped, because the client sends again what it has no answer to.
    pub(crate) fn rejoined(&mut self, client: ClientId, account: AccountId, session: SessionKey) {
        // Its deltas and its commands share one sequence of numbers.
        for id in [client, command_client(client)] {
            self.sequencer.rejoined(id);
            self.clients.enter(id, account);
        }
        let parked = self.take_parked(line_of(client));
        parked.into_iter().rev().for_each(|queued| self.queue.push_front(queued));
        let earlier = |work: &Work| {
            work.client().map(line_of) == Some(line_of(client))
                && work.live().is_some_and(|(of, _)| of != session)
        };
        let queue = std::mem::take(&mut self.queue).into_iter();
        let (mut dropped, kept): (VecDeque<_>, _) = queue.partition(|it| earlier(&it.work));
        self.queue = kept;
        for queued in &mut dropped {
            self.release(queued);
            let landed = live(&queued.work).filter(|_| queued.unanswered);
            self.unanswered_edits.extend(landed.map(|(id, _, sequence)| (id, sequence)));
        }
    }

    /// Work that arrives. An edit that may have landed in an earlier session can't be refused.
    pub(super) fn queued(&mut self, work: Work) -> Queued {
        let edit = live(&work).filter(|_| !self.unanswered_edits.is_empty());
        let edit = edit.map(|(client, _, sequence)| (client, sequence));
        let unanswered = edit.is_some_and(|edit| self.unanswered_edits.remove(&edit));
        Queued { unanswered, passed: unanswered, ..Queued::new(work, self.turn) }
    }

    /// Gives a unary edit the name under which its request is known: it may have been sent from another place before. An
    /// undo is another one at another place, a restore is not.
    pub(super) fn name(&mut self, work: &mut Work) {
        if let Work::Unary { author, change, .. } = work
            && !matches!(change, ApplyChange::TakeBack(target) if target.is_undo())
        {
            author.client = self.clients.name(author.client);
        }
    }

    /// Notes an entry that is durable.
    pub(super) fn note_durable(&mut self, entry: &Entry) {
        self.clients.accepted(entry);
        self.unanswered_edits.remove(&(entry.client, entry.sequence));
        let places_lines = entry.delta.rows.has_inserts() || entry.delta.cols.has_inserts();
        if entry.origin.restores_lines() && places_lines {
            self.restored = entry.revision;
        }
    }

    /// Everything up to `revision` is in Postgres: removes clients that have no session and no work, once there
    /// are many.
    pub(crate) fn committed(&mut self, revision: Revision, in_session: impl Fn(ClientId) -> bool) {
        if !self.clients.are_many() {
            return;
        }
        let batches = self.appending.iter().chain([&self.staged]).flat_map(|batch| &batch.steps);
        let batched = batches.map(|step| &step.queued);
        let work = batched.chain(&self.queue).chain(self.parked.work());
        let working: FxHashSet<ClientId> =
            work.filter_map(|queued| queued.work.client()).map(line_of).collect();
        let needed = |client| in_session(client) || working.contains(&line_of(client));
        let forgotten = self.clients.forget(revision, needed);
        let lines: FxHashSet<ClientId> = forgotten.iter().copied().map(line_of).collect();
        self.unanswered_edits.retain(|(client, _)| !lines.contains(&line_of(*client)));
        for client in forgotten {
            self.sequencer.forget_client(client);
            // The other id of the client has used the same numbers up.
            let other = command_client(client);
            if self.clients.get(other).is_none() {
                self.sequencer.forget_client(other);
            }
        }
    }

    /// Ends the session of a live edit on a sealed sheet, with all its work that waits. No number is used up: the author
    /// keeps the edits, also when the sheet is then deleted, and sends them again in another session.
    pub(super) fn unless_sealed(&mut self, mut queued: Queued) -> Option<Queued> {
        let sealed = self.seals > 0 && !queued.unanswered;
        let edit = live(&queued.work).filter(|_| sealed);
        let new = edit.filter(|(client, _, sequence)| self.sequencer.is_next(*client, *sequence));
        let Some((_, session, _)) = new else { return Some(queued) };
        self.release(&mut queued);
        for mut waiting in std::mem::take(&mut self.queue) {
            let same = waiting.work.live().is_some_and(|(of, _)| of == session);
            if same && !waiting.unanswered {
                self.release(&mut waiting);
            } else {
                self.queue.push_back(waiting);
            }
        }
        self.actions.push_back(Action::EndSession(session));
        None
    }

    /// Why an edit may not be staged: the sheet is sealed, or the right of its account has ended. An edit that was
    /// accepted before, or may have been, is answered by its number.
    pub(super) fn forbidden(&self, queued: &Queued) -> Option<Refusal> {
        let account = queued.work.account().filter(|_| !queued.unanswered)?;
        let refusal = if self.seals > 0 {
            Refusal::Unavailable("the sheet")
        } else if self.rights.get(&account).is_some_and(|(_, may_edit)| !may_edit) {
            Refusal::ReadOnly
        } else {
            return None;
        };
        let (client, sequence) = match live(&queued.work) {
            Some((client, _, sequence)) => (client, sequence),
            None => (queued.work.client()?, Sequence(1)),
        };
        self.sequencer.is_next(client, sequence).then_some(refusal)
    }

    /// Refuses an edit that is not staged. One that may have landed can't be refused: the sheet closes. The number of a
    /// live one is used up; a unary one may be sent again under its name. An undo that the changes since its lookup have left behind is looked up
    /// again.
    pub(super) fn refuse(&mut self, mut queued: Queued, refusal: Refusal) {
        if let Some(undo) = Self::outdated(&queued, &refusal) {
            // Its name is free for the next delta.
            self.sequencer.forget_refused(undo.1);
            return self.look_up_undo(queued, undo);
        }
        self.release(&mut queued);
        if queued.unanswered {
            return self.cut_off(&JournalError::Unknown("an append has no answer".into()));
        }
        if let Some(request) = queued.work.caller() {
            // A call without a name has a client of its own, which nothing else would forget.
            if let Some(client) = queued.work.client() {
                self.sequencer.forget_refused(client);
                self.clients.forget_name(client);
            }
            self.actions.push_back(Action::Answer(request, Err(refusal)));
        } else if let Some((client, session, sequence)) = live(&queued.work) {
            // A list that is compiled elsewhere has not shared its number yet.
            self.share_number(client, sequence);
            self.sequencer.refuse(client, sequence);
            let work = Work::Refused { client, session, sequence, refusal };
            self.staged.push(Queued { work, ..queued }, Outcome::Nothing);
        }
    }
}
