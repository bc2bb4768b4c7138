//! The trait of a journal that several nodes share.
//!
//! `streams` implements it for Redis. Tests implement it to simulate an append that lands after its caller has left,
//! lost events, and a node that is cut off. Not the journal of a single server: see `local`.
//!
//! Invariant: each call means what the method of the same name means in [`Journal`](crate::Journal).

use std::fmt::Debug;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use ot_engine::Revision;

use crate::{Event, Followed, JournalError, Lease, OpenedStream, StreamId};
use model::{Entry, SheetId};

/// A value that arrives later.
pub type Later<'a, T> = BoxFuture<'a, T>;
/// An answer that arrives later, or an error.
pub type Answer<'a, T> = Later<'a, Result<T, JournalError>>;

/// A journal in which several nodes append to the same sheets.
pub trait SharedJournal: Debug + Send + Sync + 'static {
    /// Opens a sheet's stream, or begins one.
    fn open_stream(&self, sheet: SheetId, head: Revision) -> Answer<'_, OpenedStream>;

    /// Withdraws a stream that was begun.
    fn withdraw_stream(&self, sheet: SheetId, head: Revision, stream: StreamId) -> Answer<'_, ()>;

    /// Appends entries, all or none, unless another node was first.
    fn append(&self, stream: StreamId, entries: Vec<Arc<Entry>>) -> Answer<'static, ()>;

    /// The entries that other nodes have appended.
    fn follow(&self, sheet: SheetId, stream: StreamId, after: Revision) -> Answer<'_, Followed>;

    /// This node has applied entries of others.
    fn followed(&self, entries: &[Arc<Entry>]);

    /// This node holds so many bytes for an entry that it has applied. A journal without a bound counts none.
    fn applied(&self, _sheet: SheetId, _revision: Revision, _bytes: usize) {}

    /// The first entries of a sheet that is not opened.
    fn first_entries(&self, sheet: SheetId, head: Revision) -> Answer<'_, Vec<Arc<Entry>>> {
        Box::pin(async move {
            match self.open_stream(sheet, head).await? {
                OpenedStream::At(_, entries) => Ok(entries),
                OpenedStream::Begun(stream) => {
                    self.withdraw_stream(sheet, head, stream).await.map(|()| Vec::new())
                }
                OpenedStream::Again => Ok(Vec::new()),
            }
        })
    }

    /// Receives the events of other nodes.
    fn listen(&self, sheet: SheetId) -> Later<'_, Box<dyn Listening>>;

    /// Acquires or renews the lease on commits.
    fn lease(&self, sheet: SheetId) -> Answer<'_, Lease>;

    /// Another node may commit.
    fn release_lease(&self, sheet: SheetId) -> Later<'_, ()>;

    /// The entries that this node holds and does not know to be committed.
    fn tail(&self, sheet: SheetId) -> Vec<Arc<Entry>>;

    /// The last revision that is not known to be committed.
    fn uncommitted(&self, sheet: SheetId) -> Answer<'_, Option<Revision>>;

    /// The sheets whose lease no node is known to hold.
    fn waiting_sheets(&self) -> Answer<'_, Vec<SheetId>>;

    /// How many entries this node holds and does not know to be committed.
    fn uncommitted_entries(&self) -> usize;

    /// Committed entries may be forgotten.
    fn committed(&self, sheet: SheetId, revision: Revision) -> Later<'_, ()>;

    /// Entries are committed, by this node or by another one: this node need not hold them.
    fn landed(&self, sheet: SheetId, revision: Revision);

    /// All of a sheet up to a revision is stored in another place; false when more has been appended since.
    fn discard_until(&self, sheet: SheetId, last: Revision) -> Answer<'_, bool>;

    /// Nothing of the sheet will ever be committed.
    fn discard(&self, sheet: SheetId) -> Later<'_, ()>;
}

/// Receives the events of other nodes on one sheet.
pub trait Listening: Debug + Send + Sync {
    /// The next event beyond `known`. Safe to cancel.
    fn next(&mut self, known: Revision) -> Later<'_, Event>;
}
