//! What an edit loses, and what others lose to it, on its way through history.

use rustc_hash::FxHashSet;

use super::{Entry, EntryConflict};
use crate::transform::Step;
use crate::{AxisMap, Bias, ClientId, Conflict, Revision, Side};

/// The conflicts of an edit on its way through history.
#[derive(Default)]
pub(super) struct Lost(pub(super) Vec<EntryConflict>);

impl Lost {
    /// One step: positions that were noted before move on, new losses are noted, and one that
    /// overwrites what an earlier step overwrote replaces it (the author of that has been told by
    /// whoever stands in between).
    pub(super) fn pass(&mut self, step: Step, over: &Entry, submitter: ClientId, own: Revision) {
        let moves = !(step.over_rows.is_identity() && step.over_cols.is_identity());
        if !self.0.is_empty() && moves {
            let (rows, cols) = (AxisMap::new(&step.over_rows), AxisMap::new(&step.over_cols));
            for EntryConflict { conflict, .. } in &mut self.0 {
                conflict.row = conflict.row.map(|row| rows.map_position(row, Bias::Right));
                conflict.col = cols.map_position(conflict.col, Bias::Right);
            }
        }
        if !self.0.is_empty() && !step.conflicts.is_empty() {
            // A text edit stands on what the cell held, and does not replace it.
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
}
