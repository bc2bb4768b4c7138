//! The change of one axis: runs over the old lines.
//!
//! It does not know how many lines the axis has. [`AxisMap`](crate::AxisMap) looks positions up.
//!
//! Invariant: the runs are in *normal form*. No run is empty, neighbours that can join are joined,
//! and the last run is not a keep. Slots have the numbers 0, 1, 2, ... by first appearance.

use std::collections::BTreeMap;

use super::Run;
use super::run::slot_mut;
use crate::LineId;

/// The change of one axis, in normal form (see the module's invariant).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AxisDelta {
    runs: Vec<Run>,
}

impl AxisDelta {
    /// The change without effect.
    #[must_use]
    pub const fn identity() -> Self {
        Self { runs: Vec::new() }
    }

    /// Whether the change has no effect.
    #[must_use]
    pub const fn is_identity(&self) -> bool {
        self.runs.is_empty()
    }

    /// The runs, in normal form; a keep of all further lines is implied.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Brings any sequence of runs into normal form.
    ///
    /// The result may still be malformed (a slot without a drop, more lines than the axis has);
    /// [`validate`](crate::validate) refuses those. A last keep is dropped even where it is longer than
    /// the axis.
    #[must_use]
    pub fn from_runs(runs: impl IntoIterator<Item = Run>) -> Self {
        let mut normal = Self::identity();
        let mut slots = BTreeMap::new();
        for run in runs {
            normal.push(run.with_slot_number(&mut slots));
        }
        // Several keeps stay separate when their sum would overflow.
        while matches!(normal.runs.last(), Some(Run::Keep(_))) {
            normal.runs.pop();
        }
        normal
    }

    /// Inserts `count` lines without ids before old line `at`.
    #[must_use]
    pub fn insert(at: u32, count: u32) -> Self {
        Self::from_runs([Run::Keep(at), Run::Insert { count, first: None }])
    }

    /// Deletes old lines `at .. at + count`.
    #[must_use]
    pub fn delete(at: u32, count: u32) -> Self {
        Self::from_runs([Run::Keep(at), Run::Delete(count)])
    }

    /// Moves old lines `from .. from + count` to the boundary before old line `to`. A target inside the
    /// block or at its edges changes nothing: the result is the identity.
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

    /// The number of lines after the change of an axis of `before` lines.
    #[must_use]
    pub fn len_after(&self, before: u32) -> u32 {
        self.runs.iter().fold(before, |len, run| match *run {
            Run::Insert { count, .. } => len.saturating_add(count),
            Run::Delete(count) => len.saturating_sub(count),
            Run::Keep(_) | Run::Lift { .. } | Run::Drop { .. } => len,
        })
    }

    /// How many old lines the runs consume, without the implied last keep.
    #[must_use]
    pub fn consumed(&self) -> u64 {
        self.runs.iter().map(|run| u64::from(run.consumes())).sum()
    }

    /// Whether the change deletes lines.
    #[must_use]
    pub fn has_deletes(&self) -> bool {
        self.runs.iter().any(|run| matches!(run, Run::Delete(_)))
    }

    /// Whether the change inserts lines.
    #[must_use]
    pub fn has_inserts(&self) -> bool {
        self.runs.iter().any(|run| matches!(run, Run::Insert { .. }))
    }

    /// The id of the first inserted line; `None` without one, and while it has no id.
    #[must_use]
    pub fn first_id(&self) -> Option<LineId> {
        let inserted = self.runs.iter().find_map(|run| match run {
            Run::Insert { first, .. } => Some(*first),
            _ => None,
        });
        inserted.flatten()
    }

    /// The inverse as far as positions go. It deletes inserted lines and moves moved lines back. It inserts
    /// a new line without an id for each deleted line.
    #[must_use]
    pub fn inverse(&self) -> Self {
        // Inserts and drops can split a lift: each part gets a slot of its own in the inverse.
        let mut parts: Vec<Vec<(u32, u32)>> = Vec::new();
        let mut next = 0;
        for run in &self.runs {
            if let Run::Lift { slot, count } = *run {
                slot_mut(&mut parts, slot).push((next, count));
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
                    slot_mut(&mut parts, slot)
                        .iter()
                        .map(|&(slot, count)| Run::Lift { slot, count }),
                ),
            }
        }
        Self::from_runs(inverse)
    }

    /// Appends a run and joins it with the last one where possible.
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
