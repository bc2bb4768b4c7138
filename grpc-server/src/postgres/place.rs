//! The directory `DATA/postgres`, whose entries belong to this process's user, except those that are given to the
//! account of Postgres.
//!
//! Not the content of the files. Invariants: only this process's user can add or replace an entry, so no entry
//! is a link that another account has set; files are opened without following links and only when they are this
//! user's; an entry that another account has left is removed, and the log names it.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, Stat, fchmod, fchown, fstat, mkdirat, openat, renameat,
    statat, unlinkat,
};
use rustix::io::Errno;
use rustix::process::{Gid, Uid, geteuid};

use super::PostgresError;
use super::launcher::User;

/// The longest file that is read as a whole.
const SMALL_FILE_BYTES: u64 = 4 * 1024;
/// How a file is opened: as itself, and without a wait for the other end of a pipe.
const AS_ITSELF: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);

/// A directory of this process's user.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    dir: OwnedFd,
    /// The account of Postgres; `None` when it is this process's own.
    account: Option<User>,
}

impl Place {
    /// Makes the directory, or takes it back from the account of Postgres, which owned it in earlier releases.
    pub(super) fn open(path: &Path, account: Option<User>) -> Result<Self, PostgresError> {
        let fail = |error| PostgresError::io(format!("cannot make {}", path.display()), error);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(fail)?;
        }
        make_dir(CWD, path).map_err(|error| fail(error.into()))?;
        let dir = open_dir(CWD, path).map_err(|error| fail(error.into()))?;
        let place = Self { path: path.to_owned(), dir, account };
        place.take_back().map_err(fail)?;
        Ok(place)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn take_back(&self) -> io::Result<()> {
        let found = fstat(&self.dir)?;
        self.require_owner(&found)?;
        if found.st_uid != geteuid().as_raw() {
            fchown(&self.dir, Some(geteuid()), None)?;
        }
        // Its account passes through to its own part without seeing what there is.
        let mode = if self.account.is_some() { 0o711 } else { 0o700 };
        Ok(fchmod(&self.dir, Mode::from(mode))?)
    }

    /// Refuses what belongs neither to this user nor to the account of Postgres.
    fn require_owner(&self, found: &Stat) -> io::Result<()> {
        let account = self.account.as_ref().map(|user| user.uid);
        if found.st_uid == geteuid().as_raw() || Some(found.st_uid) == account {
            return Ok(());
        }
        let rule = format!("it belongs to the account {}; give it to this one", found.st_uid);
        Err(io::Error::new(io::ErrorKind::PermissionDenied, rule))
    }

    /// Opens a file of this user, and makes it when it is not there. `how` is its access.
    pub(super) fn file(&self, name: &str, how: OFlags) -> io::Result<File> {
        self.discard_foreign(name)?;
        let mode = Mode::from(0o600);
        let file = openat(&self.dir, name, how | OFlags::CREATE | AS_ITSELF, mode)?;
        require_own_file(&file)?;
        fchmod(&file, mode)?;
        Ok(file.into())
    }

    /// The text of a small file of this user; `None` when it is not there.
    pub(super) fn read(&self, name: &str) -> io::Result<Option<String>> {
        self.discard_foreign(name)?;
        match openat(&self.dir, name, OFlags::RDONLY | AS_ITSELF, Mode::empty()) {
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
            Ok(file) => {
                require_own_file(&file)?;
                read_small(file).map(Some)
            }
        }
    }

    /// Writes a small file as a whole: a crash leaves the old one or the new one.
    pub(super) fn write(&self, name: &str, text: &str) -> io::Result<()> {
        self.write_as(name, text, 0o600)
    }

    /// The same, readable by the account of Postgres.
    pub(super) fn write_public(&self, name: &str, text: &str) -> io::Result<()> {
        let mode = if self.account.is_some() { 0o644 } else { 0o600 };
        self.write_as(name, text, mode)
    }

    fn write_as(&self, name: &str, text: &str, mode: u32) -> io::Result<()> {
        let new = format!("{name}.new");
        self.remove(&new)?;
        let how = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | AS_ITSELF;
        let mut file = File::from(openat(&self.dir, new.as_str(), how, Mode::from(0o600))?);
        file.write_all(text.as_bytes())?;
        fchmod(&file, Mode::from(mode))?;
        file.sync_all()?;
        Ok(renameat(&self.dir, new.as_str(), &self.dir, name)?)
    }

    /// Removes a file or a link; a directory is refused.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        match unlinkat(&self.dir, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A directory of the account of Postgres, which is made when it is not there.
    pub(super) fn account_dir(&self, name: &str) -> io::Result<PathBuf> {
        match statat(&self.dir, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) if FileType::from_raw_mode(found.st_mode) != FileType::Directory => {
                self.discard(name)?;
            }
            _ => {}
        }
        make_dir(&self.dir, name)?;
        give(&self.dir, Path::new(name), self)?;
        Ok(self.path.join(name))
    }

    /// Removes an entry that is no file of this user's, which an earlier release let another account make.
    fn discard_foreign(&self, name: &str) -> io::Result<()> {
        match statat(&self.dir, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) if !is_own_file(&found) => self.discard(name),
            Ok(_) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn discard(&self, name: &str) -> io::Result<()> {
        let path = self.path.join(name);
        tracing::warn!(path = %path.display(), "removed: a link, or a file of another account");
        self.remove(name)
    }
}

/// Gives a directory to the account of Postgres, when it is that account's or this user's.
pub(super) fn give(parent: impl rustix::fd::AsFd, path: &Path, place: &Place) -> io::Result<()> {
    let dir = open_dir(parent, path)?;
    place.require_owner(&fstat(&dir)?)?;
    if let Some(user) = &place.account {
        fchown(&dir, Some(Uid::from_raw(user.uid)), Some(Gid::from_raw(user.gid)))?;
    }
    Ok(fchmod(&dir, Mode::from(0o700))?)
}

/// Reads a small file of the account of Postgres, as itself.
pub(super) fn read_foreign(path: &Path) -> io::Result<String> {
    let file = openat(CWD, path, OFlags::RDONLY | AS_ITSELF, Mode::empty())?;
    if FileType::from_raw_mode(fstat(&file)?.st_mode) != FileType::RegularFile {
        return Err(io::Error::other("it is no file"));
    }
    read_small(file)
}

/// Makes a directory for this user alone, unless there is an entry of that name.
pub(super) fn make_dir(parent: impl rustix::fd::AsFd, path: impl AsRef<Path>) -> Result<(), Errno> {
    match mkdirat(parent, path.as_ref(), Mode::from(0o700)) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(error) => Err(error),
    }
}

fn open_dir(parent: impl rustix::fd::AsFd, path: impl AsRef<Path>) -> Result<OwnedFd, Errno> {
    let how = OFlags::RDONLY | OFlags::DIRECTORY | AS_ITSELF;
    openat(parent, path.as_ref(), how, Mode::empty())
}

fn read_small(file: OwnedFd) -> io::Result<String> {
    let mut text = String::new();
    File::from(file).take(SMALL_FILE_BYTES).read_to_string(&mut text)?;
    Ok(text.trim().to_owned())
}

/// A file with one name, of this user.
fn is_own_file(found: &Stat) -> bool {
    let is_file = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile;
    is_file && found.st_uid == geteuid().as_raw() && found.st_nlink == 1
}

fn require_own_file(file: &OwnedFd) -> io::Result<()> {
    match is_own_file(&fstat(file)?) {
        true => Ok(()),
        false => Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is no file of this user")),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    fn place() -> (tempfile::TempDir, Place) {
        let dir = tempfile::tempdir().expect("a directory");
        let place = Place::open(&dir.path().join("postgres"), None).expect("is made");
        (dir, place)
    }

    /// Each kind of entry at each name that is opened: none reaches what lies behind it.
    #[test]
    fn no_link_is_followed() {
        for name in ["password", "lock", "postgres.log", "socket-elsewhere"] {
            for hard in [false, true] {
                let (dir, place) = place();
                let target = dir.path().join("target");
                fs::write(&target, "precious").expect("is written");
                let entry = place.path().join(name);
                match hard {
                    true => fs::hard_link(&target, &entry).expect("is linked"),
                    false => symlink(&target, &entry).expect("is linked"),
                }
                assert_eq!(place.read(name).expect("is gone"), None, "{name} {hard}");
                symlink(&target, &entry).expect("is linked");
                let mut file = place.file(name, OFlags::WRONLY).expect("is made");
                file.write_all(b"other").expect("is written");
                symlink(&target, place.path().join(format!("{name}.new"))).expect("is linked");
                place.write(name, "third").expect("is written");
                assert_eq!(place.read(name).expect("is there").as_deref(), Some("third"));
                assert_eq!(fs::read_to_string(&target).expect("is there"), "precious");
            }
        }
    }

    #[test]
    fn a_link_in_place_of_a_directory_is_replaced() {
        let (dir, place) = place();
        let target = dir.path().join("target");
        fs::create_dir(&target).expect("is made");
        fs::set_permissions(&target, fs::Permissions::from_mode(0o755)).expect("is ours");
        symlink(&target, place.path().join("socket")).expect("is linked");
        let made = place.account_dir("socket").expect("is made");
        let found = fs::symlink_metadata(made).expect("is there");
        assert!(found.is_dir() && found.mode() & 0o777 == 0o700);
        assert_eq!(fs::metadata(&target).expect("is there").mode() & 0o777, 0o755);
        // The directory itself may not be one either.
        let linked = dir.path().join("linked");
        symlink(&target, &linked).expect("is linked");
        assert!(Place::open(&linked, None).is_err());
    }

    #[test]
    fn a_pipe_is_not_waited_for() {
        let (_dir, place) = place();
        let path = place.path().join("lock");
        rustix::fs::mknodat(CWD, &path, FileType::Fifo, Mode::from(0o600), 0).expect("is made");
        let file = place.file("lock", OFlags::WRONLY).expect("is made");
        assert!(file.metadata().expect("is open").is_file());
    }
}
