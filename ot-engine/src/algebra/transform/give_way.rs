//! A later delta that gives way: what the earlier one has changed stays, though the later one changes it, too.
//!
//! It follows a rebase, and knows the conflicts of that. Invariant: the later delta keeps no cell and no attribute that
//! the earlier one has changed. Its values are made for the rule of their column: it keeps no cell of a column of which
//! it has lost an attribute. Where the earlier delta changes the kind or the settings, it keeps neither of both, and no cell.

use std::mem;

use crate::{Attribute, AxisMap, ColumnEdit, Conflict, Content, Delta, Reason, Side};

/// Removes from a delta what it overwrites of the one over which it was rebased: the conflicts of the step become its own.
/// The cells that it loses to a changed rule are further conflicts.
pub(crate) fn give_way(delta: &mut Delta, over: &Delta, conflicts: &mut Vec<Conflict>) {
    let (mut cells, mut columns) = lose_overwritten(delta, conflicts);
    let rules = changed_rules(delta, over);
    for (col, kept) in &rules {
        if lose_rule(delta, *col, kept, conflicts) {
            columns.push(*col);
        }
    }
    if cells.is_empty() && columns.is_empty() && rules.is_empty() {
        return;
    }
    cells.sort_unstable();
    columns.sort_unstable();
    delta.cells.retain(|cell| {
        if columns.binary_search(&cell.col).is_ok() || cells.binary_search(&cell.key()).is_ok() {
            return false;
        }
        let stays = rules.binary_search_by_key(&cell.col, |(col, _)| *col).is_err();
        if !stays {
            let edit = Content::Cell(cell.edit.clone());
            // Not the attribute: its text would be in memory and in the journal as often as there are cells.
            conflicts.push(lost(Some(cell.row), cell.col, edit, None));
        }
        stays
    });
}

/// Turns the conflicts round. Returns the cells that the delta has lost, and the columns of lost attributes.
fn lose_overwritten(delta: &mut Delta, conflicts: &mut [Conflict]) -> (Vec<(u32, u32)>, Vec<u32>) {
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
    (cells, columns)
}

/// The columns whose kind or settings the earlier delta changes, in order and in positions after both, each with one of
/// these attributes.
fn changed_rules(delta: &Delta, over: &Delta) -> Vec<(u32, Attribute)> {
    if over.columns.is_empty() {
        return Vec::new();
    }
    let cols = AxisMap::new(&delta.cols);
    let rule = |edit: &ColumnEdit| {
        let kind = edit.kind.map(Attribute::Kind);
        kind.or_else(|| edit.settings.clone().map(Attribute::Settings))
    };
    let changed = |edit: &ColumnEdit| Some((cols.map_line(edit.col)?, rule(edit)?));
    let mut rules: Vec<_> = over.columns.iter().filter_map(changed).collect();
    rules.sort_unstable_by_key(|(col, _)| *col);
    rules
}

/// Removes the kind and the settings of a column from a delta: they belong to one another. Returns whether it had one.
fn lose_rule(delta: &mut Delta, col: u32, kept: &Attribute, conflicts: &mut Vec<Conflict>) -> bool {
    let Ok(at) = delta.columns.binary_search_by_key(&col, |edit| edit.col) else { return false };
    let edit = &mut delta.columns[at];
    let own =
        [edit.kind.take().map(Attribute::Kind), edit.settings.take().map(Attribute::Settings)];
    let before = conflicts.len();
    let own = own.into_iter().flatten().map(Content::Attribute);
    let kept = Content::Attribute(kept.clone());
    conflicts.extend(own.map(|own| lost(None, col, own, Some(kept.clone()))));
    if edit.is_empty() {
        delta.columns.remove(at);
    }
    conflicts.len() > before
}

/// What the later delta loses to an attribute that the earlier one has changed.
fn lost(row: Option<u32>, col: u32, lost: Content, kept: Option<Content>) -> Conflict {
    Conflict { row, col, loser: Side::Later, lost, kept, reason: Reason::Overwritten }
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
    use crate::{AxisDelta, CellEdit, ColumnKind, Edit, TextDelta};

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
        give_way(&mut later, &earlier, &mut step.conflicts);
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
        give_way(&mut later, &earlier, &mut step.conflicts);
        assert_eq!(later, Delta::set_cell(0, 0, 1.0));
        assert_eq!(step.conflicts.len(), 1);
    }

    #[test]
    fn a_column_of_which_another_has_changed_the_rule_keeps_its_values() {
        let kind = |col| ColumnEdit { col, kind: Some(ColumnKind::Text), ..ColumnEdit::default() };
        let settings =
            |col| ColumnEdit { col, settings: Some("refuse".into()), ..ColumnEdit::default() };
        for changed in [kind(1), settings(1)] {
            // Cells alone, as in the later batches of a conversion.
            let mut later =
                Delta::set_cells([(0, 0, 1.0.into()), (0, 1, 7.0.into()), (2, 1, 8.0.into())]);
            let earlier = Delta::update_column(changed);
            let mut step = rebase_step(&mut later, &earlier);
            assert!(step.conflicts.is_empty());
            give_way(&mut later, &earlier, &mut step.conflicts);
            assert_eq!(later, Delta::set_cell(0, 0, 1.0));
            let lost: Vec<_> = step.conflicts.iter().map(|it| (it.row, it.col, it.loser)).collect();
            assert_eq!(lost, [(Some(0), 1, Side::Later), (Some(2), 1, Side::Later)]);
            assert_eq!(step.conflicts[0].lost, Content::Cell(Edit::Set(7.0.into())));
        }
    }

    #[test]
    fn columns_that_move_are_found_at_their_new_place() {
        let kind = ColumnEdit { col: 0, kind: Some(ColumnKind::Text), ..ColumnEdit::default() };
        let mut later = Delta::set_cells([(0, 1, 1.0.into()), (0, 2, 2.0.into())]);
        later.cols = AxisDelta::insert(0, 1);
        let earlier = Delta::update_column(kind);
        let mut step = rebase_step(&mut later, &earlier);
        give_way(&mut later, &earlier, &mut step.conflicts);
        assert_eq!(later.cells, Delta::set_cell(0, 2, 2.0).cells);
        assert_eq!(step.conflicts.len(), 1);
    }

    #[test]
    fn kind_and_settings_are_lost_together_and_others_stay() {
        let kind = |kind| ColumnEdit { col: 0, kind: Some(kind), ..ColumnEdit::default() };
        let settings = |text: &str| ColumnEdit {
            col: 0,
            settings: Some(text.into()),
            ..ColumnEdit::default()
        };
        for changed in [kind(ColumnKind::Text), settings("option b")] {
            let mut later = Delta::update_column(ColumnEdit {
                name: Some("n".into()),
                width: Some(90),
                settings: Some("option a".into()),
                ..kind(ColumnKind::Number)
            });
            later.cells.push(CellEdit::set(0, 0, 1.0));
            let earlier = Delta::update_column(changed);
            let mut step = rebase_step(&mut later, &earlier);
            give_way(&mut later, &earlier, &mut step.conflicts);
            let (name, width) = (Some("n".into()), Some(90));
            assert_eq!(
                later,
                Delta::update_column(ColumnEdit { name, width, ..ColumnEdit::default() })
            );
            assert_eq!(step.conflicts.len(), 2);
            assert!(step.conflicts.iter().all(|it| it.loser == Side::Later && it.kept.is_some()));
        }
    }
}
