//! The domain types of the server: sheets, rows, entries of the operation log, commit batches, accounts, nodes.
//!
//! **What it is not.** It has no wire types and no SQL: `service` converts the former at the edge, `store` the
//! latter. It does no I/O. Times are microseconds since the Unix epoch, UTC.
//!
//! **Where to start.** [`Entry`] is one accepted edit, [`SheetRecord`] a sheet in Postgres, and [`CommitBatch`]
//! the writes of one transaction. `limits.rs` has every limit of a caller.
//!
//! Invariant: a value of these types has been checked. Code that reads them from outside (the wire, a journal
//! file, a table) refuses a bad value before it builds one.

pub mod allowance;
pub mod budget;
mod color;
mod files;
pub mod gesture;
mod ids;
pub mod limits;
pub mod memory;
mod network;
mod node;
pub mod people;
mod role;
mod row;
mod session;
pub mod sizes;
pub mod storage;
pub mod written;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use ot_engine::{
    ClientId, ColumnId, ColumnKind, Delta, EntryConflict, Revision, RowId, Sequence, SharedDelta,
};

pub use color::AccountColor;
pub use files::tables::{TableColumn, TableFacts, TableRecord, ViewRecord};
pub use files::{
    ContentDigest, FileOrder, FileRecord, FileUsage, FoundFile, Original, PieceDigest, Pieces,
    UploadRecord,
};
pub use gesture::{EditGroup, EditPlace};
pub use ids::{AccountId, ContentId, FileId, NodeId, SheetId, ViewId};
pub use network::Network;
pub use node::{NodeRecord, Peers};
pub use role::{LinkId, LinkRecord, NoRole, Role, ShareRecord};
pub use row::query::{CellTest, Comparison, PageEnd, RowFilter, RowOrder, RowQuery};
pub use row::{RowBody, RowPatch, STORED_CELL_BYTES, stored_bytes};
pub use session::{
    ClientKind, Ended, ListedSession, NoSessionId, SessionEnd, SessionId, SessionRecord,
};

/// Distance between the keys of neighbouring spans when they are renumbered: room for many
/// spans in between before a renumbering.
pub const SPAN_KEY_GAP: i64 = 1 << 32;

/// Microseconds since the Unix epoch, now. A clock before 1970 reads as 0.
#[must_use]
pub fn now_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// One accepted change of one sheet: what the journal keeps and the operation log records.
///
/// The delta is already transformed (it applies to `revision - 1`) and its inserts name their ids.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The sheet that it changes.
    pub sheet: SheetId,
    /// The revision that it makes.
    pub revision: Revision,
    /// The client that sent it; with `sequence` the permanent name of the edit.
    pub client: ClientId,
    /// The number that the client gave it.
    pub sequence: Sequence,
    /// The revision that the client had seen when it sent it.
    pub base: Revision,
    /// The account that the client belongs to.
    pub account: AccountId,
    /// When it was accepted.
    pub at_micros: i64,
    /// Why it was made.
    pub origin: Origin,
    /// The gesture that it is a part of; an undo or a redo has none, and counts in the group of its target.
    pub group: EditGroup,
    /// Its delta.
    pub delta: SharedDelta,
    /// The texts that its text edits lead to, in the order of the delta's cells, so that it can be
    /// applied without knowing what the cells held. The operation log keeps none.
    pub texts: Texts,
    /// What was lost when it was transformed, by its author and to it. A journal that several servers
    /// share keeps it, as far as there is room; the operation log does not.
    pub conflicts: Arc<[EntryConflict]>,
}

impl Entry {
    /// The most bytes of memory that the entry occupies.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let texts: usize = self.texts.iter().map(|text| size_of::<Arc<str>>() + text.len()).sum();
        let conflicts: usize = self.conflicts.iter().map(EntryConflict::bytes).sum();
        size_of::<Self>() + self.delta.weight().bytes + texts + conflicts
    }
}

/// An accepted change that leaves the journal without being committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// The revision that it made.
    pub revision: Revision,
    /// Its author.
    pub account: AccountId,
    /// When it was accepted.
    pub at_micros: i64,
    /// All of it, as in the journal.
    pub entry: Vec<u8>,
}

/// Texts that are shared, none of them in most cases.
pub type Texts = Arc<[Arc<str>]>;

/// Why a change was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// An edit of a client.
    #[default]
    Edit,
    /// It takes the change of this revision back.
    Undo(Revision),
    /// It takes the undo of this revision back.
    Redo(Revision),
    /// It brings an older state of the sheet back.
    Restore,
}

impl Origin {
    /// Whether the lines that such a change inserts are old ones that come back with their cells.
    #[must_use]
    pub const fn restores_lines(self) -> bool {
        !matches!(self, Self::Edit)
    }
}

/// A column of a sheet. Its position is its place in the list that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnRecord {
    /// Its id, never used again in that sheet.
    pub id: ColumnId,
    /// Its heading; may be empty, may repeat.
    pub name: Arc<str>,
    /// What its cells should hold.
    pub kind: ColumnKind,
    /// Its width on the screen in CSS pixels; `None` leaves it to the client.
    pub width: Option<u32>,
    /// What belongs to its kind, as the crate `values` writes it; empty for nothing.
    pub settings: Arc<str>,
}

/// One piece of the order of rows: `length` consecutive row ids from `start` on.
///
/// A sheet's spans in the order of their keys give its rows in the order that people see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Sorts the span among its sheet's; gaps are usual, negative keys are allowed.
    pub key: i64,
    /// The first row id.
    pub start: RowId,
    /// How many rows; at least 1.
    pub length: u32,
}

/// All that opening a sheet needs, whatever its size: no row bodies.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetRecord {
    /// Its id.
    pub id: SheetId,
    /// The account that it belongs to.
    pub owner: AccountId,
    /// Its name.
    pub name: Arc<str>,
    /// Counts renamings and the like: the source of its `etag`.
    pub version: u64,
    /// The epoch of its history: revisions of another epoch belong to another history. Not the journal's.
    pub epoch: u64,
    /// The last committed revision; 0 for a sheet as it was made.
    pub head: Revision,
    /// The first row id that was never given out.
    pub next_row_id: RowId,
    /// The first column id that was never given out.
    pub next_column_id: ColumnId,
    /// How many rows its spans hold.
    pub row_count: u32,
    /// Its columns from left to right.
    pub columns: Vec<ColumnRecord>,
    /// Its rows' order, sorted by key.
    pub spans: Vec<Span>,
    /// When it was made.
    pub created_micros: i64,
    /// When it was last changed.
    pub changed_micros: i64,
    /// When it was deleted, if it was; it can be restored for a while.
    pub deleted_micros: Option<i64>,
    /// No row of it takes more bytes in Postgres.
    pub largest_row: u64,
    /// Why it stands still, if it does: a change that was accepted can't be stored.
    pub set_aside: Option<Arc<str>>,
}

/// The order of a sheet's rows and its columns at one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its rows' order, sorted by key.
    pub spans: Vec<Span>,
    /// Its columns from left to right.
    pub columns: Vec<ColumnRecord>,
    /// Whether the settings of all columns are known. An earlier release notes none: there empty settings may be others.
    pub knows_settings: bool,
    /// The first row id that was never given out.
    pub next_row_id: RowId,
    /// The first column id that was never given out.
    pub next_column_id: ColumnId,
}

/// A sheet as a list shows it: a [`SheetRecord`] without columns, spans and id counters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetSummary {
    /// Its id.
    pub id: SheetId,
    /// The account that it belongs to.
    pub owner: AccountId,
    /// Its name.
    pub name: Arc<str>,
    /// Counts renamings and the like: the source of its `etag`.
    pub version: u64,
    /// The last committed revision.
    pub head: Revision,
    /// How many rows it has.
    pub row_count: u32,
    /// How many columns it has.
    pub column_count: u32,
    /// When it was made.
    pub created_micros: i64,
    /// When it was last changed.
    pub changed_micros: i64,
    /// When it was deleted, if it was.
    pub deleted_micros: Option<i64>,
    /// The display name of its owner.
    pub owner_name: Arc<str>,
}

/// The name of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetName {
    /// The version of the sheet that has the name: of two names that of the higher version is the newer one.
    pub version: u64,
    /// The name.
    pub name: Arc<str>,
}

/// What a new sheet starts with. Columns get the ids 1, 2, 3, ...; so do rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSheet {
    /// Its id, chosen by the caller so that the server recognizes a repeated request.
    pub id: SheetId,
    /// The account that it belongs to.
    pub owner: AccountId,
    /// Its name.
    pub name: Arc<str>,
    /// Its columns from left to right.
    pub columns: Vec<NewColumn>,
    /// How many blank rows it starts with.
    pub row_count: u32,
}

/// A column of a sheet that is being made: a [`ColumnRecord`] that has no id yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewColumn {
    /// Its heading.
    pub name: Arc<str>,
    /// What its cells should hold.
    pub kind: ColumnKind,
    /// Its width on the screen in CSS pixels; `None` leaves it to the client.
    pub width: Option<u32>,
    /// What belongs to its kind, as the crate `values` writes it; empty for nothing.
    pub settings: Arc<str>,
}

/// The content of one transaction: consecutive entries of one sheet and their merged write sets.
#[derive(Clone, Debug, PartialEq)]
pub struct CommitBatch {
    /// The sheet.
    pub sheet: SheetId,
    /// The head that the batch stands on; anything else in the table is a conflict.
    pub previous: Revision,
    /// The head afterwards: the revision of the last entry.
    pub head: Revision,
    /// The entries `previous + 1 ..= head`, in order.
    pub entries: Vec<Arc<Entry>>,
    /// For each entry the part of its inverse that no table holds later; what the sheet's
    /// write set gives as its structural inverse.
    pub inverses: Vec<Option<Delta>>,
    /// Rows with lower ids existed before the batch: what they held is kept.
    pub first_new_row: RowId,
    /// The cells that changed, each row at most once.
    pub row_patches: Vec<(RowId, RowPatch)>,
    /// The account that wrote to each of these rows last.
    pub row_accounts: Vec<AccountId>,
    /// Keys of spans that are no more.
    pub removed_spans: Vec<i64>,
    /// Spans that are new or have changed, each key at most once. A key that is here too wins over
    /// `removed_spans`.
    pub upserted_spans: Vec<Span>,
    /// The whole list of columns, if anything in it has changed.
    pub columns: Option<Vec<ColumnRecord>>,
    /// The first row id that was never given out, afterwards.
    pub next_row_id: RowId,
    /// The first column id that was never given out, afterwards.
    pub next_column_id: ColumnId,
    /// How many rows the sheet has, afterwards.
    pub row_count: u32,
}

/// Someone who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRecord {
    /// Its id.
    pub id: AccountId,
    /// The address that it signs in with, in lower case; empty for a guest.
    pub email: Arc<str>,
    /// The name that others see.
    pub display_name: Arc<str>,
    /// The argon2id hash of its password in PHC form; empty for a guest.
    pub password_hash: Arc<str>,
    /// When it was made.
    pub created_micros: i64,
    /// Whether it may sign in.
    pub state: AccountState,
    /// The color that others see.
    pub color: AccountColor,
    /// The language tag by which its texts are read; empty: by no language; `None`: not chosen.
    pub locale: Option<Arc<str>>,
    /// Whether it sees the jobs of all accounts, as far as that was read with the account.
    pub is_operator: bool,
}

/// Whether an account may sign in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccountState {
    /// It may.
    #[default]
    Active,
    /// It has to confirm its address first.
    Unconfirmed,
    /// The operator has disabled it.
    Disabled,
}

/// A session token that is still known. Only its hash is ever kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    /// Whose it is.
    pub account: AccountRecord,
    /// When it ends; the caller compares it with its clock.
    pub expires_micros: i64,
}
