//! The right of the account to edit, which ends and is given back.
//!
//! Invariant: no edit is staged while the right has ended, but for those that may have been accepted before.

use std::sync::Arc;

use uuid::Uuid;

use super::World;
use model::{AccountId, Entry};

impl World {
    pub(super) fn right(&mut self, may_edit: bool) {
        self.asked += 1;
        self.core.set_may_edit(AccountId(Uuid::nil()), self.asked, may_edit);
        // The answer to an earlier lookup arrives late.
        self.core.set_may_edit(AccountId(Uuid::nil()), self.asked - 1, !may_edit);
        self.right_ended = match (may_edit, self.right_ended) {
            (true, _) => None,
            (false, Some(ended)) => Some(ended),
            (false, None) => {
                self.injected.insert("right");
                Some(self.core.sequencer.head())
            }
        };
    }

    /// No edit is staged after the right to edit has ended, but for those that may have been accepted before.
    pub(super) fn check_right(&self, entries: &[Arc<Entry>]) {
        let Some(ended) = self.right_ended else { return };
        for entry in entries {
            let may_be_accepted = self.unanswered.contains(&(entry.client, entry.sequence));
            assert!(entry.revision <= ended || may_be_accepted, "{entry:?} was staged afterwards");
        }
    }
}
