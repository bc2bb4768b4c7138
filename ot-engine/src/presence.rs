//! Where somebody is on a sheet: a cursor, selections, the cell being edited.
//!
//! Not part of a sheet's state, and no edit; only carried along with it. Law: positions go with
//! their lines, so server and clients that follow the same changes agree about where everybody is.

use std::ops::Range;

use crate::axis::{AxisDelta, AxisMap, Bias};
use crate::delta::Delta;
use crate::window::Window;

/// Where somebody is. Positions may lie beyond the sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// The cursor: row, column.
    pub cursor: Option<(u32, u32)>,
    /// What is selected.
    pub selections: Vec<Window>,
    /// The cell that is being edited: row, column.
    pub editing: Option<(u32, u32)>,
}

impl Presence {
    /// Carries it through a change. A cursor whose line is deleted goes to the line that then stands
    /// there; an edit or a selection of lines that are all deleted is gone. What is inserted at a
    /// selection's edge stays outside.
    pub fn follow(&mut self, delta: &Delta) {
        if delta.keeps_axes() {
            return;
        }
        let (rows, cols) = (AxisMap::new(&delta.rows), AxisMap::new(&delta.cols));
        self.cursor = self.cursor.map(|(row, col)| {
            (rows.map_position(row, Bias::Right), cols.map_position(col, Bias::Right))
        });
        self.editing =
            self.editing.and_then(|(row, col)| Some((rows.map_line(row)?, cols.map_line(col)?)));
        for selection in &mut self.selections {
            selection.rows = carry(&delta.rows, &rows, &selection.rows);
            selection.cols = carry(&delta.cols, &cols, &selection.cols);
        }
        self.selections.retain(|selection| !selection.is_empty());
    }
}

/// A single line goes wherever it goes; several keep to their edges.
fn carry(axis: &AxisDelta, map: &AxisMap, lines: &Range<u32>) -> Range<u32> {
    if axis.is_identity() {
        return lines.clone();
    }
    if lines.end == lines.start.saturating_add(1) {
        return map.map_line(lines.start).map_or(0..0, |line| line..line.saturating_add(1));
    }
    map.map_boundary(lines.start, Bias::Right)..map.map_boundary(lines.end, Bias::Left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: AxisDelta) -> Delta {
        Delta { rows, ..Delta::default() }
    }

    fn at(row: u32, selected: Range<u32>) -> Presence {
        Presence {
            cursor: Some((row, 1)),
            selections: vec![Window { rows: selected, cols: 1..2 }],
            editing: Some((row, 1)),
        }
    }

    #[test]
    fn positions_go_with_their_lines() {
        for (axis, expected) in [
            (AxisDelta::insert(0, 2), at(7, 6..9)),
            (AxisDelta::insert(4, 2), at(7, 6..9)),
            (AxisDelta::insert(7, 2), at(5, 4..7)),
            (AxisDelta::insert(6, 2), at(5, 4..9)),
            (AxisDelta::delete(0, 3), at(2, 1..4)),
        ] {
            let mut presence = at(5, 4..7);
            presence.follow(&rows(axis.clone()));
            assert_eq!(presence, expected, "{axis:?}");
        }
        let mut presence = at(5, 5..6);
        presence.follow(&rows(AxisDelta::move_lines(5, 1, 0)));
        assert_eq!(presence, at(0, 0..1));
    }

    #[test]
    fn what_stands_on_deleted_lines_is_gone_but_the_cursor_stays() {
        let mut presence = at(5, 4..7);
        presence.follow(&rows(AxisDelta::delete(3, 5)));
        let cursor = Some((3, 1));
        assert_eq!(presence, Presence { cursor, ..Presence::default() });
    }
}
