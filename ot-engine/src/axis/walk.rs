//! A walk over a part of the old axis, with the lines that a delta inserts inside the part.
//!
//! It does not change an axis; `merge` and `compose` build new deltas from its steps.
//!
//! Invariant: the steps cover every old line of the part exactly once, in order.

use std::ops::Range;

use super::AxisMap;
use super::map::{PlaceKind, State};
use crate::LineId;

/// One step of a walk over a part of the old axis.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Inserted lines strictly inside the part.
    Insert { count: u32, first: Option<LineId>, new: u32 },
    /// Old lines in one state.
    Lines { state: State, new: u32, old: u32, count: u32 },
}

impl AxisMap {
    /// Walks over the old lines of `part` and over the inserts strictly inside it.
    pub(super) fn walk(&self, part: Range<u32>) -> impl Iterator<Item = Step> + '_ {
        let first = self.spans.partition_point(|span| span.end <= part.start);
        let mut place = self.places.partition_point(|place| place.boundary <= part.start);
        let mut span = first;
        std::iter::from_fn(move || {
            let lines = self.spans.get(span).filter(|lines| lines.old < part.end)?;
            while let Some(next) = self.places.get(place).filter(|next| next.boundary <= lines.old)
            {
                place += 1;
                if let PlaceKind::Insert { count, first } = next.kind {
                    return Some(Step::Insert { count, first, new: next.new });
                }
            }
            span += 1;
            let old = lines.old.max(part.start);
            let count = lines.end.min(part.end) - old;
            let new = lines.new.saturating_add(old - lines.old);
            Some(Step::Lines { state: lines.state, new, old, count })
        })
    }

    /// The position of a selected range of lines after the change.
    ///
    /// The range stays on its lines. It loses lines that are deleted or moved away separately. It
    /// includes new lines between its lines, but not at its edges. `None` when no line is left.
    #[must_use]
    pub fn map_lines(&self, lines: &Range<u32>) -> Option<Range<u32>> {
        use super::Bias::{Left, Right};
        let last = lines.end.checked_sub(1).filter(|last| *last >= lines.start)?;
        if let (Some(first), Some(last)) = (self.map_line(lines.start), self.map_line(last))
            && last.checked_sub(first) == Some(lines.end - 1 - lines.start)
        {
            return Some(first..last.saturating_add(1));
        }
        let stay = self.map_boundary(lines.start, Right)..self.map_boundary(lines.end, Left);
        let part = |step| match step {
            Step::Lines { state, new, count, .. } if state != State::Delete => {
                Some(new..new.saturating_add(count))
            }
            Step::Lines { .. } | Step::Insert { .. } => None,
        };
        let parts = || self.walk(lines.clone()).filter_map(part);
        let joined = |a: Range<u32>, b: Range<u32>| a.start.min(b.start)..a.end.max(b.end);
        let staying = parts().filter(|part| stay.contains(&part.start)).reduce(joined);
        // A block that moved as a whole left no line at its old place.
        staying.or_else(|| parts().next())
    }
}
