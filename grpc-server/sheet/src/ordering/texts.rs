//! What the text edits of a change lead to.
//!
//! A delta says which characters come and go; rows, commits and readers need the text that comes out.
//! So each accepted text edit is applied once, here, to what its cell holds at the head: in an edit
//! that is staged and not yet published, in the row cache, or in Postgres. A client can't be trusted
//! to have counted right, so this is also where an edit that does not fit its text is refused.

use std::sync::Arc;

use ot_engine::{CellEdit, ColumnId, Delta, Edit, Revision, RowId, Value, validate_text};
use rustc_hash::FxHashMap;

use crate::actor::SheetTask;
use crate::ordering::append::too_large;
use crate::ordering::batch::NotStaged;
use crate::refusal::Refusal;
use journal::ENTRY_BYTES;
use model::{Entry, RowBody, Texts};

/// Where to find what a cell held.
enum Held {
    /// It is known.
    Value(Value),
    /// In this row's body.
    Row(RowId, ColumnId),
}

impl SheetTask {
    /// The texts that the text edits of `delta` lead to, which stands right after `staged`. None of
    /// those may have moved a line.
    pub(crate) async fn texts(
        &mut self,
        staged: &[Arc<Entry>],
        delta: &Delta,
    ) -> Result<Texts, NotStaged> {
        if !delta.edits_text() {
            return Ok(Texts::default());
        }
        let edits: Vec<&CellEdit> =
            delta.cells.iter().filter(|cell| cell.edit.as_set().is_none()).collect();
        let held: Vec<Held> = edits.iter().map(|cell| self.held(staged, delta, cell)).collect();
        let known = staged
            .first()
            .map_or(Revision(self.sequencer.head().0 - 1), |first| Revision(first.revision.0 - 1));
        let bodies = self.bodies(&held, known).await?;
        let values: FxHashMap<(u32, u32), Value> = edits
            .iter()
            .zip(held)
            .map(|(cell, held)| {
                let value = match held {
                    Held::Value(value) => value,
                    Held::Row(row, column) => {
                        bodies.get(&row).map_or(Value::Empty, |body| body.get(column).clone())
                    }
                };
                (cell.key(), value)
            })
            .collect();
        let limits = &self.shared.edit_limits;
        validate_text(&delta.cells, |cell| values.get(&cell.key()), limits)
            .map_err(|invalid| Refusal::from(invalid).within("delta"))?;
        let mut bytes = 0;
        let mut texts = Vec::new();
        for cell in edits {
            let Edit::Text(edit) = &cell.edit else { continue };
            let text = edit.apply(values.get(&cell.key()).map_or("", Value::as_text));
            bytes += text.len();
            if bytes > ENTRY_BYTES {
                return Err(too_large(bytes).into());
            }
            texts.push(Arc::from(text));
        }
        Ok(texts.into())
    }

    /// Where the cell of an edit stood before `delta`, and what is known of it.
    fn held(&self, staged: &[Arc<Entry>], delta: &Delta, cell: &CellEdit) -> Held {
        let Some((row, col)) = delta.map_cell_back(cell.row, cell.col) else {
            return Held::Value(Value::Empty);
        };
        let written = staged.iter().rev().find_map(|entry| written_by(entry, row, col));
        let place = || {
            Some((self.state.row_order().id_at(row)?, self.state.columns().get(col as usize)?.id))
        };
        match (written, place()) {
            (Some(value), _) => Held::Value(value),
            (None, Some((row, column))) => Held::Row(row, column),
            // The sequencer has checked the position.
            (None, None) => Held::Value(Value::Empty),
        }
    }

    /// The rows that are needed, as they stand at the head. Up to `known` everything is published.
    async fn bodies(
        &mut self,
        held: &[Held],
        known: Revision,
    ) -> Result<FxHashMap<RowId, Arc<RowBody>>, NotStaged> {
        let mut rows: Vec<RowId> = held
            .iter()
            .filter_map(|held| match held {
                Held::Row(row, _) => Some(*row),
                Held::Value(_) => None,
            })
            .collect();
        rows.sort_unstable();
        rows.dedup();
        let mut bodies = FxHashMap::default();
        let mut missing = Vec::new();
        for row in rows {
            match self.rows.get(row) {
                Some(body) => drop(bodies.insert(row, body)),
                None => missing.push(row),
            }
        }
        if missing.is_empty() {
            return Ok(bodies);
        }
        let token = self.rows.begin_read();
        let asked: Vec<_> = missing.iter().map(|row| *row..RowId(row.0 + 1)).collect();
        let read = self.shared.storage.read_rows_at(self.id, &asked).await;
        match read {
            Ok((_, head)) if head > known => {
                self.rows.end_read(token);
                Err(NotStaged::Behind)
            }
            Ok((read, _)) => {
                let mut read: FxHashMap<RowId, RowBody> = read.into_iter().collect();
                for row in missing {
                    // A row that Postgres does not hold has never had a cell.
                    let body = read.remove(&row).unwrap_or_default();
                    bodies.insert(row, self.rows.put_fetched(row, body));
                }
                self.rows.end_read(token);
                Ok(bodies)
            }
            Err(error) => {
                self.rows.end_read(token);
                tracing::warn!(sheet = %self.id, %error, "the text of a cell could not be read");
                Err(Refusal::Unavailable("Postgres").into())
            }
        }
    }
}

/// What a change that moves no lines leaves in a cell, if it edits that.
fn written_by(entry: &Entry, row: u32, col: u32) -> Option<Value> {
    let cells = &entry.delta.cells;
    let at = cells.binary_search_by_key(&(row, col), CellEdit::key).ok()?;
    if let Some(value) = cells[at].edit.as_set() {
        return Some(value.clone());
    }
    let before = cells[..at].iter().filter(|cell| cell.edit.as_set().is_none()).count();
    entry.texts.get(before).map(|text| Value::Text(Arc::clone(text)))
}
