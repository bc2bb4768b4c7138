//! A small disk, which fills soon: a tmpfs mounted over a directory. Mounting needs root.
//!
//! Not a quota: the file system itself is full. Invariant: the disk is unmounted with its handle.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Bytes of one write of ballast.
const BALLAST_BYTES: usize = 1 << 16;

/// A mounted disk.
#[derive(Debug)]
pub struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// Mounts a disk of so many bytes at a directory, which is created if it is missing.
    ///
    /// # Errors
    /// When this process may not mount.
    pub fn mount(at: &Path, bytes: u64) -> io::Result<Self> {
        fs::create_dir_all(at)?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"]).arg(at);
        succeed(mount)?;
        Ok(Self { at: at.to_owned() })
    }

    /// Whether this process may mount one.
    #[must_use]
    pub fn is_possible() -> bool {
        let directory = tempfile::tempdir();
        directory.is_ok_and(|directory| Self::mount(directory.path(), 1 << 20).is_ok())
    }
}

/// A file that fills its disk until this is dropped.
#[derive(Debug)]
pub struct Ballast {
    path: PathBuf,
}

impl Ballast {
    /// Fills the disk that a directory is on.
    ///
    /// # Panics
    /// When a write fails for another reason than a full disk.
    #[must_use]
    pub fn fill(directory: &Path) -> Self {
        let path = directory.join("ballast");
        let mut file = fs::File::create(&path).expect("a file can be made");
        for bytes in [BALLAST_BYTES, 1] {
            let piece = vec![0; bytes];
            let full = std::iter::repeat_with(|| file.write_all(&piece)).find_map(Result::err);
            let kind = full.map(|error| error.kind());
            assert_eq!(kind, Some(io::ErrorKind::StorageFull), "{}", path.display());
        }
        Self { path }
    }
}

impl Drop for Ballast {
    fn drop(&mut self) {
        // The removal of the directory fails, too, when this has failed.
        let _ = fs::remove_file(&self.path);
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let mut unmount = Command::new("umount");
        // Lazy: a process may still have a file open.
        unmount.arg("--lazy").arg(&self.at);
        // The removal of the directory fails, too, when this has failed.
        let _ = succeed(unmount);
    }
}

fn succeed(mut command: Command) -> io::Result<()> {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(status.to_string())) }
}
