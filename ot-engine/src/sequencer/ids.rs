//! The ids that the sequencer assigns to inserted lines.
//!
//! Invariant: an id is assigned at most once, also when its entry is rolled back.

use crate::{AxisDelta, LineId, Run};

/// The next free ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextIds {
    /// The next row id.
    pub row: u64,
    /// The next column id.
    pub col: u64,
}

/// Assigns ids to inserted lines without one.
pub(crate) fn assign_ids(axis: &mut AxisDelta, next: &mut u64) {
    if !axis.has_inserts() {
        return;
    }
    let named = axis.runs().iter().map(|run| match *run {
        Run::Insert { count, first: None } => {
            let first = Some(LineId(*next));
            *next = next.saturating_add(count.into());
            Run::Insert { count, first }
        }
        other => other,
    });
    *axis = AxisDelta::from_runs(named);
}

/// The first id after the ids of an axis delta's inserts.
pub(super) fn next_free(axis: &AxisDelta) -> u64 {
    let after = |run: &Run| match *run {
        Run::Insert { count, first: Some(first) } => Some(first.0.saturating_add(count.into())),
        _ => None,
    };
    axis.runs().iter().filter_map(after).max().unwrap_or(0)
}
