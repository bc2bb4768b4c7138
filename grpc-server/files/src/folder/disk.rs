//! The calls of the system for a place that is a folder. They block.
//!
//! Not their limit in time. Invariants: below the root each name is opened relative to its folder, and no link is followed; a
//! file gets its name when its bytes are durable, and a call returns when the name is; what a crash leaves has a temporary name
//! beside the pieces of its content.

use std::collections::BTreeSet;
use std::ffi::CString;
use std::fs::{DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::ops::RangeInclusive;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use model::ContentId;
use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, fstat, fsync, linkat, mkdirat, openat, renameat, unlinkat,
};
use rustix::io::Errno;
use uuid::Uuid;

use crate::names::{self, CONTENTS, MARKER, MARKER_BYTES};
use crate::read::Read;

/// Names of one content that are in memory at once while it is deleted.
const NAMES_AT_ONCE: usize = 1024;

/// The flags that open a folder.
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// The flags that open a file to read. Without waiting: at the name of a piece may lie a pipe.
const PLAIN: OFlags =
    OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

/// The flags that make a file.
const NEW: OFlags = OFlags::WRONLY.union(OFlags::CREATE).union(OFlags::EXCL).union(OFlags::CLOEXEC);

/// The permissions of a folder: those of the server's user.
const FOLDER_MODE: Mode = Mode::RWXU;

/// The permissions of a file.
const FILE_MODE: Mode = Mode::RUSR.union(Mode::WUSR);

/// Reads the marker. A root that is missing has none.
pub(super) fn marker(root: &Path) -> io::Result<Read> {
    match open_root(root) {
        Ok(root) => read(&root, MARKER, 0..=MARKER_BYTES),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Read::Missing),
        Err(error) => Err(error),
    }
}

/// Makes the folders, and the marker where there is none.
pub(super) fn claim(root: &Path, id: Uuid) -> io::Result<()> {
    make_root(root)?;
    let root = open_root(root)?;
    make_folder(&root, CONTENTS)?;
    if read(&root, MARKER, 0..=MARKER_BYTES)? == Read::Missing {
        let temporary = Temporary::write(&root, names::marker(id).as_bytes())?;
        match linkat(&root, &temporary.name, &root, MARKER, AtFlags::empty()) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(fsync(&root)?)
}

/// Writes a piece.
pub(super) fn put(root: &Path, content: ContentId, name: &str, bytes: &[u8]) -> io::Result<()> {
    let contents = open_contents(root)?;
    let id = content.to_string();
    make_folder(&contents, &id)?;
    let folder = open_folder(&contents, &id)?;
    let temporary = Temporary::write(&folder, bytes)?;
    renameat(&folder, &temporary.name, &folder, name)?;
    fsync(&folder)?;
    // Another call may have made the folder, and not have reached this line.
    Ok(fsync(&contents)?)
}

/// Reads a piece of so many bytes.
pub(super) fn get(root: &Path, content: ContentId, name: &str, bytes: u32) -> io::Result<Read> {
    let folder = open_contents(root).and_then(|it| open_folder(&it, &content.to_string()));
    match folder {
        Ok(folder) => read(&folder, name, u64::from(bytes)..=u64::from(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Read::Missing),
        Err(error) => Err(error),
    }
}

/// Deletes a piece.
pub(super) fn delete_piece(root: &Path, content: ContentId, name: &str) -> io::Result<()> {
    let folder = match open_folder(&open_contents(root)?, &content.to_string()) {
        Ok(folder) => folder,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    unless_missing(unlinkat(&folder, name, AtFlags::empty()))?;
    Ok(fsync(&folder)?)
}

/// Deletes the files of a content, with temporary ones, and its folder.
pub(super) fn delete(root: &Path, content: ContentId) -> io::Result<()> {
    let contents = open_contents(root)?;
    let id = content.to_string();
    let folder = match open_folder(&contents, &id) {
        Ok(folder) => folder,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    loop {
        let names = some_names(&folder)?;
        if names.is_empty() {
            break;
        }
        for name in names {
            unless_missing(unlinkat(&folder, &name, AtFlags::empty()))?;
        }
    }
    unless_missing(unlinkat(&contents, &id, AtFlags::REMOVEDIR))?;
    Ok(fsync(&contents)?)
}

/// The contents that have a folder: of those after one, the first `most` in order of ids.
pub(super) fn contents_after(
    root: &Path,
    after: Option<ContentId>,
    most: usize,
) -> io::Result<Vec<ContentId>> {
    let contents = open_contents(root)?;
    let mut first = BTreeSet::new();
    for entry in Dir::read_from(&contents)? {
        let entry = entry?;
        // Some file systems have no types in their folders.
        let is_folder = matches!(entry.file_type(), FileType::Directory | FileType::Unknown);
        let Some(content) = names::content(entry.file_name().to_bytes()) else { continue };
        if is_folder && after.is_none_or(|after| content > after) {
            first.insert(content);
            if first.len() > most {
                first.pop_last();
            }
        }
    }
    Ok(first.into_iter().collect())
}

/// A file that loses its name when it is dropped; it may have got another one.
struct Temporary<'a> {
    folder: &'a OwnedFd,
    name: String,
}

impl<'a> Temporary<'a> {
    /// Writes bytes, and makes them durable.
    fn write(folder: &'a OwnedFd, bytes: &[u8]) -> io::Result<Self> {
        let name = names::temporary();
        let file = openat(folder, &name, NEW, FILE_MODE)?;
        let temporary = Self { folder, name };
        let mut file = File::from(file);
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(temporary)
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        // After a rename there is none. One that stays goes with the content.
        let _ = unlinkat(self.folder, &self.name, AtFlags::empty());
    }
}

/// Reads a file of a size within a range.
fn read(folder: &OwnedFd, name: &str, sizes: RangeInclusive<u64>) -> io::Result<Read> {
    let file = match openat(folder, name, PLAIN, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(Read::Missing),
        // A link.
        Err(Errno::LOOP) => return Ok(Read::Other),
        Err(error) => return Err(error.into()),
    };
    let stat = fstat(&file)?;
    let size = u64::try_from(stat.st_size).unwrap_or_default();
    if !FileType::from_raw_mode(stat.st_mode).is_file() || !sizes.contains(&size) {
        return Ok(Read::Other);
    }
    // One byte more than expected: the file may grow meanwhile.
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    File::from(file).take(size + 1).read_to_end(&mut bytes)?;
    let is_whole = bytes.len() as u64 == size;
    Ok(if is_whole { Read::Bytes(bytes.into()) } else { Read::Other })
}

/// Makes the root, and the folders above it that are missing; each is durable.
fn make_root(root: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = root
        .ancestors()
        .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
        .collect();
    for path in missing.into_iter().rev() {
        match DirBuilder::new().mode(FOLDER_MODE.bits()).create(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

/// Makes a folder within another one, unless it is there. Durable when the other one is synced.
fn make_folder(parent: &OwnedFd, name: &str) -> io::Result<()> {
    match mkdirat(parent, name, FOLDER_MODE) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The root; it may be a link to a folder.
fn open_root(root: &Path) -> io::Result<OwnedFd> {
    Ok(rustix::fs::open(root, FOLDER, Mode::empty())?)
}

/// The folder of all contents. It is made with the marker, so an unmounted place has none.
fn open_contents(root: &Path) -> io::Result<OwnedFd> {
    open_folder(&open_root(root)?, CONTENTS)
}

fn open_folder(parent: &OwnedFd, name: &str) -> io::Result<OwnedFd> {
    Ok(openat(parent, name, FOLDER | OFlags::NOFOLLOW, Mode::empty())?)
}

/// Names in a folder, at most [`NAMES_AT_ONCE`].
fn some_names(folder: &OwnedFd) -> io::Result<Vec<CString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name != c"." && name != c".." {
            names.push(name.to_owned());
        }
        if names.len() == NAMES_AT_ONCE {
            break;
        }
    }
    Ok(names)
}

fn unless_missing(removed: Result<(), Errno>) -> io::Result<()> {
    match removed {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
