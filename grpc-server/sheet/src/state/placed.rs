//! Whether the lines that an undo places are on the sheet.
//!
//! Read only. Invariant: each line is on a sheet once, so the ranges of ids are apart from each other.

use std::ops::Range;

use ot_engine::{AxisDelta, Delta, Run};

use super::SheetState;

impl SheetState {
    /// Whether a line that the delta inserts with its former id is on the sheet. Cost: the spans, the columns, and the
    /// runs of the delta.
    pub(crate) fn has_line_of(&self, delta: &Delta) -> bool {
        let spans = self.row_order.spans();
        let rows = spans.map(|span| span.start.0..span.start.0 + u64::from(span.length));
        let cols = self.columns.iter().map(|column| column.id.0..column.id.0 + 1);
        meet(&placed(&delta.rows), rows) || meet(&placed(&delta.cols), cols)
    }
}

/// The ids that an axis delta inserts, sorted.
fn placed(axis: &AxisDelta) -> Vec<Range<u64>> {
    let ids = |run: &Run| match *run {
        Run::Insert { count, first: Some(first) } => {
            Some(first.0..first.0.saturating_add(u64::from(count)))
        }
        _ => None,
    };
    let mut placed: Vec<_> = axis.runs().iter().filter_map(ids).collect();
    placed.sort_unstable_by_key(|ids| ids.start);
    placed
}

/// Whether a held range meets one of the sorted ranges.
fn meet(placed: &[Range<u64>], mut held: impl Iterator<Item = Range<u64>>) -> bool {
    let meets = |held: Range<u64>| {
        let next = placed.partition_point(|ids| ids.end <= held.start);
        placed.get(next).is_some_and(|ids| ids.start < held.end)
    };
    !placed.is_empty() && held.any(meets)
}

#[cfg(test)]
mod tests {
    use ot_engine::LineId;

    use super::*;
    use crate::sample::record;

    #[test]
    fn a_line_of_any_span_or_column_is_found() {
        let state = SheetState::new(&record(10, 2)).expect("a sheet");
        let insert = |first: u64, count: u32| {
            AxisDelta::from_runs([Run::Insert { count, first: Some(LineId(first)) }])
        };
        let rows = |first, count| state.has_line_of(&Delta::rows(insert(first, count)));
        assert!(rows(1, 1) && rows(10, 1) && rows(10, 9) && rows(5, 2));
        assert!(!rows(11, 9) && !state.has_line_of(&Delta::rows(AxisDelta::insert(0, 3))));
        let cols = |first| {
            let cols = insert(first, 1);
            state.has_line_of(&Delta { cols, ..Delta::identity() })
        };
        assert!(cols(2) && !cols(3));
    }
}
