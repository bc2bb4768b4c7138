//! Edits whose work would hold the sheet: long lists of commands, and edits that many changes follow.
//!
//! Such an edit is parked. Its list is compiled for a published revision, or its delta is transformed over the durable
//! changes that the sequencer has, elsewhere and part by part (`heavy`). Then it is staged over what has come since. All
//! other clients' edits continue.
//!
//! Invariant: the entry of such an edit is the one that it has without a pause: a list becomes a delta on the revision
//! for which it was compiled, and a delta is carried from a durable base over durable changes.

use std::collections::VecDeque;
use std::sync::Arc;

use gridloom::v1;
use ot_engine::{ClientId, Sequence, Submission, Submitter};

use super::action::{Action, View};
use super::core::Ordering;
use super::heavy::{Carrying, Compiling, Done, Heavy, items, named_rows};
use super::parked::ParkedId;
use super::stage::NotStaged;
use super::work::{Queued, Work};
use crate::api::message::ApplyChange;
use crate::fanout::published::command_client;
use crate::refusal::Refusal;
use model::AccountId;
use model::allowance::TOKEN_ITEMS;
use model::limits::edge::LIST_COMMANDS;
use model::sizes::CARRY_STEPS;

/// Heavy edits of one sheet that are worked on at once; further ones wait.
const HEAVY_AT_ONCE: usize = 4;
/// Those of one account.
const HEAVY_OF_ACCOUNT: usize = 2;

impl Ordering {
    /// Whether an edit is staged only while no other is: its list is compiled elsewhere for the published revision,
    /// or the rest of its way is long and leads over staged edits.
    pub(super) fn waits_for_durable(&self, queued: &Queued) -> bool {
        let light = self.limits.light_steps;
        let long = |carrying: &Carrying| self.sequencer.work_left(&carrying.carry, light) > light;
        queued.carrying.as_deref().is_some_and(long) || self.long_list(queued).is_some()
    }

    /// The list of commands of an edit, if to compile it is heavy work.
    fn long_list<'a>(&self, queued: &'a Queued) -> Option<&'a Arc<v1::CommandList>> {
        let list = list_of(&queued.work)?;
        // A list with too many commands is refused at once.
        let long = list.commands.len() <= LIST_COMMANDS
            && (items(list, &self.limits.edit) > self.limits.light_items
                || self.lookup_steps(list) > self.limits.light_steps);
        (long && queued.compiled.is_none()).then_some(list)
    }

    /// The steps of looking up the rows that a list names by id.
    fn lookup_steps(&self, list: &v1::CommandList) -> usize {
        self.row_lookups.steps(named_rows(list).count())
    }

    /// Charges an account for the rows that a list looks up where it is compiled at once.
    pub(super) fn charge_lookups(&mut self, queued: &Queued) {
        let list = list_of(&queued.work).filter(|_| queued.compiled.is_none());
        let steps = list.map_or(0, |list| self.lookup_steps(list));
        if let Some(account) = queued.work.account().filter(|_| steps >= TOKEN_ITEMS) {
            self.actions.push_back(Action::Charge(account, steps));
        }
    }

    /// The compilation that an edit needs before it is staged. No other edit is staged.
    pub(super) fn compilation(&self, queued: &Queued, view: &View<'_>) -> Option<Heavy> {
        let list = self.long_list(queued)?;
        let (client, sequence) = match &queued.work {
            Work::Commands { author, sequence, .. } => (command_client(author.client), *sequence),
            other => (other.client()?, Sequence(1)),
        };
        if !self.sequencer.is_next(client, sequence) {
            return None;
        }
        Some(Heavy::Compile(Box::new(Compiling {
            list: Arc::clone(list),
            base: self.sequencer.head(),
            columns: view.state.columns().to_vec(),
            // Its chunks are shared, and so is the index that the lookups make.
            order: view.state.row_order().clone(),
            lookups: self.lookup_steps(list),
            limits: self.limits.edit,
        })))
    }

    /// How far an edit is carried already, if the rest of its way is short: its account pays for that rest.
    /// `carrying`: a part of its way.
    ///
    /// # Errors
    /// The rest is long: it is to be carried elsewhere. An edit on a staged base first waits for that base, which may
    /// be rolled back.
    pub(super) fn carried(
        &mut self,
        account: AccountId,
        carrying: Option<Box<Carrying>>,
        submission: &Submission,
        submitter: Submitter,
    ) -> Result<Option<Box<Carrying>>, NotStaged> {
        let work = |most| match &carrying {
            Some(carrying) => self.sequencer.work_left(&carrying.carry, most),
            None => self.sequencer.work_ahead(submission, submitter, most),
        };
        let light = work(self.limits.light_steps);
        if light <= self.limits.light_steps {
            if light >= TOKEN_ITEMS {
                self.actions.push_back(Action::Charge(account, light));
            }
            return Ok(carrying);
        }
        if submission.base > self.sequencer.durable() {
            return Err(NotStaged::Drain);
        }
        let new_work = work(CARRY_STEPS);
        let begin = || {
            let carry = self.sequencer.carry(submission, submitter)?;
            Some(Box::new(Carrying { carry, work: 0, new_work: 0 }))
        };
        // An edit that can't be carried is refused by the sequencer.
        let Some(mut carrying) = carrying.or_else(begin) else { return Ok(None) };
        carrying.work = carrying.work.saturating_add(new_work);
        carrying.new_work = new_work;
        Err(match carrying.work > CARRY_STEPS {
            true => carrying.too_far().into(),
            false => NotStaged::Carry(carrying),
        })
    }

    /// Carries an edit over the durable changes, elsewhere. Where all that are left are staged, it waits for them.
    pub(super) fn carry_elsewhere(&mut self, mut queued: Queued, carrying: Box<Carrying>) {
        let entries = self.sequencer.durable_after(carrying.carry.at());
        if entries.is_empty() {
            queued.carrying = Some(carrying);
            return self.queue.push_front(queued);
        }
        self.run_elsewhere(queued, Heavy::Carry { carrying, entries, done: 0 });
    }

    /// Parks an edit while its work is done elsewhere.
    pub(super) fn run_elsewhere(&mut self, mut queued: Queued, heavy: Heavy) {
        let account = queued.work.account();
        // The work has the changes that it needs; the sequencer need not keep them.
        self.release_history(&mut queued);
        if !self.has_place(account) {
            // It begins again when another has ended.
            let parked = self.park(queued, None);
            return self.heavy_waiting.extend(parked.map(|id| (id, account)));
        }
        if let Some(id) = self.park(queued, None) {
            self.heavy.insert(id, account);
            self.actions.push_back(Action::RunHeavy(id, account, heavy));
        }
    }

    /// Whether there is room for heavy work of an account.
    fn has_place(&self, account: Option<AccountId>) -> bool {
        let of_account = self.heavy.values().filter(|of| **of == account).count();
        self.heavy.len() < HEAVY_AT_ONCE && of_account < HEAVY_OF_ACCOUNT
    }

    /// Continues an edit that waits for others' heavy work, if there is room for its own: one account after the other.
    /// False when none continues.
    pub(super) fn continue_waiting(&mut self) -> bool {
        while let Some(next) = self.heavy_waiting.iter().position(|(_, of)| self.has_place(*of))
            && let Some((id, account)) = self.heavy_waiting.remove(next)
        {
            if let Some(work) = self.parked.take(id) {
                let waiting = std::mem::take(&mut self.heavy_waiting).into_iter();
                let (same, others): (Vec<_>, Vec<_>) = waiting.partition(|(_, of)| *of == account);
                self.heavy_waiting.extend(others.into_iter().chain(same));
                self.unpark(work, None);
                return true;
            }
        }
        false
    }

    /// Removes the parked work of a client, and ends the heavy work of its first.
    pub(super) fn take_parked(&mut self, line: ClientId) -> VecDeque<Queued> {
        if let Some(id) = self.parked.first_of(line) {
            self.heavy_waiting.retain(|(waiting, _)| *waiting != id);
            if self.heavy.remove(&id).is_some() {
                self.actions.push_back(Action::EndHeavy(id));
            }
        }
        self.parked.take_line(line).unwrap_or_default()
    }

    /// The answer to [`Action::RunHeavy`].
    pub(crate) fn on_heavy(&mut self, id: ParkedId, answer: Result<Done, Refusal>) {
        self.heavy.remove(&id);
        // One that waits has the place before later ones.
        self.continue_waiting();
        let Some(mut work) = self.parked.take(id) else { return };
        let refusal = match (answer, work.front_mut()) {
            (Ok(Done::Compiled(base, delta)), Some(first)) => {
                first.compiled = Some((base, delta));
                None
            }
            (Ok(Done::Carried(carrying)), Some(first)) => {
                first.carrying = Some(carrying);
                None
            }
            (Ok(_), None) => None,
            (Err(refusal), _) => Some(refusal),
        };
        self.unpark(work, refusal);
    }
}

/// The list of commands that an edit is.
fn list_of(work: &Work) -> Option<&Arc<v1::CommandList>> {
    match work {
        Work::Commands { list, .. } | Work::Unary { change: ApplyChange::Commands(list), .. } => {
            Some(list)
        }
        _ => None,
    }
}
