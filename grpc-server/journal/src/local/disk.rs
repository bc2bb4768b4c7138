//! The disk of the journal: a trait with the calls that the journal makes, and the machine's own disk.
//!
//! Tests implement the trait to simulate torn writes, failed syncs, and a crash between any two calls. Not here: the
//! meaning of the bytes.
//!
//! Invariant: a call promises what POSIX promises and no more. Before a sync, any part of what was written may be
//! lost, in any order.

use std::fmt::Debug;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::private;

/// A file system.
pub trait Disk: Debug + Send + Sync + 'static {
    /// The files in a directory, in no particular order.
    ///
    /// # Errors
    /// As [`std::fs::read_dir`].
    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>>;

    /// All of a file.
    ///
    /// # Errors
    /// As [`std::fs::read`].
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Makes a file, or empties the one that is there.
    ///
    /// # Errors
    /// As [`File::create`].
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file that is there.
    ///
    /// # Errors
    /// As [`OpenOptions::open`].
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Renames a file. Durable when the directory is synced.
    ///
    /// # Errors
    /// As [`std::fs::rename`].
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file. Durable when the directory is synced.
    ///
    /// # Errors
    /// As [`std::fs::remove_file`].
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes created, renamed and removed names durable.
    ///
    /// # Errors
    /// As [`File::sync_all`].
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// A file that is open for writing.
pub trait DiskFile: Debug + Send {
    /// Writes all bytes at an offset; on an error any part of them may be there.
    ///
    /// # Errors
    /// As [`FileExt::write_all_at`].
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Cuts the file, or extends it with zeros.
    ///
    /// # Errors
    /// As [`File::set_len`].
    fn set_len(&self, bytes: u64) -> io::Result<()>;

    /// Makes what was written durable, and the length as far as it is needed to read that.
    ///
    /// # Errors
    /// As [`File::sync_data`].
    fn sync_data(&self) -> io::Result<()>;

    /// Makes everything about the file durable.
    ///
    /// # Errors
    /// As [`File::sync_all`].
    fn sync_all(&self) -> io::Result<()>;
}

/// The machine's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct SystemDisk;

impl Disk for SystemDisk {
    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        std::fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        Ok(Box::new(private::create_file(path, options.read(true).truncate(true))?))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(OpenOptions::new().read(true).write(true).open(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }
}

impl DiskFile for File {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        File::set_len(self, bytes)
    }

    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }

    fn sync_all(&self) -> io::Result<()> {
        File::sync_all(self)
    }
}
