//! The cells that the log wrote last, as far as memory allows: to be compared with the rows.
//!
//! Not the whole sheet: beyond a bound, older cells are dropped and not compared.
//!
//! Invariant: what is known of a cell comes from the last change that wrote it.

use ot_engine::{ColumnId, Edit, RowId, Value};
use rustc_hash::FxHashMap;

use model::RowPatch;

/// Bytes after which older cells are forgotten, all at once.
const KEPT_BYTES: usize = 32 * 1024 * 1024;
/// The cost of a cell besides its text.
const CELL_BYTES: usize = 96;

/// Last written cells.
#[derive(Debug, Default)]
pub(super) struct Written {
    rows: FxHashMap<RowId, FxHashMap<ColumnId, Cell>>,
    bytes: usize,
}

/// A cell by the log.
#[derive(Debug)]
struct Cell {
    revision: i64,
    /// `None` where a text was edited that is not known.
    value: Option<Value>,
}

/// A cell that holds something else than the log wrote.
pub(super) struct Difference {
    pub(super) revision: i64,
    pub(super) column: ColumnId,
}

impl Written {
    pub(super) fn write(&mut self, revision: i64, (row, column): (RowId, ColumnId), edit: &Edit) {
        if self.bytes > KEPT_BYTES {
            // Those of later changes still win over what they write, so nothing wrong is known.
            self.rows.clear();
            self.bytes = 0;
        }
        let cells = self.rows.entry(row).or_default();
        let known = cells.get(&column).and_then(|cell| cell.value.as_ref());
        let value = match edit {
            Edit::Set(value) => Some(value.clone()),
            edit => known.map(|value| edit.apply(value)),
        };
        self.bytes += CELL_BYTES + value.as_ref().map_or(0, |value| value.as_text().len());
        cells.insert(column, Cell { revision, value });
    }

    /// Compares a row with what is known of it, which is forgotten.
    pub(super) fn take(&mut self, row: RowId, holds: &RowPatch) -> Option<Difference> {
        differs(&self.rows.remove(&row)?, holds)
    }

    /// A row that should hold something and was never compared.
    pub(super) fn rest(&self) -> impl Iterator<Item = (RowId, Difference)> {
        let nothing = RowPatch::default();
        self.rows.iter().filter_map(move |(row, cells)| Some((*row, differs(cells, &nothing)?)))
    }
}

fn differs(cells: &FxHashMap<ColumnId, Cell>, holds: &RowPatch) -> Option<Difference> {
    cells.iter().find_map(|(column, cell)| {
        let held = holds.get(*column).unwrap_or(&Value::Empty);
        let value = cell.value.as_ref()?;
        // There is no negative zero in the tables, and a text that edits have emptied is an empty cell.
        let same = value.clone().normalized() == *held;
        (!same).then_some(Difference { revision: cell.revision, column: *column })
    })
}

#[cfg(test)]
mod tests {
    use ot_engine::TextDelta;

    use super::*;

    const CELL: (RowId, ColumnId) = (RowId(1), ColumnId(2));

    #[test]
    fn the_last_write_of_a_cell_counts() {
        let holding = |text: &str| RowPatch::from_iter([(ColumnId(2), Value::from(text))]);
        let mut written = Written::default();
        written.write(1, CELL, &Edit::Set("old".into()));
        written.write(2, CELL, &Edit::Set("new".into()));
        written.write(3, CELL, &Edit::Text(TextDelta::splice(0, 0, "a ")));
        assert!(written.take(RowId(1), &holding("a new")).is_none());
        written.write(4, CELL, &Edit::Set("new".into()));
        let found = written.take(RowId(1), &holding("old")).expect("another value");
        assert_eq!((found.revision, found.column), (4, ColumnId(2)));
    }

    #[test]
    fn a_text_that_an_edit_has_emptied_is_an_empty_cell() {
        let mut written = Written::default();
        written.write(1, CELL, &Edit::Set("a".into()));
        written.write(2, CELL, &Edit::Text(TextDelta::splice(0, 1, "")));
        assert!(written.take(RowId(1), &RowPatch::default()).is_none());
    }

    #[test]
    fn a_text_edit_of_an_unknown_text_says_nothing() {
        let mut written = Written::default();
        written.write(1, CELL, &Edit::Text(TextDelta::splice(0, 0, "a")));
        assert!(written.take(RowId(1), &RowPatch::default()).is_none());
        written.write(2, CELL, &Edit::Set(Value::Empty));
        assert_eq!(written.rest().count(), 0, "an empty cell needs no row");
    }
}
