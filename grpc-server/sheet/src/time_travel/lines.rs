//! Lines that are followed back through changes, newest to oldest, by position.
//!
//! Not by ids: the list of changes of some lines is read without the state of the sheet. Invariant: the ranges
//! ascend, none is empty and none touches the next.

use std::ops::Range;

use ot_engine::{AxisDelta, Run};
use rustc_hash::FxHashMap;

use super::ranges::{common, contains, join};

/// Ranges that are followed separately. Where moves split them further, the nearest ones are merged, together
/// with the lines between them.
pub const RANGES_FOLLOWED: usize = 100;

/// Positions on one axis, at some revision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines(Vec<Range<u32>>);

impl Lines {
    /// The lines at these positions.
    #[must_use]
    pub fn new(ranges: impl IntoIterator<Item = Range<u32>>) -> Self {
        let mut ranges: Vec<_> = ranges.into_iter().collect();
        join(&mut ranges);
        Self(within(ranges, RANGES_FOLLOWED))
    }

    /// The positions, ascending.
    #[must_use]
    pub fn ranges(&self) -> &[Range<u32>] {
        &self.0
    }

    /// Whether no line is left: no older change can touch them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether they contain a line.
    #[must_use]
    pub fn contains(&self, line: u32) -> bool {
        contains(&self.0, line)
    }

    /// Whether a change that led to the revision of these positions placed one of the lines, or removed a
    /// line between two of them.
    #[must_use]
    pub fn touched_by(&self, axis: &AxisDelta) -> bool {
        let blocks = blocks(axis);
        let mut at = 0_u32;
        axis.runs().iter().any(|run| {
            let (placed, is_touched) = match *run {
                Run::Keep(count) => (count, false),
                Run::Delete(_) | Run::Lift { .. } => (
                    0,
                    at.checked_sub(1).is_some_and(|last| self.contains(last)) && self.contains(at),
                ),
                Run::Insert { count, .. } => (count, self.meets(at, count)),
                Run::Drop { slot } => {
                    let count = blocks.get(&slot).map_or(0, |(_, count)| *count);
                    (count, self.meets(at, count))
                }
            };
            at = at.saturating_add(placed);
            is_touched
        })
    }

    fn meets(&self, start: u32, count: u32) -> bool {
        common(&self.0, start..start.saturating_add(count)).next().is_some()
    }

    /// The positions of the lines before a change, without the lines that it inserted.
    #[must_use]
    pub fn before(&self, axis: &AxisDelta) -> Self {
        if axis.is_identity() {
            return self.clone();
        }
        let blocks = blocks(axis);
        let (mut old, mut new) = (0_u32, 0_u32);
        let mut pieces: Vec<(Range<u32>, u32)> = Vec::new();
        for run in axis.runs() {
            let stands = match *run {
                Run::Keep(count) => Some((old, count)),
                Run::Drop { slot } => blocks.get(&slot).copied(),
                Run::Insert { count, .. } => {
                    new = new.saturating_add(count);
                    None
                }
                Run::Delete(_) | Run::Lift { .. } => None,
            };
            if let Some((from, count)) = stands {
                let end = new.saturating_add(count);
                pieces.push((new..end, from));
                new = end;
            }
            old = old.saturating_add(run.consumes());
        }
        pieces.push((new..u32::MAX, old));
        Self::new(self.0.iter().flat_map(|range| {
            let first = pieces.partition_point(|(piece, _)| piece.end <= range.start);
            let meeting = pieces[first..].iter().take_while(|(piece, _)| piece.start < range.end);
            meeting.map(|(piece, from)| {
                let (start, end) = (range.start.max(piece.start), range.end.min(piece.end));
                let at = from.saturating_add(start - piece.start);
                at..at.saturating_add(end - start)
            })
        }))
    }
}

/// At most `most` ranges: those with the smallest gaps between them are merged, the first of equal ones first.
fn within(ranges: Vec<Range<u32>>, most: usize) -> Vec<Range<u32>> {
    let Some(merged) = ranges.len().checked_sub(most).filter(|merged| *merged > 0) else {
        return ranges;
    };
    let mut gaps: Vec<(u32, usize)> =
        ranges.windows(2).map(|two| two[1].start - two[0].end).zip(1..).collect();
    gaps.select_nth_unstable(merged - 1);
    // Whether a range is merged with the one before it.
    let mut joins = vec![false; ranges.len()];
    gaps[..merged].iter().for_each(|(_, at)| joins[*at] = true);
    let mut kept: Vec<Range<u32>> = Vec::with_capacity(most);
    for (range, joins) in ranges.into_iter().zip(joins) {
        match kept.last_mut() {
            Some(last) if joins => last.end = range.end,
            _ => kept.push(range),
        }
    }
    kept
}

/// For each slot the old position and the length of its block.
fn blocks(axis: &AxisDelta) -> FxHashMap<u32, (u32, u32)> {
    let mut blocks: FxHashMap<u32, (u32, u32)> = FxHashMap::default();
    let mut old = 0_u32;
    for run in axis.runs() {
        if let Run::Lift { slot, count } = *run {
            let (_, length) = blocks.entry(slot).or_insert((old, 0_u32));
            *length = length.saturating_add(count);
        }
        old = old.saturating_add(run.consumes());
    }
    blocks
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "ranges are what is tested")]
mod tests {
    use super::*;

    fn lines(ranges: &[Range<u32>]) -> Lines {
        Lines::new(ranges.iter().cloned())
    }

    #[test]
    fn ranges_are_put_in_order() {
        assert_eq!(lines(&[4..6, 0..2, 2..3, 9..9]).ranges(), [0..3, 4..6]);
        let many = (0..1_000).map(|at| at * 3..at * 3 + 1);
        let kept = Lines::new(many.clone());
        assert_eq!(kept.ranges().len(), RANGES_FOLLOWED);
        assert!(many.flatten().all(|line| kept.contains(line)));
    }

    #[test]
    fn ranges_with_the_smallest_gaps_are_merged_as_one_by_one() {
        // Gaps of 1 to 7, also equal ones.
        let mut at = 0;
        let many: Vec<Range<u32>> = (0..40_u32)
            .map(|n| {
                let start = at + 1 + n * 5 % 7;
                at = start + 2;
                start..at
            })
            .collect();
        for most in [1, 3, 20, 39, 40] {
            let mut one_by_one = many.clone();
            while one_by_one.len() > most {
                let gap = |at: &usize| one_by_one[at + 1].start - one_by_one[*at].end;
                let nearest = (0..one_by_one.len() - 1).min_by_key(gap).expect("two are left");
                one_by_one[nearest].end = one_by_one[nearest + 1].end;
                one_by_one.remove(nearest + 1);
            }
            assert_eq!(within(many.clone(), most), one_by_one, "{most}");
        }
    }

    #[test]
    fn lines_go_back_to_where_they_were() {
        let at_five = lines(&[5..7]);
        assert_eq!(at_five.before(&AxisDelta::insert(2, 3)), lines(&[2..4]));
        assert_eq!(at_five.before(&AxisDelta::insert(6, 9)), lines(&[5..6]));
        assert_eq!(at_five.before(&AxisDelta::insert(4, 9)), lines(&[]));
        assert_eq!(at_five.before(&AxisDelta::delete(6, 2)), lines(&[5..6, 8..9]));
        assert_eq!(at_five.before(&AxisDelta::move_lines(90, 1, 5)), lines(&[5..6, 90..91]));
        let everything = lines(&[0..u32::MAX]);
        assert_eq!(everything.before(&AxisDelta::delete(0, 2)).ranges(), [2..u32::MAX]);
    }

    #[test]
    fn what_touches_them_is_known() {
        let lines = lines(&[5..7]);
        let touched = |axis: AxisDelta| lines.touched_by(&axis);
        assert!(touched(AxisDelta::insert(6, 1)) && touched(AxisDelta::insert(3, 3)));
        assert!(!touched(AxisDelta::insert(7, 1)) && !touched(AxisDelta::insert(3, 2)));
        assert!(touched(AxisDelta::delete(6, 3)) && !touched(AxisDelta::delete(5, 1)));
        assert!(touched(AxisDelta::move_lines(90, 1, 5)));
        assert!(!touched(AxisDelta::move_lines(90, 1, 7)));
    }
}
