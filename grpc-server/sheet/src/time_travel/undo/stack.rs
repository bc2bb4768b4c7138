//! The undo and redo stacks of one account on one sheet: revisions.
//!
//! They follow from the account's own changes in the order of the log, whatever other changes lie between. An
//! edit is pushed on the undo stack and empties the redo stack. An undo removes its target from the undo stack
//! and is pushed on the redo stack; a redo does the reverse. So the stacks are rebuilt from the log after a
//! restart.
//!
//! Not here: the inverse of a change (`inverse`). Invariant: both stacks ascend, and each change is on at most
//! one of them.

use ot_engine::Revision;

use crate::api::undo_target::UndoTarget;
use crate::refusal::Refusal;
use model::Origin;

/// Changes that one account can undo; older ones can't be undone.
pub(super) const UNDO_CHANGES: usize = 1_000;

/// The stacks; see the [module](self).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stack {
    undo: Vec<Revision>,
    redo: Vec<Revision>,
}

impl Stack {
    /// Adds the account's next change.
    pub(crate) fn push(&mut self, revision: Revision, origin: Origin) {
        match origin {
            Origin::Edit | Origin::Restore => {
                self.undo.push(revision);
                self.redo.clear();
            }
            Origin::Undo(target) => {
                self.undo.retain(|known| *known != target);
                self.redo.push(revision);
            }
            Origin::Redo(target) => {
                self.redo.retain(|known| *known != target);
                self.undo.push(revision);
            }
        }
        if self.undo.len() > 2 * UNDO_CHANGES {
            // A half at once and seldom, in place of one element each time.
            self.undo.drain(..UNDO_CHANGES);
        }
    }

    /// The change to undo or redo (or the revision to restore), and the origin of the change that does so.
    pub(super) fn target(&self, taken: UndoTarget) -> Result<(Revision, Origin), Refusal> {
        let undo = match taken {
            UndoTarget::Redo => {
                let last = self.redo.last().copied().ok_or(Refusal::NothingToRedo)?;
                return Ok((last, Origin::Redo(last)));
            }
            UndoTarget::Since(revision) => return Ok((revision, Origin::Restore)),
            UndoTarget::Undo(None) => self.undo.last().copied(),
            UndoTarget::Undo(Some(asked)) => {
                self.undo.iter().rev().copied().find(|it| *it == asked)
            }
        };
        undo.map(|target| (target, Origin::Undo(target))).ok_or(Refusal::NothingToUndo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(changes: &[(u64, Origin)]) -> Stack {
        let mut stack = Stack::default();
        changes.iter().for_each(|(revision, origin)| stack.push(Revision(*revision), *origin));
        stack
    }

    fn undo(stack: &Stack) -> Option<u64> {
        stack.target(UndoTarget::Undo(None)).ok().map(|(target, _)| target.0)
    }

    fn redo(stack: &Stack) -> Option<u64> {
        stack.target(UndoTarget::Redo).ok().map(|(target, _)| target.0)
    }

    #[test]
    fn undo_walks_back_and_redo_forward() {
        let edits = [(1, Origin::Edit), (3, Origin::Edit)];
        let mut stack = stack(&edits);
        assert_eq!((undo(&stack), redo(&stack)), (Some(3), None));
        stack.push(Revision(4), Origin::Undo(Revision(3)));
        assert_eq!((undo(&stack), redo(&stack)), (Some(1), Some(4)));
        stack.push(Revision(6), Origin::Undo(Revision(1)));
        assert_eq!((undo(&stack), redo(&stack)), (None, Some(6)));
        stack.push(Revision(7), Origin::Redo(Revision(6)));
        assert_eq!((undo(&stack), redo(&stack)), (Some(7), Some(4)));
        stack.push(Revision(8), Origin::Redo(Revision(4)));
        assert_eq!((undo(&stack), redo(&stack)), (Some(8), None));
    }

    #[test]
    fn an_edit_empties_the_redo_stack() {
        let undone = (2, Origin::Undo(Revision(1)));
        let stack = stack(&[(1, Origin::Edit), undone, (5, Origin::Edit)]);
        assert_eq!((undo(&stack), redo(&stack)), (Some(5), None));
    }

    #[test]
    fn a_restore_is_undone_like_an_edit() {
        let mut stack = stack(&[(1, Origin::Edit), (3, Origin::Restore)]);
        assert_eq!(undo(&stack), Some(3));
        stack.push(Revision(4), Origin::Undo(Revision(3)));
        assert_eq!((undo(&stack), redo(&stack)), (Some(1), Some(4)));
        let since = stack.target(UndoTarget::Since(Revision(2)));
        assert_eq!(since, Ok((Revision(2), Origin::Restore)));
    }

    #[test]
    fn an_older_change_can_be_named_once() {
        let mut stack = stack(&[(1, Origin::Edit), (2, Origin::Edit)]);
        let first = UndoTarget::Undo(Some(Revision(1)));
        assert_eq!(stack.target(first), Ok((Revision(1), Origin::Undo(Revision(1)))));
        stack.push(Revision(3), Origin::Undo(Revision(1)));
        assert_eq!(stack.target(first), Err(Refusal::NothingToUndo));
        assert_eq!(undo(&stack), Some(2));
    }
}
