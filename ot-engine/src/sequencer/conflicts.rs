//! Collects the conflicts of an edit while the sequencer transforms it over the history.
//!
//! It resolves nothing; the transform does. Invariant: positions are those after the last step.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::entry::{Entry, EntryConflict};
use crate::algebra::Step;
use crate::{AxisMap, Bias, ClientId, Conflict, Revision, Side};

/// The conflicts of an edit so far.
#[derive(Default)]
pub(super) struct Conflicts(Vec<EntryConflict>);

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
            for EntryConflict { conflict, .. } in &mut self.0 {
                conflict.row = conflict.row.map(|row| rows.map_position(row, Bias::Right));
                conflict.col = cols.map_position(conflict.col, Bias::Right);
            }
        }
        if !self.0.is_empty() && !step.conflicts.is_empty() {
            // A text edit changes the value of the cell and does not replace it.
            let replaced = step.conflicts.iter().filter(|lost| !lost.lost.is_text_edit());
            let again: FxHashSet<_> = replaced.filter_map(Conflict::overwritten_key).collect();
            let superseded = |known: &EntryConflict| {
                known.conflict.overwritten_key().is_some_and(|key| again.contains(&key))
            };
            self.0.retain(|known| !superseded(known));
        }
        self.0.extend(step.conflicts.into_iter().map(|conflict| {
            let (author, revision) = match conflict.loser {
                Side::Earlier => (over.client, over.revision),
                Side::Later => (submitter, own),
            };
            EntryConflict { conflict, author, revision }
        }));
    }

    pub(super) fn into_shared(self) -> Arc<[EntryConflict]> {
        self.0.into()
    }
}
