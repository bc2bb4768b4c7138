//! The cells of pending edits at their places in the view, in one pass over the edits.
//!
//! Not here: which edits are listed, and what their cells show; `unsaved` and `discarded` decide that.
//!
//! Invariant: each place is listed once, with its edits composed.

use std::ops::Range;

use ot_engine::{AxisDelta, AxisMap, CellEdit, Delta, Run};

/// All lines of an axis.
const ALL_LINES: Range<u32> = 0..u32::MAX;

/// The cells of a pass. The pass looks at the cells of an edit only where it may list them.
#[derive(Debug, Default)]
pub(super) struct EditedCells {
    /// At the places after the last edit, in the order of the edits: a place may be there several times.
    cells: Vec<CellEdit>,
    rows: InsertedLines,
    cols: InsertedLines,
}

impl EditedCells {
    /// Lists the cells of the next edit.
    pub(super) fn list(&mut self, delta: &Delta) {
        self.map(delta);
        self.rows.add(&delta.rows);
        self.cols.add(&delta.cols);
        self.cells.extend_from_slice(&delta.cells);
    }

    /// Follows the next edit, which is not listed. Lists its cells on lines that a listed edit inserts.
    pub(super) fn follow(&mut self, delta: &Delta) {
        self.map(delta);
        let Self { cells, rows, cols } = self;
        if rows.is_empty() && cols.is_empty() {
            return;
        }
        let inside = |cell: &&CellEdit| rows.contains(cell.row) || cols.contains(cell.col);
        cells.extend(delta.cells.iter().filter(inside).cloned());
    }

    /// The listed cells by row and column.
    pub(super) fn into_cells(mut self) -> Vec<CellEdit> {
        // The sort is stable, so the earlier edit of a place stays first.
        self.cells.sort_by_key(CellEdit::key);
        self.cells.dedup_by(|later, earlier| {
            let same = later.key() == earlier.key();
            if same {
                earlier.edit = earlier.edit.compose(&later.edit);
            }
            same
        });
        self.cells
    }

    /// Maps the places over the next edit; those on lines that it deletes are gone.
    fn map(&mut self, delta: &Delta) {
        if delta.keeps_axes() {
            return;
        }
        let (rows, cols) = (AxisMap::new(&delta.rows), AxisMap::new(&delta.cols));
        self.cells.retain_mut(|cell| match (rows.map_line(cell.row), cols.map_line(cell.col)) {
            (Some(row), Some(col)) => {
                (cell.row, cell.col) = (row, col);
                true
            }
            _ => false,
        });
        self.rows.map(&delta.rows, &rows);
        self.cols.map(&delta.cols, &cols);
    }
}

/// A range of one axis with all lines that the listed edits insert. It may have other lines, too.
#[derive(Debug, Default)]
struct InsertedLines(Range<u32>);

impl InsertedLines {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn contains(&self, line: u32) -> bool {
        self.0.contains(&line)
    }

    fn add(&mut self, delta: &AxisDelta) {
        let mut at = 0_u32;
        for run in delta.runs() {
            match *run {
                Run::Keep(count) => at = at.saturating_add(count),
                Run::Delete(_) => {}
                Run::Insert { count, .. } => {
                    let end = at.saturating_add(count);
                    self.join(at..end);
                    at = end;
                }
                // Such an edit seldom inserts, too: the places of its inserts are not looked up.
                Run::Lift { .. } | Run::Drop { .. } => {
                    if delta.has_inserts() {
                        self.0 = ALL_LINES;
                    }
                    return;
                }
            }
        }
    }

    fn join(&mut self, lines: Range<u32>) {
        self.0 = if self.0.is_empty() {
            lines
        } else {
            self.0.start.min(lines.start)..self.0.end.max(lines.end)
        };
    }

    fn map(&mut self, delta: &AxisDelta, map: &AxisMap) {
        if self.0.is_empty() || self.0 == ALL_LINES {
            return;
        }
        let moves = delta.runs().iter().any(|run| matches!(run, Run::Lift { .. }));
        // A part of the lines may move away alone.
        self.0 = if moves { ALL_LINES } else { map.map_lines(&self.0).unwrap_or_default() };
    }
}

#[cfg(test)]
mod tests {
    use ot_engine::{Edit, TextDelta, Value, compose};

    use super::*;

    fn deltas() -> Vec<Delta> {
        let text = |from, to| Delta {
            cells: vec![CellEdit::text(3, 1, TextDelta::between(from, to))],
            ..Delta::identity()
        };
        vec![
            Delta::set_cells([
                (1, 1, "one".into()),
                (4, 0, Value::from(4.0)),
                (2, 2, "gone".into()),
            ]),
            Delta::rows(AxisDelta::insert(1, 2)),
            text("one", "one and two"),
            Delta::set_cells([(1, 0, "in a new row".into()), (6, 0, "again".into())]),
            Delta::rows(AxisDelta::move_lines(1, 1, 6)),
            Delta::cols(AxisDelta::delete(2, 1)),
            Delta::set_cell(5, 0, "at the moved row"),
            Delta::cols(AxisDelta::insert(0, 3)),
            Delta::set_cell(0, 2, "in a new column"),
        ]
    }

    #[test]
    fn a_pass_lists_what_the_composed_edits_have() {
        let edits = deltas();
        for from in 0..edits.len() {
            let mut edited = EditedCells::default();
            edits[from..].iter().for_each(|delta| edited.list(delta));
            let made = edits[from..].iter().fold(Delta::default(), |all, next| compose(&all, next));
            assert_eq!(edited.into_cells(), made.cells, "from edit {from}");
        }
    }

    #[test]
    fn of_later_edits_a_pass_lists_the_cells_on_inserted_lines_alone() {
        let mut edited = EditedCells::default();
        edited.list(&Delta::rows(AxisDelta::insert(10, 2)));
        for row in 0..5_000 {
            edited.follow(&Delta::set_cell(row, 0, f64::from(row)));
        }
        edited.follow(&Delta::rows(AxisDelta::insert(0, 3)));
        edited.follow(&Delta::set_cells([(12, 1, "above".into()), (14, 1, "inside".into())]));
        let cells = edited.into_cells();
        let places: Vec<_> = cells.iter().map(CellEdit::key).collect();
        assert_eq!(places, [(13, 0), (14, 0), (14, 1)]);
        assert_eq!(cells[0].edit, Edit::Set(Value::from(10.0)));
    }

    #[test]
    fn lines_that_move_after_their_insert_are_followed() {
        let mut edited = EditedCells::default();
        edited.list(&Delta::rows(AxisDelta::insert(1, 2)));
        edited.follow(&Delta::rows(AxisDelta::move_lines(2, 1, 8)));
        edited.follow(&Delta::set_cell(7, 0, "in the moved row"));
        let cells = edited.into_cells();
        assert!(cells.iter().any(|cell| cell.key() == (7, 0)));
    }
}
