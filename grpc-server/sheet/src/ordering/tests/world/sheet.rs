//! The sheet of the test: how it begins, and its rows.
//!
//! Invariants: it is small, so that edits often meet; a deleted row keeps its cells.

use std::collections::BTreeMap;
use std::sync::Arc;

use ot_engine::{ColumnId, Delta, RowId, Sheet, Size, Value};

use crate::sample;
pub(in crate::ordering::tests) use crate::sample::SHEET;
use crate::state::row_sizes::RowSizes;
use model::storage::AccountStorage;
use model::{RowBody, SheetRecord};

pub(in crate::ordering::tests) const SIZE: Size = Size { rows: 4, cols: 2 };

/// A sheet, and the cells of the rows that were deleted: a row that comes back under its id has them.
#[derive(Clone, Debug)]
pub(in crate::ordering::tests) struct WithDeleted {
    pub(in crate::ordering::tests) sheet: Sheet,
    ids: Vec<RowId>,
    deleted: BTreeMap<RowId, Vec<Value>>,
}

impl WithDeleted {
    pub(in crate::ordering::tests) fn new() -> Self {
        let ids = (1..=u64::from(SIZE.rows)).map(RowId).collect();
        Self { sheet: Sheet::new(SIZE), ids, deleted: BTreeMap::new() }
    }

    /// Applies an accepted change, which changes no columns.
    pub(in crate::ordering::tests) fn apply(&mut self, delta: &Delta) {
        let before: Vec<(RowId, Vec<Value>)> =
            self.ids.iter().zip(0..).map(|(id, at)| (*id, self.cells(at))).collect();
        self.ids = delta.rows.apply_to_vec(std::mem::take(&mut self.ids), |id| {
            RowId(id.expect("an accepted change names its rows").0)
        });
        self.deleted.extend(before.into_iter().filter(|(id, _)| !self.ids.contains(id)));
        self.sheet.apply(&Delta::rows(delta.rows.clone()));
        for (id, row) in self.ids.iter().zip(0..) {
            let Some(cells) = self.deleted.remove(id) else { continue };
            for (value, col) in cells.into_iter().zip(0..) {
                self.sheet.apply(&Delta::set_cell(row, col, value));
            }
        }
        self.sheet.apply(&Delta { cells: delta.cells.clone(), ..Delta::identity() });
    }

    fn cells(&self, row: u32) -> Vec<Value> {
        (0..SIZE.cols).map(|col| self.sheet.get(row, col).cloned().unwrap_or_default()).collect()
    }

    /// A row, also a deleted one.
    pub(super) fn body(&self, row: RowId) -> Arc<RowBody> {
        let cells = match self.ids.iter().position(|id| *id == row) {
            Some(at) => self.cells(at as u32),
            None => self.deleted.get(&row).cloned().unwrap_or_default(),
        };
        let mut body = RowBody::default();
        for (value, column) in cells.into_iter().zip(1..) {
            body.set(ColumnId(column), value);
        }
        Arc::new(body)
    }
}

/// The sheet at revision 0.
pub(in crate::ordering::tests) fn record() -> SheetRecord {
    sample::record(SIZE.rows, u64::from(SIZE.cols))
}

/// An owner without a limit, and rows of no known size.
pub(in crate::ordering::tests) fn bounds() -> (AccountStorage, RowSizes) {
    (AccountStorage::new(u64::MAX), RowSizes::new(32 << 20, 64 << 10, 0))
}
