//! The sheet of the test: how it begins, and its rows.
//!
//! Invariant: it is small, so that edits often meet.

use std::sync::Arc;

use ot_engine::{ColumnId, ColumnKind, Revision, RowId, Sheet, Size};
use uuid::Uuid;

use crate::state::SheetState;
use model::{AccountId, ColumnRecord, RowBody, SheetId, SheetRecord, Span};

pub(in crate::ordering::tests) const SHEET: SheetId = SheetId(Uuid::nil());
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

pub(in crate::ordering::tests) fn record() -> SheetRecord {
    let column = |id| ColumnRecord {
        id: ColumnId(id),
        name: format!("c{id}").into(),
        kind: ColumnKind::Any,
        width: None,
    };
    SheetRecord {
        id: SHEET,
        owner: AccountId(Uuid::nil()),
        name: "".into(),
        version: 1,
        epoch: 1,
        head: Revision(0),
        next_row_id: RowId(u64::from(SIZE.rows) + 1),
        next_column_id: ColumnId(u64::from(SIZE.cols) + 1),
        row_count: SIZE.rows,
        columns: (1..=u64::from(SIZE.cols)).map(column).collect(),
        spans: vec![Span { key: 0, start: RowId(1), length: SIZE.rows }],
        created_micros: 0,
        changed_micros: 0,
        deleted_micros: None,
        set_aside: None,
    }
}
