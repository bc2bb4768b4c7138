//! The change that makes a sheet as it was at an older revision.
//!
//! Lines and columns go from the order now to the order then; of the cells only those are set that
//! differ. Rows that come back bring what they held when they went, which is in Postgres too.
//!
//! Invariant: a restore that would set more cells than an edit may is refused with their number,
//! and holds no more of them in memory.

use std::ops::Range;

use ot_engine::{AxisDelta, CellEdit, ColumnEdit, Delta, LineId, RowId, Value};

use super::state::{Past, PastError};
use crate::ports::history::{History, RowVersions};
use crate::state::{SheetState, new_column};
use model::{ColumnRecord, SheetId};

/// Rows compared at one go.
const COMPARED_ROWS: usize = 4_096;

/// What the cells of one restore may hold together: it must pass the journal and every reader.
pub const RESTORED_BYTES: u64 = 8 << 20;

/// What it takes.
#[derive(Debug)]
pub enum Restore {
    /// This change, on the sheet as it is now.
    Change(Delta),
    /// More than one edit may set.
    TooMany {
        /// How many cells.
        cells: u64,
        /// What they hold.
        bytes: u64,
    },
}

impl Past {
    /// The change that turns `now` into this.
    ///
    /// # Errors
    /// See [`PastError`].
    pub async fn restore(
        &self,
        store: &dyn History,
        sheet: SheetId,
        now: &SheetState,
        cells_most: u32,
    ) -> Result<Restore, PastError> {
        let places = Places::new(&self.state);
        let changed: Vec<RowId> = self.changed_since(store, sheet).await?;
        let there: Vec<RowId> =
            changed.into_iter().filter(|row| places.position(*row).is_some()).collect();
        let (mut cells, mut count, mut bytes) = (Vec::new(), 0_u64, 0_u64);
        let fits = |count, bytes| count <= u64::from(cells_most) && bytes <= RESTORED_BYTES;
        for rows in there.chunks(COMPARED_ROWS) {
            for row in self.rows(store, sheet, &ranges(rows)).await? {
                let Some(position) = places.position(row.id) else { continue };
                let edits = differences(&row, position, self.state.columns());
                count += edits.len() as u64;
                bytes += edits.iter().map(size).sum::<u64>();
                if fits(count, bytes) {
                    cells.extend(edits);
                }
            }
        }
        if !fits(count, bytes) {
            return Ok(Restore::TooMany { cells: count, bytes });
        }
        let rows = AxisDelta::between(&now.row_ids(), &self.state.row_ids());
        let cols = AxisDelta::between(&now.column_ids(), &self.state.column_ids());
        let columns = attributes(now.columns(), self.state.columns());
        Ok(Restore::Change(Delta::from_parts(rows, cols, cells, columns)))
    }
}

/// Where each row stands.
struct Places(Vec<(Range<u64>, u32)>);

impl Places {
    fn new(state: &SheetState) -> Self {
        let mut at = 0_u32;
        let mut places: Vec<_> = state
            .row_order()
            .spans()
            .map(|span| {
                let ids = span.start.0..span.start.0 + u64::from(span.length);
                let position = at;
                at += span.length;
                (ids, position)
            })
            .collect();
        places.sort_unstable_by_key(|(ids, _)| ids.start);
        Self(places)
    }

    fn position(&self, row: RowId) -> Option<u32> {
        let at = self.0.partition_point(|(ids, _)| ids.end <= row.0);
        let (ids, position) = self.0.get(at)?;
        let offset = row.0.checked_sub(ids.start)?;
        Some(position + u32::try_from(offset).ok()?)
    }
}

/// Ascending ids as ranges.
fn ranges(ids: &[RowId]) -> Vec<Range<RowId>> {
    let neighbours = ids.chunk_by(|a, b| a.0 + 1 == b.0);
    let range = |ids: &[RowId]| Some(*ids.first()?..RowId(ids.last()?.0 + 1));
    neighbours.filter_map(range).collect()
}

/// The cells of a row that must be set.
fn differences(row: &RowVersions, position: u32, columns: &[ColumnRecord]) -> Vec<CellEdit> {
    let differs =
        |column: &&(u32, &ColumnRecord)| row.current.get(column.1.id) != row.at.get(column.1.id);
    let set = |(col, column): (u32, &ColumnRecord)| {
        CellEdit::set(position, col, row.at.get(column.id).clone())
    };
    (0..).zip(columns).filter(|column| differs(&column)).map(set).collect()
}

/// What a cell takes in a message, roughly.
fn size(cell: &CellEdit) -> u64 {
    match cell.edit.as_set() {
        Some(Value::Text(text)) => text.len() as u64 + 8,
        _ => 8,
    }
}

/// The attributes that must be set. A column that comes back is blank.
fn attributes(now: &[ColumnRecord], then: &[ColumnRecord]) -> Vec<ColumnEdit> {
    let edit = |(col, column): (u32, &ColumnRecord)| {
        let blank = new_column(LineId(column.id.0));
        let now = now.iter().find(|now| now.id == column.id).unwrap_or(&blank);
        let edit = ColumnEdit {
            col,
            name: (now.name != column.name).then(|| column.name.clone()),
            kind: (now.kind != column.kind).then_some(column.kind),
            width: (now.width != column.width).then(|| column.width.unwrap_or(0)),
        };
        let changes = edit.name.is_some() || edit.kind.is_some() || edit.width.is_some();
        changes.then_some(edit)
    };
    (0..).zip(then).filter_map(edit).collect()
}
