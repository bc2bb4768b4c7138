//! Taking text edits back: character by character, over what others did to the same text since.
//!
//! Unlike a value, which an undo simply sets again, a text that others have edited meanwhile keeps
//! their characters. So the inverse of each text edit is carried over every later change of its cell;
//! where somebody has set the cell since, nothing of the edit is left to take back.
//!
//! Read only. Cost: the changes since, times the text edits of the one that is taken back.

use ot_engine::{AxisMap, CellEdit, Delta, Edit, RowId, TextDelta, Value};
use rustc_hash::FxHashMap;

use super::inverse::Place;
use crate::model::{Entry, RowBody};

/// The inverse of one text edit, on its way to now.
#[derive(Debug)]
struct Carried {
    /// Where its cell stands.
    row: u32,
    col: u32,
    inverse: TextDelta,
    /// What the cell held before the edit.
    before: Value,
    /// What it holds now.
    now: Value,
}

/// All that has happened since a change.
#[derive(Debug, Default)]
pub(super) struct Since {
    /// The changes, in order.
    pub(super) changes: Vec<Entry>,
    /// The rows of its text edits, as they are now.
    pub(super) rows: FxHashMap<RowId, RowBody>,
}

/// The inverses of text edits, as edits of the sheet now. `held` tells what the cell of a place held
/// before the change.
pub(super) fn inverses(
    places: &[Place],
    held: impl Fn(usize) -> Value,
    since: &Since,
) -> Vec<CellEdit> {
    let start = places.iter().enumerate().filter_map(|(at, place)| {
        let Edit::Text(edit) = &place.edit else { return None };
        let before = held(at);
        let inverse = edit.inverse(before.as_text());
        let (row, col) = place.after;
        let now = since.rows.get(&place.id.0).map(|body| body.get(place.id.1).clone());
        Some(Carried { row, col, inverse, before, now: now.unwrap_or_default() })
    });
    let mut carried: Vec<Carried> = start.collect();
    for entry in &since.changes {
        if carried.is_empty() {
            break;
        }
        carry(&mut carried, &entry.delta);
    }
    carried.into_iter().map(Carried::finish).collect()
}

fn carry(carried: &mut Vec<Carried>, delta: &Delta) {
    if !delta.keeps_axes() {
        let (rows, cols) = (AxisMap::new(&delta.rows), AxisMap::new(&delta.cols));
        carried.retain_mut(|it| match (rows.map_line(it.row), cols.map_line(it.col)) {
            (Some(row), Some(col)) => {
                (it.row, it.col) = (row, col);
                true
            }
            _ => false,
        });
    }
    carried.retain_mut(|it| match delta.cell(it.row, it.col).map(|cell| &cell.edit) {
        None => true,
        Some(Edit::Text(later)) => {
            it.inverse = later.transform(&it.inverse).1;
            true
        }
        Some(_) => false,
    });
}

impl Carried {
    /// Where no text is left, a cell that held none gets back just what it held.
    fn finish(self) -> CellEdit {
        let (row, col) = (self.row, self.col);
        match self.before {
            Value::Text(_) => CellEdit::text(row, col, self.inverse),
            before if self.inverse.apply(self.now.as_text()).is_empty() => {
                CellEdit::set(row, col, before)
            }
            _ => CellEdit::text(row, col, self.inverse),
        }
    }
}
