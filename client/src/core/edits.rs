//! Edits by this client: applied to the view at once, sent when the order of things allows.

use std::sync::Arc;

use gridloom::v1;
use ot_engine::{
    AxisDelta, CellEdit, ColumnEdit, ColumnKind, Delta, Edit, Sequence, TextDelta, TextRun, Value,
};

use super::{Cause, EditError, LiveSheet};

/// Edits that may wait unsaved, for example while offline. Each keeps its cells in memory and is
/// carried over every change by others.
pub const MAX_PENDING_EDITS: usize = 10_000;

/// Whether any character of `old` is left.
fn keeps_any(edit: &TextDelta, old: &str) -> bool {
    let gone = edit.runs().iter().map(|run| match run {
        TextRun::Delete(count) => u64::from(*count),
        TextRun::Retain(_) | TextRun::Insert(_) => 0,
    });
    gone.sum::<u64>() < old.chars().count() as u64
}

impl LiveSheet {
    /// Makes any edit, in positions of the view. Gives the number under which it will be sent;
    /// several edits may travel under one number.
    ///
    /// # Errors
    /// When it can't be made; nothing has changed then.
    pub fn edit(&mut self, delta: Delta) -> Result<Sequence, EditError> {
        let session = self.session.as_mut().ok_or(EditError::NotOpen)?;
        if session.role == v1::Role::Viewer {
            return Err(EditError::ReadOnly);
        }
        let waiting = session.replica.pending();
        if waiting >= MAX_PENDING_EDITS {
            return Err(EditError::TooManyWaiting { waiting, max: MAX_PENDING_EDITS });
        }
        let moves = (!delta.keeps_axes()).then(|| delta.clone());
        let sequence = session.replica.edit(delta)?;
        if let Some(moves) = moves {
            self.people.carry_own(&moves);
            self.holds.carry(&moves, || Cause::Own);
        }
        Ok(sequence)
    }

    /// Sets one cell.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn set_cell(&mut self, row: u32, col: u32, value: Value) -> Result<Sequence, EditError> {
        self.edit(Delta::set_cell(row, col, value))
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
        let cell = |(i, value)| {
            let i = u32::try_from(i).unwrap_or(u32::MAX);
            // A position past the last possible one saturates, and is refused as out of range.
            let (row, col) = (row.saturating_add(i / width), col.saturating_add(i % width));
            CellEdit { row, col, edit: Edit::Set(value) }
        };
        let cells = values.into_iter().enumerate().map(cell).collect();
        self.edit(Delta { cells, ..Delta::identity() })
    }

    /// Edits inside the text of a cell. What others do to the same text at the same time is merged
    /// with it, where [`Self::set_cell`] would overwrite it.
    ///
    /// # Errors
    /// As for [`Self::edit`]; also when the cell is not loaded, or its text is shorter than the edit
    /// walks.
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
            self.typed.typed(sequence, text);
        }
        Ok(sequence)
    }

    /// What a person did who began with the text `from` and ended with `to`, which may have taken a
    /// while: only what they changed is edited, and laid over what others typed meanwhile. A text of
    /// which nothing was left is set instead. `None` when there is nothing to do.
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

    /// Empties a rectangle of cells.
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
        // Cut to the sheet first: a whole column may be selected as "to the end".
        let size = self.size();
        let (bottom, right) = (row.saturating_add(height), col.saturating_add(width));
        let rows = row..bottom.min(size.rows).max(row);
        let cols = col..right.min(size.cols).max(col);
        let cell = |row| cols.clone().map(move |col| CellEdit::set(row, col, Value::Empty));
        self.edit(Delta { cells: rows.flat_map(cell).collect(), ..Delta::identity() })
    }

    /// Puts `count` empty rows before row `at`.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn insert_rows(&mut self, at: u32, count: u32) -> Result<Sequence, EditError> {
        self.edit(Delta::rows(AxisDelta::insert(at, count)))
    }

    /// Takes `count` rows out, from row `at` on.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn delete_rows(&mut self, at: u32, count: u32) -> Result<Sequence, EditError> {
        self.edit(Delta::rows(AxisDelta::delete(at, count)))
    }

    /// Moves `count` rows, from row `from` on, before the row that is now row `to`.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn move_rows(&mut self, from: u32, count: u32, to: u32) -> Result<Sequence, EditError> {
        self.edit(Delta::rows(AxisDelta::move_lines(from, count, to)))
    }

    /// Puts `count` empty columns before column `at`.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn insert_cols(&mut self, at: u32, count: u32) -> Result<Sequence, EditError> {
        self.edit(Delta::cols(AxisDelta::insert(at, count)))
    }

    /// Takes `count` columns out, from column `at` on.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn delete_cols(&mut self, at: u32, count: u32) -> Result<Sequence, EditError> {
        self.edit(Delta::cols(AxisDelta::delete(at, count)))
    }

    /// Moves `count` columns, from column `from` on, before the column that is now column `to`.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn move_cols(&mut self, from: u32, count: u32, to: u32) -> Result<Sequence, EditError> {
        self.edit(Delta::cols(AxisDelta::move_lines(from, count, to)))
    }

    /// Changes a column's attributes; what is `None` stays as it is.
    ///
    /// # Errors
    /// As for [`Self::edit`].
    pub fn update_column(
        &mut self,
        col: u32,
        name: Option<&str>,
        kind: Option<ColumnKind>,
        width: Option<u32>,
    ) -> Result<Sequence, EditError> {
        let name = name.map(Arc::from);
        self.edit(Delta::update_column(ColumnEdit { col, name, kind, width }))
    }
}
