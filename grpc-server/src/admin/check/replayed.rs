//! The result of the replay of a log: the sheet at a revision, and the cells that the log wrote last.
//!
//! Not the replay: `log` makes it, `order` and `rows` compare it with the tables.
//!
//! Invariant: an [`At`] holds no id at or beyond its counters, except where that is a finding.

use ot_engine::Limits;
use sheet::state::SheetState;

use super::written::Written;

/// The limits of what a log may hold: a former release may have had wider ones than this.
pub(super) const ANYTHING: Limits = Limits::UNBOUNDED;

/// The result of a replay.
pub(super) struct Replayed {
    /// The sheet at the head, with the ids that the log has given; `None` where the log has a gap or a
    /// change that does not fit.
    pub(super) state: Option<At>,
    /// The cells that it wrote last.
    pub(super) written: Written,
}

/// A sheet at a revision.
#[derive(Debug)]
pub(super) struct At {
    pub(super) order: SheetState,
    /// The first ids that were not given up to there.
    pub(super) next_row_id: u64,
    pub(super) next_column_id: u64,
}
