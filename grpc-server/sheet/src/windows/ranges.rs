//! Row positions that are still to be sent, in the order in which they were asked for.
//!
//! Places, not rows: when rows move, the rows that are then at the positions are sent. Invariant: no position
//! is in two ranges, and no range is empty.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use ot_engine::{AxisDelta, AxisMap, Bias};

/// Ranges of positions of the head.
#[derive(Debug)]
pub(super) struct Ranges(VecDeque<Range<u32>>);

impl Ranges {
    /// Each position once, where it is named first.
    pub(super) fn new(ranges: impl IntoIterator<Item = Range<u32>>) -> Self {
        let mut disjoint = VecDeque::new();
        // Each merged range that earlier ranges cover, by its start.
        let mut covered: BTreeMap<u32, u32> = BTreeMap::new();
        for range in ranges.into_iter().filter(|range| range.start < range.end) {
            let (mut start, mut end) = (range.start, range.end);
            if let Some((before, _)) =
                covered.range(..start).next_back().filter(|at| *at.1 >= start)
            {
                start = *before;
            }
            let touched: Vec<_> = covered.range(start..=end).map(|(a, b)| (*a, *b)).collect();
            let mut at = range.start;
            for (from, to) in touched {
                if at < from {
                    disjoint.push_back(at..from);
                }
                at = at.max(to);
                end = end.max(to);
                covered.remove(&from);
            }
            if at < range.end {
                disjoint.push_back(at..range.end);
            }
            covered.insert(start, end);
        }
        Self(disjoint)
    }

    /// The next positions, at most so many.
    pub(super) fn first(&self, rows_max: u32) -> Option<Range<u32>> {
        let first = self.0.front()?;
        Some(first.start..first.end.min(first.start.saturating_add(rows_max)))
    }

    /// Removes the next positions, so many of those of [`first`](Self::first).
    pub(super) fn advance(&mut self, rows: u32) {
        let Some(first) = self.0.front_mut() else { return };
        first.start = first.start.saturating_add(rows).min(first.end);
        if first.start == first.end {
            self.0.pop_front();
        }
    }

    /// Maps the ranges over a change. Rows that it places at the edge of two ranges are in the earlier one.
    pub(super) fn follow(&mut self, delta: &AxisDelta) {
        if delta.is_identity() {
            return;
        }
        let map = AxisMap::new(delta);
        *self = Self::new(self.0.iter().map(|range| {
            map.map_boundary(range.start, Bias::Left)..map.map_boundary(range.end, Bias::Right)
        }));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_position_is_there_once_where_it_is_named_first(
            asked in prop::collection::vec((0..60_u32, 0..30_u32), 0..12),
        ) {
            let asked: Vec<_> = asked.iter().map(|(start, count)| *start..start + count).collect();
            let mut first = Vec::new();
            for position in asked.iter().cloned().flatten() {
                if !first.contains(&position) {
                    first.push(position);
                }
            }
            let ranges = Ranges::new(asked.clone());
            prop_assert!(ranges.0.iter().all(|range| !range.is_empty()));
            prop_assert!(ranges.0.len() <= 2 * asked.len());
            prop_assert_eq!(ranges.0.into_iter().flatten().collect::<Vec<_>>(), first);
        }
    }
}
