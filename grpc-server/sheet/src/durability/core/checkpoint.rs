//! When Postgres is asked to note the order of lines, so that a read of an older revision replays few changes.
//!
//! Not here: whether a checkpoint is due; Postgres knows how many changes the last one is old. Invariant:
//! between two questions there is at least one change of lines.

use model::CommitBatch;

/// How often, between two checkpoints, Postgres is asked whether the next one is due.
const QUESTIONS: u32 = 10;

#[derive(Debug)]
pub(super) struct Checkpoint {
    /// Changes of lines between two questions.
    interval: u32,
    /// Changes of lines since the last question.
    unnoted: u32,
    due: bool,
}

impl Checkpoint {
    /// A checkpoint is due after `changes` changes of lines.
    pub(super) fn every(changes: u32) -> Self {
        // The number of changes before the sheet was opened is unknown, so the first change asks.
        Self { interval: changes.div_ceil(QUESTIONS), unnoted: changes, due: false }
    }

    /// Counts a batch that is committed.
    pub(super) fn count(&mut self, batch: &CommitBatch) {
        let changes = u32::try_from(batch.inverses.iter().flatten().count()).unwrap_or(u32::MAX);
        self.unnoted = self.unnoted.saturating_add(changes);
        self.due |= changes > 0 && self.unnoted >= self.interval;
    }

    /// Whether to ask now; then it counts from zero.
    pub(super) fn take_due(&mut self) -> bool {
        if self.due {
            self.unnoted = 0;
        }
        std::mem::take(&mut self.due)
    }
}
