//! A journal without a thread: its owner does the writer's work, one step at a time.
//!
//! For tests with a crash after any step; not for a server. Invariant: dropping the attendant is such a crash, so it
//! writes and deletes nothing.

use std::path::Path;
use std::sync::Arc;

use super::LocalJournal;
use super::disk::Disk;
use super::options::JournalOptions;
use super::recovery::RecoveryReport;
use super::writer::{Abandon, Writer};
use crate::OpenJournalError;

/// Does the work of the journal's thread. Appends wait until it is asked to.
#[derive(Debug)]
pub struct Attendant {
    writer: Writer,
    /// Answers the appends that wait when the attendant is dropped.
    _abandon: Abandon,
}

impl Attendant {
    /// See [`Journal::open_attended`](crate::Journal::open_attended).
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        dir: &Path,
        options: JournalOptions,
    ) -> Result<(LocalJournal, Self, RecoveryReport), OpenJournalError> {
        let (shared, writer, report) = LocalJournal::assemble(disk, dir, options)?;
        let attendant = Self { _abandon: writer.abandon(), writer };
        Ok((LocalJournal { shared: Arc::new(shared) }, attendant, report))
    }

    /// Writes the queued appends as one frame and answers their callers; then does the deferred work.
    /// False when there was nothing to do.
    pub fn attend(&mut self) -> bool {
        self.writer.attend()
    }
}
