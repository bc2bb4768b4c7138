//! What the sheets of a node need of a journal that several nodes share.
//!
//! A seam for tests of what no Redis does on demand: an append that lands after its caller gave up,
//! events that are lost, a node that is cut off. Each call means what the method of the same name means
//! in [`Journal`](crate::Journal). `streams` implements it for Redis.

use std::fmt::Debug;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use ot_engine::Revision;

use crate::{Event, Followed, JournalError, Lease, StreamId, TakenUp};
use model::{Entry, SheetId};

/// What is on its way.
pub type Later<'a, T> = BoxFuture<'a, T>;
/// An answer that is on its way, or the reason that there is none.
pub type Answer<'a, T> = Later<'a, Result<T, JournalError>>;

/// A journal in which several nodes append to the same sheets.
pub trait SharedJournal: Debug + Send + Sync + 'static {
    /// Continues a sheet's stream, or begins one.
    fn take_up(&self, sheet: SheetId, head: Revision) -> Answer<'_, TakenUp>;

    /// Removes a stream that was begun.
    fn take_back(&self, sheet: SheetId, head: Revision, stream: StreamId) -> Answer<'_, ()>;

    /// Appends entries, all or none, unless another node was first.
    fn append(&self, stream: StreamId, entries: Vec<Arc<Entry>>) -> Answer<'static, ()>;

    /// What others have appended.
    fn follow(&self, sheet: SheetId, stream: StreamId, after: Revision) -> Answer<'_, Followed>;

    /// Entries of others are known here.
    fn followed(&self, entries: &[Arc<Entry>]);

    /// Listens to what others do.
    fn listen(&self, sheet: SheetId) -> Later<'_, Box<dyn Listening>>;

    /// Acquires or renews the lease on commits.
    fn lease(&self, sheet: SheetId) -> Answer<'_, Lease>;

    /// Another node may commit.
    fn release_lease(&self, sheet: SheetId) -> Later<'_, ()>;

    /// What this node knows and does not know to be committed.
    fn tail(&self, sheet: SheetId) -> Vec<Arc<Entry>>;

    /// The last revision that is not known to be committed.
    fn uncommitted(&self, sheet: SheetId) -> Answer<'_, Option<Revision>>;

    /// The sheets that nobody is known to commit.
    fn waiting_sheets(&self) -> Answer<'_, Vec<SheetId>>;

    /// How many entries this node knows and does not know to be committed.
    fn uncommitted_entries(&self) -> usize;

    /// What is committed may be forgotten.
    fn committed(&self, sheet: SheetId, revision: Revision) -> Later<'_, ()>;

    /// All of a sheet up to a revision is safe elsewhere; false when more has been appended since.
    fn discard_until(&self, sheet: SheetId, last: Revision) -> Answer<'_, bool>;

    /// Nothing of the sheet will ever be committed.
    fn discard(&self, sheet: SheetId) -> Later<'_, ()>;
}

/// Receives what other nodes do with one sheet.
pub trait Listening: Debug + Send + Sync {
    /// The next event beyond `known`. Safe to cancel.
    fn next(&mut self, known: Revision) -> Later<'_, Event>;
}
