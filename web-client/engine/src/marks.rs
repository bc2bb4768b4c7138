//! Marks: runs of selected lines, which follow their lines while others insert, delete and move.
//!
//! What it is not: a hold (see the client's core). A run whose lines were all deleted moves to the line that is
//! then in its place, so that there is always a cursor.

use std::ops::Range;

use ot_engine::{AxisDelta, AxisMap, Bias};

/// Runs on one axis, in the order in which the page gave them.
#[derive(Debug, Default)]
pub(crate) struct Marks(Vec<Range<u32>>);

impl Marks {
    /// Replaces all runs by these: start, end, start, end, ...
    pub(crate) fn set(&mut self, flat: &[u32]) {
        let runs = flat.chunks_exact(2).map(|ends| ends[0]..ends[1].max(ends[0].saturating_add(1)));
        self.0 = runs.collect();
    }

    pub(crate) fn flat(&self) -> Vec<u32> {
        self.0.iter().flat_map(|run| [run.start, run.end]).collect()
    }

    /// Transforms the runs over a change. True when one of them has moved or shrunk.
    pub(crate) fn carry(&mut self, delta: &AxisDelta) -> bool {
        if delta.is_identity() {
            return false;
        }
        let map = AxisMap::new(delta);
        let mut moved = false;
        for run in &mut self.0 {
            let now = map.map_lines(run).unwrap_or_else(|| {
                let place = map.map_position(run.start, Bias::Right);
                place..place.saturating_add(1)
            });
            moved |= now != *run;
            *run = now;
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(flat: &[u32]) -> Marks {
        let mut marks = Marks::default();
        marks.set(flat);
        marks
    }

    #[test]
    fn runs_follow_their_lines() {
        let mut marks = marks(&[0, 1, 5, 6, 9, 10]);
        assert!(marks.carry(&AxisDelta::insert(3, 2)));
        assert_eq!(marks.flat(), [0, 1, 7, 8, 11, 12]);
        assert!(marks.carry(&AxisDelta::move_lines(7, 1, 0)));
        assert_eq!(marks.flat(), [1, 2, 0, 1, 11, 12]);
        assert!(!marks.carry(&AxisDelta::insert(50, 1)));
    }

    #[test]
    fn a_run_does_not_grow_by_lines_at_its_edges() {
        let mut marks = marks(&[2, 6]);
        assert!(marks.carry(&AxisDelta::delete(5, 1)));
        assert!(!marks.carry(&AxisDelta::insert(5, 3)));
        assert!(marks.carry(&AxisDelta::insert(2, 1)));
        assert_eq!(marks.flat(), [3, 6]);
        // The last line moves far away; the run does not stretch to it.
        assert!(marks.carry(&AxisDelta::move_lines(5, 1, 50)));
        assert_eq!(marks.flat(), [3, 5]);
    }

    #[test]
    fn a_run_whose_lines_are_deleted_moves_to_their_successor() {
        let mut marks = marks(&[4, 5]);
        assert!(marks.carry(&AxisDelta::delete(2, 3)));
        assert_eq!(marks.flat(), [2, 3]);
    }
}
