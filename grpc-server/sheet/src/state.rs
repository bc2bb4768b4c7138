//! A sheet's state without its cells: row order, columns and id counters.
//!
//! [`SheetState::apply`] turns an entry, which names positions, into a [`WriteSet`], which names ids. The row
//! cache applies the write set to its bodies, and the committer writes it to Postgres.
//!
//! Not here: cells (a write set patches rows without reading them), the order of edits (`ordering`), any I/O.
//! Cost: the runs and cells of the change, never the size of the sheet.
//!
//! Invariant: an entry that is refused leaves the state unchanged.

pub mod column_rules;
mod inverse;
mod placed;
pub mod row_cache;
pub mod row_order;
pub(crate) mod row_sizes;

use std::ops::Range;
use std::sync::Arc;

use ot_engine::{
    CellEdit, ColumnEdit, ColumnId, ColumnKind, Delta, LineId, Revision, RowId, Run, Value,
};

pub use self::inverse::structural_inverse;
use crate::state::column_rules::ColumnRules;
use crate::state::row_order::{RowOrder, RowOrderChanges, RowOrderError};
use model::written::{WRITES_BYTES, WRITTEN_CELL_BYTES, WRITTEN_ROW_BYTES};
use model::{ColumnRecord, Entry, Order, RowPatch, SheetRecord};

/// Bytes of a changed span: its place in a tree, whose nodes may be half empty.
const SPAN_BYTES: usize = 128;

/// The writes of one accepted change, by ids.
#[derive(Clone, Debug, PartialEq)]
pub struct WriteSet {
    /// The revision of the change.
    pub revision: Revision,
    /// The written cells, each row once, in the order of the sheet.
    pub row_patches: Vec<(RowId, RowPatch)>,
    /// See [`structural_inverse`]; `None` for a change of cells only.
    pub inverse: Option<Delta>,
    /// The spans of the row order that change.
    pub spans: RowOrderChanges,
    /// The whole list of columns, where one of them changes.
    pub columns: Option<Vec<ColumnRecord>>,
    /// Rows that the change creates: Postgres can't have them yet.
    pub created_rows: Range<RowId>,
    /// The first row id that was never given out, afterwards.
    pub next_row_id: RowId,
    /// The first column id that was never given out, afterwards.
    pub next_column_id: ColumnId,
    /// The number of rows, afterwards.
    pub row_count: u32,
}

impl WriteSet {
    /// The number of written cells.
    #[must_use]
    pub fn cell_count(&self) -> usize {
        self.row_patches.iter().map(|(_, patch)| patch.cells().len()).sum()
    }

    /// The most bytes of memory that it takes until it is committed: its parts as the committer keeps them, and its
    /// cells once more where the row cache pins them. Texts are those of the entry, and count there.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let inverse = self.inverse.as_ref().map_or(0, |inverse| inverse.weight().bytes);
        let columns = self.columns.as_ref().map_or(0, Vec::len);
        WRITES_BYTES
            + self.row_patches.len() * WRITTEN_ROW_BYTES
            + self.cell_count() * WRITTEN_CELL_BYTES
            + inverse
            + self.spans.len() * SPAN_BYTES
            + columns * size_of::<ColumnRecord>()
    }
}

/// An entry does not fit the state. The sequencer has checked the entry, so the cause is a defect or damaged
/// storage, and the sheet must not continue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The row part does not fit.
    #[error(transparent)]
    Rows(#[from] RowOrderError),
    /// The column part does not fit, or names no ids.
    #[error("the change does not fit the sheet's columns")]
    Columns,
    /// Texts that result from the text edits are missing, or there are too many.
    #[error("the change has {edits} text edits and {texts} texts")]
    Texts {
        /// The number of edits.
        edits: usize,
        /// The number of texts.
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

/// The row order, the columns, and the id counters of an open sheet.
#[derive(Clone, Debug)]
pub struct SheetState {
    row_order: RowOrder,
    columns: Vec<ColumnRecord>,
    column_rules: ColumnRules,
    next_row_id: RowId,
    next_column_id: ColumnId,
}

impl SheetState {
    /// The state at the head in Postgres.
    ///
    /// # Errors
    /// When the spans of the record make no row order.
    pub fn new(record: &SheetRecord) -> Result<Self, RowOrderError> {
        Ok(Self {
            row_order: RowOrder::from_spans(record.spans.clone())?,
            column_rules: ColumnRules::default().of(&record.columns),
            columns: record.columns.clone(),
            next_row_id: record.next_row_id,
            next_column_id: record.next_column_id,
        })
    }

    /// The state at a revision whose order Postgres has.
    ///
    /// # Errors
    /// When the spans make no row order.
    pub fn at(order: Order) -> Result<Self, RowOrderError> {
        Ok(Self {
            row_order: RowOrder::from_spans(order.spans)?,
            column_rules: ColumnRules::default().of(&order.columns),
            columns: order.columns,
            next_row_id: order.next_row_id,
            next_column_id: order.next_column_id,
        })
    }

    /// The row order.
    #[must_use]
    pub const fn row_order(&self) -> &RowOrder {
        &self.row_order
    }

    /// The number of rows.
    #[must_use]
    pub const fn row_count(&self) -> u32 {
        self.row_order.len()
    }

    /// The columns from left to right.
    #[must_use]
    pub fn columns(&self) -> &[ColumnRecord] {
        &self.columns
    }

    /// What the settings of the columns ask of edits.
    #[must_use]
    pub const fn column_rules(&self) -> &ColumnRules {
        &self.column_rules
    }

    /// The ids of its rows, in their order.
    #[must_use]
    pub fn row_ids(&self) -> Vec<Range<u64>> {
        self.row_order.ids(0..self.row_order.len()).map(|ids| ids.start.0..ids.end.0).collect()
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

    /// Applies the next accepted change and returns its write set.
    ///
    /// # Errors
    /// [`Misfit`]; then the state is unchanged.
    pub fn apply(&mut self, entry: &Entry) -> Result<WriteSet, Misfit> {
        let delta = &entry.delta;
        let columns = self.columns_after(delta)?;
        let cols = columns.as_ref().map_or(self.columns.len(), Vec::len);
        check_cells(&delta.cells, delta.rows.len_after(self.row_order.len()), cols)?;
        check_texts(entry)?;
        let inverse = structural_inverse(delta, &self.row_order, &self.columns);
        let mut spans = RowOrderChanges::default();
        if !delta.rows.is_identity() {
            self.row_order.apply(&delta.rows, &mut spans)?;
        }
        if let Some(columns) = &columns {
            self.columns.clone_from(columns);
            self.column_rules = self.column_rules.of(columns);
        }
        let created_from = self.next_row_id;
        self.next_row_id.0 = next_id(self.next_row_id.0, delta.rows.runs());
        self.next_column_id.0 = next_id(self.next_column_id.0, delta.cols.runs());
        Ok(WriteSet {
            revision: entry.revision,
            row_patches: self.patches(entry),
            inverse,
            spans,
            columns,
            created_rows: created_from..self.next_row_id,
            next_row_id: self.next_row_id,
            next_column_id: self.next_column_id,
            row_count: self.row_order.len(),
        })
    }

    /// Takes a change back by its stored inverse; see [`structural_inverse`].
    ///
    /// # Errors
    /// [`Misfit`]; then the state is unchanged.
    pub fn go_back(&mut self, inverse: &Delta) -> Result<(), Misfit> {
        self.step(inverse)
    }

    /// Applies the rows and columns of a change or of an inverse, and advances no id counter: for snapshots of
    /// earlier revisions, which create no lines.
    ///
    /// # Errors
    /// [`Misfit`]; then the state is unchanged.
    pub fn step(&mut self, delta: &Delta) -> Result<(), Misfit> {
        let columns = self.columns_after(delta)?;
        if !delta.rows.is_identity() {
            self.row_order.apply(&delta.rows, &mut RowOrderChanges::default())?;
        }
        if let Some(columns) = columns {
            self.column_rules = self.column_rules.of(&columns);
            self.columns = columns;
        }
        Ok(())
    }

    /// The columns after a change; `None` when it changes none.
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
        let mut cursor = self.row_order.cursor();
        let mut texts = entry.texts.iter();
        let of_row = |cells: &[CellEdit]| {
            // `apply` has checked these positions before it changed the state.
            let row = cursor.id_at(cells.first()?.row)?;
            // Of exact size: it is kept until the change is committed.
            let mut values = Vec::with_capacity(cells.len());
            values.extend(cells.iter().filter_map(|cell| {
                let value = match cell.edit.as_set() {
                    Some(value) => value.clone(),
                    None => Value::Text(Arc::clone(texts.next()?)),
                };
                Some((self.columns.get(cell.col as usize)?.id, value))
            }));
            Some((row, values.into_iter().collect()))
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

/// The first id that was never given out, after inserts. An insert that places older ids again (a restored
/// line) does not lower it.
fn next_id(next: u64, runs: &[Run]) -> u64 {
    runs.iter().fold(next, |next, run| match *run {
        Run::Insert { count, first: Some(first) } => {
            next.max(first.0.saturating_add(u64::from(count)))
        }
        _ => next,
    })
}

pub(crate) fn new_column(id: LineId) -> ColumnRecord {
    ColumnRecord {
        id: id.into(),
        name: "".into(),
        kind: ColumnKind::Any,
        width: None,
        settings: "".into(),
    }
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
    if let Some(settings) = &edit.settings {
        column.settings = settings.clone();
    }
}

#[cfg(test)]
mod tests;
