//! The local journal: an embedded log on this node's disk. An acknowledged append survives a crash.
//!
//! One thread owns the files. Appends of all sheets queue in memory; the thread takes all of them, writes them as
//! one frame, calls fdatasync once and answers every caller. A lone append on an
//! idle journal costs one fdatasync and two thread hops. There is no timer: the next batch queues
//! while one fdatasync runs.
//!
//! An entry stays in memory (as the `Arc` that the sheet has anyway) until it is known to be
//! committed to Postgres; a segment file is deleted when nothing uncommitted is left in it, so a
//! sheet whose commits are stuck does not hold the files of the others.
//!
//! Not here: order and meaning of entries (the sheet's task gives them), commits (the committer).
//!
//! Invariant: when an append resolves with `Ok` all of it is on the disk; with an error, none of it
//! is, nor will be after a restart, unless the disk refused even to truncate.

mod append;
pub(crate) mod attendant;
mod backlog;
pub(crate) mod disk;
pub(crate) mod inspect;
pub(crate) mod options;
mod queue;
pub(crate) mod recovery;
mod segment;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use ot_engine::Revision;

use self::append::Append;
use self::disk::{Disk, SystemDisk};
use self::options::JournalOptions;
use self::queue::Queue;
use self::recovery::RecoveryReport;
use self::writer::Writer;
use crate::private::{self, Others};
use crate::tail::Tails;
use crate::{JournalError, OpenJournalError, sizes};
use model::{Entry, SheetId};

/// Name of the lock file: one server for one directory.
pub(super) const LOCK_FILE: &str = "journal.lock";

/// A handle on the journal; cheap to clone. Dropping the last one waits for what is queued, then
/// closes the files.
#[derive(Clone, Debug)]
pub(super) struct LocalJournal {
    pub(super) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    queue: Arc<Queue>,
    tails: Arc<Tails>,
    batch_bytes: usize,
    writer: Option<JoinHandle<()>>,
    /// Locked as long as it is open.
    _lock: Option<File>,
}

impl LocalJournal {
    /// Opens the journal in `dir`, which is made if it is missing, and reads what a former server
    /// left there. Blocks: call it before serving, or from a blocking thread.
    ///
    /// # Errors
    /// [`OpenJournalError`]: the directory is in use, can't be used, or a file is damaged.
    pub(super) fn open(
        dir: &Path,
        options: JournalOptions,
    ) -> Result<(Self, RecoveryReport), OpenJournalError> {
        let lock = lock(dir)?;
        let (mut shared, writer, report) = Self::assemble(Arc::new(SystemDisk), dir, options)?;
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run())
            .map_err(|error| OpenJournalError::io(dir, &error))?;
        shared.writer = Some(thread);
        shared._lock = Some(lock);
        Ok((Self { shared: Arc::new(shared) }, report))
    }

    /// The parts of a journal; no thread does the work of its writer yet.
    fn assemble(
        disk: Arc<dyn Disk>,
        dir: &Path,
        options: JournalOptions,
    ) -> Result<(Shared, Writer, RecoveryReport), OpenJournalError> {
        let recovered = recovery::recover(&*disk, dir)?;
        let queue = Arc::new(Queue::new());
        let tails = Arc::new(Tails::new(recovered.tails, options.memory_bytes));
        let writer = Writer::new(
            disk,
            dir.to_owned(),
            options,
            recovered.files,
            recovered.next_frame,
            Arc::clone(&queue),
            Arc::clone(&tails),
        )
        .map_err(|error| OpenJournalError::io(dir, &error))?;
        let batch_bytes = sizes::batch_bytes(options.limit_bytes);
        let shared = Shared { queue, tails, batch_bytes, writer: None, _lock: None };
        Ok((shared, writer, recovered.report))
    }

    /// Appends entries, all or none; durable when the future resolves. They take their place among other appends now, or,
    /// where the queue has no room, when the future is polled first.
    ///
    /// # Errors
    /// [`JournalError`]; none of the entries is kept then.
    pub(super) fn append(
        &self,
        entries: Vec<Arc<Entry>>,
    ) -> impl Future<Output = Result<(), JournalError>> + Send + use<> {
        // Encoded here: callers encode in parallel, and the writer is one thread.
        let encoded = (!entries.is_empty()).then(|| Append::encode(entries)).transpose();
        let queued = encoded.map(|append| append.map(|(append, done)| (self.queue(append), done)));
        async move {
            let Some((queued, done)) = queued? else { return Ok(()) };
            queued.await?;
            // A dropped sender means that the writer's thread has ended.
            done.await.unwrap_or(Err(JournalError::Closed))
        }
    }

    fn queue(
        &self,
        append: Append,
    ) -> impl Future<Output = Result<(), JournalError>> + Send + use<> {
        self.shared.queue.push(append)
    }

    /// The size of a batch after which it should be appended.
    pub(super) fn batch_bytes(&self) -> usize {
        self.shared.batch_bytes
    }

    /// A sheet is open, and stands at `head` as far as is known: its next append follows on that, or on
    /// what is not known to be committed.
    pub(super) fn opened(&self, sheet: SheetId, head: Revision) {
        self.shared.tails.opened(sheet, head);
    }

    /// A sheet is closed: the revision that its next append must follow on is forgotten.
    pub(super) fn closed(&self, sheet: SheetId) {
        self.shared.tails.closed(sheet);
    }

    /// A sheet holds so many bytes for an entry that it has applied.
    pub(super) fn applied(&self, sheet: SheetId, revision: Revision, bytes: usize) {
        self.shared.tails.applied(sheet, revision, bytes);
    }

    /// The entries of a sheet that are not known to be committed, in order of revisions.
    pub(super) fn tail(&self, sheet: SheetId) -> Vec<Arc<Entry>> {
        self.shared.tails.tail(sheet)
    }

    /// The sheets that have such a tail.
    pub(super) fn sheets_with_tail(&self) -> Vec<SheetId> {
        self.shared.tails.sheets()
    }

    /// How many entries are not known to be committed, of all sheets.
    pub(super) fn uncommitted_entries(&self) -> usize {
        self.shared.tails.entries()
    }

    /// The sheet is committed up to `revision`: its entries up to there may be forgotten.
    pub(super) fn committed(&self, sheet: SheetId, revision: Revision) {
        if self.shared.tails.forget(sheet, revision) {
            self.shared.queue.push_committed(sheet, revision);
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(Err(_)) = self.writer.take().map(JoinHandle::join) {
            tracing::error!("journal thread panicked");
        }
    }
}

/// Locks the directory for this process.
fn lock(dir: &Path) -> Result<File, OpenJournalError> {
    let open = || {
        private::make_dir(dir, Others::KeepOut)?;
        // Segments of a former release may be open to others.
        for file in std::fs::read_dir(dir)? {
            private::close(&file?.path(), Others::KeepOut)?;
        }
        private::create_file(&dir.join(LOCK_FILE), File::options().truncate(false))
    };
    let file = open().map_err(|error| OpenJournalError::io(dir, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenJournalError::InUse(dir.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(OpenJournalError::io(dir, &error)),
    }
}
