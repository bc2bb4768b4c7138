//! One unary read: its rows, all from one take.
//!
//! Not here: the caller that waits for the answer (the actor). Invariant: the answer has every row that the
//! sheet has at the positions asked for, all of one revision.

use std::ops::Range;

use super::action::Action;

#[derive(Debug)]
pub(super) struct Unary {
    /// Positions of whatever revision the answer has; a change does not map them.
    rows: Range<u32>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Take,
    Taking { rows: u32 },
    Answer,
    Fetch,
    Fetching,
}

impl Unary {
    pub(super) const fn new(rows: Range<u32>) -> Self {
        Self { rows, phase: Phase::Take }
    }

    pub(super) fn next(&mut self, row_count: u32) -> Action {
        let start_row = self.rows.start;
        let positions = start_row..self.rows.end.min(row_count);
        match self.phase {
            Phase::Answer => Action::Answer { start_row },
            Phase::Take if positions.is_empty() => Action::Answer { start_row },
            Phase::Take => {
                self.phase = Phase::Taking { rows: positions.end - positions.start };
                Action::Take { positions, bytes_max: usize::MAX }
            }
            Phase::Fetch => {
                self.phase = Phase::Fetching;
                // Rows in the cache now may be evicted before the others arrive.
                Action::Fetch { positions, all: true }
            }
            Phase::Taking { .. } | Phase::Fetching => Action::Nothing,
        }
    }

    pub(super) fn on_rows(&mut self, rows: u32) {
        if let Phase::Taking { rows: asked } = self.phase {
            self.phase = if rows == asked { Phase::Answer } else { Phase::Fetch };
        }
    }

    pub(super) fn on_fetched(&mut self) {
        if self.phase == Phase::Fetching {
            self.phase = Phase::Take;
        }
    }
}
