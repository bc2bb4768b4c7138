//! The sheets of a run.
//!
//! Not their tables (`postgres`). Invariant: a new sheet has blank rows and columns without a name.

use model::{AccountId, SheetId, SheetRecord, Span};
use ot_engine::{Revision, RowId};

/// A new sheet.
pub(crate) fn new_sheet(id: SheetId, rows: u32, columns: u32) -> SheetRecord {
    let column = |number: u32| model::ColumnRecord {
        id: ot_engine::ColumnId(u64::from(number)),
        name: "".into(),
        kind: ot_engine::ColumnKind::Any,
        width: None,
        settings: "".into(),
    };
    SheetRecord {
        id,
        owner: AccountId(id.0),
        name: "".into(),
        version: 1,
        epoch: 1,
        head: Revision(0),
        next_row_id: RowId(u64::from(rows) + 1),
        next_column_id: ot_engine::ColumnId(u64::from(columns) + 1),
        row_count: rows,
        columns: (1..=columns).map(column).collect(),
        spans: vec![Span { key: 0, start: RowId(1), length: rows }],
        created_micros: 0,
        changed_micros: 0,
        deleted_micros: None,
        set_aside: None,
        largest_row: u64::from(u32::MAX),
    }
}
