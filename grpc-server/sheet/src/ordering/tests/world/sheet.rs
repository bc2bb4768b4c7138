//! The sheet of the test: how it begins, and its rows.
//!
//! Invariant: it is small, so that edits often meet.

use std::sync::Arc;

use ot_engine::{RowId, Sheet, Size};

use crate::sample;
pub(in crate::ordering::tests) use crate::sample::SHEET;
use crate::state::SheetState;
use crate::state::row_sizes::RowSizes;
use model::storage::AccountStorage;
use model::{RowBody, SheetRecord};

pub(in crate::ordering::tests) const SIZE: Size = Size { rows: 4, cols: 2 };

/// A row of a sheet.
pub(super) fn body(state: &SheetState, sheet: &Sheet, row: RowId) -> Arc<RowBody> {
    let mut body = RowBody::default();
    if let Some(at) = state.row_order().position_of(row) {
        for (col, column) in state.columns().iter().enumerate() {
            body.set(column.id, sheet.get(at, col as u32).cloned().unwrap_or_default());
        }
    }
    Arc::new(body)
}

/// The sheet at revision 0.
pub(in crate::ordering::tests) fn record() -> SheetRecord {
    sample::record(SIZE.rows, u64::from(SIZE.cols))
}

/// An owner without a limit, and rows of no known size.
pub(in crate::ordering::tests) fn bounds() -> (AccountStorage, RowSizes) {
    (AccountStorage::new(u64::MAX), RowSizes::new(32 << 20, 64 << 10, 0))
}
