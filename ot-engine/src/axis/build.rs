//! Builds an axis delta whose lifted blocks are known only as ranges of lines.
//!
//! `merge` and `compose` lift lines at one place and place ranges at another, in any order; the builder
//! assigns the slots. It does not check the runs.
//!
//! Invariant: every lifted line is in exactly one placed piece.

use super::{AxisDelta, Run};
use crate::LineId;

#[derive(Debug, Default)]
pub(super) struct RunBuilder {
    ops: Vec<Op>,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Op {
    Run(Run),
    /// Lifts this many lines here.
    Lift(u32),
    /// Places the piece of this index here.
    Place(usize),
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    start: u32,
    count: u32,
}

impl RunBuilder {
    pub(super) fn keep(&mut self, count: u32) {
        self.ops.push(Op::Run(Run::Keep(count)));
    }

    pub(super) fn delete(&mut self, count: u32) {
        self.ops.push(Op::Run(Run::Delete(count)));
    }

    pub(super) fn insert(&mut self, count: u32, first: Option<LineId>) {
        self.ops.push(Op::Run(Run::Insert { count, first }));
    }

    pub(super) fn lift(&mut self, count: u32) {
        self.ops.push(Op::Lift(count));
    }

    /// Places the lines `start .. start + count` here. `block` is the piece that the block's last call
    /// returned: adjacent ranges of one block become one piece. A new block begins with `None`.
    pub(super) fn place(&mut self, block: &mut Option<usize>, start: u32, count: u32) {
        if count == 0 {
            return;
        }
        if let Some(last) = block.and_then(|index| self.pieces.get_mut(index))
            && last.start + last.count == start
        {
            last.count += count;
            return;
        }
        *block = Some(self.pieces.len());
        self.ops.push(Op::Place(self.pieces.len()));
        self.pieces.push(Piece { start, count });
    }

    pub(super) fn finish(self) -> AxisDelta {
        let mut by_start: Vec<usize> = (0..self.pieces.len()).collect();
        by_start.sort_unstable_by_key(|&index| self.pieces[index].start);
        let mut runs = Vec::with_capacity(self.ops.len());
        let mut at = 0_u32;
        for op in &self.ops {
            match *op {
                Op::Run(run) => {
                    runs.push(run);
                    at = at.saturating_add(run.consumes());
                }
                Op::Place(index) => runs.push(Run::Drop { slot: index as u32 }),
                Op::Lift(count) => {
                    self.lift_pieces(&by_start, at, count, &mut runs);
                    at = at.saturating_add(count);
                }
            }
        }
        AxisDelta::from_runs(runs)
    }

    /// Lifts the lines `at .. at + count`, with one run for each piece.
    fn lift_pieces(&self, by_start: &[usize], at: u32, count: u32, runs: &mut Vec<Run>) {
        let (mut at, end) = (at, at.saturating_add(count));
        let mut next = by_start.partition_point(|&index| self.pieces[index].start <= at);
        while at < end {
            let Some(&index) = next.checked_sub(1).and_then(|last| by_start.get(last)) else {
                debug_assert!(false, "line {at} was lifted and never placed");
                return;
            };
            let piece = self.pieces[index];
            let stop = end.min(piece.start + piece.count);
            debug_assert!(at < stop, "line {at} was lifted and never placed");
            runs.push(Run::Lift { slot: index as u32, count: stop - at });
            at = stop;
            next += 1;
        }
    }
}
