//! One axis's part of a delta: a walk over the old lines, as runs.
//!
//! This file holds the type, its normal form and its constructors. Positions are looked up in
//! [`AxisMap`]; two axis deltas meet in `merge`, follow each other in `compose`.
//!
//! Invariant: the runs are in *normal form*: no run is empty, neighbours that can be one run are
//! one, slots are numbered 0, 1, 2, ... as they first appear, and no keep stands at the end.

mod between;
mod build;
mod compose;
mod map;
mod merge;

use rustc_hash::FxHashMap;

use crate::LineId;
pub(crate) use compose::compose;
pub use map::{AxisMap, Bias, Origin};
pub(crate) use merge::merge;

/// One step of the walk over the old lines. Counts are lines; slots name lifted blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Run {
    /// So many old lines stay.
    Keep(u32),
    /// So many old lines go.
    Delete(u32),
    /// So many old lines leave this place and travel to where `slot` is dropped.
    Lift {
        /// Which block they belong to.
        slot: u32,
        /// How many lines.
        count: u32,
    },
    /// New lines stand here.
    Insert {
        /// How many lines.
        count: u32,
        /// The id of the first; the others follow by one each. `None` until the server names them.
        first: Option<LineId>,
    },
    /// The lifted block stands here.
    Drop {
        /// Which block.
        slot: u32,
    },
}

/// The change of one axis, in normal form (see the module's invariant).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AxisDelta {
    runs: Vec<Run>,
}

impl AxisDelta {
    /// The change that changes nothing.
    #[must_use]
    pub const fn identity() -> Self {
        Self { runs: Vec::new() }
    }

    /// Whether it changes nothing.
    #[must_use]
    pub const fn is_identity(&self) -> bool {
        self.runs.is_empty()
    }

    /// The runs, in normal form; a trailing keep is implied.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Any sequence of runs, brought into normal form. It may still be malformed (a slot that is
    /// never dropped, more lines than there are): [`validate`](crate::validate) tells. A keep at the
    /// end is implied, so one that reaches past the sheet is the same as none.
    #[must_use]
    pub fn from_runs(runs: impl IntoIterator<Item = Run>) -> Self {
        let mut normal = Self::identity();
        let mut slots = FxHashMap::default();
        for run in runs {
            normal.push(number_slot(run, &mut slots));
        }
        // More than one when their sum would overflow.
        while matches!(normal.runs.last(), Some(Run::Keep(_))) {
            normal.runs.pop();
        }
        normal
    }

    /// `count` new lines, without ids, before old line `at`.
    #[must_use]
    pub fn insert(at: u32, count: u32) -> Self {
        Self::from_runs([Run::Keep(at), Run::Insert { count, first: None }])
    }

    /// Lines `at .. at + count` go.
    #[must_use]
    pub fn delete(at: u32, count: u32) -> Self {
        Self::from_runs([Run::Keep(at), Run::Delete(count)])
    }

    /// Lines `from .. from + count` move to the old boundary `to` (before old line `to`). A target
    /// inside the block or at its edges leaves everything in place: that is the identity.
    #[must_use]
    pub fn move_lines(from: u32, count: u32, to: u32) -> Self {
        let end = from.saturating_add(count);
        let lift = Run::Lift { slot: 0, count };
        let drop = Run::Drop { slot: 0 };
        if count == 0 || (from..=end).contains(&to) {
            Self::identity()
        } else if to < from {
            Self::from_runs([Run::Keep(to), drop, Run::Keep(from - to), lift])
        } else {
            Self::from_runs([Run::Keep(from), lift, Run::Keep(to - end), drop])
        }
    }

    /// How many lines there are afterwards, when there were `before`.
    #[must_use]
    pub fn len_after(&self, before: u32) -> u32 {
        self.runs.iter().fold(before, |len, run| match *run {
            Run::Insert { count, .. } => len.saturating_add(count),
            Run::Delete(count) => len.saturating_sub(count),
            Run::Keep(_) | Run::Lift { .. } | Run::Drop { .. } => len,
        })
    }

    /// How many old lines the runs walk over, without the implied trailing keep.
    #[must_use]
    pub fn consumed(&self) -> u64 {
        self.runs.iter().map(|run| u64::from(run.consumes())).sum()
    }

    /// Whether any line goes.
    #[must_use]
    pub fn has_deletes(&self) -> bool {
        self.runs.iter().any(|run| matches!(run, Run::Delete(_)))
    }

    /// Whether it inserts lines.
    #[must_use]
    pub fn has_inserts(&self) -> bool {
        self.runs.iter().any(|run| matches!(run, Run::Insert { .. }))
    }

    /// The change that takes this one back as far as places go: what was inserted goes, what was
    /// deleted comes back as new lines without ids, what was moved goes home.
    #[must_use]
    pub fn inverse(&self) -> Self {
        // A lift that is cut by placements comes back in pieces, each its own slot.
        let mut pieces: Vec<Vec<(u32, u32)>> = Vec::new();
        let mut next = 0;
        for run in &self.runs {
            if let Run::Lift { slot, count } = *run {
                grow(&mut pieces, slot).push((next, count));
                next += 1;
            }
        }
        let mut lifted = 0..next;
        let mut inverse = Vec::with_capacity(self.runs.len());
        for run in &self.runs {
            match *run {
                Run::Keep(count) => inverse.push(Run::Keep(count)),
                Run::Delete(count) => inverse.push(Run::Insert { count, first: None }),
                Run::Insert { count, .. } => inverse.push(Run::Delete(count)),
                Run::Lift { .. } => inverse.extend(lifted.next().map(|slot| Run::Drop { slot })),
                Run::Drop { slot } => inverse.extend(
                    grow(&mut pieces, slot).iter().map(|&(slot, count)| Run::Lift { slot, count }),
                ),
            }
        }
        Self::from_runs(inverse)
    }

    /// The lines of `old` as they stand afterwards; `insert` makes each new line. Total: lines that
    /// the runs ask for and `old` does not have are left out.
    pub fn apply_to_vec<T>(
        &self,
        old: Vec<T>,
        mut insert: impl FnMut(Option<LineId>) -> T,
    ) -> Vec<T> {
        let mut old: Vec<Option<T>> = old.into_iter().map(Some).collect();
        let map = AxisMap::new(self);
        let mut new = Vec::with_capacity(old.len());
        let mut at = 0_usize;
        for run in &self.runs {
            let consumed = at.saturating_add(run.consumes() as usize);
            match *run {
                Run::Keep(_) => new.extend(take(&mut old, at, consumed)),
                Run::Delete(_) | Run::Lift { .. } => {}
                Run::Insert { count, first } => {
                    let ids = 0..u64::from(count);
                    new.extend(ids.map(|i| insert(first.map(|id| LineId(id.0 + i)))));
                }
                Run::Drop { slot } => {
                    let block = map.block(slot);
                    new.extend(take(&mut old, block.start as usize, block.end as usize));
                }
            }
            at = consumed;
        }
        new.extend(old.into_iter().skip(at).flatten());
        new
    }

    /// Adds a run at the end, merging it with the last where they can be one.
    fn push(&mut self, run: Run) {
        if run.is_empty() {
            return;
        }
        if let Some(last) = self.runs.last_mut()
            && let Some(joined) = last.joined(run)
        {
            *last = joined;
        } else {
            self.runs.push(run);
        }
    }
}

impl Run {
    /// How many old lines it walks over.
    #[must_use]
    pub const fn consumes(self) -> u32 {
        match self {
            Self::Keep(count) | Self::Delete(count) | Self::Lift { count, .. } => count,
            Self::Insert { .. } | Self::Drop { .. } => 0,
        }
    }

    const fn is_empty(self) -> bool {
        match self {
            Self::Keep(count)
            | Self::Delete(count)
            | Self::Lift { count, .. }
            | Self::Insert { count, .. } => count == 0,
            Self::Drop { .. } => false,
        }
    }

    /// The one run that stands for this one and `next`; `None` where there is none, also where the
    /// count would overflow.
    fn joined(self, next: Self) -> Option<Self> {
        match (self, next) {
            (Self::Keep(a), Self::Keep(b)) => a.checked_add(b).map(Self::Keep),
            (Self::Delete(a), Self::Delete(b)) => a.checked_add(b).map(Self::Delete),
            (Self::Lift { slot, count: a }, Self::Lift { slot: other, count: b }) => {
                (slot == other).then(|| a.checked_add(b))?.map(|count| Self::Lift { slot, count })
            }
            (Self::Insert { count: a, first }, Self::Insert { count: b, first: next }) => {
                let follows = match (first, next) {
                    (None, None) => true,
                    (Some(id), Some(next)) => id.0.checked_add(u64::from(a)) == Some(next.0),
                    _ => false,
                };
                follows.then(|| a.checked_add(b))?.map(|count| Self::Insert { count, first })
            }
            _ => None,
        }
    }
}

/// Renames the run's slot to the number of its first appearance.
fn number_slot(run: Run, slots: &mut FxHashMap<u32, u32>) -> Run {
    let next = slots.len() as u32;
    match run {
        Run::Lift { count: 0, .. } => run,
        Run::Lift { slot, count } => Run::Lift { slot: *slots.entry(slot).or_insert(next), count },
        Run::Drop { slot } => Run::Drop { slot: *slots.entry(slot).or_insert(next) },
        Run::Keep(_) | Run::Delete(_) | Run::Insert { .. } => run,
    }
}

/// The element of `slot`, after growing the list so that it has one.
fn grow<T: Default>(list: &mut Vec<T>, slot: u32) -> &mut T {
    let index = slot as usize;
    if list.len() <= index {
        list.resize_with(index + 1, T::default);
    }
    &mut list[index]
}

/// Takes lines `from .. to` out, as far as they are there.
fn take<T>(lines: &mut [Option<T>], from: usize, to: usize) -> impl Iterator<Item = T> {
    let len = lines.len();
    lines[from.min(len)..to.min(len)].iter_mut().filter_map(Option::take)
}
