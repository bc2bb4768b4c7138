//! Cutting a delta to a window and transforming it may be done in either order: a reader who is told
//! only of its window sees there what everybody sees.

#[path = "support/generate.rs"]
mod generate;

use ot_engine::{AxisMap, CellEdit, Delta, Window, restrict, transform};
use proptest::prelude::*;

fn window() -> impl Strategy<Value = Window> {
    (0_u32..8, 0_u32..8, 0_u32..4, 0_u32..4)
        .prop_map(|(row, rows, col, cols)| Window { rows: row..row + rows, cols: col..col + cols })
}

/// Whether a cell of the sheet before a change is inside the window after it, or gone.
fn inside_after(change: &Delta, window: &Window, row: u32, col: u32) -> bool {
    let (rows, cols) = (AxisMap::new(&change.rows), AxisMap::new(&change.cols));
    match (rows.map_line(row), cols.map_line(col)) {
        (Some(row), Some(col)) => window.contains(row, col),
        _ => true,
    }
}

proptest! {
    #![proptest_config(generate::config(1500))]

    /// The other's change, cut to my window, meets my own edits.
    #[test]
    fn the_cut_change_is_the_change_cut(
        (_, change, mine) in generate::pair(),
        window in window(),
    ) {
        // Nobody edits a text without seeing it; a value can be set anywhere.
        let mut mine = mine;
        let seen = mine.clone();
        mine.cells.retain(|cell| {
            let place = seen.map_cell_back(cell.row, cell.col);
            cell.edit.as_set().is_some() || place.is_none_or(|(row, col)| inside_after(&change, &window, row, col))
        });
        let whole = transform(&change, &mine);
        let cut = transform(&restrict(&change, &window), &mine);
        // My edits do not depend on what I am not told.
        prop_assert_eq!(&cut.second, &whole.second);
        prop_assert_eq!(&cut.first.rows, &whole.first.rows);
        prop_assert_eq!(&cut.first.cols, &whole.first.cols);
        prop_assert_eq!(&cut.first.columns, &whole.first.columns);
        // Of the cells I get exactly those that were in the window before the two met.
        let came_from_inside = |cell: &&CellEdit| {
            let row = whole.second.rows.map_back(cell.row);
            let col = whole.second.cols.map_back(cell.col);
            window.contains(row.nearest(), col.nearest())
        };
        let inside: Vec<CellEdit> =
            whole.first.cells.iter().filter(came_from_inside).cloned().collect();
        prop_assert_eq!(cut.first.cells, inside);
    }

    /// Lines that stay inside keep the window around them, whatever else moves.
    #[test]
    fn the_mapped_window_holds_what_stays((_, change, _) in generate::pair(), window in window()) {
        let moved = Delta { rows: change.rows.clone(), cols: change.cols.clone(), ..Delta::identity() };
        let after = window.map(&moved);
        prop_assert_eq!(Window::ALL.map(&moved), Window::ALL);
        let lifted = lifted_lines(&change);
        for row in window.rows.clone().filter(|row| !lifted.contains(row)) {
            let map = ot_engine::AxisMap::new(&change.rows);
            if let Some(new) = map.map_line(row) {
                prop_assert!(after.rows.contains(&new), "row {row} went to {new}, window {after:?}");
            }
        }
    }
}

fn lifted_lines(delta: &Delta) -> Vec<u32> {
    let mut at = 0;
    let mut lines = Vec::new();
    for run in delta.rows.runs() {
        if matches!(run, ot_engine::Run::Lift { .. }) {
            lines.extend(at..at + run.consumes());
        }
        at += run.consumes();
    }
    lines
}
