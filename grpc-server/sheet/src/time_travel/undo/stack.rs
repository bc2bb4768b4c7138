//! The undo and redo stacks of one account at one place of a sheet: revisions with their groups.
//!
//! They follow from the place's own changes in the order of the log, whatever other changes lie between. An edit is
//! pushed on the undo stack and empties the redo stack. An undo removes its target from the undo stack and is pushed
//! on the redo stack, with the group of its target; a redo does the reverse. So the stacks are rebuilt from the log
//! after a restart, and a group that was undone is a group that can be redone. A change whose cells have the values of before
//! already is settled with the undo that passes it over: it leaves the stack, as long as that is in memory.
//!
//! Not here: the inverse of a change (`inverse`). Invariant: both stacks ascend, and each change is on at most
//! one of them.

use ot_engine::Revision;

use crate::api::undo_target::UndoTarget;
use crate::ports::history::OwnChange;
use model::{EditGroup, EditPlace, Entry, Origin};

/// Changes that one place can undo; older ones can't be undone.
pub(super) const UNDO_CHANGES: usize = 1_000;
/// The stacks of one account that are kept in memory; others are read from the log again.
const STACKS_KEPT: usize = 4;

/// One change on a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(super) revision: Revision,
    pub(super) group: EditGroup,
}

/// The rest of a gesture that a call takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) group: EditGroup,
    /// The edit of it that was taken back last: changes that were made meanwhile are above it.
    pub(crate) below: Option<Revision>,
}

/// The stacks; see the [module](self).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stack {
    undo: Vec<Known>,
    redo: Vec<Known>,
    /// Changes that a call has passed over when it ended at its bound: the next call continues behind them.
    behind: Vec<Revision>,
}

impl Stack {
    /// Adds the place's next change.
    pub(crate) fn push(&mut self, change: OwnChange) {
        let OwnChange { revision, origin, group } = change;
        match origin {
            Origin::Edit | Origin::Restore => {
                self.undo.push(Known { revision, group });
                self.redo.clear();
                self.behind.clear();
            }
            Origin::Undo(target) => {
                let group = take(&mut self.undo, target);
                self.redo.push(Known { revision, group });
            }
            Origin::Redo(target) => {
                let group = take(&mut self.redo, target);
                self.undo.push(Known { revision, group });
            }
        }
        if self.undo.len() > 2 * UNDO_CHANGES {
            // A half at once and seldom, in place of one element each time.
            self.undo.drain(..UNDO_CHANGES);
        }
    }

    fn side(&self, target: UndoTarget) -> &[Known] {
        match target {
            UndoTarget::Redo => &self.redo,
            _ => &self.undo,
        }
    }

    /// The change to undo next, or to redo, but for those that were passed over. `part`: only where it is the next of this
    /// gesture.
    pub(crate) fn next(
        &self,
        target: UndoTarget,
        part: Option<Part>,
        passed: &[Revision],
    ) -> Option<Known> {
        if let UndoTarget::Undo(Some(asked)) = target {
            return self.undo.iter().rev().copied().find(|known| known.revision == asked);
        }
        let in_group = |known: &&Known| part.is_none_or(|part| known.group.is_of(part.group));
        let is_open = |known: &&Known| {
            let revision = known.revision;
            let is_below = part.and_then(|part| part.below).is_none_or(|below| revision < below);
            is_below && !passed.contains(&revision) && !self.behind.contains(&revision)
        };
        self.side(target).iter().rev().filter(is_open).take_while(in_group).next().copied()
    }

    /// The group that the undo (or the redo) of this revision began to take back, and how many edits of it are taken
    /// back, if there are more of it.
    pub(super) fn begun(&self, target: UndoTarget, first: Revision) -> Option<(EditGroup, usize)> {
        let opposite = match target {
            UndoTarget::Redo => &self.undo,
            _ => &self.redo,
        };
        let since = opposite.iter().rposition(|known| known.revision == first)?;
        let group = opposite[since].group;
        let whole = opposite[since..].iter().all(|known| known.group.is_of(group));
        let more = self.next(target, Some(Part { group, below: None }), &[]).is_some();
        (whole && more).then_some((group, opposite.len() - since))
    }

    /// Removes changes that a step passed over for good: to take back an older one must not make them undoable again.
    pub(crate) fn settle(&mut self, target: UndoTarget, settled: &[Revision]) {
        let side = match target {
            UndoTarget::Undo(None) => &mut self.undo,
            UndoTarget::Redo => &mut self.redo,
            // It does not pass over others.
            UndoTarget::Undo(Some(_)) | UndoTarget::Since(_) => return,
        };
        side.retain(|known| !settled.contains(&known.revision));
    }

    /// The next call begins behind these changes.
    pub(crate) fn continue_behind(&mut self, passed: impl IntoIterator<Item = Revision>) {
        self.behind.extend(passed);
        let excess = self.behind.len().saturating_sub(2 * UNDO_CHANGES);
        self.behind.drain(..excess);
    }

    /// The next call begins at the top again. False where it does so anyway.
    pub(crate) fn begin_again(&mut self) -> bool {
        let behind = !self.behind.is_empty();
        self.behind.clear();
        behind
    }
}

/// Removes a change, and returns its group.
fn take(stack: &mut Vec<Known>, target: Revision) -> EditGroup {
    let Some(at) = stack.iter().rposition(|known| known.revision == target) else {
        return EditGroup::NONE;
    };
    stack.remove(at).group
}

/// The stacks of one account that are in memory, by place; the last used one is the last.
#[derive(Debug, Default)]
pub(crate) struct Stacks(Vec<(Option<EditPlace>, Stack)>);

impl Stacks {
    /// The stack of a place.
    pub(crate) fn get_mut(&mut self, place: Option<EditPlace>) -> Option<&mut Stack> {
        let at = self.0.iter().position(|(of, _)| *of == place)?;
        let used = self.0.remove(at);
        self.0.push(used);
        self.0.last_mut().map(|(_, stack)| stack)
    }

    /// Adds the stack of a place that has none in memory.
    pub(crate) fn insert(&mut self, place: Option<EditPlace>, stack: Stack) {
        self.0.retain(|(of, _)| *of != place);
        if self.0.len() >= STACKS_KEPT {
            self.0.remove(0);
        }
        self.0.push((place, stack));
    }

    /// Adds a change of the account to the stack of its place.
    pub(crate) fn follow(&mut self, entry: &Entry) {
        let place = EditPlace::of(entry.client);
        if let Some((_, stack)) = self.0.iter_mut().find(|(of, _)| *of == place) {
            stack.push(own_change(entry));
        }
    }
}

/// What a stack knows of an entry.
pub(super) fn own_change(entry: &Entry) -> OwnChange {
    OwnChange { revision: entry.revision, origin: entry.origin, group: entry.group }
}

#[cfg(test)]
mod tests;
