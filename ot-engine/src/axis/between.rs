//! The difference of two orders of lines, as an axis delta.
//!
//! It compares ids, not contents. Both orders are ranges of ids. The delta keeps a longest ascending
//! subsequence of the common lines (patience sorting: M. L. Fredman, "On computing the length of
//! longest increasing subsequences", 1975). It moves the other common lines. It deletes lines that are
//! only in the old order, and inserts lines that are only in the new one under their ids.
//!
//! Invariant: the delta turns the old order into the new one. Cost: n log n in the number of ranges.

use std::ops::Range;

use super::AxisDelta;
use crate::{LineId, Run};

/// Lines that follow each other in both orders.
#[derive(Clone, Debug)]
struct Piece {
    ids: Range<u64>,
    /// Position of the first line in the old order.
    old: u64,
    /// Position of the first line in the new order.
    new: u64,
}

/// A stretch of the old order.
enum OldStretch {
    /// This many lines are only in the old order.
    Deleted(u32),
    /// The piece of this index is in both orders.
    Common(usize),
}

impl AxisDelta {
    /// The delta that turns the order `old` into the order `new`. No id appears twice in either.
    #[must_use]
    pub fn between(old: &[Range<u64>], new: &[Range<u64>]) -> Self {
        let pieces = common(old, new);
        let kept = kept(&pieces);
        let mut placed = Placements::new(new, &pieces, &kept);
        let mut runs = Vec::new();
        placed.until_next_kept(&mut runs);
        for stretch in old_stretches(old, &pieces) {
            match stretch {
                OldStretch::Deleted(count) => runs.push(Run::Delete(count)),
                OldStretch::Common(piece) if kept[piece] => {
                    runs.push(Run::Keep(count(&pieces[piece].ids)));
                    placed.until_next_kept(&mut runs);
                }
                OldStretch::Common(piece) => {
                    let count = count(&pieces[piece].ids);
                    runs.push(Run::Lift { slot: slot(piece), count });
                }
            }
        }
        Self::from_runs(runs)
    }
}

fn count(ids: &Range<u64>) -> u32 {
    u32::try_from(ids.end - ids.start).unwrap_or(u32::MAX)
}

fn slot(piece: usize) -> u32 {
    u32::try_from(piece).unwrap_or(u32::MAX)
}

/// The ranges, sorted by id, each with the position of its first line.
fn by_id(order: &[Range<u64>]) -> Vec<(Range<u64>, u64)> {
    let mut at = 0;
    let mut ranges: Vec<_> = order
        .iter()
        .map(|ids| {
            let start = at;
            at += ids.end - ids.start;
            (ids.clone(), start)
        })
        .filter(|(ids, _)| !ids.is_empty())
        .collect();
    ranges.sort_unstable_by_key(|(ids, _)| ids.start);
    ranges
}

/// The pieces that are in both orders, sorted by old position.
fn common(old: &[Range<u64>], new: &[Range<u64>]) -> Vec<Piece> {
    let (old, new) = (by_id(old), by_id(new));
    let mut pieces = Vec::new();
    let mut next = 0;
    for (ids, at) in &old {
        while new.get(next).is_some_and(|(other, _)| other.end <= ids.start) {
            next += 1;
        }
        for (other, place) in new[next..].iter().take_while(|(other, _)| other.start < ids.end) {
            let both = ids.start.max(other.start)..ids.end.min(other.end);
            let (old, new) = (at + both.start - ids.start, place + both.start - other.start);
            pieces.push(Piece { ids: both, old, new });
        }
    }
    pieces.sort_unstable_by_key(|piece| piece.old);
    pieces
}

/// For each piece whether it belongs to the longest subsequence that ascends in both orders.
fn kept(pieces: &[Piece]) -> Vec<bool> {
    // The last piece of the best subsequence of each length, and the predecessor of each piece.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![None; pieces.len()];
    for (index, piece) in pieces.iter().enumerate() {
        let length = ends.partition_point(|end| pieces[*end].new < piece.new);
        before[index] = length.checked_sub(1).map(|shorter| ends[shorter]);
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut kept = vec![false; pieces.len()];
    let mut at = ends.last().copied();
    while let Some(index) = at {
        kept[index] = true;
        at = before[index];
    }
    kept
}

/// The old order as pieces and the lines between them.
fn old_stretches(old: &[Range<u64>], pieces: &[Piece]) -> Vec<OldStretch> {
    let len: u64 = old.iter().map(|ids| ids.end - ids.start).sum();
    let mut stretches = Vec::new();
    let mut at = 0;
    let deleted = |stretches: &mut Vec<OldStretch>, from: u64, to: u64| {
        if from < to {
            stretches.push(OldStretch::Deleted(count(&(from..to))));
        }
    };
    for (index, piece) in pieces.iter().enumerate() {
        deleted(&mut stretches, at, piece.old);
        stretches.push(OldStretch::Common(index));
        at = piece.old + (piece.ids.end - piece.ids.start);
    }
    deleted(&mut stretches, at, len);
    stretches
}

/// An iteration over the new order.
struct Placements<'a> {
    stretches: std::vec::IntoIter<NewStretch>,
    kept: &'a [bool],
}

/// A stretch of the new order.
enum NewStretch {
    /// The piece of this index is in both orders.
    Common(usize),
    /// The lines of these ids are only in the new order.
    Inserted(Range<u64>),
}

impl<'a> Placements<'a> {
    fn new(new: &[Range<u64>], pieces: &[Piece], kept: &'a [bool]) -> Self {
        let mut order: Vec<usize> = (0..pieces.len()).collect();
        order.sort_unstable_by_key(|index| pieces[*index].new);
        let mut order = order.into_iter().peekable();
        let mut stretches = Vec::new();
        let mut at = 0;
        for ids in new {
            let mut rest = ids.clone();
            while !rest.is_empty() {
                let next = order.peek().map(|index| (*index, &pieces[*index]));
                match next {
                    Some((index, piece)) if piece.new == at => {
                        stretches.push(NewStretch::Common(index));
                        let count = piece.ids.end - piece.ids.start;
                        (rest.start, at) = (rest.start + count, at + count);
                        order.next();
                    }
                    next => {
                        let room = next.map_or(u64::MAX, |(_, piece)| piece.new - at);
                        let count = room.min(rest.end - rest.start);
                        stretches.push(NewStretch::Inserted(rest.start..rest.start + count));
                        (rest.start, at) = (rest.start + count, at + count);
                    }
                }
            }
        }
        Self { stretches: stretches.into_iter(), kept }
    }

    /// Emits the placements before the next kept piece.
    fn until_next_kept(&mut self, runs: &mut Vec<Run>) {
        for stretch in self.stretches.by_ref() {
            match stretch {
                NewStretch::Common(piece) if self.kept[piece] => return,
                NewStretch::Common(piece) => runs.push(Run::Drop { slot: slot(piece) }),
                NewStretch::Inserted(ids) => {
                    let first = Some(LineId(ids.start));
                    runs.push(Run::Insert { count: count(&ids), first });
                }
            }
        }
    }
}
