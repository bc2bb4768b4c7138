//! Two deltas that were made on the same sheet meet.
//!
//! The law (TP1): `sheet . first . second' == sheet . second . first'`. The axes meet in
//! `axis/merge.rs`, cells in `transform/cells.rs`; here column attributes are carried to the merged
//! positions and compared. Where both edit the same one, the later stands and the earlier is reported.
//!
//! Cost: one walk over runs and cells of both. Two deltas that only edit cells, the server's hot
//! case, are compared in place and nothing is allocated unless they edit the same cell.

mod cells;

use crate::axis::merge;
use crate::conflict::{Attribute, Conflict, Content, Reason, Side};
use crate::{AxisDelta, AxisMap, ColumnEdit, Delta};
use cells::{carry, compare, settle};

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
        let changed = compare(&over.cells, &delta.cells, &mut step.conflicts);
        settle(&mut delta.cells, changed.second);
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

    carry(&mut first.cells, &later.rows, &later.cols, Side::Earlier, conflicts);
    carry(&mut later.cells, &first.rows, &first.cols, Side::Later, conflicts);
    let changed = compare(&first.cells, &later.cells, conflicts);
    settle(&mut first.cells, changed.first);
    settle(&mut later.cells, changed.second);

    carry_columns(&mut first.columns, &later.cols, Side::Earlier, conflicts);
    carry_columns(&mut later.columns, &first.cols, Side::Later, conflicts);
    overwrite_columns(&mut first.columns, &later.columns, conflicts);
    first
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
