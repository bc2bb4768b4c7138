//! The progress of a live sheet.
//!
//! It is a copy of state that the owner task publishes. Invariant: revisions never decrease while a session
//! resumes.

use ot_engine::Revision;

use crate::core::{LiveSheet, SaveState};

/// The progress of a live sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The last received revision.
    pub revision: Revision,
    /// The last revision that is committed to Postgres.
    pub committed: Revision,
    /// The durability of own edits.
    pub save_state: SaveState,
    /// Whether the session is open, every own edit is accepted and the viewport is loaded.
    pub synced: bool,
    /// Number of cells of all `Event::Discarded` until now, with those that were left out. A listener that has missed
    /// events, and has received fewer cells, has missed the rest. No listener has received more.
    pub discarded_cells: u64,
}

impl Progress {
    pub(super) fn of(live: &LiveSheet) -> Self {
        Self {
            revision: live.revision(),
            committed: live.committed(),
            save_state: live.save_state(),
            synced: live.is_synced(),
            discarded_cells: live.discarded_cells(),
        }
    }
}
