//! Finds the change that an undo, a redo or a restore takes back, and makes the plan for it.
//!
//! Not here: how the inverse of one change is made (`lookup`). Invariant: what is passed over is reported with its reason.

use std::sync::Arc;

use ot_engine::{Delta, Revision};

use super::bounds::COMMITTED_WITHIN;
use super::lookup::{Inverse, Miss};
use super::question::{Answer, Plan, Question};
use super::stack::{Known, Part, Stack, UNDO_CHANGES};
use crate::api::undo_target::UndoTarget;
use crate::ports::storage::StoreError;
use crate::refusal::Refusal;
use crate::time_travel::restore::Restore;
use crate::time_travel::snapshot::{Snapshot, SnapshotError};
use model::gesture::PassedOver;
use model::{EditGroup, Origin};

impl Question {
    /// Reads the log and makes the inverse.
    pub(crate) async fn answer(mut self) -> Answer {
        let mut answer = Answer::refused(self.now, Refusal::Unavailable("Postgres"));
        answer.plan = self.find(&mut answer).await;
        answer.steps = self.work.0.into_inner();
        answer
    }

    async fn find(&mut self, answer: &mut Answer) -> Result<Plan, Refusal> {
        let now = self.now;
        let landed = self.committed.wait_for(|at| *at >= now);
        match tokio::time::timeout(COMMITTED_WITHIN, landed).await {
            Ok(Ok(_)) => {}
            _ => return Err(Refusal::Unavailable("Postgres")),
        }
        // The memory of what is read, from here on.
        let shared = Arc::clone(&self.shared);
        let _turn = shared.memory.undos.turn(self.account).await;
        if let UndoTarget::Since(target) = self.target {
            let inverse = self.restore(target).await?;
            let (origin, group) = (Origin::Restore, EditGroup::NONE);
            return Ok(Plan { origin, inverse, target, group, left_out: 0 });
        }
        let mut stack = match self.stack.take() {
            Some(stack) => stack,
            None => self.read_stack().await?,
        };
        answer.stack = Some(stack.clone());
        if let Some(first) = self.begun {
            answer.begun = stack.begun(self.target, first);
            let Some((group, _)) = answer.begun else {
                return Err(self.nothing(Vec::new(), false));
            };
            self.part = Some(Part { group, below: None });
        }
        self.seek(&mut stack, answer).await
    }

    /// The plan of the next change that can be taken back. Those before it are passed over.
    async fn seek(&self, stack: &mut Stack, answer: &mut Answer) -> Result<Plan, Refusal> {
        let mut skipped = self.passed.clone();
        loop {
            let Some(known) = stack.next(self.target, self.part, &skipped) else {
                if self.part.is_none() && stack.begin_again() {
                    answer.from_top = true;
                    continue;
                }
                return Err(self.found_none(&answer.passed).await?);
            };
            let Known { revision, group } = known;
            let why = match self.inverse(revision).await {
                Ok(Inverse { delta, left_out }) => {
                    let origin = match self.target {
                        UndoTarget::Redo => Origin::Redo(revision),
                        _ => Origin::Undo(revision),
                    };
                    return Ok(Plan { origin, inverse: delta, target: revision, group, left_out });
                }
                Err(Miss::Refused(refusal)) => return Err(refusal),
                Err(miss) => miss,
            };
            let first = skipped.is_empty();
            let is_settled = matches!(why, Miss::Nothing { is_settled: true, .. });
            answer.passed.push(PassedOver { revision, why: why.text(), is_settled });
            skipped.push(revision);
            match why {
                _ if !self.target.is_step() => return Err(why.refusal(revision, &answer.passed)),
                // So is everything before it.
                Miss::TooLongAgo { of_all: true } | Miss::Unreadable { of_all: true } if first => {
                    return Err(why.refusal(revision, &answer.passed));
                }
                Miss::TooLongAgo { of_all: true } | Miss::Unreadable { of_all: true } => {
                    return Err(self.nothing(answer.passed.clone(), false));
                }
                _ if !self.passes_left.suffice(answer.passed.len(), self.work.steps()) => {
                    return Err(self.nothing(answer.passed.clone(), true));
                }
                _ => {}
            }
        }
    }

    fn nothing(&self, passed: Vec<PassedOver>, more: bool) -> Refusal {
        match self.target {
            UndoTarget::Redo => Refusal::NothingToRedo { passed, more },
            _ => Refusal::NothingToUndo { passed, more },
        }
    }

    /// The refusal where the stack has no change to take back. One that was named may have been pruned.
    async fn found_none(&self, passed: &[PassedOver]) -> Result<Refusal, Refusal> {
        match self.target {
            UndoTarget::Undo(Some(target)) if target <= self.floor().await? => {
                Ok(Refusal::TooLongAgo { target })
            }
            UndoTarget::Undo(Some(target)) => Ok(Refusal::NotUndoable { target }),
            _ => Ok(self.nothing(passed.to_vec(), false)),
        }
    }

    async fn read_stack(&self) -> Result<Stack, Refusal> {
        let (history, limit) = (&*self.shared.history, UNDO_CHANGES as u32);
        let of = (self.account, self.place);
        let own = history.own_changes(self.sheet, of, self.now, limit).await;
        let mut stack = Stack::default();
        own.map_err(|error| self.away(&error))?.into_iter().for_each(|own| stack.push(own));
        Ok(stack)
    }

    /// The change that restores the sheet of a revision.
    async fn restore(&self, target: Revision) -> Result<Delta, Refusal> {
        let (history, sheet) = (&*self.shared.history, self.sheet);
        let most = self.shared.limits.edit_cells;
        let mut steps = 0;
        let restore = async {
            let snapshot = Snapshot::at(history, sheet, target).await?;
            snapshot.restore(history, sheet, &self.state, most, &mut steps).await
        };
        let restored = restore.await;
        self.work.add(steps);
        match restored {
            Ok(Restore::Change(delta)) if delta.is_identity() => {
                Err(Refusal::NothingToRestore { target })
            }
            Ok(Restore::Change(delta)) => Ok(delta),
            Ok(Restore::TooMany { cells, bytes }) => {
                Err(Refusal::TooManyCells { cells, bytes, most })
            }
            Err(SnapshotError::Future { head }) => Err(Refusal::OutOfRange {
                field: "revision".into(),
                rule: format!("must be at most {head}, the newest"),
            }),
            Err(SnapshotError::Compacted { oldest }) => Err(Refusal::RevisionGone { oldest }),
            Err(SnapshotError::Store(StoreError::RowsTooLarge { most })) => {
                Err(Refusal::UndoTooLarge { most })
            }
            Err(SnapshotError::Store(StoreError::Corrupt(error))) => {
                tracing::error!(%sheet, %target, error, "a restore can't read the log");
                Err(Refusal::HistoryUnreadable { target })
            }
            Err(SnapshotError::Store(error)) => Err(self.away(&error)),
            Err(SnapshotError::Misfit(error)) => {
                tracing::error!(%sheet, %target, %error, "the log does not fit the sheet");
                Err(Refusal::HistoryUnreadable { target })
            }
        }
    }
}
