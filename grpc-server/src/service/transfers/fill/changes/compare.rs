//! The rows of one read beside those of the source: the cells that differ.
//!
//! No I/O. Invariants: an empty value of the source differs from nothing, and so does one that its column refuses; the key of a
//! row is compared, and never changed.

use std::collections::HashMap;
use std::mem::take;

use ot_engine::{CellEdit, ColumnId, Edit, RowId, Value};

use super::super::batches::Row;
use super::super::edited::Layout;
use super::super::keys::are_equal;
use super::super::notes::Notes;
use super::super::rules::Refused;
use sheet::api::message::WindowRead;

/// Rows of the source, by the rows of the sheet that have their keys.
pub(in crate::service::transfers::fill) type Wanted = HashMap<RowId, Row>;

/// Rows that have no cell to change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// All cells are equal, or the source has nothing for them.
    pub(super) unchanged: u64,
    /// The row was deleted, or has another key by now.
    pub(super) gone: u64,
    /// Others have moved the row again and again.
    pub(super) moved: u64,
}

impl Counts {
    pub(super) fn add(&mut self, more: Self) {
        self.unchanged += more.unchanged;
        self.gone += more.gone;
        self.moved += more.moved;
    }

    /// The sentences about them.
    pub(super) fn note(self, notes: &mut Notes) {
        let Self { unchanged, gone, moved } = self;
        notes.count(unchanged, "row is as it was", "rows are as they were");
        notes.count(
            gone,
            "row is left out, since it was deleted or got another key meanwhile",
            "rows are left out, since they were deleted or got other keys meanwhile",
        );
        notes.count(
            moved,
            "row is left out, since others moved it again and again; merge once more",
            "rows are left out, since others moved them again and again; merge once more",
        );
    }
}

/// A row of the sheet with another value than the source in some cells.
#[derive(Debug)]
pub(super) struct Differing {
    pub(super) id: RowId,
    pub(super) key: Value,
    pub(super) cells: Vec<Cell>,
}

impl Differing {
    /// The bytes of its edits, and of what they replace.
    pub(super) fn bytes(&self) -> usize {
        self.cells.iter().map(|cell| cell.bytes).sum()
    }
}

/// A cell with another value.
#[derive(Debug)]
pub(super) struct Cell {
    /// The place of its column in the source.
    pub(super) at: usize,
    pub(super) column: ColumnId,
    /// The edit that sets the value of the source.
    pub(super) edit: CellEdit,
    /// The bytes of the edit, and of what it replaces: an undo reads and sets the former value.
    bytes: usize,
}

impl Cell {
    pub(super) fn new(
        (at, column): (usize, ColumnId),
        (row, col): (u32, u32),
        (before, value): (&Value, Value),
    ) -> Self {
        let edit = CellEdit::set(row, col, value);
        let bytes = edit.edit.bytes() + Edit::Set(before.clone()).bytes();
        Self { at, column, edit, bytes }
    }

    /// The value of the source.
    pub(super) fn value(&self) -> &Value {
        self.edit.edit.as_set().unwrap_or(&Value::Empty)
    }
}

/// What a read has shown.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) rows: Vec<Differing>,
    pub(super) counts: Counts,
    pub(super) refused: Refused,
}

/// Compares the rows of a read with those of the source, which are taken out of `wanted`.
pub(super) fn compare(
    window: &WindowRead,
    wanted: &mut Wanted,
    layout: &Layout,
    (key, key_column): (usize, ColumnId),
) -> Compared {
    let mut compared = Compared::default();
    for (row, (id, body)) in (window.start_row..).zip(&window.rows) {
        let Some(Row { number, mut values }) = wanted.remove(id) else { continue };
        let now = |column| body.as_ref().map_or(&Value::Empty, |body| body.get(column));
        let key_now = now(key_column);
        if !are_equal(key_now, values.get(key).unwrap_or(&Value::Empty)) {
            compared.counts.gone += 1;
            continue;
        }
        let mut cells = Vec::new();
        for &(col, at, column) in &layout.order {
            let value = values.get_mut(at).map(take).unwrap_or_default();
            let before = now(column);
            if at == key || value == *before {
                continue;
            }
            let refused = &mut compared.refused;
            if let Some(value) = layout.rules.take((number, at), value, refused)
                && value != *before
            {
                cells.push(Cell::new((at, column), (row, col), (before, value)));
            }
        }
        match cells.is_empty() {
            true => compared.counts.unchanged += 1,
            false => compared.rows.push(Differing { id: *id, key: key_now.clone(), cells }),
        }
    }
    compared
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::{ColumnRecord, RowBody};
    use ot_engine::{ColumnKind, Revision};

    use super::super::super::rules::Rules;
    use super::*;

    fn window(rows: Vec<[Value; 2]>) -> (WindowRead, Layout) {
        let column = |id| ColumnRecord {
            id: ColumnId(id),
            name: "".into(),
            kind: ColumnKind::Any,
            width: None,
            settings: "".into(),
        };
        let columns: Arc<[ColumnRecord]> = [column(1), column(2)].into();
        let body = |(id, [key, value]): (u64, [Value; 2])| {
            let body: RowBody = [(ColumnId(1), key), (ColumnId(2), value)].into_iter().collect();
            (RowId(id), Some(Arc::new(body)))
        };
        let window = WindowRead {
            epoch: 1,
            revision: Revision(1),
            start_row: 10,
            row_count: 100,
            rows: (1..).zip(rows).map(body).collect(),
            columns: Arc::clone(&columns),
        };
        let rules = Rules::of(ot_engine::Limits::DEFAULT, columns.iter());
        let layout = Layout::sample(columns, vec![(0, 0, ColumnId(1)), (1, 1, ColumnId(2))], rules);
        (window, layout)
    }

    #[test]
    fn rows_that_change_nothing_are_counted() {
        let mut notes = Notes::default();
        Counts { unchanged: 2, gone: 1, moved: 0 }.note(&mut notes);
        let expected = [
            "2 rows are as they were.",
            "1 row is left out, since it was deleted or got another key meanwhile.",
        ];
        assert_eq!(notes.into_sentences(), expected);
    }

    #[test]
    fn cells_that_differ_change_and_empty_values_change_none() {
        let text = |text: &str| Value::from(text);
        let (window, layout) = window(vec![
            [text("a"), text("old")],
            [text("b"), text("same")],
            [text("c"), text("kept")],
            [text("other by now"), text("x")],
            [text("not wanted"), text("x")],
        ]);
        let row = |number, key: &str, value: &str| {
            (RowId(number), Row { number, values: vec![text(key), text(value)] })
        };
        let mut wanted: Wanted = HashMap::from([
            row(1, "a", "new"),
            row(2, "b", "same"),
            row(3, "c", ""),
            row(4, "d", "new"),
            row(9, "z", "of another read"),
        ]);
        let compared = compare(&window, &mut wanted, &layout, (0, ColumnId(1)));
        assert_eq!(compared.counts, Counts { unchanged: 2, gone: 1, moved: 0 });
        let [Differing { id: RowId(1), key, cells }] = &compared.rows[..] else {
            panic!("one row differs: {compared:?}")
        };
        let edits: Vec<_> = cells.iter().map(|cell| (&cell.edit, cell.at, cell.column)).collect();
        assert_eq!(edits, [(&CellEdit::set(10, 1, "new"), 1, ColumnId(2))]);
        assert_eq!((key, cells[0].value()), (&text("a"), &text("new")));
        assert!(compared.rows[0].bytes() > "oldnew".len());
        assert_eq!(wanted.into_keys().collect::<Vec<_>>(), [RowId(9)]);
    }
}
