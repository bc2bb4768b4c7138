//! Inverts a delta on a dense sheet.
//!
//! It is not undo: to undo, the server transforms an inverse over the later entries and restores lines
//! by their ids. Here the sheet before the delta is known, and the inverse contains the cells of
//! restored lines as edits.
//!
//! Invariant: `sheet . delta . inverse == sheet`, except for the ids of restored lines.

use std::ops::Range;

use crate::{AxisDelta, AxisMap, CellEdit, Column, ColumnEdit, Delta, Run, Sheet, Value};

/// A delta's inverse.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inverse {
    /// Applied after the delta, it restores the sheet before the delta.
    pub delta: Delta,
    /// The rows that it restores, in positions of the sheet before the delta.
    pub restored_rows: Vec<Range<u32>>,
    /// The columns that it restores, in positions of the sheet before the delta.
    pub restored_cols: Vec<Range<u32>>,
}

/// The inverse of a valid `delta` on the sheet `before`.
#[must_use]
pub fn invert(delta: &Delta, before: &Sheet) -> Inverse {
    let (rows, cols) = (delta.rows.inverse(), delta.cols.inverse());
    let (restored_rows, restored_cols) = (deleted(&delta.rows), deleted(&delta.cols));
    let mut cells = restored_cells(before, &restored_rows, &restored_cols);
    let (row_back, col_back) = (AxisMap::new(&rows), AxisMap::new(&cols));
    cells.extend(delta.cells.iter().filter_map(|cell| {
        let (row, col) = (row_back.map_line(cell.row)?, col_back.map_line(cell.col)?);
        let value = before.get(row, col).unwrap_or(&Value::Empty);
        Some(CellEdit { row, col, edit: cell.edit.inverse(value) })
    }));
    let columns = columns(delta, before, &restored_cols, &col_back);
    Inverse { delta: Delta::from_parts(rows, cols, cells, columns), restored_rows, restored_cols }
}

/// The cells of restored lines; a restored line is empty, so empty cells need no edit.
fn restored_cells(before: &Sheet, rows: &[Range<u32>], cols: &[Range<u32>]) -> Vec<CellEdit> {
    let size = before.size();
    let on_rows = rows.iter().cloned().flatten();
    let on_rows = on_rows.flat_map(|row| (0..size.cols).map(move |col| (row, col)));
    let on_cols = cols.iter().cloned().flatten();
    let on_cols = on_cols.flat_map(|col| (0..size.rows).map(move |row| (row, col)));
    let on_cols = on_cols.filter(|(row, _)| !contains(rows, *row));
    let filled = on_rows.chain(on_cols).filter_map(|(row, col)| {
        let value = before.get(row, col).filter(|value| !value.is_empty())?;
        Some(CellEdit::set(row, col, value.clone()))
    });
    filled.collect()
}

/// The old lines that the delta deletes.
fn deleted(axis: &AxisDelta) -> Vec<Range<u32>> {
    let mut at = 0_u32;
    let mut ranges = Vec::new();
    for run in axis.runs() {
        let end = at.saturating_add(run.consumes());
        if matches!(run, Run::Delete(_)) {
            ranges.push(at..end);
        }
        at = end;
    }
    ranges
}

/// Whether one of the sorted ranges contains a line.
fn contains(ranges: &[Range<u32>], line: u32) -> bool {
    let next = ranges.partition_point(|range| range.end <= line);
    ranges.get(next).is_some_and(|range| range.contains(&line))
}

/// The old attributes of edited columns and of restored columns.
fn columns(
    delta: &Delta,
    before: &Sheet,
    restored: &[Range<u32>],
    back: &AxisMap,
) -> Vec<ColumnEdit> {
    let edited = delta.columns.iter().filter_map(|edit| {
        let col = back.map_line(edit.col)?;
        let old = before.columns.get(col as usize)?;
        Some(ColumnEdit {
            col,
            name: edit.name.as_ref().map(|_| old.name.clone()),
            kind: edit.kind.map(|_| old.kind),
            width: edit.width.map(|_| old.width.unwrap_or(0)),
            settings: edit.settings.as_ref().map(|_| old.settings.clone()),
        })
    });
    let whole = restored.iter().cloned().flatten().filter_map(|col| {
        let Column { name, kind, width, settings, .. } = before.columns.get(col as usize)?.clone();
        let settings = (!settings.is_empty()).then_some(settings);
        let edit = ColumnEdit { col, name: Some(name), kind: Some(kind), width, settings };
        (before.columns[col as usize] != Column::default()).then_some(edit)
    });
    edited.chain(whole).filter(|edit| !edit.is_empty()).collect()
}
