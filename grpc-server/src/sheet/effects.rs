//! What an accepted change does to a sheet: its columns, the order of its rows, and its cells.
//!
//! The state of an open sheet without any row body. Pure: an entry goes in, its effects come out,
//! for the row cache and the committer. Invariant: the state stands at the revision of the last
//! entry applied, or the entry did not fit and nothing has changed.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use ot_engine::{AxisDelta, ColumnId, ColumnKind, Delta, LineId, RowId, Run};
use rustc_hash::FxHashMap;

use super::spans::{SpanChanges, SpanError, SpanTable};
use crate::model::{self, ColumnRecord, RowPatch, SheetRecord};

/// The shape of an open sheet.
#[derive(Debug)]
pub struct SheetState {
    columns: Vec<ColumnRecord>,
    spans: SpanTable,
    next_row_id: RowId,
    next_column_id: ColumnId,
}

/// What entries change, mergeable: later effects win.
#[derive(Clone, Debug)]
pub struct Effects {
    /// Cells by row.
    pub row_patches: FxHashMap<RowId, RowPatch>,
    /// The order of rows.
    pub spans: SpanChanges,
    /// The whole list of columns, where anything in it changed.
    pub columns: Option<Vec<ColumnRecord>>,
    /// The first row id that was never given out, afterwards.
    pub next_row_id: RowId,
    /// The first column id that was never given out, afterwards.
    pub next_column_id: ColumnId,
    /// How many rows there are afterwards.
    pub row_count: u32,
}

/// An entry that does not fit the sheet: the log and the state are not of one sheet.
#[derive(Debug, thiserror::Error)]
pub enum Misfit {
    /// The order of rows.
    #[error("rows: {0}")]
    Rows(#[from] SpanError),
    /// An inserted column without an id.
    #[error("an inserted column has no id")]
    UnnamedColumn,
}

impl SheetState {
    /// The state of a sheet as it was loaded.
    ///
    /// # Errors
    /// When its spans are not what an order of rows can be.
    pub fn new(record: &SheetRecord) -> Result<Self, SpanError> {
        Ok(Self {
            columns: record.columns.clone(),
            spans: SpanTable::from_spans(record.spans.clone())?,
            next_row_id: record.next_row_id,
            next_column_id: record.next_column_id,
        })
    }

    /// The columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[ColumnRecord] {
        &self.columns
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

    /// Applies the next entry.
    ///
    /// # Errors
    /// [`Misfit`]; then nothing has changed.
    pub fn apply(&mut self, entry: &model::Entry) -> Result<Effects, Misfit> {
        let delta = &*entry.delta;
        if inserted(&delta.cols).any(|(first, _)| first.is_none()) {
            return Err(Misfit::UnnamedColumn);
        }
        let mut effects = Effects {
            row_patches: FxHashMap::default(),
            spans: SpanChanges::default(),
            columns: None,
            next_row_id: self.next_row_id,
            next_column_id: self.next_column_id,
            row_count: 0,
        };
        if !delta.rows.is_identity() {
            self.spans.apply(&delta.rows, &mut effects.spans)?;
        }
        self.apply_columns(delta, &mut effects);
        self.advance_ids(delta);
        self.patch_rows(delta, &mut effects);
        effects.next_row_id = self.next_row_id;
        effects.next_column_id = self.next_column_id;
        effects.row_count = self.row_count();
        Ok(effects)
    }

    fn apply_columns(&mut self, delta: &Delta, effects: &mut Effects) {
        if delta.cols.is_identity() && delta.columns.is_empty() {
            return;
        }
        if !delta.cols.is_identity() {
            let columns = std::mem::take(&mut self.columns);
            self.columns = delta.cols.apply_to_vec(columns, new_column);
        }
        for edit in &delta.columns {
            let Some(column) = self.columns.get_mut(edit.col as usize) else { continue };
            if let Some(name) = &edit.name {
                column.name = name.clone();
            }
            column.kind = edit.kind.unwrap_or(column.kind);
            column.width = edit.width.or(column.width);
        }
        effects.columns = Some(self.columns.clone());
    }

    /// Ids that an entry gives are never given again.
    fn advance_ids(&mut self, delta: &Delta) {
        for (first, count) in inserted(&delta.rows) {
            let after = first.map_or(0, |first| first.0.saturating_add(count.into()));
            self.next_row_id = self.next_row_id.max(RowId(after));
        }
        for (first, count) in inserted(&delta.cols) {
            let after = first.map_or(0, |first| first.0.saturating_add(count.into()));
            self.next_column_id = self.next_column_id.max(ColumnId(after));
        }
    }

    /// Cells by row and column id. Cells are sorted by row, so one cursor walks the spans.
    fn patch_rows(&self, delta: &Delta, effects: &mut Effects) {
        let mut cursor = self.spans.cursor();
        for cell in &delta.cells {
            let row = cursor.id_at(cell.row);
            let column = self.columns.get(cell.col as usize);
            if let (Some(row), Some(column)) = (row, column) {
                let patch = effects.row_patches.entry(row).or_default();
                patch.set(column.id, cell.edit.value().clone());
            }
        }
    }
}

impl Effects {
    /// Puts the effects of a later entry on top.
    pub fn merge(&mut self, later: Self) {
        for (row, patch) in later.row_patches {
            match self.row_patches.entry(row) {
                Entry::Occupied(mut earlier) => earlier.get_mut().merge(&patch),
                Entry::Vacant(place) => {
                    place.insert(patch);
                }
            }
        }
        self.spans.merge(later.spans);
        self.columns = later.columns.or(self.columns.take());
        self.next_row_id = later.next_row_id;
        self.next_column_id = later.next_column_id;
        self.row_count = later.row_count;
    }
}

/// First id and count of each insert of an axis.
fn inserted(axis: &AxisDelta) -> impl Iterator<Item = (Option<LineId>, u32)> {
    axis.runs().iter().filter_map(|run| match *run {
        Run::Insert { count, first } => Some((first, count)),
        _ => None,
    })
}

/// A column as an insert makes it. That it has an id has been checked before.
fn new_column(id: Option<LineId>) -> ColumnRecord {
    ColumnRecord {
        id: ColumnId(id.unwrap_or(LineId(0)).0),
        name: Arc::from(""),
        kind: ColumnKind::Any,
        width: None,
    }
}
