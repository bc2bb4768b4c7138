//! Transforms two concurrent deltas against each other.
//!
//! `axis/merge.rs` transforms the axes and `transform/cells.rs` the cells; this file maps and compares
//! the column attributes. Where both deltas edit one attribute, the later edit wins and the earlier
//! one is a conflict. It knows no revisions.
//!
//! Cost: one walk over runs and cells of both. The server's hot case, two deltas that only edit cells,
//! allocates nothing unless both edit the same cell.
//!
//! Invariant (TP1): `sheet . first . second' == sheet . second . first'`.

mod cells;
mod give_way;

use crate::axis::merge;
use crate::{
    Attribute, AxisDelta, AxisMap, Bias, ColumnEdit, Conflict, Content, Delta, Reason, Side,
};
use cells::{apply_changes, compare, map_cells};
pub(crate) use give_way::give_way;

/// Two concurrent deltas, each transformed over the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transformed {
    /// The earlier delta, to apply after the later one.
    pub first: Delta,
    /// The later delta, to apply after the earlier one.
    pub second: Delta,
    /// Every lost edit.
    pub conflicts: Vec<Conflict>,
}

/// Transforms `first`, which is earlier in history, and `second` against each other.
#[must_use]
pub fn transform(first: &Delta, second: &Delta) -> Transformed {
    let mut later = second.clone();
    let mut conflicts = Vec::new();
    let first = transform_pair(first, &mut later, &mut conflicts);
    Transformed { first, second: later, conflicts }
}

/// Only the later side of [`transform`], in place: transforms `delta` over `over`.
pub fn rebase(delta: &mut Delta, over: &Delta) -> Vec<Conflict> {
    rebase_step(delta, over).conflicts
}

/// The result of a rebase: the conflicts, and the axes of `over` as they apply after `delta`. The
/// sequencer maps the positions of earlier conflicts over those axes.
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
        apply_changes(&mut delta.cells, changed.second);
        return step;
    }
    let over = transform_pair(over, delta, &mut step.conflicts);
    (step.over_rows, step.over_cols) = (over.rows, over.cols);
    step
}

/// The general case: transforms `later` in place and returns `earlier` transformed over it.
fn transform_pair(earlier: &Delta, later: &mut Delta, conflicts: &mut Vec<Conflict>) -> Delta {
    let mut first = Delta { cells: earlier.cells.clone(), ..Delta::identity() };
    first.columns.clone_from(&earlier.columns);
    (first.rows, later.rows) = merge(&earlier.rows, &later.rows);
    (first.cols, later.cols) = merge(&earlier.cols, &later.cols);

    map_cells(&mut first.cells, &later.rows, &later.cols, Side::Earlier, conflicts);
    map_cells(&mut later.cells, &first.rows, &first.cols, Side::Later, conflicts);
    let changed = compare(&first.cells, &later.cells, conflicts);
    apply_changes(&mut first.cells, changed.first);
    apply_changes(&mut later.cells, changed.second);

    map_columns(&mut first.columns, &later.cols, Side::Earlier, conflicts);
    map_columns(&mut later.columns, &first.cols, Side::Later, conflicts);
    overwrite_columns(&mut first.columns, &later.columns, conflicts);
    first
}

/// Maps attribute edits over the other delta's column axis. An edit of a deleted column is a conflict.
fn map_columns(
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
        let col = cols.map_position(edit.col, Bias::Right);
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

/// Removes from the earlier edits each attribute that a later edit sets too.
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
        edit.settings.take_if(|_| winner.settings.is_some());
        !edit.is_empty()
    });
}

/// The attributes that an edit sets: name, kind, width, settings.
fn attributes(edit: &ColumnEdit) -> [Option<Attribute>; 4] {
    [
        edit.name.clone().map(Attribute::Name),
        edit.kind.map(Attribute::Kind),
        edit.width.map(Attribute::Width),
        edit.settings.clone().map(Attribute::Settings),
    ]
}
