//! Transforms cell edits: maps them to the merged positions, then compares them cell by cell.
//!
//! It knows neither axes' runs nor column attributes.
//!
//! | earlier | later | result |
//! | --- | --- | --- |
//! | set | set | the later value |
//! | text | text | both, merged character by character |
//! | set | text | the set |
//! | text | set | the set |
//!
//! Invariant: every edit that does not reach the result is a conflict.

use crate::delta::sort_cells;
use crate::{AxisDelta, AxisMap, Bias, CellEdit, Conflict, Content, Edit, Reason, Side, TextDelta};

/// A change of one edit, by its index: another edit, or none.
type Change = (usize, Option<Edit>);

/// The changes of both deltas' edits, by ascending index.
#[derive(Default)]
pub(super) struct Changed {
    pub(super) first: Vec<Change>,
    pub(super) second: Vec<Change>,
}

/// Maps cell edits over the other delta's axes. An edit of a deleted line is a conflict.
pub(super) fn map_cells(
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
            row: Some(rows.map_position(cell.row, Bias::Right)),
            col: cols.map_position(cell.col, Bias::Right),
            loser,
            lost: Content::Cell(cell.edit.clone()),
            kept: None,
            reason,
        });
        false
    });
    sort_cells(cells);
}

/// Compares two sorted lists of edits and resolves the cells that both edit.
pub(super) fn compare(
    earlier: &[CellEdit],
    later: &[CellEdit],
    conflicts: &mut Vec<Conflict>,
) -> Changed {
    let mut changed = Changed::default();
    both(earlier, later, |e, l| match (&earlier[e].edit, &later[l].edit) {
        (Edit::Text(first), Edit::Text(second)) => {
            let (first, second) = first.transform(second);
            let remaining = |edit: TextDelta| (!edit.is_identity()).then_some(Edit::Text(edit));
            changed.first.push((e, remaining(first)));
            changed.second.push((l, remaining(second)));
        }
        (Edit::Set(_), Edit::Text(_)) => {
            conflicts.push(lost_cell(Side::Later, &later[l], &earlier[e]));
            changed.second.push((l, None));
        }
        (_, Edit::Set(_)) => {
            conflicts.push(lost_cell(Side::Earlier, &earlier[e], &later[l]));
            changed.first.push((e, None));
        }
    });
    changed
}

/// Applies changes to the edits.
pub(super) fn apply_changes(cells: &mut Vec<CellEdit>, changed: Vec<Change>) {
    let mut removed = Vec::new();
    for (index, edit) in changed {
        match edit {
            Some(edit) => cells[index].edit = edit,
            None => removed.push(index),
        }
    }
    let (mut index, mut removed) = (0, removed.into_iter().peekable());
    if removed.peek().is_some() {
        cells.retain(|_| {
            let remove = removed.next_if_eq(&index).is_some();
            index += 1;
            !remove
        });
    }
}

/// Calls `found` with both indices of each position that both sorted lists edit, in order. It looks
/// the cells of a much shorter list up in the longer one, and walks over lists of similar length.
fn both(earlier: &[CellEdit], later: &[CellEdit], mut found: impl FnMut(usize, usize)) {
    /// From this ratio on, a binary search for each cell is faster than a walk over the longer list.
    const LOOKUP_RATIO: usize = 8;
    let (mut e, mut l) = (0, 0);
    let shorter = earlier.len().min(later.len());
    if shorter.saturating_mul(LOOKUP_RATIO) > earlier.len().max(later.len()) {
        while let (Some(a), Some(b)) = (earlier.get(e), later.get(l)) {
            let order = a.key().cmp(&b.key());
            if order.is_eq() {
                found(e, l);
            }
            e += usize::from(order.is_le());
            l += usize::from(order.is_ge());
        }
    } else if earlier.len() < later.len() {
        for (e, cell) in earlier.iter().enumerate() {
            if let Ok(l) = later.binary_search_by_key(&cell.key(), CellEdit::key) {
                found(e, l);
            }
        }
    } else {
        for (l, cell) in later.iter().enumerate() {
            if let Ok(e) = earlier.binary_search_by_key(&cell.key(), CellEdit::key) {
                found(e, l);
            }
        }
    }
}

/// A conflict at one cell: the edit of `loser` is lost, the other is kept.
fn lost_cell(loser: Side, lost: &CellEdit, kept: &CellEdit) -> Conflict {
    Conflict {
        row: Some(kept.row),
        col: kept.col,
        loser,
        lost: Content::Cell(lost.edit.clone()),
        kept: Some(Content::Cell(kept.edit.clone())),
        reason: Reason::Overwritten,
    }
}
