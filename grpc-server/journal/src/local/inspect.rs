//! Reads a journal that no server has open, and leaves it as it is: to check a backup.
//!
//! Not a repair. Invariant: no file is changed; an unfinished write that a crash left is reported.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::LOCK_FILE;
use super::disk::SystemDisk;
use super::recovery::{self, RecoveryReport};
use crate::OpenJournalError;
use model::{Entry, SheetId};

/// The contents of a journal. No server can open it while this lives.
#[derive(Debug)]
pub struct Inspection {
    /// The report of the read.
    pub report: RecoveryReport,
    /// For each sheet, its entries that are not known to be committed, in order.
    pub tails: Vec<(SheetId, Vec<Arc<Entry>>)>,
    _lock: Option<File>,
}

/// Reads the journal in `dir`; `None` when there is none. Blocks.
///
/// # Errors
/// [`OpenJournalError`]: a server has it open, it can't be read, or a file is damaged.
pub fn inspect(dir: &Path) -> Result<Option<Inspection>, OpenJournalError> {
    if !dir.is_dir() {
        return Ok(None);
    }
    let lock = lock(dir)?;
    let found = recovery::read(&SystemDisk, dir)?;
    let mut tails: Vec<_> =
        found.tails.into_iter().map(|(sheet, tail)| (sheet, Vec::from(tail))).collect();
    tails.sort_unstable_by_key(|(sheet, _)| *sheet);
    Ok(Some(Inspection { report: found.report, tails, _lock: lock }))
}

/// A copy may come without the file; then no server can have it open either.
fn lock(dir: &Path) -> Result<Option<File>, OpenJournalError> {
    let path = dir.join(LOCK_FILE);
    let file = match File::options().write(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(OpenJournalError::io(&path, &error)),
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenJournalError::InUse(dir.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(OpenJournalError::io(&path, &error)),
    }
}
