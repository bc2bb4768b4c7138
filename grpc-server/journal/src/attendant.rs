//! A journal without a thread: its owner does the writer's work, at the times that it chooses.
//!
//! For tests that run the journal's steps one at a time, with a crash after any of them. Dropping the
//! attendant is such a crash: it tidies nothing.

use std::path::Path;
use std::sync::Arc;

use super::disk::Disk;
use super::local::LocalJournal;
use super::writer::{Abandon, Writer};
use super::{Journal, JournalOptions, OpenJournalError, RecoveryReport};

/// Does the work of the journal's thread. Appends wait until it is asked to.
#[derive(Debug)]
pub struct Attendant {
    writer: Writer,
    /// Answers the appends that wait when the attendant is dropped.
    _abandon: Abandon,
}

impl Attendant {
    /// Writes the queued appends as one frame and answers their callers; then does the deferred work.
    /// False: there was nothing to do.
    pub fn attend(&mut self) -> bool {
        self.writer.attend()
    }
}

impl Journal {
    /// Opens the journal in `dir` of a disk that need not be the machine's, and nobody attends to it
    /// but the caller. There is no lock: nobody else may have it open.
    ///
    /// # Errors
    /// As for [`Journal::open`].
    pub fn open_attended(
        disk: Arc<dyn Disk>,
        dir: &Path,
        options: JournalOptions,
    ) -> Result<(Self, Attendant, RecoveryReport), OpenJournalError> {
        let (shared, writer, report) = LocalJournal::assemble(disk, dir, options)?;
        let attendant = Attendant { _abandon: writer.abandon(), writer };
        let local = LocalJournal { shared: Arc::new(shared) };
        Ok((local.into(), attendant, report))
    }
}
