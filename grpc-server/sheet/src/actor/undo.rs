//! Carries out undos, redos and restores: one at a time for each account.
//!
//! The change is looked up outside of the actor (`time_travel::undo`); here it is ordered like any other edit.
//! Invariant: an undo is looked up again where another one has placed its lines, or where too much has
//! changed since its lookup; after [`UNDO_LOOKUPS`] it is refused.

use std::sync::Arc;

use super::SheetActor;
use super::lookups;
use super::requests::Waiting;
use crate::api::message::{Apply, ApplyChange};
use crate::ordering::work::{Author, Restoring};
use crate::refusal::Refusal;
use crate::time_travel::undo::{
    Answer, COMMITTED_WITHIN, Plan, Question, UNDO_LOOKUPS, UndoWork, WAITING_UNDOS,
};
use model::AccountId;
use model::allowance::tokens;
use ot_engine::{Revision, Sequence, SharedDelta};

impl SheetActor {
    /// Adds an undo or a redo at its turn, after those of the same account. One that is looked up again goes
    /// before them.
    pub(super) fn undo(&mut self, apply: Box<Apply>, again: bool) {
        let account = apply.account;
        let undoing = self.undos.entry(account).or_default();
        if again && undoing.lookups >= UNDO_LOOKUPS {
            return self.refuse_undo(*apply, Refusal::UndoOutdated);
        } else if again {
            undoing.busy = false;
            undoing.waiting.push_front(apply);
        } else if undoing.waiting.len() >= WAITING_UNDOS {
            let refusal = Refusal::RateLimited { retry_after: COMMITTED_WITHIN };
            return drop(apply.reply.send(Err(refusal)));
        } else {
            undoing.waiting.push_back(apply);
        }
        self.next_undo(account);
    }

    /// Begins the next undo of an account, unless one is running.
    fn next_undo(&mut self, account: AccountId) {
        let Some(undoing) = self.undos.get_mut(&account).filter(|it| !it.busy) else { return };
        let Some(apply) = undoing.waiting.pop_front() else { return };
        let ApplyChange::TakeBack(taken) = apply.change else { return };
        if self.ordering.client(apply.client).is_some_and(|state| state.sequence >= Sequence(1)) {
            // It was sent twice, and the first has been accepted meanwhile: it is answered by its name.
            self.order_apply(apply);
            return self.next_undo(account);
        }
        undoing.busy = true;
        undoing.lookups += 1;
        let question = Question {
            shared: Arc::clone(&self.shared),
            sheet: self.id,
            account,
            taken,
            stack: undoing.stack.clone(),
            now: self.ordering.head(),
            state: self.state.clone(),
            committed: self.committed.clone(),
            work: UndoWork::default(),
        };
        self.lookups.spawn(lookups::undo(question, apply));
    }

    /// Orders the change of an undo that has been looked up. Everything accepted is published.
    pub(super) fn on_undo_found(&mut self, apply: Box<Apply>, answer: Answer) {
        let account = apply.account;
        let Answer { now, stack, plan, steps } = answer;
        self.charge(account, steps);
        let has_all = now >= self.ordering.kept_after();
        let undoing = self.undos.entry(account).or_default();
        // Without all changes since, the next undo reads the stack again.
        if undoing.stack.is_none() && has_all {
            undoing.stack = stack;
            let own = self.log.after(now).filter(|change| change.entry.account == account);
            own.for_each(|change| undoing.follow(&change.entry));
        }
        match plan {
            Ok(plan) => self.order_undo(apply, now, plan),
            Err(refusal) => self.refuse_undo(*apply, refusal),
        }
    }

    fn refuse_undo(&mut self, apply: Apply, refusal: Refusal) {
        self.ordering.undo_refused(apply.client);
        // A caller that has left needs no answer.
        drop(apply.reply.send(Err(refusal)));
        self.undo_ended(apply.account);
    }

    fn order_undo(&mut self, apply: Box<Apply>, base: Revision, plan: Plan) {
        let ApplyChange::TakeBack(target) = apply.change else { return };
        let author = Author { account: apply.account, client: apply.client };
        let request = self.requests.add(Waiting::Undo { apply, again: true });
        let Plan { origin, inverse } = plan;
        let delta: SharedDelta = inverse.into();
        let weight = delta.weight();
        let cost = tokens(weight.cells.saturating_add(weight.runs), weight.bytes);
        self.shared.account_edits.charge(author.account, cost - 1);
        self.ordering.restore(Restoring { request, author, target, base, delta, origin });
    }

    /// The running undo of an account has been answered.
    pub(super) fn undo_ended(&mut self, account: AccountId) {
        if let Some(undoing) = self.undos.get_mut(&account) {
            (undoing.busy, undoing.lookups) = (false, 0);
        }
        self.next_undo(account);
    }
}
