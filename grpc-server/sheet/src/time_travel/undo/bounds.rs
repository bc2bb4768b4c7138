//! The bounds of an undo, besides those in bytes and steps (`model::sizes`).
//!
//! Plain data. Invariant: each count has its unit in its comment.

use std::time::Duration;

use model::sizes::UNDO_GROUP_STEPS;

/// How long to wait until the target of an undo is in Postgres, which has its before images.
pub(crate) const COMMITTED_WITHIN: Duration = Duration::from_secs(5);
/// Lookups of one edit of an undo: the sheet may change too much during each.
pub(crate) const UNDO_LOOKUPS: u32 = 16;
/// Undos of one account that wait for the one before.
pub(crate) const WAITING_UNDOS: usize = 32;
/// Edits of a group that one undo takes back.
pub(super) const GROUP_EDITS: usize = 128;
/// Changes that one undo passes over.
const PASSED_MOST: usize = 16;

/// What is left to one undo for the changes that it passes over: each may take the work of a whole undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PassesLeft {
    changes: usize,
    steps: usize,
}

impl PassesLeft {
    /// What is left after so many changes and steps.
    pub(super) fn after(passed: usize, steps: usize) -> Self {
        Self {
            changes: PASSED_MOST.saturating_sub(passed),
            steps: UNDO_GROUP_STEPS.saturating_sub(steps),
        }
    }

    /// Whether a further lookup that has passed over so many changes with so many steps may try another one.
    pub(super) const fn suffice(self, passed: usize, steps: usize) -> bool {
        passed < self.changes && steps < self.steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undo_passes_over_few_changes_and_begins_none_after_its_steps() {
        let left = PassesLeft::after(0, 0);
        assert!(left.suffice(PASSED_MOST - 1, UNDO_GROUP_STEPS - 1));
        assert!(!left.suffice(PASSED_MOST, 0) && !left.suffice(1, UNDO_GROUP_STEPS));
        // The lookups of one call share them.
        let left = PassesLeft::after(PASSED_MOST - 2, UNDO_GROUP_STEPS - 7);
        assert!(left.suffice(1, 6) && !left.suffice(2, 0) && !left.suffice(0, 7));
        assert!(!PassesLeft::after(PASSED_MOST, 0).suffice(0, 0));
    }
}
