//! The parts of a row that is too large for one frame: consecutive ranges of columns.
//!
//! It does not check values; the receiver of the row does.
//!
//! Invariant: the view loads a row as a whole or not at all, so an ended connection leaves no row that
//! only looks loaded.

use gridloom::v1;

/// The received columns of a row.
#[derive(Debug, Default)]
pub(in crate::core) struct RowParts(Option<v1::WindowCells>);

impl RowParts {
    /// Adds the cells of a frame, on a sheet with `columns` columns. Returns the rows that are complete with
    /// it.
    pub(in crate::core) fn take(
        &mut self,
        cells: v1::WindowCells,
        columns: u32,
    ) -> Option<v1::WindowCells> {
        let begun = self.0.take();
        let whole = match begun {
            Some(begun) if follows(&begun, &cells, columns) => joined(begun, cells),
            // A part that does not continue the row replaces it; the viewport fetches that row again.
            _ => cells,
        };
        let is_part = whole.rows.len() == 1 && whole.start_col == 0 && whole.column_count < columns;
        if is_part && is_sound(&whole) {
            self.0 = Some(whole);
            return None;
        }
        Some(whole)
    }

    /// Discards the parts, because the connection ended.
    pub(in crate::core) fn clear(&mut self) {
        self.0 = None;
    }
}

/// Whether `next` has the columns after those of `begun`, of the same row.
fn follows(begun: &v1::WindowCells, next: &v1::WindowCells, columns: u32) -> bool {
    next.revision == begun.revision
        && next.start_row == begun.start_row
        && next.rows.len() == 1
        && next.start_col == begun.column_count
        && next.column_count <= columns - begun.column_count.min(columns)
        && is_sound(next)
}

/// Whether each row has at most one value for each column. The receiver refuses any other row.
fn is_sound(cells: &v1::WindowCells) -> bool {
    cells.rows.iter().all(|row| row.values.len() <= cells.column_count as usize)
}

fn joined(mut begun: v1::WindowCells, next: v1::WindowCells) -> v1::WindowCells {
    for (row, more) in begun.rows.iter_mut().zip(next.rows) {
        // The server leaves out empty cells at the end of a part.
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
    fn parts_make_a_complete_row() {
        let mut parts = RowParts::default();
        assert_eq!(parts.take(part(0, &["a"], 2), 5), None);
        assert_eq!(parts.take(part(2, &["c"], 1), 5), None);
        let whole = parts.take(part(3, &[], 2), 5).expect("is whole");
        let kinds: Vec<_> = whole.rows[0].values.iter().map(|value| value.kind.is_some()).collect();
        assert_eq!((whole.start_row, whole.column_count), (4, 5));
        assert_eq!(kinds, [true, false, true]);
    }

    #[test]
    fn a_part_that_does_not_follow_begins_a_new_row() {
        let mut parts = RowParts::default();
        assert_eq!(parts.take(part(0, &["a"], 2), 5), None);
        assert_eq!(parts.take(part(3, &["d"], 2), 5), Some(part(3, &["d"], 2)));
        assert_eq!(parts.take(part(0, &["a"], 2), 5), None);
        parts.clear();
        assert_eq!(parts.take(part(2, &["c"], 3), 5), Some(part(2, &["c"], 3)));
        let whole = part(0, &["a", "b", "c", "d", "e"], 5);
        assert_eq!(parts.take(whole.clone(), 5), Some(whole));
        // A malformed part is returned, so that the receiver refuses it.
        let odd = part(0, &["a", "b", "c"], 2);
        assert_eq!(parts.take(odd.clone(), 5), Some(odd));
        let beyond = part(2, &["c"], u32::MAX);
        assert_eq!(parts.take(part(0, &["a"], 2), 5), None);
        assert_eq!(parts.take(beyond.clone(), 5), Some(beyond));
    }
}
