//! Two deltas that were made on the same sheet meet.
//!
//! The law (TP1): `sheet . first . second' == sheet . second . first'`. The axes meet in
//! `axis/merge.rs`; here cells and attributes are carried to the merged positions and compared.
//! Where both edit the same cell, the later value stands and the earlier one is reported.
//!
//! Cost: one walk over runs and cells of both. Two deltas that only edit cells, the server's hot
//! case, are compared in place and nothing is allocated unless they conflict.

use crate::axis::merge;
use crate::conflict::{Attribute, Conflict, Content, Reason, Side};
use crate::delta::sort_cells;
use crate::{AxisDelta, AxisMap, CellEdit, ColumnEdit, Delta};

/// Both deltas, each as it is applied after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transformed {
    /// The earlier delta, to be applied after the later one.
    pub first: Delta,
    /// The later delta, to be applied after the earlier one.
    pub second: Delta,
    /// Every edit that did not survive.
    pub conflicts: Vec<Conflict>,
}

/// Lets `first`, which stands earlier in history, and `second` meet.
#[must_use]
pub fn transform(first: &Delta, second: &Delta) -> Transformed {
    let mut later = second.clone();
    let mut conflicts = Vec::new();
    let first = meet(first, &mut later, &mut conflicts);
    Transformed { first, second: later, conflicts }
}

/// Only the later side of [`transform`], in place: `delta` as it is applied after `over`.
pub fn rebase(delta: &mut Delta, over: &Delta) -> Vec<Conflict> {
    rebase_step(delta, over).conflicts
}

/// What a rebase leaves behind: the conflicts, and the axes of `over` as they apply after `delta`,
/// by which positions that were noted before move on.
#[derive(Debug, Default)]
pub(crate) struct Step {
    pub(crate) conflicts: Vec<Conflict>,
    pub(crate) over_rows: AxisDelta,
    pub(crate) over_cols: AxisDelta,
}

pub(crate) fn rebase_step(delta: &mut Delta, over: &Delta) -> Step {
    let mut step = Step::default();
    if delta.is_cells_only() && over.is_cells_only() {
        both(&over.cells, &delta.cells, |earlier, later| {
            step.conflicts.push(overwritten_cell(earlier, later));
        });
        return step;
    }
    let over = meet(over, delta, &mut step.conflicts);
    (step.over_rows, step.over_cols) = (over.rows, over.cols);
    step
}

/// The general case: makes `later` its own residual and answers that of `earlier`.
fn meet(earlier: &Delta, later: &mut Delta, conflicts: &mut Vec<Conflict>) -> Delta {
    let mut first = Delta { cells: earlier.cells.clone(), ..Delta::identity() };
    first.columns.clone_from(&earlier.columns);
    (first.rows, later.rows) = merge(&earlier.rows, &later.rows);
    (first.cols, later.cols) = merge(&earlier.cols, &later.cols);

    carry_cells(&mut first.cells, &later.rows, &later.cols, Side::Earlier, conflicts);
    carry_cells(&mut later.cells, &first.rows, &first.cols, Side::Later, conflicts);
    both(&first.cells, &later.cells, |earlier, later| {
        conflicts.push(overwritten_cell(earlier, later));
    });
    first.cells.retain(|cell| later.cell(cell.row, cell.col).is_none());

    carry_columns(&mut first.columns, &later.cols, Side::Earlier, conflicts);
    carry_columns(&mut later.columns, &first.cols, Side::Later, conflicts);
    overwrite_columns(&mut first.columns, &later.columns, conflicts);
    first
}

/// Moves cell edits along the other delta's axes; those whose line is gone are reported.
fn carry_cells(
    cells: &mut Vec<CellEdit>,
    rows: &AxisDelta,
    cols: &AxisDelta,
    loser: Side,
    conflicts: &mut Vec<Conflict>,
) {
    if cells.is_empty() || (rows.is_identity() && cols.is_identity()) {
        return;
    }
    let (rows, cols) = (AxisMap::new(rows), AxisMap::new(cols));
    cells.retain_mut(|cell| {
        let (row, col) = (rows.map_line(cell.row), cols.map_line(cell.col));
        if let (Some(row), Some(col)) = (row, col) {
            (cell.row, cell.col) = (row, col);
            return true;
        }
        let reason = if row.is_none() { Reason::RowDeleted } else { Reason::ColumnDeleted };
        conflicts.push(Conflict {
            row: Some(rows.map_position(cell.row, crate::Bias::Right)),
            col: cols.map_position(cell.col, crate::Bias::Right),
            loser,
            lost: Content::Cell(cell.edit.clone()),
            kept: None,
            reason,
        });
        false
    });
    sort_cells(cells);
}

/// Moves attribute edits along the other delta's columns; those whose column is gone are reported.
fn carry_columns(
    columns: &mut Vec<ColumnEdit>,
    cols: &AxisDelta,
    loser: Side,
    conflicts: &mut Vec<Conflict>,
) {
    if columns.is_empty() || cols.is_identity() {
        return;
    }
    let cols = AxisMap::new(cols);
    columns.retain_mut(|edit| {
        if let Some(col) = cols.map_line(edit.col) {
            edit.col = col;
            return true;
        }
        let col = cols.map_position(edit.col, crate::Bias::Right);
        conflicts.extend(attributes(edit).into_iter().flatten().map(|lost| Conflict {
            row: None,
            col,
            loser,
            lost: Content::Attribute(lost),
            kept: None,
            reason: Reason::ColumnDeleted,
        }));
        false
    });
    columns.sort_by_key(|edit| edit.col);
}

/// Calls `found` for each position that both sorted lists edit. One list much shorter than the
/// other is looked up in it; lists of one size are walked side by side.
fn both(earlier: &[CellEdit], later: &[CellEdit], mut found: impl FnMut(&CellEdit, &CellEdit)) {
    /// From this ratio on, a binary search for each cell beats walking over the longer list.
    const LOOKUP_RATIO: usize = 8;
    let (mut e, mut l) = (0, 0);
    let shorter = earlier.len().min(later.len());
    if shorter.saturating_mul(LOOKUP_RATIO) > earlier.len().max(later.len()) {
        while let (Some(a), Some(b)) = (earlier.get(e), later.get(l)) {
            let order = a.key().cmp(&b.key());
            if order.is_eq() {
                found(a, b);
            }
            e += usize::from(order.is_le());
            l += usize::from(order.is_ge());
        }
    } else if earlier.len() < later.len() {
        let lookup = |a: &CellEdit| later.binary_search_by_key(&a.key(), CellEdit::key);
        earlier.iter().for_each(|a| {
            if let Ok(index) = lookup(a) {
                found(a, &later[index]);
            }
        });
    } else {
        let lookup = |b: &CellEdit| earlier.binary_search_by_key(&b.key(), CellEdit::key);
        later.iter().for_each(|b| {
            if let Ok(index) = lookup(b) {
                found(&earlier[index], b);
            }
        });
    }
}

fn overwritten_cell(earlier: &CellEdit, later: &CellEdit) -> Conflict {
    Conflict {
        row: Some(later.row),
        col: later.col,
        loser: Side::Earlier,
        lost: Content::Cell(earlier.edit.clone()),
        kept: Some(Content::Cell(later.edit.clone())),
        reason: Reason::Overwritten,
    }
}

/// Takes from the earlier edits each attribute that a later one sets too.
fn overwrite_columns(
    earlier: &mut Vec<ColumnEdit>,
    later: &[ColumnEdit],
    conflicts: &mut Vec<Conflict>,
) {
    earlier.retain_mut(|edit| {
        let Ok(index) = later.binary_search_by_key(&edit.col, |other| other.col) else {
            return true;
        };
        let winner = &later[index];
        for (lost, kept) in attributes(edit).into_iter().zip(attributes(winner)) {
            if let (Some(lost), Some(kept)) = (lost, kept) {
                conflicts.push(Conflict {
                    row: None,
                    col: edit.col,
                    loser: Side::Earlier,
                    lost: Content::Attribute(lost),
                    kept: Some(Content::Attribute(kept)),
                    reason: Reason::Overwritten,
                });
            }
        }
        edit.name.take_if(|_| winner.name.is_some());
        edit.kind.take_if(|_| winner.kind.is_some());
        edit.width.take_if(|_| winner.width.is_some());
        !edit.is_empty()
    });
}

/// The attributes that an edit sets, each in its own place.
fn attributes(edit: &ColumnEdit) -> [Option<Attribute>; 3] {
    [
        edit.name.clone().map(Attribute::Name),
        edit.kind.map(Attribute::Kind),
        edit.width.map(Attribute::Width),
    ]
}
