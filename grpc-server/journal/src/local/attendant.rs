//! A journal without a thread: its owner does the writer's work, at the times that it chooses.
//!
//! For tests that run the journal's steps one at a time, with a crash after any of them. Dropping the
//! attendant is such a crash: it tidies nothing.

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
    /// False: there was nothing to do.
    pub fn attend(&mut self) -> bool {
        self.writer.attend()
    }
}
