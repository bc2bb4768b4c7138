//! A later delta that gives way: what the earlier one has changed stays, though the later one changes it, too.
//!
//! It follows a rebase, and knows the conflicts of that alone. Invariant: the later delta keeps no cell and no attribute
//! that the earlier one has changed, and no cell of a column of which it has lost an attribute: its values are made for it.

use std::mem;

use crate::{Attribute, CellEdit, Conflict, Content, Delta, Reason, Side};

/// Removes from a delta what it overwrites of the one over which it was rebased: the conflicts of the step become its own.
pub(crate) fn give_way(delta: &mut Delta, conflicts: &mut [Conflict]) {
    let is_overwritten = |conflict: &&mut Conflict| {
        conflict.loser == Side::Earlier && conflict.reason == Reason::Overwritten
    };
    let (mut cells, mut columns) = (Vec::new(), Vec::new());
    for conflict in conflicts.iter_mut().filter(is_overwritten) {
        let Some(kept) = conflict.kept.take() else { continue };
        match &kept {
            Content::Cell(_) => cells.extend(conflict.row.map(|row| (row, conflict.col))),
            Content::Attribute(attribute) => {
                remove(delta, conflict.col, attribute);
                columns.push(conflict.col);
            }
        }
        conflict.loser = Side::Later;
        conflict.kept = Some(mem::replace(&mut conflict.lost, kept));
    }
    if !cells.is_empty() || !columns.is_empty() {
        cells.sort_unstable();
        let is_lost = |cell: &CellEdit| {
            columns.contains(&cell.col) || cells.binary_search(&(cell.row, cell.col)).is_ok()
        };
        delta.cells.retain(|cell| !is_lost(cell));
    }
}

/// Removes one attribute from the edit of a column.
fn remove(delta: &mut Delta, col: u32, attribute: &Attribute) {
    for edit in delta.columns.iter_mut().filter(|edit| edit.col == col) {
        match attribute {
            Attribute::Name(_) => edit.name = None,
            Attribute::Kind(_) => edit.kind = None,
            Attribute::Width(_) => edit.width = None,
            Attribute::Settings(_) => edit.settings = None,
        }
    }
    delta.columns.retain(|edit| !edit.is_empty());
}

#[cfg(test)]
mod tests {
    use super::super::rebase_step;
    use super::*;
    use crate::{ColumnEdit, ColumnKind, Edit, TextDelta};

    #[test]
    fn what_the_earlier_delta_has_changed_stays() {
        let mut later = Delta::set_cell(0, 0, 1.0);
        later.cells.extend([1, 2].map(|row| CellEdit::set(row, 0, 2.0)));
        let kind = |kind| ColumnEdit { col: 1, kind: Some(kind), ..ColumnEdit::default() };
        later.columns.push(ColumnEdit { name: Some("n".into()), ..kind(ColumnKind::Number) });
        let mut earlier = Delta::set_cell(1, 0, "newer");
        earlier.cells.push(CellEdit::text(2, 0, TextDelta::splice(0, 0, "x")));
        earlier.columns.push(kind(ColumnKind::Date));
        let mut step = rebase_step(&mut later, &earlier);
        give_way(&mut later, &mut step.conflicts);
        assert_eq!(later.cells, Delta::set_cell(0, 0, 1.0).cells);
        assert_eq!(
            later.columns,
            [ColumnEdit { kind: None, name: Some("n".into()), ..kind(ColumnKind::Any) }]
        );
        assert_eq!(step.conflicts.len(), 3);
        for conflict in &step.conflicts {
            assert_eq!(conflict.loser, Side::Later, "{conflict:?}");
        }
        assert_eq!(step.conflicts[0].lost, Content::Cell(Edit::Set(2.0.into())));
        assert_eq!(step.conflicts[0].kept, Some(Content::Cell(Edit::Set("newer".into()))));
    }

    #[test]
    fn without_an_attribute_of_its_column_no_cell_is_set() {
        let kind = |kind| ColumnEdit { col: 1, kind: Some(kind), ..ColumnEdit::default() };
        let mut later = Delta::set_cell(0, 0, 1.0);
        later.cells.extend([0, 2].map(|row| CellEdit::set(row, 1, 2.0)));
        later.columns.push(kind(ColumnKind::Number));
        let earlier = Delta::update_column(kind(ColumnKind::Date));
        let mut step = rebase_step(&mut later, &earlier);
        give_way(&mut later, &mut step.conflicts);
        assert_eq!(later, Delta::set_cell(0, 0, 1.0));
        assert_eq!(step.conflicts.len(), 1);
    }
}
