//! Positions that the page cares about (corners of the selection, the cell that is being edited) and
//! that must stay on their lines while others insert, delete and move.

use ot_engine::{AxisDelta, Bias};

/// Positions on one axis, in the order in which the page gave them.
#[derive(Debug, Default)]
pub(crate) struct Marks(Vec<u32>);

impl Marks {
    pub(crate) fn set(&mut self, positions: Vec<u32>) {
        self.0 = positions;
    }

    pub(crate) fn positions(&self) -> &[u32] {
        &self.0
    }

    /// Carries the marks over a change by somebody else. True when one of them moved.
    pub(crate) fn carry(&mut self, delta: &AxisDelta) -> bool {
        let mut moved = false;
        for mark in &mut self.0 {
            // A mark whose line is gone goes to the line that took its place.
            let now = delta.map_position(*mark, Bias::Right);
            moved |= now != *mark;
            *mark = now;
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_follow_their_lines() {
        let mut marks = Marks::default();
        marks.set(vec![0, 5, 9]);
        assert!(marks.carry(&AxisDelta::insert(3, 2)));
        assert_eq!(marks.positions(), [0, 7, 11]);
        assert!(marks.carry(&AxisDelta::move_lines(7, 1, 0)));
        assert_eq!(marks.positions(), [1, 0, 11]);
        assert!(!marks.carry(&AxisDelta::insert(50, 1)));
    }

    #[test]
    fn a_mark_on_a_deleted_line_goes_to_its_successor() {
        let mut marks = Marks::default();
        marks.set(vec![4]);
        assert!(marks.carry(&AxisDelta::delete(2, 3)));
        assert_eq!(marks.positions(), [2]);
    }
}
