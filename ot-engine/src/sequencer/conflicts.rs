//! Collects the conflicts of an edit while the sequencer transforms it over the history.
//!
//! It resolves nothing; the transform does. Invariant: positions are those after the last step.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::entry::{Entry, EntryConflict};
use crate::algebra::{OverwrittenKey, Step};
use crate::{AxisMap, Bias, ClientId, Conflict, Revision, Side};

/// The conflicts of an edit so far.
#[derive(Default)]
pub(super) struct Conflicts(Vec<Collected>);

/// One conflict, and whether its line still exists: the place of a deleted line is the place of another.
struct Collected {
    found: EntryConflict,
    line_exists: bool,
}

impl Collected {
    fn move_over(&mut self, rows: &AxisMap, cols: &AxisMap) {
        let conflict = &mut self.found.conflict;
        self.line_exists &= conflict.row.is_none_or(|row| rows.map_line(row).is_some());
        self.line_exists &= cols.map_line(conflict.col).is_some();
        conflict.row = conflict.row.map(|row| rows.map_position(row, Bias::Right));
        conflict.col = cols.map_position(conflict.col, Bias::Right);
    }

    fn is_superseded_by(&self, overwritten: &FxHashSet<OverwrittenKey>) -> bool {
        let key = self.found.conflict.overwritten_key();
        self.line_exists && key.is_some_and(|key| overwritten.contains(&key))
    }
}

impl Conflicts {
    /// Adds the conflicts of one step and maps the positions of the earlier ones. A conflict that
    /// overwrites the same target as an earlier one replaces it: the entry in between has already
    /// reported that loss to its author.
    pub(super) fn add_step(
        &mut self,
        step: Step,
        over: &Entry,
        submitter: ClientId,
        own: Revision,
    ) {
        let moves = !(step.over_rows.is_identity() && step.over_cols.is_identity());
        if !self.0.is_empty() && moves {
            let (rows, cols) = (AxisMap::new(&step.over_rows), AxisMap::new(&step.over_cols));
            self.0.iter_mut().for_each(|known| known.move_over(&rows, &cols));
        }
        if !self.0.is_empty() && !step.conflicts.is_empty() {
            // A text edit changes the value of the cell and does not replace it.
            let replaced = step.conflicts.iter().filter(|lost| !lost.lost.is_text_edit());
            let again: FxHashSet<_> = replaced.filter_map(Conflict::overwritten_key).collect();
            self.0.retain(|known| !known.is_superseded_by(&again));
        }
        self.0.extend(step.conflicts.into_iter().map(|conflict| {
            let (author, revision) = match conflict.loser {
                Side::Earlier => (over.client, over.revision),
                Side::Later => (submitter, own),
            };
            let found = EntryConflict { conflict, author, revision };
            Collected { found, line_exists: true }
        }));
    }

    pub(super) fn into_shared(self) -> Arc<[EntryConflict]> {
        self.0.into_iter().map(|known| known.found).collect()
    }
}
