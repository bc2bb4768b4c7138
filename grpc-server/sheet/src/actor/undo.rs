//! Carries out undos, redos and restores: one at a time for each account, and one edit of it after the other.
//!
//! The change is looked up outside of the actor (`time_travel::undo`); here it is ordered like any other edit.
//! Invariant: an undo is looked up again where another one has placed its lines, or where too much has
//! changed since its lookup; after [`UNDO_LOOKUPS`] of one edit it is refused.

use std::sync::Arc;

use super::SheetActor;
use super::lookups;
use super::requests::Waiting;
use crate::api::message::Applied;
use crate::api::undo_target::UndoTarget;
use crate::ordering::work::{Author, Restoring};
use crate::refusal::Refusal;
use crate::time_travel::undo::bounds::{COMMITTED_WITHIN, UNDO_LOOKUPS, WAITING_UNDOS};
use crate::time_travel::undo::call::UndoCall;
use crate::time_travel::undo::question::{Answer, Plan, Question, UndoWork};
use crate::time_travel::undo::stack::Stack;
use model::allowance::tokens;
use model::{AccountId, EditGroup, EditPlace};
use ot_engine::{Revision, Sequence, SharedDelta};

impl SheetActor {
    /// Adds an undo or a redo at its turn, after those of the same account. One that is looked up again goes
    /// before them.
    pub(super) fn undo(&mut self, call: Box<UndoCall>, again: bool) {
        let account = call.apply.account;
        let undoing = self.undos.entry(account).or_default();
        if again && undoing.lookups >= UNDO_LOOKUPS {
            return self.refuse_undo(call, Refusal::UndoOutdated);
        } else if again {
            undoing.busy = false;
            undoing.waiting.push_front(call);
        } else if undoing.waiting.len() >= WAITING_UNDOS {
            let refusal = Refusal::RateLimited { retry_after: COMMITTED_WITHIN };
            return drop(call.apply.reply.send(Err(refusal)));
        } else {
            undoing.waiting.push_back(call);
        }
        self.next_undo(account);
    }

    /// Begins the next undo of an account, or the next edit of one, unless one is running.
    fn next_undo(&mut self, account: AccountId) {
        let Some(undoing) = self.undos.get_mut(&account).filter(|it| !it.busy) else { return };
        let Some(call) = undoing.waiting.pop_front() else { return };
        let known = match call.target {
            UndoTarget::Since(_) => self.ordering.request(call.client()),
            _ => self.ordering.client(call.client()),
        };
        match known.filter(|state| state.sequence >= Sequence(1)) {
            // An append of this edit had no answer, and it has landed.
            Some(state) if call.has_done() && call.begun.is_none() => {
                let (revision, conflicts) = (state.revision, Arc::default());
                let (left_out, is_again, undo) = (0, true, None);
                let applied = Applied { revision, conflicts, left_out, is_again, undo };
                return self.on_undo_ordered(call, Ok(applied));
            }
            // It was sent twice, and the first has been accepted meanwhile: it is answered by its name.
            Some(_) if !call.has_done() => {
                self.order_apply(call.apply);
                return self.next_undo(account);
            }
            _ => {}
        }
        undoing.busy = true;
        undoing.lookups += 1;
        let question = Question {
            shared: Arc::clone(&self.shared),
            sheet: self.id,
            account,
            place: call.place(),
            target: call.target,
            part: call.part(),
            begun: call.begun.filter(|_| call.part().is_none()),
            passed: call.passed(),
            passes_left: call.passes_left(),
            stack: undoing.stacks.get_mut(call.place()).cloned(),
            now: self.ordering.head(),
            state: self.state.clone(),
            committed: self.committed.clone(),
            work: UndoWork::default(),
        };
        self.lookups.spawn(lookups::undo(question, call));
    }

    /// Orders the change of an undo that has been looked up. Everything accepted is published.
    pub(super) fn on_undo_found(&mut self, mut call: Box<UndoCall>, answer: Answer) {
        let (account, place) = (call.apply.account, call.place());
        let Answer { now, stack, begun, passed, from_top, plan, steps } = answer;
        self.charge(account, steps);
        if let Some(stack) = stack {
            self.keep_stack((account, place), now, stack);
        }
        if let Some((group, edits)) = begun {
            call.continues(group, edits);
        }
        let settled = passed.iter().filter(|it| it.is_settled).map(|it| it.revision);
        let settled: Vec<Revision> = settled.collect();
        call.looked_up(passed, steps);
        let target = call.target;
        if let Some(stack) = self.stack_of(&call) {
            stack.settle(target, &settled);
            if from_top {
                stack.begin_again();
            }
        }
        match plan {
            // It was sent again after it had ended at its bound.
            Ok(_) if call.has_done() && call.is_full() => {
                call.has_more();
                self.end_undo(call, None);
            }
            Ok(plan) => self.order_undo(call, now, plan),
            // It was sent twice, as to another server: the first has restored the sheet.
            Err(Refusal::NothingToRestore { .. })
                if self.ordering.request(call.client()).is_some() =>
            {
                self.order_apply(call.apply);
                self.finish_undo(account);
            }
            Err(refusal) => self.refuse_undo(call, refusal),
        }
    }

    /// Keeps a stack that was read when `now` was the head.
    fn keep_stack(
        &mut self,
        (account, place): (AccountId, Option<EditPlace>),
        now: Revision,
        stack: Stack,
    ) {
        let undoing = self.undos.entry(account).or_default();
        // Without all changes since, the next undo reads the stack again.
        if now < self.ordering.kept_after() || undoing.stacks.get_mut(place).is_some() {
            return;
        }
        undoing.stacks.insert(place, stack);
        let own = self.log.after(now).filter(|change| {
            let entry = &change.entry;
            entry.account == account && EditPlace::of(entry.client) == place
        });
        own.for_each(|change| undoing.follow(&change.entry));
    }

    /// The stack that a call acts on, where it is in memory.
    fn stack_of(&mut self, call: &UndoCall) -> Option<&mut Stack> {
        self.undos.get_mut(&call.apply.account)?.stacks.get_mut(call.place())
    }

    fn order_undo(&mut self, mut call: Box<UndoCall>, base: Revision, plan: Plan) {
        call.order(&plan);
        let (account, client, group) = (call.apply.account, call.client(), EditGroup::NONE);
        let (author, target) = (Author { account, client, group }, call.target);
        let request = self.requests.add(Waiting::Undo { call, again: true });
        let Plan { origin, inverse, .. } = plan;
        let delta: SharedDelta = inverse.into();
        let weight = delta.weight();
        let cost = tokens(weight.cells.saturating_add(weight.runs), weight.bytes);
        self.shared.account_edits.charge(account, cost - 1);
        self.ordering.restore(Restoring { request, author, target, base, delta, origin });
    }

    /// The answer to the change of an undo: another edit of its group follows, or it ends.
    pub(super) fn on_undo_ordered(
        &mut self,
        mut call: Box<UndoCall>,
        answer: Result<Applied, Refusal>,
    ) {
        match answer.map(|applied| call.accepted(applied)) {
            Ok(None) => self.end_undo(call, None),
            Ok(Some(part)) => {
                let (target, passed) = (call.target, call.passed());
                let stack = self.stack_of(&call);
                if stack.is_some_and(|stack| stack.next(target, Some(part), &passed).is_none()) {
                    self.end_undo(call, None);
                } else if call.is_full() {
                    call.has_more();
                    self.end_undo(call, None);
                } else {
                    self.continue_undo(call);
                }
            }
            Err(refusal) => match call.pass_refused(refusal) {
                Ok(()) if call.may_pass() => self.continue_undo(call),
                Ok(()) => {
                    let nothing = call.nothing(true);
                    self.end_undo(call, Some(nothing));
                }
                Err(refusal) => self.end_undo(call, Some(refusal)),
            },
        }
    }

    /// Looks up the next edit of an undo, before other undos of the account.
    fn continue_undo(&mut self, call: Box<UndoCall>) {
        let account = call.apply.account;
        let undoing = self.undos.entry(account).or_default();
        (undoing.busy, undoing.lookups) = (false, 0);
        undoing.waiting.push_front(call);
        self.next_undo(account);
    }

    /// The answer to a call that ordering knew by its name, or refused. A call that was sent again continues its group.
    pub(super) fn on_undo_known(
        &mut self,
        mut call: Box<UndoCall>,
        answer: Result<Applied, Refusal>,
    ) {
        match answer {
            Ok(applied) if call.target.is_step() && call.apply.presented => {
                call.accepted_before(applied);
                self.undo(call, false);
            }
            // A caller that has left needs no answer.
            answer => drop(call.apply.reply.send(answer)),
        }
    }

    /// Ends an undo whose lookup was refused, or has found nothing more.
    fn refuse_undo(&mut self, call: Box<UndoCall>, refusal: Refusal) {
        self.ordering.undo_refused(call.client());
        self.end_undo(call, Some(refusal));
    }

    /// Answers the running undo of an account: with what it has done, or with the refusal.
    fn end_undo(&mut self, mut call: Box<UndoCall>, refusal: Option<Refusal>) {
        let account = call.apply.account;
        if refusal.as_ref().is_some_and(Refusal::has_more_behind) {
            call.has_more();
            let passed = call.passed();
            if let Some(stack) = self.stack_of(&call) {
                stack.continue_behind(passed);
            }
        }
        call.reply(refusal);
        self.finish_undo(account);
    }

    /// Continues with the next undo of an account.
    fn finish_undo(&mut self, account: AccountId) {
        if let Some(undoing) = self.undos.get_mut(&account) {
            (undoing.busy, undoing.lookups) = (false, 0);
        }
        self.next_undo(account);
    }
}
