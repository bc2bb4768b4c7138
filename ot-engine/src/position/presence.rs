//! The presence of a participant on a sheet: cursor, selections, the cell being edited.
//!
//! It is not part of a sheet's state, and no edit changes it.
//!
//! Invariant: positions follow their lines, so a server and clients that apply the same deltas agree
//! about the presence of every participant.

use std::ops::Range;

use crate::{AxisDelta, AxisMap, Bias, Delta, Window};

/// The presence of a participant. Positions may lie outside the sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// The cursor: row, column.
    pub cursor: Option<(u32, u32)>,
    /// The selected rectangles.
    pub selections: Vec<Window>,
    /// The cell being edited: row, column.
    pub editing: Option<(u32, u32)>,
    /// Whether the participant can't see the sheet.
    pub away: bool,
}

impl Presence {
    /// Maps the positions over a change. A cursor on a deleted line moves to the next line. A selection
    /// or an edited cell without a remaining line is removed. Lines inserted at a selection's edge stay
    /// outside.
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
            selection.rows = map_selection(&delta.rows, &rows, &selection.rows);
            selection.cols = map_selection(&delta.cols, &cols, &selection.cols);
        }
        self.selections.retain(|selection| !selection.is_empty());
    }
}

/// The lines after the change: a single line follows its line, a range keeps its edges.
fn map_selection(axis: &AxisDelta, map: &AxisMap, lines: &Range<u32>) -> Range<u32> {
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
            away: true,
        }
    }

    #[test]
    fn positions_follow_their_lines() {
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
    fn selections_on_deleted_lines_are_removed_and_the_cursor_stays() {
        let mut presence = at(5, 4..7);
        presence.follow(&rows(AxisDelta::delete(3, 5)));
        let cursor = Some((3, 1));
        assert_eq!(presence, Presence { cursor, away: true, ..Presence::default() });
    }
}
