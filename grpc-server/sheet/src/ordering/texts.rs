//! The texts that the text edits of a change lead to.
//!
//! A delta holds inserted and deleted characters; rows, commits and readers need the resulting text. Each
//! accepted text edit is applied once, to the text of its cell at the head: in an unpublished entry, in a row
//! that is in memory, or in a row that was fetched for the edit. A client may count characters wrongly, so an
//! edit that does not fit its text is refused here.
//!
//! Invariant: no unpublished entry moves a line, so published positions are those of the head.

use std::sync::Arc;

use ot_engine::{CellEdit, ColumnId, Delta, Edit, Limits, RowId, Value, validate_text};
use rustc_hash::FxHashMap;

use super::action::View;
use super::work::Bodies;
use crate::ports::journal::ENTRY_BYTES;
use crate::refusal::Refusal;
use model::{Entry, Texts as EntryTexts};

/// Rows that must be read.
pub(super) type Missing = Vec<RowId>;

/// The sources of a cell's text.
pub(super) struct Texts<'a, Unpublished> {
    /// Entries that are not published, oldest first.
    pub(super) unpublished: Unpublished,
    pub(super) fetched: &'a Bodies,
    pub(super) limits: &'a Limits,
}

/// The text of a cell before an edit.
enum Held {
    Value(Value),
    /// In this row's body.
    Row(RowId, ColumnId),
}

impl<'a, Unpublished> Texts<'a, Unpublished>
where
    Unpublished: DoubleEndedIterator<Item = &'a Arc<Entry>> + Clone,
{
    /// The texts that the text edits of `delta` lead to, in their order; the inner error names rows that must
    /// be read first.
    pub(super) fn of(
        &self,
        delta: &Delta,
        view: &mut View<'_>,
    ) -> Result<Result<EntryTexts, Missing>, Refusal> {
        if !delta.edits_text() {
            return Ok(Ok(EntryTexts::default()));
        }
        let edits: Vec<&CellEdit> =
            delta.cells.iter().filter(|cell| cell.edit.as_set().is_none()).collect();
        let held: Vec<Held> = edits.iter().map(|cell| self.held(delta, cell, view)).collect();
        let bodies = match self.bodies(&held, view) {
            Ok(bodies) => bodies,
            Err(missing) => return Ok(Err(missing)),
        };
        let value = |held| match held {
            Held::Value(value) => value,
            Held::Row(row, column) => {
                bodies.get(&row).map_or(Value::Empty, |body| body.get(column).clone())
            }
        };
        let values: FxHashMap<(u32, u32), Value> =
            edits.iter().map(|cell| cell.key()).zip(held.into_iter().map(value)).collect();
        validate_text(&delta.cells, |cell| values.get(&cell.key()), self.limits)
            .map_err(|invalid| Refusal::from(invalid).within("delta"))?;
        apply(&edits, &values).map(Ok)
    }

    /// The source of the text of the cell that an edit changes.
    fn held(&self, delta: &Delta, cell: &CellEdit, view: &View<'_>) -> Held {
        let Some((row, col)) = delta.map_cell_back(cell.row, cell.col) else {
            return Held::Value(Value::Empty);
        };
        let written = self.unpublished.clone().rev().find_map(|entry| written_by(entry, row, col));
        let state = view.state;
        let place = || Some((state.row_order().id_at(row)?, state.columns().get(col as usize)?.id));
        match (written, place()) {
            (Some(value), _) => Held::Value(value),
            (None, Some((row, column))) => Held::Row(row, column),
            // The sequencer has checked the position.
            (None, None) => Held::Value(Value::Empty),
        }
    }

    /// The rows that are needed, as they are at the published head.
    ///
    /// # Errors
    /// The rows that must be read.
    fn bodies(&self, held: &[Held], view: &mut View<'_>) -> Result<Bodies, Missing> {
        let mut rows: Vec<RowId> = held
            .iter()
            .filter_map(|held| match held {
                Held::Row(row, _) => Some(*row),
                Held::Value(_) => None,
            })
            .collect();
        rows.sort_unstable();
        rows.dedup();
        let (mut bodies, mut missing) = (Bodies::default(), Vec::new());
        for row in rows {
            match self.fetched.get(&row).cloned().or_else(|| (view.row)(row)) {
                Some(body) => drop(bodies.insert(row, body)),
                None => missing.push(row),
            }
        }
        if missing.is_empty() { Ok(bodies) } else { Err(missing) }
    }
}

/// Applies text edits to the values of their cells.
fn apply(
    edits: &[&CellEdit],
    values: &FxHashMap<(u32, u32), Value>,
) -> Result<EntryTexts, Refusal> {
    let mut bytes = 0;
    let mut texts = Vec::new();
    for cell in edits {
        let Edit::Text(edit) = &cell.edit else { continue };
        let text = edit.apply(values.get(&cell.key()).map_or("", Value::as_text));
        bytes += text.len();
        if bytes > ENTRY_BYTES {
            return Err(Refusal::TooLarge { bytes, most: ENTRY_BYTES });
        }
        texts.push(Arc::from(text));
    }
    Ok(texts.into())
}

/// The value that an entry leaves in a cell, if it edits that. The entry moves no lines.
fn written_by(entry: &Entry, row: u32, col: u32) -> Option<Value> {
    let cells = &entry.delta.cells;
    let at = cells.binary_search_by_key(&(row, col), CellEdit::key).ok()?;
    if let Some(value) = cells[at].edit.as_set() {
        return Some(value.clone());
    }
    let before = cells[..at].iter().filter(|cell| cell.edit.as_set().is_none()).count();
    entry.texts.get(before).map(|text| Value::Text(Arc::clone(text)))
}
