//! Whether an edit keeps the rules of columns: its values fit those that refuse others, and its settings have room.
//!
//! Not which columns refuse values (`column_rules`). Invariants: what an undo or a restoration brings back is never refused; a change of a
//! column's kind or settings takes the values that come with it.

use ot_engine::{AxisMap, CellEdit, Value};
use values::fits;

use super::action::View;
use super::core::Ordering;
use super::stage::NotStaged;
use crate::refusal::Refusal;
use model::limits::SHEET_SETTINGS_BYTES;
use model::{Entry, Origin};

impl Ordering {
    /// Checks the values and the settings of an edit.
    pub(super) fn check_columns(&self, entry: &Entry, view: &View<'_>) -> Result<(), NotStaged> {
        let settings = entry.delta.columns.iter().filter_map(|edit| edit.settings.as_ref());
        let added: usize = settings.map(|settings| settings.len()).sum();
        if entry.origin != Origin::Edit || (entry.delta.cells.is_empty() && added == 0) {
            return Ok(());
        }
        // The rules are those of the published columns.
        let batches = || self.appending.iter().chain([&self.staged]);
        if batches().any(|batch| batch.sets_rules) || self.moves_ruled_columns(view) {
            return Err(NotStaged::Drain);
        }
        let rules = view.state.column_rules();
        if added > 0 && rules.settings_bytes() + added > SHEET_SETTINGS_BYTES {
            return Err(Refusal::TooManySettings { most: SHEET_SETTINGS_BYTES }.into());
        }
        if rules.refuse_nothing() {
            return Ok(());
        }
        let back =
            (!entry.delta.cols.is_identity()).then(|| AxisMap::new(&entry.delta.cols.inverse()));
        let mut texts = entry.texts.iter();
        for CellEdit { row, col, edit } in &entry.delta.cells {
            let text = edit.as_set().is_none().then(|| texts.next()).flatten();
            let before = back.as_ref().map_or(Some(*col), |back| back.map_line(*col));
            let Some(rule) = before.and_then(|col| rules.refusing(col)) else { continue };
            let columns = &entry.delta.columns;
            let changed = columns.binary_search_by_key(col, |edit| edit.col);
            let changed = changed.ok().and_then(|at| columns.get(at));
            if changed.is_some_and(|edit| edit.kind.is_some() || edit.settings.is_some()) {
                continue;
            }
            let fits = match (edit.as_set(), text) {
                (Some(value), _) => fits(value, rule),
                (None, Some(text)) => fits(&Value::Text(text.clone()), rule),
                (None, None) => Ok(()),
            };
            if let Err(misfit) = fits {
                return Err(Refusal::DoesNotFit { row: *row, col: *col, misfit }.into());
            }
        }
        Ok(())
    }

    /// Whether edits that are not published move columns, some of which refuse values.
    fn moves_ruled_columns(&self, view: &View<'_>) -> bool {
        let mut batches = self.appending.iter().chain([&self.staged]);
        !view.state.column_rules().refuse_nothing() && batches.any(|batch| batch.moves_lines)
    }
}
