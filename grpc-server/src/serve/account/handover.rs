//! Gives a data directory of root to the account that the server becomes.
//!
//! Not a change of modes. Invariants: no link is followed, and nothing is given that is not a file with one name or a
//! directory, of root or of an account that Postgres ran as; only the parts of a data directory are given, so a
//! wrong path gives nothing away; the directory itself is given last, so that a start that was cut off continues.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, chownat, fchown, fstat, mkdirat, openat,
    statat,
};
use rustix::io::Errno;
use rustix::process::{Gid, Uid};

/// The parts of a data directory, and the file that keeps a second server out of each. Several servers may share files.
const PARTS: [(&str, Option<&str>); 4] = [
    ("journal", Some("journal.lock")),
    ("postgres", Some("lock")),
    (FILES, None),
    ("queries", None),
];
/// The part that may be a link to another disk.
const FILES: &str = "files";
/// The accounts that Postgres ran as when root started the server.
const EARLIER: [&str; 2] = ["postgres", "nobody"];
const AS_ITSELF: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(AS_ITSELF);

/// Why a data directory can't be given.
#[derive(Debug, thiserror::Error)]
pub(super) enum HandoverError {
    /// A system call.
    #[error("can't give {0} to the account of the server: {1}")]
    Io(PathBuf, io::Error),
    /// An entry that no release made.
    #[error(
        "can't give {0} to the account of the server: {1}; remove it, or start with --user root"
    )]
    Strange(PathBuf, &'static str),
    /// A server of an earlier release, which root runs.
    #[error("the data directory {0} is in use by another server")]
    InUse(PathBuf),
}

/// Makes the directory when it is missing, and gives it with its parts to the account.
pub(super) fn give(data_dir: &Path, (uid, gid): (u32, u32)) -> Result<(), HandoverError> {
    let fail = |error: Errno| HandoverError::Io(data_dir.to_owned(), error.into());
    if let Some(parent) = data_dir.parent() {
        std::fs::create_dir_all(parent)
            .map_err(|error| HandoverError::Io(parent.to_owned(), error))?;
    }
    match mkdirat(CWD, data_dir, Mode::from(0o700)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(fail(error)),
    }
    // An operator may have put a link at its place.
    let real = std::fs::canonicalize(data_dir)
        .map_err(|error| HandoverError::Io(data_dir.to_owned(), error))?;
    let dir = openat(CWD, &real, FOLDER, Mode::empty()).map_err(fail)?;
    if fstat(&dir).map_err(fail)?.st_uid == uid {
        return Ok(());
    }
    let giver = Giver { uid: Uid::from_raw(uid), gid: Gid::from_raw(gid), owners: owners(uid) };
    let mut locks = Vec::new();
    for (part, lock) in PARTS {
        match openat(&dir, part, FOLDER, Mode::empty()) {
            Err(Errno::NOENT) => {}
            Err(Errno::NOTDIR | Errno::LOOP) if part == FILES => {
                let path = real.join(part);
                tracing::warn!(path = %path.display(), "no folder, but a link: its target stays as it is");
            }
            Err(error) => return Err(HandoverError::Io(real.join(part), error.into())),
            Ok(part_dir) => {
                if let Some(lock) = lock {
                    locks.extend(take_lock(&part_dir, lock, &real)?);
                }
                giver.walk(part_dir, &real.join(part))?;
            }
        }
    }
    giver.own(&dir, &real)
}

/// Keeps a server of an earlier release out while its files are given away.
fn take_lock(dir: &OwnedFd, name: &str, data_dir: &Path) -> Result<Option<File>, HandoverError> {
    match openat(dir, name, OFlags::WRONLY | AS_ITSELF, Mode::empty()) {
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(HandoverError::Io(data_dir.join(name), error.into())),
        Ok(file) => {
            let file = File::from(file);
            match file.try_lock() {
                Ok(()) => Ok(Some(file)),
                Err(_) => Err(HandoverError::InUse(data_dir.to_owned())),
            }
        }
    }
}

/// Root, the new account, and those that Postgres ran as.
fn owners(account: u32) -> Vec<u32> {
    let look_up = |name: &&str| nix::unistd::User::from_name(name).ok().flatten();
    let earlier = EARLIER.iter().filter_map(look_up).map(|user| user.uid.as_raw());
    earlier.chain([0, account]).collect()
}

struct Giver {
    uid: Uid,
    gid: Gid,
    owners: Vec<u32>,
}

impl Giver {
    /// Gives a directory and all below it. Each entry is opened as itself before it is looked at, so it can't be
    /// exchanged in between.
    fn walk(&self, dir: OwnedFd, path: &Path) -> Result<(), HandoverError> {
        let mut folders = VecDeque::from([(dir, path.to_owned())]);
        while let Some((dir, path)) = folders.pop_front() {
            let fail = |error: Errno| HandoverError::Io(path.clone(), error.into());
            for entry in Dir::read_from(&dir).map_err(fail)? {
                let name = entry.map_err(fail)?.file_name().to_owned();
                if matches!(name.to_bytes(), b"." | b"..") {
                    continue;
                }
                let below = path.join(OsString::from_vec(name.to_bytes().to_vec()));
                let fail = |error: Errno| HandoverError::Io(below.clone(), error.into());
                let found =
                    statat(&dir, name.as_c_str(), AtFlags::SYMLINK_NOFOLLOW).map_err(fail)?;
                match FileType::from_raw_mode(found.st_mode) {
                    FileType::Directory => {
                        let folder = openat(&dir, name.as_c_str(), FOLDER, Mode::empty());
                        folders.push_back((folder.map_err(fail)?, below));
                    }
                    FileType::RegularFile => {
                        let how = OFlags::RDONLY | AS_ITSELF;
                        let file = openat(&dir, name.as_c_str(), how, Mode::empty());
                        self.own(&file.map_err(fail)?, &below)?;
                    }
                    // Only its name: what it leads to stays as it is.
                    FileType::Symlink if self.is_known(&found) => {
                        let (uid, gid) = (Some(self.uid), Some(self.gid));
                        chownat(&dir, name.as_c_str(), uid, gid, AtFlags::SYMLINK_NOFOLLOW)
                            .map_err(fail)?;
                        tracing::warn!(path = %below.display(), "a link: its target stays root's");
                    }
                    // A socket of a server that was killed.
                    FileType::Socket => {}
                    _ => {
                        return Err(HandoverError::Strange(
                            below,
                            "it is no file and no directory",
                        ));
                    }
                }
            }
            self.own(&dir, &path)?;
        }
        Ok(())
    }

    /// Gives what is open.
    fn own(&self, entry: &OwnedFd, path: &Path) -> Result<(), HandoverError> {
        let fail = |error: Errno| HandoverError::Io(path.to_owned(), error.into());
        let found = fstat(entry).map_err(fail)?;
        if !self.is_known(&found) {
            return Err(HandoverError::Strange(path.to_owned(), "it belongs to another account"));
        }
        let is_file = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile;
        if is_file && found.st_nlink != 1 {
            return Err(HandoverError::Strange(path.to_owned(), "it has a second name"));
        }
        fchown(entry, Some(self.uid), Some(self.gid)).map_err(fail)
    }

    fn is_known(&self, found: &Stat) -> bool {
        self.owners.contains(&found.st_uid)
    }
}

#[cfg(test)]
#[path = "../../../tests/support/root.rs"]
mod root;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, chown, symlink};

    use super::root::is_root;
    use super::*;

    /// An account that is not this process's.
    const ACCOUNT: (u32, u32) = (4_000_001, 4_000_001);

    /// A data directory of root, and a file outside of it; `None` unless this is root.
    fn data_dir() -> Option<(tempfile::TempDir, PathBuf, PathBuf)> {
        if !is_root("a directory that is given away") {
            return None;
        }
        let directory = tempfile::tempdir().expect("a directory");
        let (data, outside) = (directory.path().join("data"), directory.path().join("outside"));
        fs::create_dir_all(data.join("postgres/data/base")).expect("is made");
        fs::create_dir_all(data.join("journal")).expect("is made");
        fs::write(data.join("journal/1.log"), "entries").expect("is written");
        fs::write(data.join("postgres/data/base/1"), "rows").expect("is written");
        fs::create_dir_all(data.join("files/contents/1")).expect("is made");
        fs::write(data.join("files/contents/1/0"), "piece").expect("is written");
        fs::write(&outside, "precious").expect("is written");
        Some((directory, data, outside))
    }

    fn owner(path: &Path) -> u32 {
        fs::symlink_metadata(path).expect("is there").uid()
    }

    #[test]
    fn the_parts_are_given_and_nothing_else() {
        let Some((_directory, data, outside)) = data_dir() else { return };
        let other = data.join("other");
        fs::write(&other, "an operator's").expect("is written");
        symlink(&outside, data.join("postgres/data/link")).expect("is linked");
        for _ in 0..2 {
            give(&data, ACCOUNT).expect("is given");
            let of_postgres = ["postgres", "postgres/data/base/1", "postgres/data/link"];
            let of_files = ["files", "files/contents", "files/contents/1/0"];
            for path in ["", "journal/1.log"].into_iter().chain(of_postgres).chain(of_files) {
                assert_eq!(owner(&data.join(path)), ACCOUNT.0, "{path}");
            }
            assert_eq!((owner(&outside), owner(&other)), (0, 0));
        }
    }

    #[test]
    fn files_on_another_disk_stay_as_they_are() {
        let Some((_directory, data, outside)) = data_dir() else { return };
        let disk = outside.with_file_name("disk");
        fs::rename(data.join("files"), &disk).expect("is moved");
        symlink(&disk, data.join("files")).expect("is linked");
        give(&data, ACCOUNT).expect("is given");
        assert_eq!((owner(&data), owner(&disk)), (ACCOUNT.0, 0));
    }

    /// What an account that owned a part could have left there.
    #[test]
    fn a_second_name_and_a_file_of_another_account_are_refused() {
        for case in ["second name", "other account", "link to a part"] {
            let Some((_directory, data, outside)) = data_dir() else { return };
            let entry = data.join("postgres/data/entry");
            match case {
                "second name" => fs::hard_link(&outside, &entry).expect("is linked"),
                "other account" => {
                    fs::write(&entry, "").expect("is written");
                    chown(&entry, Some(4_000_002), None).expect("root may");
                }
                _ => {
                    fs::rename(data.join("journal"), data.join("moved")).expect("is moved");
                    symlink(data.join("moved"), data.join("journal")).expect("is linked");
                }
            }
            let refused = give(&data, ACCOUNT).expect_err(case).to_string();
            assert!(refused.contains("can't give"), "{case}: {refused}");
            assert_eq!((owner(&outside), owner(&data)), (0, 0), "{case}");
        }
    }

    #[test]
    fn the_directory_of_a_running_server_is_not_given() {
        let Some((_directory, data, _)) = data_dir() else { return };
        for (part, name) in PARTS.into_iter().filter_map(|(part, lock)| Some((part, lock?))) {
            let lock = File::create(data.join(part).join(name)).expect("is made");
            lock.lock().expect("is free");
            assert!(matches!(give(&data, ACCOUNT), Err(HandoverError::InUse(_))), "{part}");
            drop(lock);
        }
        assert_eq!(owner(&data), 0);
        give(&data, ACCOUNT).expect("is free now");
    }
}
