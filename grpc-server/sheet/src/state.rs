//! A sheet's state without its cells, and what an accepted change does to it.
//!
//! [`SheetState::apply`] turns an entry, which speaks in positions, into [`Effects`], which speak in
//! ids: what the row cache lays over its bodies and what the committer writes.
//!
//! Not here: cells (rows are patched unseen), order (the sequencer's), and any I/O. Cost: the runs
//! and cells of the change, never the size of the sheet.
//!
//! Invariant: an entry that is refused leaves the state as it was.

mod inverse;
pub mod row_order;

use std::ops::Range;
use std::sync::Arc;

use ot_engine::{
    CellEdit, ColumnEdit, ColumnId, ColumnKind, Delta, LineId, Revision, RowId, Run, Value,
};

pub use self::inverse::structural_inverse;
use crate::state::row_order::{SpanChanges, SpanError, SpanTable};
use model::{ColumnRecord, Entry, Order, RowPatch, SheetRecord};

/// What one accepted change does, in ids.
#[derive(Clone, Debug, PartialEq)]
pub struct Effects {
    /// The revision that it makes.
    pub revision: Revision,
    /// The cells that it writes, each row once, in the order of the sheet.
    pub row_patches: Vec<(RowId, RowPatch)>,
    /// See [`structural_inverse`]; `None` for a change of cells only.
    pub inverse: Option<Delta>,
    /// What it changes in the stored spans.
    pub spans: SpanChanges,
    /// The whole list of columns, if anything in it has changed.
    pub columns: Option<Vec<ColumnRecord>>,
    /// Rows that did not exist before: nothing of them can be in the store yet.
    pub created_rows: Range<RowId>,
    /// The first row id that was never given out, afterwards.
    pub next_row_id: RowId,
    /// The first column id that was never given out, afterwards.
    pub next_column_id: ColumnId,
    /// How many rows the sheet has, afterwards.
    pub row_count: u32,
}

impl Effects {
    /// How many cells it writes.
    #[must_use]
    pub fn cell_count(&self) -> usize {
        self.row_patches.iter().map(|(_, patch)| patch.cells().len()).sum()
    }
}

/// An entry that does not fit the state. The sequencer has checked it, so this is a defect or a
/// damaged store; either way the sheet must not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The row part does not fit.
    #[error(transparent)]
    Rows(#[from] SpanError),
    /// The column part does not fit, or names no ids.
    #[error("the change does not fit the sheet's columns")]
    Columns,
    /// The texts that its text edits lead to are not all there.
    #[error("the change has {edits} text edits and {texts} texts")]
    Texts {
        /// How many edits.
        edits: usize,
        /// How many texts.
        texts: usize,
    },
    /// A cell or attribute edit stands outside of the sheet.
    #[error("an edit stands at row {row}, column {col}, outside of the sheet")]
    Outside {
        /// Its row; 0 for an attribute.
        row: u32,
        /// Its column.
        col: u32,
    },
}

/// The order of rows, the columns, and the id counters of an open sheet.
#[derive(Clone, Debug)]
pub struct SheetState {
    spans: SpanTable,
    columns: Vec<ColumnRecord>,
    next_row_id: RowId,
    next_column_id: ColumnId,
}

impl SheetState {
    /// The state at the head that the store has.
    ///
    /// # Errors
    /// When its spans can't be a sheet's.
    pub fn new(record: &SheetRecord) -> Result<Self, SpanError> {
        Ok(Self {
            spans: SpanTable::from_spans(record.spans.clone())?,
            columns: record.columns.clone(),
            next_row_id: record.next_row_id,
            next_column_id: record.next_column_id,
        })
    }

    /// The state at a revision of which the store has the order.
    ///
    /// # Errors
    /// When its spans can't be a sheet's.
    pub fn at(order: Order) -> Result<Self, SpanError> {
        Ok(Self {
            spans: SpanTable::from_spans(order.spans)?,
            columns: order.columns,
            next_row_id: order.next_row_id,
            next_column_id: order.next_column_id,
        })
    }

    /// The order of rows.
    #[must_use]
    pub const fn spans(&self) -> &SpanTable {
        &self.spans
    }

    /// How many rows there are.
    #[must_use]
    pub const fn row_count(&self) -> u32 {
        self.spans.len()
    }

    /// The columns from left to right.
    #[must_use]
    pub fn columns(&self) -> &[ColumnRecord] {
        &self.columns
    }

    /// The ids of its rows, in their order.
    #[must_use]
    pub fn row_ids(&self) -> Vec<Range<u64>> {
        self.spans.ids(0..self.spans.len()).map(|ids| ids.start.0..ids.end.0).collect()
    }

    /// The ids of its columns, in their order.
    #[must_use]
    pub fn column_ids(&self) -> Vec<Range<u64>> {
        self.columns.iter().map(|column| column.id.0..column.id.0 + 1).collect()
    }

    /// The first row id that was never given out.
    #[must_use]
    pub const fn next_row_id(&self) -> RowId {
        self.next_row_id
    }

    /// The first column id that was never given out.
    #[must_use]
    pub const fn next_column_id(&self) -> ColumnId {
        self.next_column_id
    }

    /// Takes in the next accepted change.
    ///
    /// # Errors
    /// When it does not fit; nothing has changed then.
    pub fn apply(&mut self, entry: &Entry) -> Result<Effects, Misfit> {
        let delta = &entry.delta;
        let columns = self.columns_after(delta)?;
        let cols = columns.as_ref().map_or(self.columns.len(), Vec::len);
        check_cells(&delta.cells, delta.rows.len_after(self.spans.len()), cols)?;
        check_texts(entry)?;
        let inverse = structural_inverse(delta, &self.spans, &self.columns);
        let mut spans = SpanChanges::default();
        if !delta.rows.is_identity() {
            self.spans.apply(&delta.rows, &mut spans)?;
        }
        if let Some(columns) = &columns {
            self.columns.clone_from(columns);
        }
        let created_from = self.next_row_id;
        self.next_row_id.0 = next_id(self.next_row_id.0, delta.rows.runs());
        self.next_column_id.0 = next_id(self.next_column_id.0, delta.cols.runs());
        Ok(Effects {
            revision: entry.revision,
            row_patches: self.patches(entry),
            inverse,
            spans,
            columns,
            created_rows: created_from..self.next_row_id,
            next_row_id: self.next_row_id,
            next_column_id: self.next_column_id,
            row_count: self.spans.len(),
        })
    }

    /// Takes a change back by its stored inverse; see [`structural_inverse`].
    ///
    /// # Errors
    /// When it does not fit; nothing has changed then.
    pub fn go_back(&mut self, inverse: &Delta) -> Result<(), Misfit> {
        self.step(inverse)
    }

    /// Moves lines and columns as a change or an inverse does, and counts no ids: for states of the
    /// past, in which nothing new is made.
    ///
    /// # Errors
    /// When it does not fit; nothing has changed then.
    pub fn step(&mut self, delta: &Delta) -> Result<(), Misfit> {
        let columns = self.columns_after(delta)?;
        if !delta.rows.is_identity() {
            self.spans.apply(&delta.rows, &mut SpanChanges::default())?;
        }
        if let Some(columns) = columns {
            self.columns = columns;
        }
        Ok(())
    }

    /// The columns after a change; `None` when they stay as they are.
    fn columns_after(&self, delta: &Delta) -> Result<Option<Vec<ColumnRecord>>, Misfit> {
        if delta.cols.is_identity() && delta.columns.is_empty() {
            return Ok(None);
        }
        let len = u32::try_from(self.columns.len()).map_err(|_| Misfit::Columns)?;
        let mut unnamed = false;
        let mut columns = delta.cols.apply_to_vec(self.columns.clone(), |id| {
            unnamed |= id.is_none();
            new_column(id.unwrap_or_default())
        });
        if unnamed || columns.len() != delta.cols.len_after(len) as usize {
            return Err(Misfit::Columns);
        }
        for edit in &delta.columns {
            let column = columns
                .get_mut(edit.col as usize)
                .ok_or(Misfit::Outside { row: 0, col: edit.col })?;
            edit_column(column, edit);
        }
        Ok(Some(columns))
    }

    /// The cells, which are sorted by row, as one patch for each row.
    fn patches(&self, entry: &Entry) -> Vec<(RowId, RowPatch)> {
        let mut cursor = self.spans.cursor();
        let mut texts = entry.texts.iter();
        let of_row = |cells: &[CellEdit]| {
            // The look-ups were checked before anything changed.
            let row = cursor.id_at(cells.first()?.row)?;
            let values = cells.iter().filter_map(|cell| {
                let value = match cell.edit.as_set() {
                    Some(value) => value.clone(),
                    None => Value::Text(Arc::clone(texts.next()?)),
                };
                Some((self.columns.get(cell.col as usize)?.id, value))
            });
            Some((row, values.collect()))
        };
        entry.delta.cells.chunk_by(|a, b| a.row == b.row).filter_map(of_row).collect()
    }
}

fn check_cells(cells: &[CellEdit], rows: u32, cols: usize) -> Result<(), Misfit> {
    match cells.iter().find(|cell| cell.row >= rows || cell.col as usize >= cols) {
        Some(&CellEdit { row, col, .. }) => Err(Misfit::Outside { row, col }),
        None => Ok(()),
    }
}

fn check_texts(entry: &Entry) -> Result<(), Misfit> {
    let edits = entry.delta.cells.iter().filter(|cell| cell.edit.as_set().is_none()).count();
    let texts = entry.texts.len();
    if edits == texts { Ok(()) } else { Err(Misfit::Texts { edits, texts }) }
}

/// The first id that was never given out, after inserts. One that places older ids again (a
/// restored line) does not count it back.
fn next_id(next: u64, runs: &[Run]) -> u64 {
    runs.iter().fold(next, |next, run| match *run {
        Run::Insert { count, first: Some(first) } => {
            next.max(first.0.saturating_add(u64::from(count)))
        }
        _ => next,
    })
}

pub(crate) fn new_column(id: LineId) -> ColumnRecord {
    ColumnRecord { id: id.into(), name: "".into(), kind: ColumnKind::Any, width: None }
}

fn edit_column(column: &mut ColumnRecord, edit: &ColumnEdit) {
    if let Some(name) = &edit.name {
        column.name = name.clone();
    }
    if let Some(kind) = edit.kind {
        column.kind = kind;
    }
    if let Some(width) = edit.width {
        column.width = (width > 0).then_some(width);
    }
}

#[cfg(test)]
mod tests;
