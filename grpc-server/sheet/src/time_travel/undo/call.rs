//! The call of an undo, a redo or a restore while it is carried out: what it has done, and what it does next.
//!
//! Plain data and rules without I/O. Invariants: each edit of the call has a name of its own, which follows from the name of
//! the call; what the call has done is reported also where a later part is refused.

use std::sync::Arc;

use ot_engine::{ClientId, Revision};

use super::bounds::{GROUP_EDITS, PassesLeft};
use super::question::Plan;
use super::stack::Part;
use crate::api::message::{Applied, Apply};
use crate::api::undo_target::UndoTarget;
use crate::refusal::Refusal;
use model::gesture::{PassedOver, UndoReport, further_name};
use model::sizes::{UNDO_GROUP_BYTES, UNDO_GROUP_STEPS};
use model::{EditGroup, EditPlace};

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct UndoCall {
    pub(crate) apply: Box<Apply>,
    pub(crate) target: UndoTarget,
    /// The gesture that it takes back, after its first edit.
    part: Option<Part>,
    /// Its first edit was accepted before, at this revision: the call was sent again.
    pub(crate) begun: Option<Revision>,
    report: UndoReport,
    /// The answer so far.
    applied: Option<Applied>,
    /// What its current edit takes back, and the cells that it does not set.
    ordered: Option<(Revision, EditGroup, u32)>,
    steps: usize,
    bytes: usize,
}

impl UndoCall {
    pub(crate) fn new(apply: Box<Apply>, target: UndoTarget) -> Self {
        Self {
            apply,
            target,
            part: None,
            begun: None,
            report: UndoReport::default(),
            applied: None,
            ordered: None,
            steps: 0,
            bytes: 0,
        }
    }

    /// The place whose changes it takes back.
    pub(crate) fn place(&self) -> Option<EditPlace> {
        EditPlace::of(self.apply.client)
    }

    /// The name of its current edit.
    pub(crate) fn client(&self) -> ClientId {
        // No call has more edits than a group.
        further_name(self.apply.client, u16::try_from(self.report.edits).unwrap_or_default())
    }

    /// The gesture of which it takes further edits back.
    pub(crate) const fn part(&self) -> Option<Part> {
        self.part
    }

    /// The changes that it has passed over.
    pub(crate) fn passed(&self) -> Vec<Revision> {
        self.report.passed_over.iter().map(|passed| passed.revision).collect()
    }

    /// What is left to it for changes that it passes over.
    pub(crate) fn passes_left(&self) -> PassesLeft {
        PassesLeft::after(self.report.passed_over.len(), self.steps)
    }

    /// Whether it may look for another change after one that it has passed over.
    pub(crate) fn may_pass(&self) -> bool {
        self.passes_left().suffice(0, 0)
    }

    /// Adds what a lookup has found out.
    pub(crate) fn looked_up(&mut self, passed: Vec<PassedOver>, steps: usize) {
        self.report.passed_over.extend(passed);
        self.steps = self.steps.saturating_add(steps);
    }

    /// It was sent again after `edits` edits of this group were accepted.
    pub(crate) fn continues(&mut self, group: EditGroup, edits: usize) {
        self.part = Some(Part { group, below: None });
        self.report.edits = u32::try_from(edits).unwrap_or(u32::MAX);
    }

    /// The change of its current edit is to be ordered.
    pub(crate) fn order(&mut self, plan: &Plan) {
        self.ordered = Some((plan.target, plan.group, plan.left_out));
        let weight = plan.inverse.weight();
        self.steps = self.steps.saturating_add(weight.work());
        self.bytes = self.bytes.saturating_add(weight.bytes);
    }

    /// Its current edit was accepted. Returns the gesture whose next edit follows.
    pub(crate) fn accepted(&mut self, applied: Applied) -> Option<Part> {
        self.report.edits += 1;
        if let Some((taken_back, group, left_out)) = self.ordered.take() {
            self.report.cells_left_out = self.report.cells_left_out.saturating_add(left_out);
            self.part = Some(Part { group, below: Some(taken_back) });
        }
        self.add(applied);
        self.part.filter(|part| part.group.is_of(part.group) && self.target.is_step())
    }

    /// Its first edit was accepted before.
    pub(crate) fn accepted_before(&mut self, applied: Applied) {
        self.begun = Some(applied.revision);
        self.report.edits = 1;
        self.add(applied);
    }

    fn add(&mut self, mut applied: Applied) {
        if let Some(before) = self.applied.take() {
            applied.conflicts =
                before.conflicts.iter().chain(&*applied.conflicts).cloned().collect();
            applied.left_out = applied.left_out.saturating_add(before.left_out);
        }
        self.applied = Some(applied);
    }

    /// Whether it ends before further edits of its group.
    pub(crate) fn is_full(&self) -> bool {
        self.report.edits as usize >= GROUP_EDITS
            || self.bytes >= UNDO_GROUP_BYTES
            || self.steps >= UNDO_GROUP_STEPS
    }

    /// The next undo continues.
    pub(crate) fn has_more(&mut self) {
        self.report.more = true;
    }

    /// Whether an edit of it was accepted.
    pub(crate) const fn has_done(&self) -> bool {
        self.applied.is_some()
    }

    /// Passes over the current edit, which was refused. Returns the refusal where that is not about the edit.
    pub(crate) fn pass_refused(&mut self, refusal: Refusal) -> Result<(), Refusal> {
        match self.ordered.take() {
            Some((revision, ..)) if self.target.is_step() && refusal.is_of_the_change() => {
                let why = Arc::from(refusal.to_string());
                self.report.passed_over.push(PassedOver { revision, why, is_settled: false });
                Ok(())
            }
            _ => Err(refusal),
        }
    }

    /// The refusal of a call that has found nothing to take back.
    pub(crate) fn nothing(&self, more: bool) -> Refusal {
        let passed = self.report.passed_over.clone();
        match self.target {
            UndoTarget::Redo => Refusal::NothingToRedo { passed, more },
            _ => Refusal::NothingToUndo { passed, more },
        }
    }

    /// Answers the caller: with what the call has done, or with the refusal. One that finds nothing more ends a call that
    /// has done something.
    pub(crate) fn reply(mut self, refusal: Option<Refusal>) {
        let refusal = match refusal {
            Some(Refusal::NothingToUndo { more, .. } | Refusal::NothingToRedo { more, .. })
                if self.target.is_step() =>
            {
                self.nothing(more)
            }
            Some(refusal) if refusal.is_of_the_change() => refusal,
            Some(refusal) => return self.send(Err(refusal)),
            None => self.nothing(false),
        };
        match self.applied.take() {
            Some(applied) => {
                let undo =
                    self.target.is_undo().then(|| Box::new(std::mem::take(&mut self.report)));
                self.send(Ok(Applied { undo, ..applied }));
            }
            None => self.send(Err(refusal)),
        }
    }

    fn send(self, answer: Result<Applied, Refusal>) {
        // A caller that has left needs no answer.
        drop(self.apply.reply.send(answer));
    }
}
