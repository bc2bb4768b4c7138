//! What an open sheet needs of Postgres to live: to be loaded, read, and committed.
//!
//! A seam for those who must play what no Postgres does on demand: an answer that is lost, a commit
//! that lands when its author is long gone. Not here: looking back and taking back (`past`, `undo`),
//! which ask the [`Store`] itself. Each call means what the method of the store means that it is
//! named after.

use std::fmt::Debug;
use std::ops::Range;

use futures_util::future::BoxFuture;
use ot_engine::{ClientId, Revision, RowId, Sequence};

use model::{CommitBatch, Entry, Parked, RowBody, SheetId, SheetRecord};
use store::{ClientState, Store, StoreError};

/// An answer that is on its way.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// The system of record, as far as the committer knows it.
pub trait Commits: Debug + Send + Sync + 'static {
    /// [`Store::head`].
    fn head(&self, sheet: SheetId) -> Answer<'_, Revision>;

    /// [`Store::commit`].
    fn commit<'a>(&'a self, batch: &'a CommitBatch) -> Answer<'a, ()>;

    /// [`Store::note_order`].
    fn note_order(&self, sheet: SheetId, after_changes: u32) -> Answer<'_, ()>;

    /// [`Store::set_aside`].
    fn set_aside<'a>(&'a self, sheet: SheetId, head: Revision, reason: &'a str) -> Answer<'a, ()>;
}

/// The system of record, as far as an open sheet knows it.
pub trait Records: Commits {
    /// [`Store::load_sheet`].
    fn load_sheet(&self, sheet: SheetId) -> Answer<'_, Option<SheetRecord>>;

    /// [`Store::park`].
    fn park<'a>(&'a self, sheet: SheetId, changes: &'a [Parked]) -> Answer<'a, ()>;

    /// [`Store::history_floor`].
    fn history_floor(&self, sheet: SheetId) -> Answer<'_, Option<Revision>>;

    /// [`Store::changes`].
    fn changes(&self, sheet: SheetId, after: Revision, limit: u32) -> Answer<'_, Vec<Entry>>;

    /// [`Store::client_state`].
    fn client_state(&self, sheet: SheetId, client: ClientId) -> Answer<'_, Option<ClientState>>;

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
    ) -> Answer<'a, (Vec<(RowId, RowBody)>, Revision)>;
}

impl Commits for Store {
    fn head(&self, sheet: SheetId) -> Answer<'_, Revision> {
        Box::pin(self.head(sheet))
    }

    fn commit<'a>(&'a self, batch: &'a CommitBatch) -> Answer<'a, ()> {
        Box::pin(self.commit(batch))
    }

    fn note_order(&self, sheet: SheetId, after_changes: u32) -> Answer<'_, ()> {
        Box::pin(self.note_order(sheet, after_changes))
    }

    fn set_aside<'a>(&'a self, sheet: SheetId, head: Revision, reason: &'a str) -> Answer<'a, ()> {
        Box::pin(self.set_aside(sheet, head, reason))
    }
}

impl Records for Store {
    fn load_sheet(&self, sheet: SheetId) -> Answer<'_, Option<SheetRecord>> {
        Box::pin(self.load_sheet(sheet))
    }

    fn park<'a>(&'a self, sheet: SheetId, changes: &'a [Parked]) -> Answer<'a, ()> {
        Box::pin(self.park(sheet, changes))
    }

    fn history_floor(&self, sheet: SheetId) -> Answer<'_, Option<Revision>> {
        Box::pin(self.history_floor(sheet))
    }

    fn changes(&self, sheet: SheetId, after: Revision, limit: u32) -> Answer<'_, Vec<Entry>> {
        Box::pin(self.changes(sheet, after, limit))
    }

    fn client_state(&self, sheet: SheetId, client: ClientId) -> Answer<'_, Option<ClientState>> {
        Box::pin(self.client_state(sheet, client))
    }

    fn edit(
        &self,
        sheet: SheetId,
        client: ClientId,
        sequence: Sequence,
    ) -> Answer<'_, Option<ClientState>> {
        Box::pin(self.edit(sheet, client, sequence))
    }

    fn read_rows_at<'a>(
        &'a self,
        sheet: SheetId,
        ranges: &'a [Range<RowId>],
    ) -> Answer<'a, (Vec<(RowId, RowBody)>, Revision)> {
        Box::pin(self.read_rows_at(sheet, ranges))
    }
}
