//! Ids of rows and columns as sorted ranges: what a structural delta inserts and deletes.
//!
//! Plain data. Not here: which of them an undo brings back (`returned`). Cost: the runs of the delta, and the spans that it
//! deletes.

use std::ops::Range;

use ot_engine::{AxisDelta, ColumnId, Delta, RowId, Run};

use crate::state::SheetState;
use crate::time_travel::ranges::{common, contains, join, without};

/// Ids of rows and columns, as sorted ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) rows: Vec<Range<u64>>,
    pub(super) cols: Vec<Range<u64>>,
}

impl Lines {
    /// The lines that a structural inverse inserts.
    pub(super) fn inserted_by(inverse: &Delta) -> Self {
        Self { rows: inserted(&inverse.rows), cols: inserted(&inverse.cols) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.cols.is_empty()
    }

    /// Those of these lines that a structural delta deletes from a sheet.
    pub(super) fn deleted_by(&self, delta: &Delta, state: &SheetState) -> Self {
        let mut deleted = Self::default();
        if !self.rows.is_empty() {
            for positions in deletes(&delta.rows) {
                let ids = state.row_order().ids(positions).map(|ids| ids.start.0..ids.end.0);
                deleted.rows.extend(ids.flat_map(|ids| common(&self.rows, ids)));
            }
        }
        if !self.cols.is_empty() {
            for positions in deletes(&delta.cols) {
                let positions = positions.start as usize..positions.end as usize;
                let columns = state.columns().get(positions).unwrap_or_default();
                let ids = columns.iter().map(|column| column.id.0..column.id.0 + 1);
                deleted.cols.extend(ids.flat_map(|ids| common(&self.cols, ids)));
            }
        }
        deleted
    }

    /// Adds other lines.
    pub(super) fn extend(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.cols.extend(other.cols);
    }

    /// Sorted, and without the ids that are in these sorted ranges.
    pub(super) fn without(mut self, rows: &[Range<u64>], cols: &[Range<u64>]) -> Self {
        join(&mut self.rows);
        join(&mut self.cols);
        Self { rows: without(&self.rows, rows), cols: without(&self.cols, cols) }
    }

    /// Whether a cell is on one of the lines.
    pub(super) fn has_cell(&self, row: RowId, column: ColumnId) -> bool {
        contains(&self.rows, row.0) || contains(&self.cols, column.0)
    }
}

/// The ids that an axis inserts.
fn inserted(axis: &AxisDelta) -> Vec<Range<u64>> {
    let ids = |run: &Run| match *run {
        Run::Insert { count, first: Some(first) } => {
            Some(first.0..first.0.saturating_add(u64::from(count)))
        }
        _ => None,
    };
    let mut inserted = axis.runs().iter().filter_map(ids).collect();
    join(&mut inserted);
    inserted
}

/// The positions that an axis deletes.
fn deletes(axis: &AxisDelta) -> Vec<Range<u32>> {
    let (mut at, mut deletes) = (0_u32, Vec::new());
    for run in axis.runs() {
        match *run {
            Run::Keep(count) | Run::Lift { count, .. } => at += count,
            Run::Delete(count) => {
                deletes.push(at..at + count);
                at += count;
            }
            Run::Insert { .. } | Run::Drop { .. } => {}
        }
    }
    deletes
}

#[cfg(test)]
mod tests {
    use ot_engine::LineId;

    use super::*;
    use crate::sample::record;

    fn insert(first: u64, count: u32) -> Run {
        Run::Insert { count, first: Some(LineId(first)) }
    }

    fn lines_of(rows: &[(u64, u64)], col: (u64, u64)) -> Lines {
        let ranges = |ids: &[(u64, u64)]| ids.iter().map(|(start, end)| *start..*end).collect();
        Lines { rows: ranges(rows), cols: ranges(&[col]) }
    }

    #[test]
    fn lines_that_came_back_and_went_again_are_found() {
        let inverse = Delta {
            rows: AxisDelta::from_runs([insert(3, 2), Run::Keep(4), insert(8, 1)]),
            cols: AxisDelta::from_runs([Run::Keep(1), insert(2, 1)]),
            ..Delta::identity()
        };
        let lines = Lines::inserted_by(&inverse);
        assert_eq!(lines, lines_of(&[(3, 5), (8, 9)], (2, 3)));
        // Rows 1 to 9 in three columns, of which a later change had inserted these.
        let state = SheetState::new(&record(9, 3)).expect("a sheet");
        let later = Delta {
            rows: AxisDelta::from_runs([
                Run::Keep(1),
                Run::Delete(3),
                Run::Keep(3),
                Run::Delete(2),
            ]),
            cols: AxisDelta::from_runs([Run::Delete(2)]),
            ..Delta::identity()
        };
        let mut found = lines.deleted_by(&later, &state);
        found.extend(found.clone());
        let found = found.without(&[], &[]);
        assert_eq!(found, lines_of(&[(3, 5), (8, 9)], (2, 3)));
        assert!(found.has_cell(RowId(4), ColumnId(7)) && found.has_cell(RowId(1), ColumnId(2)));
        assert!(!found.has_cell(RowId(5), ColumnId(1)));
        assert!(Lines::default().deleted_by(&later, &state).is_empty());
        let left = found.without(&[1..4, 8..10], &[1..2, 3..9]);
        assert_eq!(left, lines_of(&[(4, 5)], (2, 3)));
    }
}
