//! Files that no other user of this machine may read: created without permissions for others, with any umask, and
//! closed where they are open.
//!
//! Not which files those are: their owners call. Invariant: permission is only ever taken away, and the log
//! names what was open.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// The permissions of others on a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// Nothing.
    KeepOut,
    /// Go through it to what belongs to them, without seeing what there is.
    PassThrough,
}

impl Others {
    const fn bits(self) -> u32 {
        match self {
            Self::KeepOut => 0,
            Self::PassThrough => 0o011,
        }
    }
}

/// Makes a directory and its parents, unless it is there, and closes it to others.
pub fn make_dir(path: &Path, others: Others) -> io::Result<()> {
    let mode = 0o700 | others.bits();
    let is_new = !path.exists();
    DirBuilder::new().recursive(true).mode(mode).create(path)?;
    if is_new {
        // The umask may have taken from the way through.
        return fs::set_permissions(path, Permissions::from_mode(mode));
    }
    close(path, others)
}

/// Removes the permissions of others on a file or a directory, except for `others`.
pub fn close(path: &Path, others: Others) -> io::Result<()> {
    let mode = fs::metadata(path)?.permissions().mode() & 0o7777;
    let closed = mode & (0o7700 | others.bits());
    if closed == mode {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(closed))?;
    let (was, now) = (format!("{mode:o}"), format!("{closed:o}"));
    tracing::warn!(path = %path.display(), was, now, "closed to the machine's other users");
    Ok(())
}

/// Opens a file for writing, and makes it when it is not there; an older one is closed to others.
pub fn create_file(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let file = options.create(true).write(true).mode(0o600).open(path)?;
    close(path, Others::KeepOut)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("is there").permissions().mode() & 0o7777
    }

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("is ours");
    }

    #[test]
    fn what_is_made_is_closed_and_what_is_open_gets_closed() {
        let place = tempfile::tempdir().expect("a place for files");
        for (others, expected) in [(Others::KeepOut, 0o700), (Others::PassThrough, 0o711)] {
            let dir = place.path().join(format!("{expected:o}/below"));
            make_dir(&dir, others).expect("is made");
            assert_eq!(mode(&dir), expected);
            for open in [0o755, 0o777, 0o2775] {
                set(&dir, open);
                make_dir(&dir, others).expect("is there");
                assert_eq!(mode(&dir), expected | (open & 0o7000));
            }
            // A directory that its owner has closed stays closed.
            set(&dir, 0o700);
            make_dir(&dir, others).expect("is there");
            assert_eq!(mode(&dir), 0o700);
        }
    }

    #[test]
    fn a_file_is_for_its_owner_alone() {
        let place = tempfile::tempdir().expect("a place for files");
        let path = place.path().join("file");
        for before in [None, Some(0o644), Some(0o666), Some(0o600)] {
            if let Some(open) = before {
                set(&path, open);
            }
            create_file(&path, OpenOptions::new().truncate(false)).expect("is opened");
            assert_eq!(mode(&path), 0o600);
        }
    }
}
