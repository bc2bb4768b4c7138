//! A file that a command writes.
//!
//! A regular file is replaced when it is complete, and keeps its permissions, and its owner where the caller may give
//! files away. Everything else is written through: pipes, devices, the targets of links, a file with several names, and
//! a file in a directory that takes no other. A file that is open under a number, such as `/dev/stdout`, is continued.
//!
//! Invariant: a regular file of the final name is the earlier one or complete.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};

/// A longer chain of links is a loop.
const LINKS: usize = 40;

/// A file that is being written.
pub(crate) struct OutputFile {
    file: File,
    /// The name until the file is complete, and its own; `None` for what is written through.
    renamed: Option<(PathBuf, PathBuf)>,
    /// Whether a file that has the name when this one is complete is kept.
    is_new: bool,
}

impl OutputFile {
    /// Begins to write a file.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        if let Some(number) = descriptor(path) {
            return Self::open(path, &number);
        }
        match fs::metadata(path) {
            Ok(earlier) if earlier.is_file() && earlier.nlink() == 1 => {
                // A file without permission to write is refused, though its directory may take another one.
                OpenOptions::new().write(true).open(path)?;
                let target = fs::canonicalize(path)?;
                Self::beside(&target, Some(&earlier)).or_else(|error| match error.kind() {
                    ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                        Self::through(path)
                    }
                    _ => Err(error),
                })
            }
            Ok(_) => Self::through(path),
            // A link to nothing: its target is made.
            Err(_) if fs::symlink_metadata(path).is_ok() => Self::through(path),
            Err(_) => Self::beside(path, None),
        }
    }

    /// Begins to write a file of a name that is not taken, neither now nor when the file is complete.
    pub(crate) fn create_new(path: &Path) -> io::Result<Self> {
        if fs::symlink_metadata(path).is_ok() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let mut file = Self::beside(path, None)?;
        file.is_new = true;
        Ok(file)
    }

    /// Continues a file that is open. Its place is shared with those that write before and after, where it is one of the
    /// standard streams; any other is continued at its end.
    fn open(path: &Path, number: &str) -> io::Result<Self> {
        let shared = |stream: BorrowedFd<'_>| stream.try_clone_to_owned().map(File::from);
        let file = match number {
            "1" => shared(io::stdout().as_fd())?,
            "2" => shared(io::stderr().as_fd())?,
            _ => OpenOptions::new().append(true).open(path)?,
        };
        Ok(Self { file, renamed: None, is_new: false })
    }

    fn through(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        Ok(Self { file, renamed: None, is_new: false })
    }

    fn beside(path: &Path, earlier: Option<&Metadata>) -> io::Result<Self> {
        let mut part = path.to_owned().into_os_string();
        part.push(format!(".{}.part", std::process::id()));
        let part = PathBuf::from(part);
        let (part, file) = match begun(&part) {
            // The name is so long that nothing can follow it.
            Err(error) if is_too_long(&error) && !has_too_long_name(path) => {
                let short = path.with_file_name(format!(".gridctl.{}.part", std::process::id()));
                let file = begun(&short)?;
                (short, file)
            }
            file => (part, file?),
        };
        let renamed = Some((part, path.to_owned()));
        let this = Self { file, renamed, is_new: false };
        if let Some(earlier) = earlier {
            let (owner, group) = (Some(earlier.uid()), Some(earlier.gid()));
            // A caller who may not give files away keeps it, in the same group if possible.
            let _ = fchown(&this.file, owner, group).or_else(|_| fchown(&this.file, None, group));
            this.file.set_permissions(earlier.permissions())?;
        }
        Ok(this)
    }

    /// Whether the file has another name until it is complete.
    pub(crate) fn is_beside(&self) -> bool {
        self.renamed.is_some()
    }

    /// The file is complete.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        if let Some((part, path)) = &self.renamed {
            // Else a file of no bytes may have the name after a loss of power.
            self.file.sync_all()?;
            if self.is_new { rename_to_new(part, path)? } else { fs::rename(part, path)? }
        }
        self.renamed = None;
        Ok(())
    }
}

/// Renames a file, unless another one has the name.
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        // A file system without hard links looks first.
        Err(_) if fs::symlink_metadata(to).is_err() => fs::rename(from, to),
        Err(_) => Err(ErrorKind::AlreadyExists.into()),
    }
}

fn is_too_long(error: &io::Error) -> bool {
    error.kind() == ErrorKind::InvalidFilename
}

fn has_too_long_name(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err_and(|error| is_too_long(&error))
}

/// A new file of this name.
fn begun(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// The number of the open file that a path stands for, itself or as a chain of links.
fn descriptor(path: &Path) -> Option<String> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let (directory, name) = (path.parent()?, path.file_name()?.to_str()?);
        let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
        let is_list = directory == Path::new("/dev/fd")
            || (directory.starts_with("/proc") && directory.ends_with("fd"));
        if is_number && is_list {
            return Some(name.to_owned());
        }
        path = directory.join(fs::read_link(&path).ok()?);
    }
    None
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for OutputFile {
    fn drop(&mut self) {
        if let Some((part, _)) = &self.renamed {
            // The part is useless. The error is the failed command, not a failed removal.
            let _ = fs::remove_file(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    fn write(path: &Path, text: &str) -> io::Result<()> {
        let mut file = OutputFile::create(path)?;
        file.write_all(text.as_bytes())?;
        file.finish()
    }

    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("gridctl-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).expect("a directory");
            Self(path)
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_file_is_replaced_when_it_is_complete_and_keeps_its_mode() {
        let directory = Directory::new("replaced");
        let path = directory.0.join("a.csv");
        write(&path, "one").expect("is written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("can be set");
        let mut given_up = OutputFile::create(&path).expect("begins");
        given_up.write_all(b"half").expect("is written");
        assert_eq!(fs::read(&path).expect("is there"), b"one");
        drop(given_up);
        write(&path, "two").expect("is written");
        assert_eq!(fs::read(&path).expect("is there"), b"two");
        assert_eq!(fs::metadata(&path).expect("is there").permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(&directory.0).expect("is there").count(), 1);
    }

    #[test]
    fn a_file_keeps_its_owner() {
        let directory = Directory::new("owner");
        let path = directory.0.join("a.csv");
        write(&path, "one").expect("is written");
        let own = fs::metadata(&path).expect("is there").uid();
        // Only a superuser may give a file away.
        let other = if chown(&path, Some(own + 1), None).is_ok() { own + 1 } else { own };
        write(&path, "two").expect("is written");
        assert_eq!(fs::read(&path).expect("is there"), b"two");
        assert_eq!(fs::metadata(&path).expect("is there").uid(), other);
    }

    #[test]
    fn a_file_without_permission_to_write_is_refused_where_it_counts() {
        let directory = Directory::new("refused");
        let path = directory.0.join("a.csv");
        write(&path, "one").expect("is written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).expect("can be set");
        // A superuser may write to it.
        let may_write = OpenOptions::new().write(true).open(&path).is_ok();
        assert_eq!(write(&path, "two").is_ok(), may_write);
        let expected: &[u8] = if may_write { b"two" } else { b"one" };
        assert_eq!(fs::read(&path).expect("is there"), expected);
        assert_eq!(fs::read_dir(&directory.0).expect("is there").count(), 1);
    }

    #[test]
    fn the_longest_name_can_be_written() {
        let directory = Directory::new("longest");
        let path = directory.0.join("a".repeat(255));
        for text in ["one", "two"] {
            write(&path, text).expect("is written");
            assert_eq!(fs::read(&path).expect("is there"), text.as_bytes());
        }
        assert!(OutputFile::create(&directory.0.join("a".repeat(256))).is_err());
        assert_eq!(fs::read_dir(&directory.0).expect("is there").count(), 1);
    }

    #[test]
    fn a_new_file_replaces_none() {
        let directory = Directory::new("new");
        let [path, link] = ["a.bin", "link"].map(|name| directory.0.join(name));
        let mut file = OutputFile::create_new(&path).expect("begins");
        file.write_all(b"one").expect("is written");
        file.finish().expect("is free");
        assert_eq!(fs::read(&path).expect("is there"), b"one");
        let refused = |path: &Path| OutputFile::create_new(path).err().map(|error| error.kind());
        assert_eq!(refused(&path), Some(ErrorKind::AlreadyExists));
        symlink(directory.0.join("missing"), &link).expect("a link");
        assert_eq!(refused(&link), Some(ErrorKind::AlreadyExists));
        fs::remove_file(&path).expect("is there");
        let late = OutputFile::create_new(&path).expect("begins");
        fs::write(&path, "two").expect("is written");
        assert_eq!(late.finish().map_err(|error| error.kind()), Err(ErrorKind::AlreadyExists));
        assert_eq!(fs::read(&path).expect("is there"), b"two");
        assert_eq!(fs::read_dir(&directory.0).expect("is there").count(), 2);
    }

    #[test]
    fn links_stay_links() {
        let directory = Directory::new("links");
        let [file, soft, hard, dangling] =
            ["file", "soft", "hard", "dangling"].map(|name| directory.0.join(name));
        write(&file, "one").expect("is written");
        symlink(&file, &soft).expect("a link");
        write(&soft, "two").expect("is written");
        assert!(fs::symlink_metadata(&soft).expect("is there").is_symlink());
        assert_eq!(fs::read(&file).expect("is there"), b"two");
        fs::hard_link(&file, &hard).expect("a link");
        write(&hard, "three").expect("is written");
        assert_eq!(fs::read(&file).expect("is there"), b"three");
        symlink(directory.0.join("made"), &dangling).expect("a link");
        write(&dangling, "four").expect("is written");
        assert_eq!(fs::read(directory.0.join("made")).expect("is there"), b"four");
    }

    #[test]
    fn a_named_pipe_is_written_through() {
        let directory = Directory::new("pipe");
        let pipe = directory.0.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs");
        assert!(made.success());
        let read_end = pipe.clone();
        let reader = std::thread::spawn(move || fs::read(read_end));
        write(&pipe, "text").expect("is written");
        assert_eq!(reader.join().expect("ends").expect("is read"), b"text");
        assert!(!fs::metadata(&pipe).expect("is there").is_file());
        assert_eq!(fs::read_dir(&directory.0).expect("is there").count(), 1);
    }

    #[test]
    fn devices_are_written_through() {
        write(Path::new("/dev/null"), "text").expect("is written");
        assert!(!fs::metadata("/dev/null").expect("is there").is_file());
    }
}
