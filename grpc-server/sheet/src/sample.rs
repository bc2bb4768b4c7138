//! A sheet, its entries and the owner of a session, as tests need them.
//!
//! Not here: what one room's tests need alone (`durability::sample`). Invariant: a record is a sheet at revision
//! 0 whose ids begin at 1, and an entry is an edit on the revision before its own.

pub(crate) mod one_sheet;

use ot_engine::{ClientId, ColumnId, Delta, LineId, Revision, RowId, Sequence};
use uuid::Uuid;

use crate::fanout::sessions::SessionOwner;
use crate::memory::{FrameRoom, Frames};
use crate::state::new_column;
use model::memory::Memory;
use model::{AccountColor, AccountId, ColumnRecord, Entry, Origin, SheetId, SheetRecord, Span};

pub(crate) const SHEET: SheetId = SheetId(Uuid::from_u128(5));
pub(crate) const ACCOUNT: AccountId = AccountId(Uuid::nil());

/// Columns without a name.
pub(crate) fn columns(count: u64) -> Vec<ColumnRecord> {
    (1..=count).map(|id| new_column(LineId(id))).collect()
}

/// A sheet at revision 0.
pub(crate) fn record(rows: u32, cols: u64) -> SheetRecord {
    let span = Span { key: 0, start: RowId(1), length: rows };
    SheetRecord {
        id: SHEET,
        owner: ACCOUNT,
        name: "".into(),
        version: 1,
        epoch: 1,
        head: Revision(0),
        next_row_id: RowId(u64::from(rows) + 1),
        next_column_id: ColumnId(cols + 1),
        row_count: rows,
        columns: columns(cols),
        spans: if rows == 0 { vec![] } else { vec![span] },
        created_micros: 0,
        changed_micros: 0,
        deleted_micros: None,
        set_aside: None,
        largest_row: 0,
    }
}

/// An edit of a client, which has made every revision before it, too.
pub(crate) fn entry(revision: u64, client: ClientId, delta: Delta) -> Entry {
    Entry {
        sheet: SHEET,
        revision: Revision(revision),
        client,
        sequence: Sequence(revision),
        base: Revision(revision - 1),
        account: ACCOUNT,
        at_micros: 5,
        origin: Origin::Edit,
        group: Default::default(),
        delta: delta.into(),
        texts: Default::default(),
        conflicts: Default::default(),
    }
}

/// An owner that may edit.
pub(crate) fn owner() -> SessionOwner {
    SessionOwner {
        account: ACCOUNT,
        token_hash: [0; 32],
        role: model::Role::Editor,
        role_asked: 0,
        name: "Ada".into(),
        color: AccountColor::default(),
        person_asked: 0,
    }
}

/// The room of a session's frames in a memory of its own.
pub(crate) fn frame_room() -> FrameRoom {
    Frames::new(&Memory::default()).of(ACCOUNT)
}
