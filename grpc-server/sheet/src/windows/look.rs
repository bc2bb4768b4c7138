//! One look of a session: its remaining rows, and its next action.
//!
//! Not here: which looks there are (`windows`). Invariants: a piece needs credit first, and takes at most
//! [`PIECE_ROWS`] rows, or less once they hold [`PIECE_BYTES`]; taken positions are never taken again.

use std::ops::Range;

use ot_engine::Delta;

use super::action::Action;
use super::ranges::Ranges;
use crate::fanout::published::SessionKey;

/// Rows of one piece, at most.
pub(super) const PIECE_ROWS: u32 = 1000;
/// Rows of the first piece of a look, before the size of its rows is known.
pub(super) const FIRST_ROWS: u32 = 256;
/// Bytes after which a piece takes no further row; the last row may exceed it.
pub(super) const PIECE_BYTES: usize = 2 << 20;

#[derive(Debug)]
pub(super) struct Look {
    pub(super) session: SessionKey,
    cols: Range<u32>,
    left: Ranges,
    /// Rows of the next piece, as many as probably hold less than [`PIECE_BYTES`].
    piece_rows: u32,
    phase: Phase,
}

/// The next action, or the call that the look waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    NeedsCredit {
        first: bool,
    },
    AwaitsCredit {
        first: bool,
    },
    /// There is credit, and rows may be in memory.
    Take,
    Taking {
        positions: Range<u32>,
    },
    /// Rows are taken.
    Send {
        start_row: u32,
    },
    /// There is credit, but the next row is not in memory.
    Fetch,
    Fetching,
}

impl Look {
    pub(super) fn new(session: SessionKey, rows: Ranges, cols: Range<u32>) -> Self {
        let phase = Phase::NeedsCredit { first: true };
        Self { session, cols, left: rows, piece_rows: FIRST_ROWS, phase }
    }

    /// Maps the look over a change.
    pub(super) fn follow(&mut self, delta: &Delta) {
        self.left.follow(&delta.rows);
        self.cols = delta.cols.map_range(self.cols.clone());
    }

    pub(super) fn next(&mut self) -> Action {
        let session = self.session;
        if let Phase::Send { start_row } = self.phase {
            self.phase = Phase::NeedsCredit { first: false };
            return Action::Send { session, start_row, cols: self.cols.clone() };
        }
        let Some(positions) = self.left.first(self.piece_rows) else {
            return Action::SendEnd { session, start_col: self.cols.start };
        };
        match self.phase {
            Phase::NeedsCredit { first } => {
                self.phase = Phase::AwaitsCredit { first };
                Action::AwaitCredit { session, first }
            }
            Phase::Take => {
                self.phase = Phase::Taking { positions: positions.clone() };
                Action::Take { positions, bytes_max: PIECE_BYTES }
            }
            Phase::Fetch => {
                self.phase = Phase::Fetching;
                Action::Fetch { positions, all: false }
            }
            Phase::AwaitsCredit { .. }
            | Phase::Taking { .. }
            | Phase::Fetching
            | Phase::Send { .. } => Action::Nothing,
        }
    }

    pub(super) fn on_credit(&mut self) {
        if let Phase::AwaitsCredit { first } = self.phase {
            // A first piece is often in the cache. Later ones are fetched whole, not up to the next gap.
            self.phase = if first { Phase::Take } else { Phase::Fetch };
        }
    }

    pub(super) fn on_rows(&mut self, rows: u32, bytes: usize) {
        let Phase::Taking { positions } = &self.phase else { return };
        debug_assert!(rows <= positions.end - positions.start, "rows beyond the piece");
        let start_row = positions.start;
        self.phase = if rows == 0 { Phase::Fetch } else { Phase::Send { start_row } };
        self.left.advance(rows);
        if bytes >= PIECE_BYTES {
            self.piece_rows = rows.max(1);
        } else if rows == self.piece_rows {
            self.piece_rows = rows.saturating_mul(2).min(PIECE_ROWS);
        }
    }

    pub(super) fn on_fetched(&mut self) {
        if self.phase == Phase::Fetching {
            self.phase = Phase::Take;
        }
    }
}
