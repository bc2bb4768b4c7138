//! A batch: staged edits that one append makes durable, and the requests that wait for them.
//!
//! Plain data. Invariant: its steps are in the order in which they were staged, and its entries are those of
//! the accepted steps.

use std::sync::Arc;

use ot_engine::Revision;

use super::action::Action;
use super::work::{Queued, Work};
use crate::api::message::Applied;
use crate::fanout::published::{Item, PublishedChange};
use crate::refusal::Refusal;
use model::Entry;

/// Staged steps.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) steps: Vec<Step>,
    pub(super) entries: Vec<Arc<Entry>>,
    /// What the entries take in the journal.
    pub(super) bytes: usize,
    /// The cells and runs that they change.
    pub(super) items: usize,
    /// The most bytes that they add to one row.
    pub(super) row_bytes: usize,
    /// Whether positions differ after them, or columns have other attributes.
    pub(super) moves_lines: bool,
    /// Whether columns are at other positions after them.
    pub(super) moves_columns: bool,
    /// Whether they change the kind or the settings of a column.
    pub(super) sets_rules: bool,
}

/// A piece of work and its outcome.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) queued: Queued,
    pub(super) outcome: Outcome,
}

/// The outcome of a step.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is an entry of the batch.
    Accepted(Arc<Entry>),
    /// It was accepted before, at this revision.
    Again(Applied),
    /// It changes nothing: a refused edit, or a request that waits.
    Nothing,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether its last step is to be appended alone.
    pub(super) fn is_apart(&self) -> bool {
        self.steps.last().is_some_and(|step| step.queued.apart)
    }

    /// Whether one of its entries may have landed in an earlier append.
    pub(super) fn is_unanswered(&self) -> bool {
        self.steps.iter().any(|step| step.queued.unanswered)
    }

    pub(super) fn work(&self) -> impl Iterator<Item = &Work> {
        self.steps.iter().map(|step| &step.queued.work)
    }

    /// Marks its entries as ones that may still land.
    pub(super) fn unanswered(mut self) -> Self {
        for step in &mut self.steps {
            step.queued.unanswered |= matches!(step.outcome, Outcome::Accepted(_));
        }
        self
    }

    /// The revision before its first entry.
    pub(super) fn before(&self) -> Option<Revision> {
        self.entries.first().map(|first| Revision(first.revision.0 - 1))
    }

    pub(super) fn accept(&mut self, mut queued: Queued, entry: Arc<Entry>, bytes: usize) {
        // It may land, so no limit refuses it when it is staged again.
        queued.passed = true;
        self.moves_lines |= !entry.delta.is_cells_only();
        self.moves_columns |= !entry.delta.cols.is_identity();
        self.sets_rules |=
            entry.delta.columns.iter().any(|edit| edit.kind.is_some() || edit.settings.is_some());
        self.bytes += bytes;
        let weight = entry.delta.weight();
        self.items += weight.cells + weight.runs;
        // A cell takes less in its row than twice what its edit takes in memory.
        self.row_bytes += 2 * entry.bytes();
        self.entries.push(Arc::clone(&entry));
        self.steps.push(Step { queued, outcome: Outcome::Accepted(entry) });
    }

    pub(super) fn push(&mut self, queued: Queued, outcome: Outcome) {
        self.steps.push(Step { queued, outcome });
    }

    /// The work of its steps, to be staged again after a rollback to `durable`.
    pub(super) fn into_work(self, durable: Revision) -> impl DoubleEndedIterator<Item = Queued> {
        self.steps.into_iter().map(move |step| step.queued.again(durable))
    }

    /// The actions that publish it: one for all sessions, then the answers to callers, then the requests that
    /// waited.
    pub(super) fn publish(self) -> Vec<Action> {
        let mut answers = Answers::default();
        self.steps.into_iter().for_each(|step| answers.step(step));
        answers.into_actions()
    }

    /// The actions that refuse each accepted step; all other answers stay.
    pub(super) fn refuse(self, refusal: &Refusal) -> Vec<Action> {
        let before = self.before();
        let mut answers = Answers::default();
        for step in self.steps {
            match step.outcome {
                Outcome::Accepted(_) => answers.refuse(&step.queued.work, refusal),
                // It was sent twice, and its first place was in this batch.
                Outcome::Again(ref applied)
                    if before.is_some_and(|before| applied.revision > before) =>
                {
                    answers.refuse(&step.queued.work, refusal);
                }
                _ => answers.step(step),
            }
        }
        answers.into_actions()
    }
}

/// The answers of a batch.
#[derive(Default)]
struct Answers {
    items: Vec<Item>,
    callers: Vec<Action>,
    waiting: Vec<Action>,
}

impl Answers {
    fn step(&mut self, Step { queued, outcome }: Step) {
        let Queued { work, again_after, .. } = queued;
        match outcome {
            Outcome::Accepted(entry) => {
                let (revision, conflicts) = (entry.revision, Arc::clone(&entry.conflicts));
                self.items.push(Item::Change(Arc::new(PublishedChange::new(entry))));
                let (left_out, is_again, undo) = (0, false, None);
                self.applied(&work, Applied { revision, conflicts, left_out, is_again, undo });
            }
            Outcome::Again(applied) => {
                // An edit that landed after the rollback is answered by its change.
                let landed = again_after.is_some_and(|after| applied.revision > after);
                if let (Some((session, sequence)), false) = (work.live(), landed) {
                    let applied = applied.clone();
                    self.items.push(Item::Again { session, sequence, applied });
                }
                self.applied(&work, applied);
            }
            Outcome::Nothing => self.nothing(work),
        }
    }

    fn nothing(&mut self, work: Work) {
        match work {
            Work::Mark { request, .. } | Work::Alone { request } => {
                self.waiting.push(Action::Turn(request));
            }
            Work::Refused { session, sequence, refusal, .. } => {
                self.items.push(Item::Refused { session, sequence, refusal });
            }
            _ => {}
        }
    }

    fn applied(&mut self, work: &Work, applied: Applied) {
        if let Some(request) = work.caller() {
            self.callers.push(Action::Answer(request, Ok(applied)));
        }
    }

    fn refuse(&mut self, work: &Work, refusal: &Refusal) {
        let refusal = refusal.clone();
        if let Some(request) = work.caller() {
            self.callers.push(Action::Answer(request, Err(refusal)));
        } else if let Some((session, sequence)) = work.live() {
            self.items.push(Item::Refused { session, sequence, refusal });
        }
    }

    fn into_actions(self) -> Vec<Action> {
        let items = (!self.items.is_empty()).then_some(Action::Publish(self.items));
        items.into_iter().chain(self.callers).chain(self.waiting).collect()
    }
}
