//! The edits that this client makes.
//!
//! It sends nothing; `send.rs` does. Invariant: an edit shows in the view immediately, or is an error and
//! changes nothing.

use gridloom::v1;
use ot_engine::{
    AxisDelta, CellEdit, ColumnEdit, Delta, Edit, Sequence, TextDelta, TextRun, Value,
};

use super::LiveSheet;
use crate::core::error::EditError;
use crate::core::state::earlier;
use crate::core::state::holds::Cause;

/// Most pending edits, for example while offline. Each keeps its cells in memory, and every received
/// change is transformed over it.
pub const MAX_PENDING_EDITS: usize = 10_000;

/// Whether the edit keeps any character of `old`.
fn keeps_any(edit: &TextDelta, old: &str) -> bool {
    let deleted = edit.runs().iter().map(|run| match run {
        TextRun::Delete(count) => u64::from(*count),
        TextRun::Retain(_) | TextRun::Insert(_) => 0,
    });
    deleted.sum::<u64>() < old.chars().count() as u64
}

impl LiveSheet {
    /// Makes any edit, in positions of the view, and returns its sequence number. Several edits may share
    /// one number. A server of an earlier release gets days and times without a zone as text.
    ///
    /// # Errors
    /// When the edit is not possible, or makes a column of a kind that an earlier server does not know. Nothing has
    /// changed.
    pub fn edit(&mut self, mut delta: Delta) -> Result<Sequence, EditError> {
        let session = self.session.as_mut().ok_or(EditError::NotOpen)?;
        if !may_edit(session.role) {
            return Err(EditError::ReadOnly);
        }
        let waiting = session.replica.pending();
        if waiting >= MAX_PENDING_EDITS {
            return Err(EditError::TooManyWaiting { waiting, max: MAX_PENDING_EDITS });
        }
        let known = earlier::Known::of(&session.limits);
        if !known.columns_of(&delta) {
            return Err(EditError::UnknownKind);
        }
        known.reduce(&mut delta);
        let moves = (!delta.keeps_axes()).then(|| delta.clone());
        if self.gestures.is_another() {
            session.replica.begin_apart();
        }
        let sequence = session.replica.edit(delta)?;
        let first = session.replica.session().pending().next().map_or(sequence, |(first, _)| first);
        self.gestures.note(sequence, first);
        if let Some(moves) = moves {
            self.people.map_own(&moves);
            self.holds.map(&moves, || Cause::Own);
        }
        Ok(sequence)
    }

    /// Sets the group of the edits from now on: any number, random ones do not meet. Edits of one group that follow one
    /// another are one gesture, and one undo takes them back. 0: each edit is a gesture of its own, though edits that wait
    /// may be joined.
    pub const fn set_group(&mut self, group: u64) {
        self.gestures.group = group;
    }

    /// Sets one cell; text without characters empties it.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn set_cell(&mut self, row: u32, col: u32, value: Value) -> Result<Sequence, EditError> {
        self.edit(Delta::set_cell(row, col, value.normalized()))
    }

    /// Sets a rectangle of cells, row by row from its upper left corner; a `width` of 0 means 1.
    ///
    /// # Errors
    /// As for [`Self::edit`]; also when the values are not whole rows.
    pub fn set_cells(
        &mut self,
        row: u32,
        col: u32,
        width: u32,
        values: Vec<Value>,
    ) -> Result<Sequence, EditError> {
        let width = width.max(1);
        if values.is_empty() || !values.len().is_multiple_of(width as usize) {
            return Err(EditError::NotARectangle { values: values.len(), width });
        }
        let cell = |(i, value): (usize, Value)| {
            let i = u32::try_from(i).unwrap_or(u32::MAX);
            // A position past the last possible one saturates; validation refuses it.
            let (row, col) = (row.saturating_add(i / width), col.saturating_add(i % width));
            CellEdit { row, col, edit: Edit::Set(value.normalized()) }
        };
        let cells = values.into_iter().enumerate().map(cell).collect();
        self.edit(Delta { cells, ..Delta::identity() })
    }

    /// Edits the text of a cell. Concurrent edits of the same text are merged, where [`Self::set_cell`]
    /// would overwrite them.
    ///
    /// # Errors
    /// As for [`Self::edit`]; also when the cell is not loaded, or its text is too short for the edit.
    pub fn edit_text(
        &mut self,
        row: u32,
        col: u32,
        edit: TextDelta,
    ) -> Result<Sequence, EditError> {
        let cells = vec![CellEdit::text(row, col, edit)];
        let sequence = self.edit(Delta { cells, ..Delta::identity() })?;
        if let Some(Value::Text(text)) = self.view().and_then(|view| view.get(row, col)) {
            let text = text.to_string();
            self.typed.note(sequence, text);
        }
        Ok(sequence)
    }

    /// Makes the edit of a person that began with the text `from` and ended with `to`. It edits only the
    /// changed characters and transforms them over concurrent changes of the text. When no character of
    /// `from` is left, it sets the text instead. `None` when the texts are equal.
    ///
    /// # Errors
    /// As for [`Self::edit_text`].
    pub fn type_text(
        &mut self,
        row: u32,
        col: u32,
        from: &str,
        to: &str,
    ) -> Result<Option<Sequence>, EditError> {
        let typed = TextDelta::between(from, to);
        if typed.is_identity() {
            return Ok(None);
        }
        let now = match self.view().and_then(|view| view.get(row, col)) {
            Some(Value::Text(text)) if keeps_any(&typed, from) => text.clone(),
            _ => return self.set_cell(row, col, to.into()).map(Some),
        };
        let meanwhile = TextDelta::between(from, &now);
        self.edit_text(row, col, meanwhile.transform(&typed).1).map(Some)
    }

    /// Clears a rectangle of cells.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn clear(
        &mut self,
        row: u32,
        col: u32,
        height: u32,
        width: u32,
    ) -> Result<Sequence, EditError> {
        // Cuts the rectangle to the sheet: a selected column may reach "to the end".
        let size = self.size();
        let (bottom, right) = (row.saturating_add(height), col.saturating_add(width));
        let rows = row..bottom.min(size.rows).max(row);
        let cols = col..right.min(size.cols).max(col);
        let cell = |row| cols.clone().map(move |col| CellEdit::set(row, col, Value::Empty));
        self.edit(Delta { cells: rows.flat_map(cell).collect(), ..Delta::identity() })
    }

    /// Inserts `count` empty rows before row `at`.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn insert_rows(&mut self, at: u32, count: u32) -> Result<Sequence, EditError> {
        self.edit(Delta::rows(AxisDelta::insert(at, count)))
    }

    /// Deletes `count` rows from row `at` on.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn delete_rows(&mut self, at: u32, count: u32) -> Result<Sequence, EditError> {
        self.edit(Delta::rows(AxisDelta::delete(at, count)))
    }

    /// Moves `count` rows from row `from` on before the current row `to`.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn move_rows(&mut self, from: u32, count: u32, to: u32) -> Result<Sequence, EditError> {
        self.edit(Delta::rows(AxisDelta::move_lines(from, count, to)))
    }

    /// Inserts `count` empty columns before column `at`.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn insert_cols(&mut self, at: u32, count: u32) -> Result<Sequence, EditError> {
        self.edit(Delta::cols(AxisDelta::insert(at, count)))
    }

    /// Deletes `count` columns from column `at` on.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn delete_cols(&mut self, at: u32, count: u32) -> Result<Sequence, EditError> {
        self.edit(Delta::cols(AxisDelta::delete(at, count)))
    }

    /// Moves `count` columns from column `from` on before the current column `to`.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn move_cols(&mut self, from: u32, count: u32, to: u32) -> Result<Sequence, EditError> {
        self.edit(Delta::cols(AxisDelta::move_lines(from, count, to)))
    }

    /// Changes a column's attributes; `None` keeps an attribute.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn update_column(&mut self, edit: ColumnEdit) -> Result<Sequence, EditError> {
        self.edit(Delta::update_column(edit))
    }
}

/// Whether a role allows edits. Without a role the server decides.
#[must_use]
pub const fn may_edit(role: v1::Role) -> bool {
    !matches!(role, v1::Role::Viewer | v1::Role::Commenter)
}
