//! The change that turns one order of lines into another.
//!
//! Both orders are given as ranges of ids. Lines that are in both and can keep their relative order
//! are kept (a longest ascending subsequence, by patience sorting: M. L. Fredman, "On computing the
//! length of longest increasing subsequences", 1975); the others that are in both move, the rest is
//! deleted or inserted under its ids. Cost: n log n in the number of ranges, not of lines.

use std::ops::Range;

use super::AxisDelta;
use crate::{LineId, Run};

/// Lines that stand one after the other in both orders.
#[derive(Clone, Debug)]
struct Piece {
    ids: Range<u64>,
    /// Position of the first one in the old order.
    old: u64,
    /// In the new order.
    new: u64,
}

/// What becomes of a stretch of the old order.
enum Fate {
    Gone(u32),
    /// The piece of this number, in the old order.
    Stays(usize),
}

impl AxisDelta {
    /// The change that turns the lines `old` into the lines `new`. Within each, no id comes twice.
    #[must_use]
    pub fn between(old: &[Range<u64>], new: &[Range<u64>]) -> Self {
        let pieces = common(old, new);
        let kept = kept(&pieces);
        let mut placed = Placements::new(new, &pieces, &kept);
        let mut runs = Vec::new();
        placed.until_next_kept(&mut runs);
        for fate in fates(old, &pieces) {
            match fate {
                Fate::Gone(count) => runs.push(Run::Delete(count)),
                Fate::Stays(piece) if kept[piece] => {
                    runs.push(Run::Keep(count(&pieces[piece].ids)));
                    placed.until_next_kept(&mut runs);
                }
                Fate::Stays(piece) => {
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

/// Ranges with the position of their first line, by id.
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

/// The pieces that are in both, by their old position.
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

/// For each piece whether it is of the longest run of pieces that ascends in both orders.
fn kept(pieces: &[Piece]) -> Vec<bool> {
    // The last piece of the best run of each length, and what came before each piece.
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

/// The old order as pieces and what lies between them.
fn fates(old: &[Range<u64>], pieces: &[Piece]) -> Vec<Fate> {
    let len: u64 = old.iter().map(|ids| ids.end - ids.start).sum();
    let mut fates = Vec::new();
    let mut at = 0;
    let gone = |fates: &mut Vec<Fate>, from: u64, to: u64| {
        if from < to {
            fates.push(Fate::Gone(count(&(from..to))));
        }
    };
    for (index, piece) in pieces.iter().enumerate() {
        gone(&mut fates, at, piece.old);
        fates.push(Fate::Stays(index));
        at = piece.old + (piece.ids.end - piece.ids.start);
    }
    gone(&mut fates, at, len);
    fates
}

/// The new order, stretch by stretch.
struct Placements<'a> {
    /// Stretches of the new order: a piece, or lines that are new.
    stretches: std::vec::IntoIter<Stretch>,
    kept: &'a [bool],
}

enum Stretch {
    Piece(usize),
    Fresh(Range<u64>),
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
                        stretches.push(Stretch::Piece(index));
                        let count = piece.ids.end - piece.ids.start;
                        (rest.start, at) = (rest.start + count, at + count);
                        order.next();
                    }
                    next => {
                        let room = next.map_or(u64::MAX, |(_, piece)| piece.new - at);
                        let count = room.min(rest.end - rest.start);
                        stretches.push(Stretch::Fresh(rest.start..rest.start + count));
                        (rest.start, at) = (rest.start + count, at + count);
                    }
                }
            }
        }
        Self { stretches: stretches.into_iter(), kept }
    }

    /// What stands before the next line that keeps its place.
    fn until_next_kept(&mut self, runs: &mut Vec<Run>) {
        for stretch in self.stretches.by_ref() {
            match stretch {
                Stretch::Piece(piece) if self.kept[piece] => return,
                Stretch::Piece(piece) => runs.push(Run::Drop { slot: slot(piece) }),
                Stretch::Fresh(ids) => {
                    let first = Some(LineId(ids.start));
                    runs.push(Run::Insert { count: count(&ids), first });
                }
            }
        }
    }
}
