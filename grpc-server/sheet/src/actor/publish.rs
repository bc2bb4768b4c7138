//! Publishes durable changes: applies them to the sheet, and sends them to all sessions.
//!
//! Not here: the frames of a session (`fanout`) and the commit (`durability`). Invariant: every part of the
//! sheet follows each change once, in order.

use std::sync::Arc;

use super::requests::Waiting;
use super::{Ended, SheetActor};
use crate::api::message::Applied;
use crate::fanout::published::{Item, Published, PublishedChange};
use crate::fanout::session::{EndReason, Outgoing};
use crate::ordering::action::Stop;
use crate::ordering::work::{RequestId, Work};
use crate::refusal::Refusal;
use crate::state::Misfit;
use model::Entry;

impl SheetActor {
    /// Sends a batch to all sessions, and applies its changes while the sessions' tasks encode it.
    pub(super) fn publish(&mut self, items: Vec<Item>) {
        let head = self.ordering.head();
        let batch = Arc::new(Published::new(items).held_by(&self.shared.memory.frames));
        self.sessions.fan_out(&batch, head);
        self.accepted.send_replace(head);
        for item in &batch.items {
            if let Item::Change(change) = item {
                self.apply(change);
            }
        }
        self.log.forget_until(self.ordering.kept_after());
    }

    /// Applies one durable change. A change that does not fit is a defect: the sheet ends and is loaded again
    /// from what is durable.
    fn apply(&mut self, change: &Arc<PublishedChange>) {
        if self.ended.is_some() {
            return;
        }
        if let Err(error) = self.apply_entry(&change.entry) {
            let revision = change.entry.revision;
            tracing::error!(sheet = %self.id, %revision, %error, "change does not fit, sheet reloads");
            return self.end(EndReason::Reload);
        }
        self.log.push(Arc::clone(change));
    }

    /// Applies one durable entry to the state, the rows in memory, and all that follows positions.
    pub(super) fn apply_entry(&mut self, entry: &Arc<Entry>) -> Result<(), Misfit> {
        let writes = self.state.apply(entry)?;
        if writes.columns.is_some() {
            self.wire_columns.forget();
        }
        self.rows.apply(&writes);
        self.sizes.follow(&writes);
        self.ordering.follow_rows(&writes);
        self.reads.follow(&entry.delta);
        self.presences.follow(&entry.delta);
        if let Some(undoing) = self.undos.get_mut(&entry.account) {
            undoing.follow(entry);
        }
        self.shared.journal.applied(self.id, entry.revision, writes.bytes());
        self.committer.push(Arc::clone(entry), writes);
        Ok(())
    }

    /// Answers the caller of a unary edit.
    pub(super) fn answer(&mut self, request: RequestId, answer: Result<Applied, Refusal>) {
        // A caller that has left needs no answer.
        match self.requests.take(request) {
            Some(Waiting::Caller(caller)) => drop(caller.send(answer)),
            Some(Waiting::Undo { call, again: true }) => self.on_undo_ordered(call, answer),
            Some(Waiting::Undo { call, again: false }) => self.on_undo_known(call, answer),
            _ => {}
        }
    }

    /// Sends the committed revision to all sessions. Another node may have committed entries that this one has
    /// not received: those come first.
    pub(super) fn on_committed(&mut self) {
        if *self.committed.borrow_and_update() > self.ordering.head() {
            let request = self.requests.add(Waiting::Committed);
            self.ordering.begin_turn();
            return self.ordering.push(Work::Alone { request });
        }
        self.announce_committed();
    }

    pub(super) fn announce_committed(&mut self) {
        // Sessions are sent no revision that they have not received.
        let committed = (*self.committed.borrow()).min(self.ordering.head());
        self.rows.committed(committed);
        self.sizes.committed(committed);
        self.read_largest_row();
        let sessions = &self.sessions;
        self.ordering.committed(committed, |client| sessions.session_of(client).is_some());
        self.sessions.broadcast(|| Outgoing::Committed(committed));
    }

    /// The committer found another sheet in Postgres than the journal makes.
    pub(super) fn on_committer_stopped(&mut self) {
        // Where other nodes commit, too, the changes that clients received stand.
        let shared = self.shared.journal.is_shared();
        self.end(if shared { EndReason::JournalAway } else { EndReason::Reload });
    }

    pub(super) fn on_stop(&mut self, stop: Stop) {
        let (reason, flush_first) = match stop {
            Stop::Reload => (EndReason::Reload, false),
            Stop::JournalAway { unanswered } => (EndReason::JournalAway, unanswered),
        };
        self.ended.get_or_insert(Ended { reason, flush_first });
    }
}
