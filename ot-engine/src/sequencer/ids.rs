//! The ids that new lines get.

use crate::{AxisDelta, LineId, Run};

/// The next free ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextIds {
    /// For rows.
    pub row: u64,
    /// For columns.
    pub col: u64,
}

/// Gives ids to the lines that a delta inserts, but for those that have one.
pub(super) fn name_inserts(axis: &mut AxisDelta, next: &mut u64) {
    if !axis.has_inserts() {
        return;
    }
    let named = axis.runs().iter().map(|run| match *run {
        Run::Insert { count, first: None } => {
            let first = Some(LineId(*next));
            *next += u64::from(count);
            Run::Insert { count, first }
        }
        other => other,
    });
    *axis = AxisDelta::from_runs(named);
}

/// The first id after those that an axis delta's inserts name.
pub(super) fn next_free(axis: &AxisDelta) -> u64 {
    let after = |run: &Run| match *run {
        Run::Insert { count, first: Some(first) } => Some(first.0.saturating_add(count.into())),
        _ => None,
    };
    axis.runs().iter().filter_map(after).max().unwrap_or(0)
}
