//! The files of a folder, read once and shared.
//!
//! Not how they are served. Invariant: every file really lies in the folder, also where a link names it, and
//! all together are no larger than the limit.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use rustc_hash::FxHashMap;

/// Why the files of the browser application can't be served.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadFilesError {
    /// The folder, or a file in it, can't be read.
    #[error("{0} can't be read: {1}")]
    Io(PathBuf, io::Error),
    /// More than a build is.
    #[error("the files in {0} are larger than {1} bytes together; is it the folder of --web-dir?")]
    TooLarge(PathBuf, u64),
}

/// Files by their path below the folder.
#[derive(Debug, Default)]
pub(super) struct Files {
    by_path: FxHashMap<String, Bytes>,
}

impl Files {
    /// Reads a folder. Links out of it and names that are no UTF-8 are left out.
    pub(super) fn read(root: &Path, most_bytes: u64) -> Result<Self, ReadFilesError> {
        let fail = |path: &Path, error| ReadFilesError::Io(path.to_owned(), error);
        let real_root = fs::canonicalize(root).map_err(|error| fail(root, error))?;
        let (mut files, mut bytes) = (Self::default(), 0);
        let mut folders = vec![real_root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(|error| fail(&folder, error))? {
                let entry = entry.map_err(|error| fail(&folder, error))?;
                let path = entry.path();
                // Not followed: a link to a folder could lead around in circles.
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(path);
                    continue;
                }
                let real = fs::canonicalize(&path).unwrap_or_default();
                let name = path.strip_prefix(&real_root).ok().and_then(Path::to_str);
                let (true, Some(name)) = (real.starts_with(&real_root) && real.is_file(), name)
                else {
                    continue;
                };
                bytes += fs::metadata(&real).map_err(|error| fail(&real, error))?.len();
                if bytes > most_bytes {
                    return Err(ReadFilesError::TooLarge(root.to_owned(), most_bytes));
                }
                let content = fs::read(&real).map_err(|error| fail(&real, error))?;
                files.by_path.insert(name.to_owned(), content.into());
            }
        }
        Ok(files)
    }

    /// A file's content, shared.
    pub(super) fn get(&self, path: &str) -> Option<Bytes> {
        self.by_path.get(path).cloned()
    }
}
