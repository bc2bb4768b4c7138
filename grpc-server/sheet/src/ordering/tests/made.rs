//! Makes changes that are valid for a sheet, from a kind and a seed.

use gridloom::v1::{self, column_ref, command, row_ref, value};
use ot_engine::{AxisDelta, CellEdit, Delta, Edit, LineId, RowId, Run, Sheet, TextDelta};

use crate::state::SheetState;

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Set,
    Text,
    InsertRows,
    DeleteRow,
    MoveRow,
    Commands,
}

/// A delta that is valid for `sheet`; a kind that the sheet has no place for inserts rows.
pub(super) fn delta(kind: Kind, seed: u64, sheet: &Sheet) -> Delta {
    let size = sheet.size();
    let row = (seed % u64::from(size.rows.max(1))) as u32;
    let col = (seed / 7 % u64::from(size.cols.max(1))) as u32;
    match kind {
        _ if size.rows < 3 => Delta::rows(AxisDelta::insert(0, 3)),
        Kind::Set | Kind::Commands => {
            Delta::set_cell(row, col, format!("s{}", seed % 1000).as_str())
        }
        Kind::Text => text(seed, sheet, (row, col)),
        Kind::InsertRows => Delta::rows(AxisDelta::insert(row, 1 + (seed % 2) as u32)),
        Kind::DeleteRow => Delta::rows(AxisDelta::delete(row, 1)),
        Kind::MoveRow => {
            let to = (seed / 11 % u64::from(size.rows)) as u32;
            Delta::rows(AxisDelta::move_lines(row, 1, to))
        }
    }
}

/// The change of an undo: an edit of a text, or a deleted row that comes back under its id.
pub(super) fn restoring(seed: u64, sheet: &Sheet, state: &SheetState) -> Delta {
    let ids = (1..state.next_row_id().0)
        .filter(|id| seed.is_multiple_of(2) && state.row_order().position_of(RowId(*id)).is_none());
    let deleted: Vec<u64> = ids.collect();
    let Some(first) = deleted.get(seed as usize % deleted.len().max(1)) else {
        return delta(Kind::Text, seed, sheet);
    };
    let at = (seed / 23 % u64::from(sheet.size().rows + 1)) as u32;
    let first = Some(LineId(*first));
    Delta::rows(AxisDelta::from_runs([Run::Keep(at), Run::Insert { count: 1, first }]))
}

/// Replaces a part of a cell's text.
fn text(seed: u64, sheet: &Sheet, (row, col): (u32, u32)) -> Delta {
    let held = sheet.get(row, col).map_or(0, |value| value.as_text().chars().count()) as u32;
    let at = (seed / 13) as u32 % (held + 1);
    let count = (seed / 17) as u32 % (held - at + 1);
    let new = ["", "a", "bc", "é"][(seed / 19 % 4) as usize];
    let edit = Edit::Text(TextDelta::splice(at, count, new));
    Delta { cells: vec![CellEdit { row, col, edit }], ..Delta::identity() }
}

/// Commands that write a cell, by position.
pub(super) fn commands(seed: u64) -> v1::CommandList {
    let row = v1::RowRef { row: Some(row_ref::Row::At((seed % 3) as u32)) };
    let col = v1::ColumnRef { column: Some(column_ref::Column::At((seed / 3 % 2) as u32)) };
    let text = value::Kind::Text(format!("c{}", seed % 1000));
    let set = v1::SetCells {
        row: Some(row),
        col: Some(col),
        width: 1,
        values: vec![v1::Value { kind: Some(text) }],
    };
    let command = v1::Command { command: Some(command::Command::SetCells(set)) };
    v1::CommandList { commands: vec![command] }
}
