//! A row that is too large for one frame: it comes in several, one range of columns after the other.
//!
//! Invariant: the view takes a row in as a whole or not at all, so a connection that ends half-way leaves
//! no row that looks loaded and is not.

use gridloom::v1;

/// The columns of a row that have come so far.
#[derive(Debug, Default)]
pub(super) struct RowParts(Option<v1::WindowCells>);

impl RowParts {
    /// Takes in the cells of a frame, on a sheet with so many columns. Gives the rows that are whole
    /// with it.
    pub(super) fn take(&mut self, cells: v1::WindowCells, columns: u32) -> Option<v1::WindowCells> {
        let begun = self.0.take();
        let whole = match begun {
            Some(begun) if follows(&begun, &cells, columns) => joined(begun, cells),
            // What does not go on with a row begins anew; the other row is asked for again.
            _ => cells,
        };
        let is_part = whole.rows.len() == 1 && whole.start_col == 0 && whole.column_count < columns;
        if is_part && is_sound(&whole) {
            self.0 = Some(whole);
            return None;
        }
        Some(whole)
    }

    /// The connection is gone, and with it the rest of the row.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }
}

/// Whether `next` holds the next columns of the row that `begun` began.
fn follows(begun: &v1::WindowCells, next: &v1::WindowCells, columns: u32) -> bool {
    next.revision == begun.revision
        && next.start_row == begun.start_row
        && next.rows.len() == 1
        && next.start_col == begun.column_count
        && next.column_count <= columns - begun.column_count.min(columns)
        && is_sound(next)
}

/// Whether no row has more values than columns; one that has is refused where rows are read.
fn is_sound(cells: &v1::WindowCells) -> bool {
    cells.rows.iter().all(|row| row.values.len() <= cells.column_count as usize)
}

fn joined(mut begun: v1::WindowCells, next: v1::WindowCells) -> v1::WindowCells {
    for (row, more) in begun.rows.iter_mut().zip(next.rows) {
        // Empty cells at the end of a part were left out.
        row.values.resize(begun.column_count as usize, v1::Value::default());
        row.values.extend(more.values);
    }
    begun.column_count += next.column_count;
    begun.last |= next.last;
    begun
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(start_col: u32, texts: &[&str], column_count: u32) -> v1::WindowCells {
        let value = |text: &&str| v1::Value { kind: Some(v1::value::Kind::Text((*text).into())) };
        let values = texts.iter().map(value).collect();
        let rows = vec![v1::RowCells { row_id: 9, values }];
        v1::WindowCells { start_col, column_count, rows, start_row: 4, ..Default::default() }
    }

    #[test]
    fn a_row_comes_whole_out_of_its_parts() {
        let mut parts = RowParts::default();
        assert_eq!(parts.take(part(0, &["a"], 2), 5), None);
        assert_eq!(parts.take(part(2, &["c"], 1), 5), None);
        let whole = parts.take(part(3, &[], 2), 5).expect("is whole");
        let kinds: Vec<_> = whole.rows[0].values.iter().map(|value| value.kind.is_some()).collect();
        assert_eq!((whole.start_row, whole.column_count), (4, 5));
        assert_eq!(kinds, [true, false, true]);
    }

    #[test]
    fn what_does_not_go_on_begins_anew() {
        let mut parts = RowParts::default();
        assert_eq!(parts.take(part(0, &["a"], 2), 5), None);
        assert_eq!(parts.take(part(3, &["d"], 2), 5), Some(part(3, &["d"], 2)));
        assert_eq!(parts.take(part(0, &["a"], 2), 5), None);
        parts.forget();
        assert_eq!(parts.take(part(2, &["c"], 3), 5), Some(part(2, &["c"], 3)));
        let whole = part(0, &["a", "b", "c", "d", "e"], 5);
        assert_eq!(parts.take(whole.clone(), 5), Some(whole));
        // A malformed part is passed on, to be refused.
        let odd = part(0, &["a", "b", "c"], 2);
        assert_eq!(parts.take(odd.clone(), 5), Some(odd));
        let beyond = part(2, &["c"], u32::MAX);
        assert_eq!(parts.take(part(0, &["a"], 2), 5), None);
        assert_eq!(parts.take(beyond.clone(), 5), Some(beyond));
    }
}
