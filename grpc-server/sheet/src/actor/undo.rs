//! Carries out undos, redos and restores: one at a time for each account.
//!
//! The change is looked up outside of the actor (`time_travel::undo`); here it is ordered like any other edit.
//! Invariant: an undo that meets lines which another account brought back meanwhile is looked up again.

use std::sync::Arc;

use super::SheetTask;
use super::lookups::LookedUp;
use crate::api::message::{Apply, ApplyChange};
use crate::api::undo_target::UndoTarget;
use crate::ordering::batch::{Author, Reply, Staged, Step};
use crate::refusal::Refusal;
use crate::time_travel::undo::{Answer, COMMITTED_WITHIN, Plan, Question, WAITING_UNDOS};
use model::{AccountId, Entry};
use ot_engine::{Delta, Revision, Sequence, Submission};

impl SheetTask {
    /// Takes up an undo or a redo, after those of the same person that came before.
    pub(crate) fn undo(&mut self, apply: Box<Apply>) {
        let account = apply.account;
        let undoing = self.undos.entry(account).or_default();
        if undoing.waiting.len() >= WAITING_UNDOS {
            let refusal = Refusal::RateLimited { retry_after: COMMITTED_WITHIN };
            return drop(apply.reply.send(Err(refusal)));
        }
        undoing.waiting.push_back(apply);
        self.next_undo(account);
    }

    /// Begins the person's next undo, unless one is under way.
    fn next_undo(&mut self, account: AccountId) {
        let Some(undoing) = self.undos.get_mut(&account).filter(|it| !it.busy) else { return };
        let Some(apply) = undoing.waiting.pop_front() else { return };
        let ApplyChange::TakeBack(taken) = apply.change else { return };
        undoing.busy = true;
        let question = Question {
            shared: Arc::clone(&self.shared),
            sheet: self.id,
            account,
            taken,
            stack: undoing.stack.clone(),
            now: self.sequencer.head(),
            state: self.state.clone(),
            committed: self.committed.clone(),
        };
        self.lookups
            .spawn(async move { LookedUp::Undo { apply, answer: question.answer().await } });
    }

    /// Goes on with an undo that has been looked up.
    pub(crate) async fn undo_prepared(&mut self, apply: Box<Apply>, answer: Answer) {
        let account = apply.account;
        let Answer { now, stack, plan } = answer;
        let later: Vec<_> = self.log.after(now).map(|change| change.entry.clone()).collect();
        if let Some(undoing) = self.undos.get_mut(&account) {
            undoing.busy = false;
            if undoing.stack.is_none() {
                undoing.stack = stack;
                let own = later.iter().filter(|entry| entry.account == account);
                own.for_each(|entry| undoing.follow(entry));
            }
            // Lines that somebody else has just brought back must not be brought back twice.
            if plan.is_ok() && later.iter().any(|entry| brings_lines_back(entry)) {
                undoing.waiting.push_front(apply);
                return self.next_undo(account);
            }
        }
        match plan {
            Ok(plan) => self.carry_out(*apply, now, plan).await,
            Err(refusal) => drop(apply.reply.send(Err(refusal))),
        }
        self.next_undo(account);
    }

    async fn carry_out(&mut self, apply: Apply, base: Revision, plan: Plan) {
        let Apply { account, client, change, reply, .. } = apply;
        let ApplyChange::TakeBack(taken) = change else { return };
        let author = Author { account, client };
        let submission = Submission { client, sequence: Sequence(1), base, delta: plan.inverse };
        let mut staged = Staged::default();
        let staging = self.stage_restoring(&mut staged, author, submission, plan.origin).await;
        staged.unary(staging, Step::TakeBack { author, taken }, Reply::open(reply));
        self.flush(&mut staged).await;
    }

    /// Looks an undo up again, because others have changed the sheet since.
    pub(crate) fn undo_again(&mut self, author: Author, taken: UndoTarget, reply: Reply) {
        let Author { account, client } = author;
        let change = ApplyChange::TakeBack(taken);
        let apply = Apply { account, client, presented: false, change, reply: reply.sender };
        self.undos.entry(account).or_default().waiting.push_front(Box::new(apply));
        self.next_undo(account);
    }
}

/// Whether a change places lines that existed before.
fn brings_lines_back(entry: &Entry) -> bool {
    let Delta { rows, cols, .. } = &*entry.delta;
    entry.origin.restores_lines() && (rows.has_inserts() || cols.has_inserts())
}
