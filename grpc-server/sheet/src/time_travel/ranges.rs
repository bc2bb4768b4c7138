//! Sorted ranges of ids or of positions: they are joined, cut and searched.
//!
//! Plain data. Not here: what the ranges stand for (`lines`, `snapshot`, `undo::line_ids`). Cost: a binary search for each
//! range, and the ranges that overlap it; a join sorts.
//!
//! Invariant: the results ascend and are disjoint, where the arguments are.

use std::ops::Range;

/// Sorts ranges, and joins those that overlap or touch. None of them is empty then.
pub(super) fn join<T: Copy + Ord>(ranges: &mut Vec<Range<T>>) {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, kept| {
        let joins = next.start <= kept.end;
        if joins {
            kept.end = kept.end.max(next.end);
        }
        joins
    });
}

/// The parts of `within` that are in the sorted `ranges`. An empty range has an empty part if it lies between the ends of
/// the other.
pub(super) fn common<T: Copy + Ord>(
    ranges: &[Range<T>],
    within: Range<T>,
) -> impl Iterator<Item = Range<T>> {
    let Range { start, end } = within;
    let next = ranges.partition_point(|range| range.end <= start);
    let overlapping = ranges[next..].iter().take_while(move |range| range.start < end);
    overlapping.map(move |range| range.start.max(start)..range.end.min(end))
}

/// The parts of `ranges` that are in none of the `others`; both are sorted. Ranges that touch stay apart.
pub(super) fn without<T: Copy + Ord>(ranges: &[Range<T>], others: &[Range<T>]) -> Vec<Range<T>> {
    let mut left = Vec::with_capacity(ranges.len());
    for &Range { mut start, end } in ranges {
        let next = others.partition_point(|other| other.end <= start);
        for other in others[next..].iter().take_while(|other| other.start < end) {
            if start < other.start {
                left.push(start..other.start);
            }
            start = start.max(other.end);
        }
        if start < end {
            left.push(start..end);
        }
    }
    left
}

/// Whether one of the sorted ranges contains an item.
pub(super) fn contains<T: Copy + Ord>(ranges: &[Range<T>], item: T) -> bool {
    let next = ranges.partition_point(|range| range.end <= item);
    ranges.get(next).is_some_and(|range| range.contains(&item))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// A range of small numbers, which may be empty.
    fn any_range() -> impl Strategy<Value = Range<u8>> {
        (0_u8..50, 0_u8..9).prop_map(|(start, length)| start..start + length)
    }

    /// Sorted and disjoint ranges of numbers below 60: some are empty, and some touch the next one.
    fn sorted_ranges() -> impl Strategy<Value = Vec<Range<u8>>> {
        prop::collection::vec((0_u8..3, 0_u8..6), 0..9).prop_map(|lengths| {
            let mut end = 0_u8;
            let next = |(gap, length): (u8, u8)| {
                let start = end + gap;
                end = start + length;
                start..end
            };
            lengths.into_iter().map(next).collect::<Vec<_>>()
        })
    }

    /// Ranges as a set of numbers.
    fn numbers(ranges: impl IntoIterator<Item = Range<u8>>) -> BTreeSet<u8> {
        ranges.into_iter().flatten().collect()
    }

    fn ascend(ranges: &[Range<u8>]) -> bool {
        ranges.windows(2).all(|two| two[0].end <= two[1].start)
    }

    proptest! {
        #[test]
        fn joined_ranges_hold_the_same_numbers_and_do_not_touch(
            ranges in prop::collection::vec(any_range(), 0..9),
        ) {
            let mut joined = ranges.clone();
            join(&mut joined);
            prop_assert!(joined.iter().all(|range| !range.is_empty()));
            prop_assert!(joined.windows(2).all(|two| two[0].end < two[1].start));
            prop_assert_eq!(numbers(joined), numbers(ranges));
        }

        #[test]
        fn the_common_parts_hold_the_numbers_of_both(
            ranges in sorted_ranges(),
            within in any_range(),
        ) {
            let parts: Vec<Range<u8>> = common(&ranges, within.clone()).collect();
            prop_assert!(ascend(&parts));
            prop_assert_eq!(numbers(parts), &numbers(ranges) & &numbers([within]));
        }

        #[test]
        fn the_parts_that_are_left_hold_no_number_of_the_others(
            ranges in sorted_ranges(),
            others in sorted_ranges(),
        ) {
            let left = without(&ranges, &others);
            prop_assert!(ascend(&left));
            prop_assert!(left.iter().all(|part| !part.is_empty()));
            prop_assert_eq!(numbers(left), &numbers(ranges) - &numbers(others));
        }

        #[test]
        fn ranges_contain_the_numbers_of_their_set(ranges in sorted_ranges()) {
            let set = numbers(ranges.clone());
            for number in 0..60 {
                prop_assert_eq!(contains(&ranges, number), set.contains(&number), "{}", number);
            }
        }
    }

    #[test]
    fn ranges_are_cut_where_others_overlap_them() {
        let ranges = [1..4, 6..7, 10..20, 30..31];
        let others = [3..5, 6..8, 12..13, 15..16, 19..40];
        assert_eq!(without(&ranges, &others), [1..3, 10..12, 13..15, 16..19]);
        assert_eq!(without(&ranges, &[]), ranges);
        assert_eq!(without(&[1..3, 3..5], &[0..1, 4..5]), [1..3, 3..4]);
    }

    #[test]
    fn an_empty_range_has_a_part_only_between_the_ends_of_another() {
        let ranges = [3..6, 6..9];
        let parts = |at: u8| common(&ranges, at..at).count();
        assert_eq!([2, 3, 5, 6, 9].map(parts), [0, 0, 1, 0, 0]);
    }
}
