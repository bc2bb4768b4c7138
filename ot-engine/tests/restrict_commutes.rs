//! Restricting a delta to a window and transforming it commute.
//!
//! Invariant: a client that receives only its window has the same cells there as every other client.

#[path = "support/generate.rs"]
mod generate;

use ot_engine::{AxisMap, CellEdit, Delta, Window, restrict, transform};
use proptest::prelude::*;

fn window() -> impl Strategy<Value = Window> {
    (0_u32..8, 0_u32..8, 0_u32..4, 0_u32..4)
        .prop_map(|(row, rows, col, cols)| Window { rows: row..row + rows, cols: col..col + cols })
}

/// Whether a cell before a change is inside the window after it, or deleted.
fn inside_after(change: &Delta, window: &Window, row: u32, col: u32) -> bool {
    let (rows, cols) = (AxisMap::new(&change.rows), AxisMap::new(&change.cols));
    match (rows.map_line(row), cols.map_line(col)) {
        (Some(row), Some(col)) => window.contains(row, col),
        _ => true,
    }
}

proptest! {
    #![proptest_config(generate::config(1500))]

    /// The other client's change, cut to the window, against own edits.
    #[test]
    fn restricting_and_transforming_commute(
        (_, change, mine) in generate::pair(),
        window in window(),
    ) {
        // A client edits only loaded texts, but sets any value.
        let mut mine = mine;
        let seen = mine.clone();
        mine.cells.retain(|cell| {
            let place = seen.map_cell_back(cell.row, cell.col);
            cell.edit.as_set().is_some() || place.is_none_or(|(row, col)| inside_after(&change, &window, row, col))
        });
        let whole = transform(&change, &mine);
        let cut = transform(&restrict(&change, &window), &mine);
        // Own edits do not depend on cells outside the window.
        prop_assert_eq!(&cut.second, &whole.second);
        prop_assert_eq!(&cut.first.rows, &whole.first.rows);
        prop_assert_eq!(&cut.first.cols, &whole.first.cols);
        prop_assert_eq!(&cut.first.columns, &whole.first.columns);
        // The client gets exactly the cells that were inside the window before the transform.
        let came_from_inside = |cell: &&CellEdit| {
            let row = whole.second.rows.map_back(cell.row);
            let col = whole.second.cols.map_back(cell.col);
            window.contains(row.nearest(), col.nearest())
        };
        let inside: Vec<CellEdit> =
            whole.first.cells.iter().filter(came_from_inside).cloned().collect();
        prop_assert_eq!(cut.first.cells, inside);
    }

    /// The mapped window contains every line of the window that stays.
    #[test]
    fn the_mapped_window_contains_lines_that_stay((_, change, _) in generate::pair(), window in window()) {
        let moved = Delta { rows: change.rows.clone(), cols: change.cols.clone(), ..Delta::identity() };
        let after = window.map(&moved);
        prop_assert_eq!(Window::ALL.map(&moved), Window::ALL);
        let lifted = lifted_lines(&change);
        for row in window.rows.clone().filter(|row| !lifted.contains(row)) {
            let map = ot_engine::AxisMap::new(&change.rows);
            if let Some(new) = map.map_line(row) {
                prop_assert!(after.rows.contains(&new), "row {row} is at {new}, window {after:?}");
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
