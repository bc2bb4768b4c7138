//! The cells of one row: a body (what it holds) and a patch (what changes in it). The search for rows is `query`.
//!
//! Rows are keyed by column id, not by position, so moving a column touches no row.
//!
//! Invariants: sorted by column id, each at most once; a body never holds `Value::Empty`, in a
//! patch it means "take the cell away".

pub(crate) mod query;

use ot_engine::{ColumnId, Value};

/// Bytes that a row costs besides its cells: the vector's header and the allocation's.
const ROW_OVERHEAD_BYTES: usize = 48;

/// Bytes of a cell as Postgres stores it, besides its text: its key, two entries of the object, and a number or a time.
pub const STORED_CELL_BYTES: usize = 96;

/// The most bytes that a value takes in a row in Postgres; none for `Value::Empty`.
#[must_use]
pub fn stored_bytes(value: &Value) -> usize {
    match value {
        Value::Empty => 0,
        Value::Text(text) => STORED_CELL_BYTES + text.len(),
        _ => STORED_CELL_BYTES,
    }
}

/// The cells that one row holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowBody {
    cells: Vec<(ColumnId, Value)>,
}

/// The changes of one row; `Value::Empty` removes a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowPatch {
    cells: Vec<(ColumnId, Value)>,
}

impl RowBody {
    /// The cell of a column, `Value::Empty` if it holds none.
    #[must_use]
    pub fn get(&self, column: ColumnId) -> &Value {
        match find(&self.cells, column) {
            Ok(at) => &self.cells[at].1,
            Err(_) => &Value::Empty,
        }
    }

    /// Writes a cell; `Value::Empty` takes it away.
    pub fn set(&mut self, column: ColumnId, value: Value) {
        match (find(&self.cells, column), value) {
            (Ok(at), Value::Empty) => {
                self.cells.remove(at);
            }
            (Ok(at), value) => self.cells[at].1 = value,
            (Err(_), Value::Empty) => {}
            (Err(at), value) => self.cells.insert(at, (column, value)),
        }
    }

    /// Applies a patch: its cells win.
    pub fn merge(&mut self, patch: &RowPatch) {
        for (column, value) in &patch.cells {
            self.set(*column, value.clone());
        }
    }

    /// Its cells by column id; no value is `Value::Empty`.
    #[must_use]
    pub fn cells(&self) -> &[(ColumnId, Value)] {
        &self.cells
    }

    /// Whether it holds no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The most bytes that it takes in Postgres.
    #[must_use]
    pub fn stored_bytes(&self) -> usize {
        self.cells.iter().map(|(_, value)| stored_bytes(value)).sum()
    }

    /// Roughly how many bytes of memory it takes: what a cache counts.
    #[must_use]
    pub fn weight_bytes(&self) -> usize {
        weight_bytes(&self.cells)
    }
}

impl FromIterator<(ColumnId, Value)> for RowBody {
    /// Of a column that comes twice the last one stands; empty values are left out.
    fn from_iter<I: IntoIterator<Item = (ColumnId, Value)>>(cells: I) -> Self {
        let mut cells = sorted(cells);
        cells.retain(|(_, value)| !matches!(value, Value::Empty));
        Self { cells }
    }
}

impl RowPatch {
    /// The new value of a column, if the patch has one.
    #[must_use]
    pub fn get(&self, column: ColumnId) -> Option<&Value> {
        find(&self.cells, column).ok().map(|at| &self.cells[at].1)
    }

    /// Writes a cell; `Value::Empty` will take it away.
    pub fn set(&mut self, column: ColumnId, value: Value) {
        match find(&self.cells, column) {
            Ok(at) => self.cells[at].1 = value,
            Err(at) => self.cells.insert(at, (column, value)),
        }
    }

    /// Puts a later patch on top: its cells win.
    pub fn merge(&mut self, later: &RowPatch) {
        for (column, value) in &later.cells {
            self.set(*column, value.clone());
        }
    }

    /// Its cells by column id.
    #[must_use]
    pub fn cells(&self) -> &[(ColumnId, Value)] {
        &self.cells
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The most bytes that its cells take in Postgres.
    #[must_use]
    pub fn stored_bytes(&self) -> usize {
        self.cells.iter().map(|(_, value)| stored_bytes(value)).sum()
    }

    /// Roughly how many bytes of memory it takes.
    #[must_use]
    pub fn weight_bytes(&self) -> usize {
        weight_bytes(&self.cells)
    }
}

impl FromIterator<(ColumnId, Value)> for RowPatch {
    /// Of a column that comes twice the last one stands.
    fn from_iter<I: IntoIterator<Item = (ColumnId, Value)>>(cells: I) -> Self {
        Self { cells: sorted(cells) }
    }
}

fn find(cells: &[(ColumnId, Value)], column: ColumnId) -> Result<usize, usize> {
    cells.binary_search_by_key(&column, |(id, _)| *id)
}

/// By column id, the last of equals.
fn sorted<I: IntoIterator<Item = (ColumnId, Value)>>(cells: I) -> Vec<(ColumnId, Value)> {
    let mut cells: Vec<_> = cells.into_iter().collect();
    // The usual source is in order already; the sort is stable, so the last of equals is last.
    if !cells.is_sorted_by(|a, b| a.0 < b.0) {
        cells.sort_by_key(|(id, _)| *id);
        cells.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
    }
    cells
}

fn weight_bytes(cells: &[(ColumnId, Value)]) -> usize {
    let texts: usize = cells
        .iter()
        .map(|(_, value)| match value {
            // The text and the two counters of its `Arc`.
            Value::Text(text) => text.len() + 16,
            _ => 0,
        })
        .sum();
    ROW_OVERHEAD_BYTES + size_of_val(cells) + texts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn a_body_forgets_cells_that_are_emptied() {
        let mut body = RowBody::default();
        body.set(ColumnId(2), text("b"));
        body.set(ColumnId(1), text("a"));
        body.set(ColumnId(2), Value::Empty);
        assert_eq!(body.cells(), [(ColumnId(1), text("a"))]);
        assert_eq!(body.get(ColumnId(2)), &Value::Empty);
    }

    #[test]
    fn a_patch_remembers_them_and_takes_them_from_a_body() {
        let mut patch = RowPatch::default();
        patch.set(ColumnId(1), Value::Empty);
        patch.merge(&RowPatch::from_iter([(ColumnId(3), Value::Bool(true))]));
        let mut body = RowBody::from_iter([(ColumnId(1), text("a")), (ColumnId(2), text("b"))]);
        body.merge(&patch);
        assert_eq!(body.cells(), [(ColumnId(2), text("b")), (ColumnId(3), Value::Bool(true))]);
    }

    #[test]
    fn of_a_column_that_comes_twice_the_last_stands() {
        let twice = [(ColumnId(2), text("b")), (ColumnId(1), text("a")), (ColumnId(2), text("c"))];
        let body = RowBody::from_iter(twice);
        assert_eq!(body.cells(), [(ColumnId(1), text("a")), (ColumnId(2), text("c"))]);
    }
}
