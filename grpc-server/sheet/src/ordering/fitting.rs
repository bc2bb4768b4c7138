//! Whether an edit keeps the rules of columns: its values fit those that refuse others, and its settings have room.
//!
//! Not which columns refuse values (`column_rules`). Invariants: no value that an undo or a restoration brings back is
//! refused; a change of a column's kind or settings takes the values that come with it.

use ot_engine::{AxisMap, CellEdit, Delta, Value};
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
        let adds_settings = settings.into_iter().any(|settings| !settings.is_empty());
        let has_values = entry.origin == Origin::Edit && !entry.delta.cells.is_empty();
        if !has_values && !adds_settings {
            return Ok(());
        }
        // The rules are those of the published columns; other rows change none of them.
        let mut batches = self.appending.iter().chain([&self.staged]);
        let depends = adds_settings || !view.state.column_rules().refuse_nothing();
        if batches.any(|batch| batch.sets_rules || (depends && batch.moves_columns)) {
            return Err(NotStaged::Drain);
        }
        if adds_settings && settings_after(&entry.delta, view) > SHEET_SETTINGS_BYTES {
            return Err(Refusal::TooManySettings { most: SHEET_SETTINGS_BYTES }.into());
        }
        let rules = view.state.column_rules();
        if !has_values || rules.refuse_nothing() {
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
}

/// The bytes of the settings of all columns after a change.
fn settings_after(delta: &Delta, view: &View<'_>) -> usize {
    let map = AxisMap::new(&delta.cols);
    let edited = |col: u32| {
        let at = delta.columns.binary_search_by_key(&col, |edit| edit.col).ok()?;
        delta.columns.get(at)?.settings.as_ref()
    };
    let kept = (0..).zip(view.state.columns()).map(|(position, column)| {
        let stays = map.map_line(position).is_some_and(|after| edited(after).is_none());
        if stays { column.settings.len() } else { 0 }
    });
    let set = delta.columns.iter().filter_map(|edit| edit.settings.as_ref());
    kept.sum::<usize>() + set.map(|settings| settings.len()).sum::<usize>()
}
