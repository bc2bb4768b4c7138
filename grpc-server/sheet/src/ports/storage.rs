//! Postgres as an open sheet uses it: loading, reads of today's rows, and commits.
//!
//! A trait, so that a simulation can play faults that no Postgres shows on demand: an answer that is lost, a
//! commit that lands after its author is dead. Not here: the operation log as time travel reads it
//! ([`history`](super::history)).
//!
//! Invariant: each call means what the method of the [`Store`] means that has its name.

use std::fmt::Debug;
use std::ops::Range;

use futures_util::future::BoxFuture;
use ot_engine::{ClientId, ColumnId, Revision, RowId, Sequence};

use model::{CommitBatch, Entry, Parked, RowBody, SheetId, SheetRecord};
use store::Store;
pub use store::{ClientState, LargeRows, SheetStamp, StoreError};

/// The future of an answer.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// The calls of Postgres that the committer makes.
pub trait Commits: Debug + Send + Sync + 'static {
    /// [`Store::head`].
    fn head(&self, sheet: SheetId) -> Answer<'_, Revision>;

    /// [`Store::commit`].
    fn commit<'a>(&'a self, batch: &'a CommitBatch) -> Answer<'a, LargeRows>;

    /// [`Store::note_order`].
    fn note_order(&self, sheet: SheetId, after_changes: u32) -> Answer<'_, ()>;

    /// [`Store::set_aside`].
    fn set_aside<'a>(&'a self, sheet: SheetId, head: Revision, reason: &'a str) -> Answer<'a, ()>;
}

/// The calls of Postgres that an open sheet makes.
pub trait Storage: Commits {
    /// [`Store::load_sheet`].
    fn load_sheet(&self, sheet: SheetId) -> Answer<'_, Option<SheetRecord>>;

    /// [`Store::stamps`].
    fn stamps<'a>(&'a self, sheets: &'a [SheetId]) -> Answer<'a, Vec<(SheetId, SheetStamp)>>;

    /// [`Store::largest_row`].
    fn largest_row(&self, sheet: SheetId) -> Answer<'_, u64> {
        Box::pin(async move {
            let record = self.load_sheet(sheet).await?;
            Ok(record.map_or(u64::MAX, |record| record.largest_row))
        })
    }

    /// [`Store::park`].
    fn park<'a>(&'a self, sheet: SheetId, changes: &'a [Parked]) -> Answer<'a, ()>;

    /// [`Store::reopen`].
    fn reopen(&self, sheet: SheetId) -> Answer<'_, ()>;

    /// [`Store::history_floor`].
    fn history_floor(&self, sheet: SheetId) -> Answer<'_, Option<Revision>>;

    /// [`Store::changes`].
    fn changes(&self, sheet: SheetId, after: Revision, limit: u32) -> Answer<'_, Vec<Entry>>;

    /// [`Store::client_state`].
    fn client_state(&self, sheet: SheetId, client: ClientId) -> Answer<'_, Option<ClientState>>;

    /// [`Store::named_edit`].
    fn named_edit(&self, sheet: SheetId, client: ClientId) -> Answer<'_, Option<ClientState>>;

    /// [`Store::edit`].
    fn edit(
        &self,
        sheet: SheetId,
        client: ClientId,
        sequence: Sequence,
    ) -> Answer<'_, Option<ClientState>>;

    /// [`Store::read_rows_at`].
    fn read_rows_at<'a>(
        &'a self,
        sheet: SheetId,
        ranges: &'a [Range<RowId>],
        bytes_most: usize,
    ) -> Answer<'a, (Vec<(RowId, RowBody)>, Revision)>;

    /// [`Store::read_cells_at`]: the rows may have the cells of other columns, too.
    fn read_cells_at<'a>(
        &'a self,
        sheet: SheetId,
        ranges: &'a [Range<RowId>],
        _columns: &'a [ColumnId],
        bytes_most: usize,
    ) -> Answer<'a, (Vec<(RowId, RowBody)>, Revision)> {
        self.read_rows_at(sheet, ranges, bytes_most)
    }
}

impl Commits for Store {
    forward! {
        head(sheet: SheetId) -> Revision;
        commit(batch: &'a CommitBatch) -> LargeRows;
        note_order(sheet: SheetId, after_changes: u32) -> ();
        set_aside(sheet: SheetId, head: Revision, reason: &'a str) -> ();
    }
}

impl Storage for Store {
    forward! {
        load_sheet(sheet: SheetId) -> Option<SheetRecord>;
        stamps(sheets: &'a [SheetId]) -> Vec<(SheetId, SheetStamp)>;
        largest_row(sheet: SheetId) -> u64;
        park(sheet: SheetId, changes: &'a [Parked]) -> ();
        reopen(sheet: SheetId) -> ();
        history_floor(sheet: SheetId) -> Option<Revision>;
        changes(sheet: SheetId, after: Revision, limit: u32) -> Vec<Entry>;
        client_state(sheet: SheetId, client: ClientId) -> Option<ClientState>;
        named_edit(sheet: SheetId, client: ClientId) -> Option<ClientState>;
        edit(sheet: SheetId, client: ClientId, sequence: Sequence) -> Option<ClientState>;
        read_rows_at(
            sheet: SheetId,
            ranges: &'a [Range<RowId>],
            bytes_most: usize
        ) -> (Vec<(RowId, RowBody)>, Revision);
        read_cells_at(
            sheet: SheetId,
            ranges: &'a [Range<RowId>],
            columns: &'a [ColumnId],
            bytes_most: usize
        ) -> (Vec<(RowId, RowBody)>, Revision);
    }
}
