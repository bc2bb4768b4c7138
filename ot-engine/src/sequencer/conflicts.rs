//! Collects the conflicts of an edit while the sequencer transforms it over the history.
//!
//! It resolves nothing; the transform does. Invariant: positions are those after the last step.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entry::{Entry, EntryConflict};
use crate::algebra::{OverwrittenKey, Step};
use crate::{AxisMap, Bias, ClientId, Conflict, Revision, Side};

/// The conflicts of an edit so far.
#[derive(Debug, Default)]
pub(super) struct Conflicts {
    all: Vec<Collected>,
    /// For each target the last conflict that overwrites it, if that is not replaced. `None` until a step
    /// asks for it; a change of lines moves every target. Callers choose the targets, so no hash of them is used.
    by_target: Option<BTreeMap<OverwrittenKey, usize>>,
    /// How many are replaced and still in the list.
    replaced: usize,
    /// Conflicts that were looked at, for the tests of the cost.
    #[cfg(test)]
    steps: usize,
}

/// One conflict.
#[derive(Debug)]
struct Collected {
    found: EntryConflict,
    /// Whether its line still exists: the place of a deleted line is the place of another.
    line_exists: bool,
    /// Whether a later conflict has replaced it.
    replaced: bool,
    /// The conflict before this one that overwrites the same target.
    same_target: Option<usize>,
}

impl Collected {
    fn move_over(&mut self, rows: &AxisMap, cols: &AxisMap) {
        let conflict = &mut self.found.conflict;
        self.line_exists &= conflict.row.is_none_or(|row| rows.map_line(row).is_some());
        self.line_exists &= cols.map_line(conflict.col).is_some();
        conflict.row = conflict.row.map(|row| rows.map_position(row, Bias::Right));
        conflict.col = cols.map_position(conflict.col, Bias::Right);
    }

    /// The target that a later conflict may replace.
    fn target(&self) -> Option<OverwrittenKey> {
        let is_there = self.line_exists && !self.replaced;
        self.found.conflict.overwritten_key().filter(|_| is_there)
    }
}

impl Conflicts {
    /// Adds the conflicts of one step and maps the positions of the earlier ones. A conflict that
    /// overwrites the same target as an earlier one replaces it: the entry in between has already
    /// reported that loss to its author.
    ///
    /// Cost: the conflicts of the step; a change of lines costs all conflicts so far.
    pub(super) fn add_step(&mut self, step: Step, over: &Entry, submitter: ClientId) {
        let moves = !(step.over_rows.is_identity() && step.over_cols.is_identity());
        if !self.all.is_empty() && moves {
            let (rows, cols) = (AxisMap::new(&step.over_rows), AxisMap::new(&step.over_cols));
            self.remove_replaced();
            self.all.iter_mut().for_each(|known| known.move_over(&rows, &cols));
            self.count(self.all.len());
        }
        if !self.all.is_empty() && !step.conflicts.is_empty() {
            self.replace(&step.conflicts);
        }
        for conflict in step.conflicts {
            let (author, revision) = match conflict.loser {
                Side::Earlier => (over.client, over.revision),
                // The edit has its revision when it is accepted.
                Side::Later => (submitter, Revision(0)),
            };
            self.push(EntryConflict { conflict, author, revision });
        }
    }

    /// Marks the conflicts that the later ones replace.
    fn replace(&mut self, later: &[Conflict]) {
        if self.by_target.is_none() {
            self.index();
        }
        // A text edit changes the value of the cell and does not replace it.
        let replacing = later.iter().filter(|lost| !lost.lost.is_text_edit());
        for target in replacing.filter_map(Conflict::overwritten_key) {
            let mut last = self.by_target.as_mut().and_then(|known| known.remove(&target));
            self.count(1);
            while let Some(at) = last {
                self.all[at].replaced = true;
                self.replaced += 1;
                last = self.all[at].same_target;
                self.count(1);
            }
        }
        if self.replaced > self.all.len() / 2 {
            self.remove_replaced();
        }
    }

    fn remove_replaced(&mut self) {
        self.count(self.all.len());
        self.all.retain(|known| !known.replaced);
        (self.replaced, self.by_target) = (0, None);
    }

    fn index(&mut self) {
        let mut by_target = BTreeMap::new();
        for (at, known) in self.all.iter_mut().enumerate() {
            known.same_target = known.target().and_then(|target| by_target.insert(target, at));
        }
        self.by_target = Some(by_target);
        self.count(self.all.len());
    }

    fn push(&mut self, found: EntryConflict) {
        let at = self.all.len();
        let mut known = Collected { found, line_exists: true, replaced: false, same_target: None };
        if let (Some(by_target), Some(target)) = (&mut self.by_target, known.target()) {
            known.same_target = by_target.insert(target, at);
        }
        self.all.push(known);
        self.count(1);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.all.len() - self.replaced
    }

    /// The conflicts of the edit that is accepted at `own`.
    pub(super) fn into_shared(self, own: Revision) -> Arc<[EntryConflict]> {
        let left = self.all.into_iter().filter(|known| !known.replaced);
        let found = left.map(|known| match known.found.conflict.loser {
            Side::Later => EntryConflict { revision: own, ..known.found },
            Side::Earlier => known.found,
        });
        found.collect()
    }

    #[cfg(test)]
    fn count(&mut self, steps: usize) {
        self.steps += steps;
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "only the tests count")]
    const fn count(&self, _steps: usize) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Delta, Edit, Sequence, Size, Value};

    fn entry(revision: u64) -> Entry {
        Entry {
            revision: Revision(revision),
            client: ClientId(2),
            sequence: Sequence(revision),
            delta: Delta::identity().into(),
            conflicts: Arc::default(),
            size_before: Size::new(1, 1),
        }
    }

    fn overwritten(row: u32) -> Conflict {
        let content = || crate::Content::Cell(Edit::Set(Value::Number(1.0)));
        Conflict {
            row: Some(row),
            col: 0,
            loser: Side::Earlier,
            lost: content(),
            kept: Some(content()),
            reason: crate::Reason::Overwritten,
        }
    }

    /// Conflicts looked at for `entries` entries, each of which overwrites one cell.
    fn steps(entries: u32, row: impl Fn(u32) -> u32) -> (usize, usize) {
        let mut conflicts = Conflicts::default();
        for at in 0..entries {
            let step = Step { conflicts: vec![overwritten(row(at))], ..Step::default() };
            conflicts.add_step(step, &entry(u64::from(at) + 1), ClientId(1));
        }
        (conflicts.steps, conflicts.into_shared(Revision(u64::from(entries) + 1)).len())
    }

    #[test]
    fn a_paste_over_a_hot_area_costs_each_conflict_a_few_times() {
        for cells in [1_000, 2_000, 4_000] {
            let (apart, left) = steps(cells, |at| at);
            assert!(apart <= cells as usize * 8 && left == cells as usize, "{apart} for {cells}");
            let (same, left) = steps(cells, |_| 0);
            assert!(same <= cells as usize * 8 && left == 1, "{same} for {cells}");
        }
    }
}
