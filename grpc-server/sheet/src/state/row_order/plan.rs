//! The cuts and placements of a delta, checked before the first one is made.
//!
//! Not here: the spans. Invariant: each step of a plan can be applied.

use ot_engine::Run;

use super::RowOrderError;

/// Consecutive row ids without a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) start: u64,
    pub(super) length: u32,
}

impl Piece {
    pub(super) const fn end(self) -> u64 {
        self.start + self.length as u64
    }
}

/// Rows that are removed from their place.
#[derive(Debug)]
pub(super) struct Cut {
    pub(super) from: u32,
    pub(super) count: u32,
    pub(super) slot: Option<u32>,
}

/// Rows that are placed once all cuts are made.
#[derive(Debug)]
pub(super) struct Placement {
    pub(super) at: u32,
    pub(super) what: Placed,
}

#[derive(Debug)]
pub(super) enum Placed {
    New(Piece),
    Block(u32),
}

/// The steps of a checked delta.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) cuts: Vec<Cut>,
    pub(super) placements: Vec<Placement>,
    pub(super) slots: usize,
}

impl Plan {
    /// Checks a delta against `len` rows and lists its steps.
    pub(super) fn new(runs: &[Run], len: u32) -> Result<Self, RowOrderError> {
        let needed = runs.iter().map(|run| u64::from(run.consumes())).sum();
        if needed > u64::from(len) {
            return Err(RowOrderError::BeyondEnd { needed, len });
        }
        let mut plan = Self::default();
        // Old position, and rows cut before it: both are at most `len`.
        let (mut old, mut gone) = (0_u32, 0_u32);
        let mut new_len = u64::from(len);
        for run in runs {
            match *run {
                Run::Keep(_) => {}
                Run::Delete(count) => {
                    plan.cuts.push(Cut { from: old, count, slot: None });
                    new_len -= u64::from(count);
                }
                Run::Lift { slot, count } => {
                    plan.cuts.push(Cut { from: old, count, slot: Some(slot) });
                }
                Run::Insert { count, first } => {
                    let start = first.ok_or(RowOrderError::Unnamed)?.0;
                    start.checked_add(u64::from(count)).ok_or(RowOrderError::TooLong)?;
                    let what = Placed::New(Piece { start, length: count });
                    plan.placements.push(Placement { at: old - gone, what });
                    new_len += u64::from(count);
                }
                Run::Drop { slot } => {
                    let what = Placed::Block(slot);
                    plan.placements.push(Placement { at: old - gone, what });
                }
            }
            old += run.consumes();
            if !matches!(run, Run::Keep(_)) {
                gone += run.consumes();
            }
        }
        if new_len > u64::from(u32::MAX) {
            return Err(RowOrderError::TooLong);
        }
        plan.check_slots(runs.len())?;
        Ok(plan)
    }

    /// Checks that each slot is lifted and dropped once, and that slots are few, since each is an index.
    fn check_slots(&mut self, limit: usize) -> Result<(), RowOrderError> {
        let lifted = self.cuts.iter().filter_map(|cut| cut.slot);
        let dropped = self.placements.iter().filter_map(|placement| match placement.what {
            Placed::Block(slot) => Some(slot),
            Placed::New(_) => None,
        });
        let mut dropped: Vec<u32> = dropped.collect();
        dropped.sort_unstable();
        let mut lifted: Vec<u32> = lifted.collect();
        lifted.sort_unstable();
        lifted.dedup();
        let odd = lifted.iter().zip(&dropped).find(|(lift, drop)| lift != drop);
        if let Some((lift, drop)) = odd {
            return Err(RowOrderError::Slot(*lift.min(drop)));
        }
        let shorter = lifted.len().min(dropped.len());
        if let Some(slot) = lifted.get(shorter).or_else(|| dropped.get(shorter)) {
            return Err(RowOrderError::Slot(*slot));
        }
        match lifted.last() {
            Some(slot) if *slot as usize >= limit => Err(RowOrderError::Slot(*slot)),
            last => {
                self.slots = last.map_or(0, |slot| *slot as usize + 1);
                Ok(())
            }
        }
    }
}
