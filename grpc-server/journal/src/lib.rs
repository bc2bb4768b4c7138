//! The journal: accepted edits until they are committed to Postgres, on this node's disk (`local`) or in Redis,
//! shared by all nodes ([`streams`], through the trait [`SharedJournal`]).
//!
//! A sheet's task does not know which of them it uses. It appends, and an append may *lose*: another node's
//! entries came first (on the disk there is no other node). The task also follows the entries that other nodes
//! append, and the committer asks for the lease before it commits.
//!
//! **What it is not.** It decides neither the order nor the meaning of entries (the sheet's task does), and it
//! commits nothing (the committer does).
//!
//! **Where to start.** [`Journal`] is the handle. `local.rs` and `local/writer.rs` are the files, `streams.rs`
//! the streams in Redis, and `encoding/` the bytes of both.
//!
//! Invariant: an append that resolves with `Ok` is durable at the revisions of its entries; every error but
//! [`JournalError::Unknown`] means that nothing was appended (one exception: see the module `error`).

mod encoding;
mod error;
mod local;
pub mod private;
mod shared;
mod sizes;
mod stream;
pub mod streams;
mod tail;

// Shared with the tests of the connection, which use more of it.
#[cfg(test)]
#[allow(dead_code)]
#[path = "../../redis-link/src/own_redis.rs"]
mod own_redis;

use std::path::Path;
use std::sync::Arc;

use ot_engine::Revision;

pub use encoding::record::{encode_entry, entry_bytes};
pub use error::{JournalError, OpenJournalError};
use local::LocalJournal;
pub use local::attendant::Attendant;
pub use local::disk::{Disk, DiskFile};
pub use local::inspect::{Inspection, inspect};
pub use local::options::{JournalOptions, PREFILL_BYTES, SEGMENT_BYTES};
pub use local::recovery::RecoveryReport;
pub use model::sizes::{APPEND_BYTES, BATCH_BYTES, ENTRY_BYTES};
use model::{Entry, SheetId};
pub use shared::{Answer, Later, Listening, SharedJournal};
pub use stream::{Event, Followed, Lease, OpenedStream, StreamId};
pub use streams::RedisJournal;

/// A handle on the journal; cheap to clone. Dropping the last one of a local journal waits for what is
/// queued, then closes the files.
#[derive(Clone, Debug)]
pub struct Journal {
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Local(LocalJournal),
    Shared(Arc<dyn SharedJournal>),
}

/// Receives the [`Event`]s of one sheet.
#[derive(Debug)]
pub struct Listener(Option<Box<dyn Listening>>);

impl Journal {
    /// Opens the journal in `dir`, which is made if it is missing, and reads what a former server
    /// left there. Blocks: call it before serving, or from a blocking thread.
    ///
    /// # Errors
    /// [`OpenJournalError`]: the directory is in use, can't be used, or a file is damaged.
    pub fn open(
        dir: &Path,
        options: JournalOptions,
    ) -> Result<(Self, RecoveryReport), OpenJournalError> {
        let (local, report) = LocalJournal::open(dir, options)?;
        Ok((local.into(), report))
    }

    /// Opens the journal in `dir` of a disk that need not be the machine's. The
    /// caller does the work of its thread. There is no lock: no other journal may have it open.
    ///
    /// # Errors
    /// As for [`Journal::open`].
    pub fn open_attended(
        disk: Arc<dyn Disk>,
        dir: &Path,
        options: JournalOptions,
    ) -> Result<(Self, Attendant, RecoveryReport), OpenJournalError> {
        let (local, attendant, report) = Attendant::open(disk, dir, options)?;
        Ok((local.into(), attendant, report))
    }

    /// Whether other nodes may append to the sheets of this one, and commit them.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.place, Place::Shared(_))
    }

    /// Opens the stream of a sheet that Postgres has at `head`. `noted` is what [`tail`](Self::tail) returned
    /// before `head` was read.
    ///
    /// # Errors
    /// [`JournalError`]
    pub async fn open_stream(
        &self,
        sheet: SheetId,
        head: Revision,
        noted: Vec<Arc<Entry>>,
    ) -> Result<OpenedStream, JournalError> {
        match &self.place {
            Place::Local(local) => {
                // The noted entries may be committed, and forgotten, by now.
                let last = noted.last().map_or(head, |last| last.revision.max(head));
                local.opened(sheet, last);
                Ok(OpenedStream::At(StreamId::LOCAL, noted))
            }
            Place::Shared(shared) => shared.open_stream(sheet, head).await,
        }
    }

    /// Withdraws a stream that began at a head which Postgres has passed.
    ///
    /// # Errors
    /// [`JournalError`]
    pub async fn withdraw_stream(
        &self,
        sheet: SheetId,
        head: Revision,
        stream: StreamId,
    ) -> Result<(), JournalError> {
        match &self.place {
            Place::Local(_) => Ok(()),
            Place::Shared(shared) => shared.withdraw_stream(sheet, head, stream).await,
        }
    }

    /// Appends entries, all or none; durable when the future resolves with `Ok`. Local files queue them among other
    /// appends of this node at once; an append to Redis begins when the future is polled first.
    ///
    /// # Errors
    /// [`JournalError`]
    pub fn append(
        &self,
        stream: StreamId,
        entries: Vec<Arc<Entry>>,
    ) -> impl Future<Output = Result<(), JournalError>> + Send + use<> {
        let queued = match &self.place {
            Place::Local(local) => Ok(local.append(entries)),
            Place::Shared(shared) => Err(shared.append(stream, entries)),
        };
        async move {
            match queued {
                Ok(local) => local.await,
                Err(shared) => shared.await,
            }
        }
    }

    /// The size of a batch, in bytes as [`entry_bytes`] counts them, after which it should be appended.
    #[must_use]
    pub fn batch_bytes(&self) -> usize {
        match &self.place {
            Place::Local(local) => local.batch_bytes(),
            Place::Shared(_) => BATCH_BYTES,
        }
    }

    /// The entries that other nodes have appended after `after`.
    ///
    /// # Errors
    /// [`JournalError`]
    pub async fn follow(
        &self,
        sheet: SheetId,
        stream: StreamId,
        after: Revision,
    ) -> Result<Followed, JournalError> {
        match &self.place {
            Place::Local(_) => Ok(Followed::default()),
            Place::Shared(shared) => shared.follow(sheet, stream, after).await,
        }
    }

    /// A sheet has applied entries of other nodes: they count as this node's, too, until they are committed.
    pub fn followed(&self, entries: &[Arc<Entry>]) {
        if let Place::Shared(shared) = &self.place {
            shared.followed(entries);
        }
    }

    /// A sheet has applied an entry, and holds so many bytes for it until it is committed: they count as the entry
    /// does.
    pub fn applied(&self, sheet: SheetId, revision: Revision, bytes: usize) {
        match &self.place {
            Place::Local(local) => local.applied(sheet, revision, bytes),
            Place::Shared(shared) => shared.applied(sheet, revision, bytes),
        }
    }

    /// Entries of a sheet that this node does not open: the one that led to `head`, if it is kept, and the first ones
    /// after it. None after `head` when there are none, or when the stream has changed meanwhile.
    ///
    /// # Errors
    /// [`JournalError`]
    pub async fn first_entries(
        &self,
        sheet: SheetId,
        head: Revision,
    ) -> Result<Vec<Arc<Entry>>, JournalError> {
        match &self.place {
            Place::Local(local) => Ok(local.tail(sheet)),
            Place::Shared(shared) => shared.first_entries(sheet, head).await,
        }
    }

    /// Receives the events of other nodes on a sheet.
    pub async fn listen(&self, sheet: SheetId) -> Listener {
        match &self.place {
            Place::Local(_) => Listener(None),
            Place::Shared(shared) => Listener(Some(shared.listen(sheet).await)),
        }
    }

    /// Acquires or renews the lease on the sheet's commits, for some seconds.
    ///
    /// # Errors
    /// [`JournalError`] when the journal does not answer. To commit without the lease does no harm:
    /// batches are conditional.
    pub async fn lease(&self, sheet: SheetId) -> Result<Lease, JournalError> {
        match &self.place {
            Place::Local(_) => Ok(Lease::Held),
            Place::Shared(shared) => shared.lease(sheet).await,
        }
    }

    /// The sheet is closed here: another node may commit it.
    pub async fn release_lease(&self, sheet: SheetId) {
        match &self.place {
            Place::Local(local) => local.closed(sheet),
            Place::Shared(shared) => shared.release_lease(sheet).await,
        }
    }

    /// The entries of a sheet that this node does not know to be committed, in order of revisions.
    #[must_use]
    pub fn tail(&self, sheet: SheetId) -> Vec<Arc<Entry>> {
        match &self.place {
            Place::Local(local) => local.tail(sheet),
            Place::Shared(shared) => shared.tail(sheet),
        }
    }

    /// The last revision of a sheet that is not known to be committed, from any node.
    ///
    /// # Errors
    /// [`JournalError`]
    pub async fn uncommitted(&self, sheet: SheetId) -> Result<Option<Revision>, JournalError> {
        match &self.place {
            Place::Local(local) => Ok(local.tail(sheet).last().map(|entry| entry.revision)),
            Place::Shared(shared) => shared.uncommitted(sheet).await,
        }
    }

    /// The sheets with uncommitted entries and no known lease.
    ///
    /// # Errors
    /// [`JournalError`]
    pub async fn waiting_sheets(&self) -> Result<Vec<SheetId>, JournalError> {
        match &self.place {
            Place::Local(local) => Ok(local.sheets_with_tail()),
            Place::Shared(shared) => shared.waiting_sheets().await,
        }
    }

    /// How many entries are not known to be committed, of all sheets, as far as this node knows.
    #[must_use]
    pub fn uncommitted_entries(&self) -> usize {
        match &self.place {
            Place::Local(local) => local.uncommitted_entries(),
            Place::Shared(shared) => shared.uncommitted_entries(),
        }
    }

    /// The sheet is committed up to `revision`: its entries up to there may be forgotten.
    pub async fn committed(&self, sheet: SheetId, revision: Revision) {
        match &self.place {
            Place::Local(local) => local.committed(sheet, revision),
            Place::Shared(shared) => shared.committed(sheet, revision).await,
        }
    }

    /// The sheet is committed up to `revision`, by this node or by another one: this node holds no entry up to there.
    pub fn landed(&self, sheet: SheetId, revision: Revision) {
        if let Place::Shared(shared) = &self.place {
            shared.landed(sheet, revision);
        }
    }

    /// Forgets all of a sheet up to `last`, unless more has been appended since; answers whether it did.
    /// The caller has stored it in another place.
    ///
    /// # Errors
    /// [`JournalError`]
    pub async fn discard_until(
        &self,
        sheet: SheetId,
        last: Revision,
    ) -> Result<bool, JournalError> {
        match &self.place {
            Place::Local(local) => {
                let tail = local.tail(sheet);
                let is_last = tail.last().is_none_or(|entry| entry.revision <= last);
                if is_last {
                    local.committed(sheet, last);
                    local.closed(sheet);
                }
                Ok(is_last)
            }
            Place::Shared(shared) => shared.discard_until(sheet, last).await,
        }
    }

    /// The sheet is deleted: nothing of it will be committed.
    pub async fn discard(&self, sheet: SheetId) {
        match &self.place {
            Place::Local(local) => {
                if let Some(last) = local.tail(sheet).last() {
                    local.committed(sheet, last.revision);
                }
            }
            Place::Shared(shared) => shared.discard(sheet).await,
        }
    }
}

impl From<LocalJournal> for Journal {
    fn from(local: LocalJournal) -> Self {
        Self { place: Place::Local(local) }
    }
}

impl<T: SharedJournal> From<T> for Journal {
    fn from(shared: T) -> Self {
        Self { place: Place::Shared(Arc::new(shared)) }
    }
}

impl Listener {
    /// The next event beyond `known`; pending with a journal that no other node shares. Safe to cancel.
    pub async fn next(&mut self, known: Revision) -> Event {
        match &mut self.0 {
            Some(listener) => listener.next(known).await,
            None => std::future::pending().await,
        }
    }
}
