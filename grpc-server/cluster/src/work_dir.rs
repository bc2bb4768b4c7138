//! The folder of an executor: one of its own, also where several executors have one `--work-dir`.
//!
//! Invariant: a folder is emptied and used by one executor alone, which holds its lock until it ends.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Executors with one folder.
const EXECUTORS: usize = 64;

/// An empty folder, until it is dropped.
#[derive(Debug)]
pub(crate) struct WorkDir {
    /// Rows between two stages. Ballista deletes old folders in it, whatever they are.
    pub(crate) rows: PathBuf,
    /// What does not fit the memory of a task.
    pub(crate) spilled: PathBuf,
    _lock: File,
}

/// Takes the first folder that is free, and empties it.
pub(crate) fn take(dir: &Path) -> io::Result<WorkDir> {
    fs::create_dir_all(dir)?;
    // Ballista has paths relative to its process in mind, and a folder must not move with that.
    let dir = dir.canonicalize()?;
    for number in 0..EXECUTORS {
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(dir.join(format!("{number}.lock")))?;
        match lock.try_lock() {
            Ok(()) => {
                let path = dir.join(number.to_string());
                match fs::remove_dir_all(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
                let [rows, spilled] = ["rows", "spilled"].map(|name| path.join(name));
                fs::create_dir_all(&rows)?;
                fs::create_dir_all(&spilled)?;
                return Ok(WorkDir { rows, spilled, _lock: lock });
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::other(format!("{EXECUTORS} executors use it already")))
}
