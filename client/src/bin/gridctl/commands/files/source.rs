//! A file that is uploaded: its identity, by which an upload is continued, and its bytes.
//!
//! It sends nothing. Invariants: the same file has the same identity in each run, for each account; a file whose size or
//! time of change differs from those at its opening is another one. What can't be read twice, such as standard input, is
//! written to a temporary file without a name first, which is gone however the program ends.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use client::net::{ContentHasher, PIECE_BYTES};
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::failure::Failure;
use crate::input::is_stream;
use crate::output::files::size;
use crate::output::format::hex;

/// Bytes that are copied to a temporary file at once.
const COPIED_BYTES: usize = 256 << 10;

/// A file to upload.
pub(super) enum Source {
    /// A regular file, which is opened when its turn comes.
    File { path: PathBuf, name: String },
    /// A file that is open.
    Open(OpenSource),
}

/// A file that is open.
pub(super) struct OpenSource {
    /// The path, as it was typed.
    pub(super) path: PathBuf,
    /// The name of the file in the account.
    pub(super) name: String,
    pub(super) bytes: u64,
    file: Arc<File>,
    identity: [u8; 32],
    /// The time of its change in seconds and nanoseconds; `None` for a temporary file.
    changed: Option<(i64, i64)>,
}

impl Source {
    /// Checks that a file can be read. What is no regular file is read to its end, up to `most` bytes.
    pub(super) async fn new(path: &Path, name: Option<&str>, most: u64) -> Result<Self, Failure> {
        let unreadable = |cause| Failure::File { verb: "read", path: path.to_owned(), cause };
        let is_stdin = is_stream(path);
        let name = match (name, path.file_name()) {
            (Some(name), _) => name.to_owned(),
            (None, Some(name)) if !is_stdin => name.to_string_lossy().into_owned(),
            _ => {
                let what = if is_stdin { "standard input" } else { "the path" };
                let sentence = format!("{what} has no file name; name the file with --name");
                return Err(Failure::Message(sentence));
            }
        };
        if !is_stdin {
            let metadata = fs::metadata(path).map_err(unreadable)?;
            if metadata.is_dir() {
                return Err(Failure::Message(format!(
                    "{} is a folder; upload its files, or an archive of it",
                    path.display()
                )));
            }
            if metadata.is_file() {
                File::open(path).map_err(unreadable)?;
                return Ok(Self::File { path: path.to_owned(), name });
            }
        }
        let path = path.to_owned();
        let copied = spawn_blocking(move || OpenSource::copied(path, name, most)).await;
        copied
            .map_err(|cause| Failure::Message(format!("the input can't be read: {cause}")))?
            .map(Self::Open)
    }

    /// Opens the file.
    pub(super) fn open(self) -> Result<OpenSource, Failure> {
        match self {
            Self::Open(source) => Ok(source),
            Self::File { path, name } => OpenSource::of(&path, name)
                .map_err(|cause| Failure::File { verb: "read", path, cause }),
        }
    }
}

impl OpenSource {
    fn of(path: &Path, name: String) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let (bytes, changed) = (metadata.len(), changed(&metadata));
        let identity = file_identity(&fs::canonicalize(path)?, bytes, changed, &name);
        let (path, file) = (path.to_owned(), Arc::new(file));
        Ok(Self { path, name, bytes, file, identity, changed: Some(changed) })
    }

    /// A copy of standard input, of a pipe or a device.
    fn copied(path: PathBuf, name: String, most: u64) -> Result<Self, Failure> {
        let unreadable = |cause| Failure::File { verb: "read", path: path.clone(), cause };
        let mut from: Box<dyn Read> = match is_stream(&path) {
            true => Box::new(io::stdin().lock()),
            false => Box::new(File::open(&path).map_err(unreadable)?),
        };
        let directory = std::env::temp_dir();
        let unwritable = |cause| {
            Failure::Message(format!(
                "cannot copy the input to a temporary file in {}: {cause}; choose another folder with TMPDIR",
                directory.display()
            ))
        };
        let mut file = temporary(&directory).map_err(unwritable)?;
        let (mut bytes, mut hasher) = (0, ContentHasher::default());
        let mut buffer = vec![0_u8; COPIED_BYTES];
        loop {
            let read = match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(unreadable(cause)),
            };
            bytes += read as u64;
            if bytes > most {
                return Err(Failure::Message(format!(
                    "the input is larger than {}, which is the most that a file may have here",
                    size(most)
                )));
            }
            hasher.update(&buffer[..read]);
            file.write_all(&buffer[..read]).map_err(unwritable)?;
        }
        let identity = identity(&[b"content", &hasher.digest(), name.as_bytes()]);
        Ok(Self { path, name, bytes, file: Arc::new(file), identity, changed: None })
    }

    /// The id of the request that begins the upload, the same one in each run. A file that was uploaded and removed before
    /// needs a further one.
    pub(super) fn request_id(&self, attempt: u32) -> String {
        format!("gridctl-{}", hex(&identity(&[&self.identity, &attempt.to_le_bytes()])))
    }

    /// Reads bytes of the file.
    pub(super) async fn read(&self, from: u64, bytes: usize) -> io::Result<Bytes> {
        let file = Arc::clone(&self.file);
        let read = move || -> io::Result<Bytes> {
            let mut data = vec![0_u8; bytes];
            file.read_exact_at(&mut data, from)?;
            Ok(Bytes::from(data))
        };
        spawn_blocking(read).await.map_err(io::Error::other)?
    }

    /// Whether another content may have the identity of this one: that of a temporary file has its digest.
    pub(super) fn may_be_other(&self) -> bool {
        self.changed.is_some()
    }

    /// The digest of the content, as `File` in `files.proto` has it. `progress` receives the bytes that are read.
    pub(super) async fn digest(&self, progress: impl Fn(u64)) -> io::Result<[u8; 32]> {
        let (mut hasher, mut from) = (ContentHasher::default(), 0);
        while from < self.bytes {
            let left = usize::try_from(self.bytes - from).unwrap_or(usize::MAX);
            let data = self.read(from, left.min(PIECE_BYTES)).await?;
            from += data.len() as u64;
            // One piece at a time, so that an interrupt ends the program soon.
            let hash = move || {
                hasher.update(&data);
                hasher
            };
            hasher = spawn_blocking(hash).await.map_err(io::Error::other)?;
            progress(from);
        }
        Ok(hasher.digest())
    }

    /// Whether the file is no longer the one that was opened.
    pub(super) fn is_changed(&self) -> io::Result<bool> {
        let Some(before) = self.changed else { return Ok(false) };
        let metadata = self.file.metadata()?;
        // A file of the system may have a size of 0 and yet have bytes.
        let is_longer = self.file.read_at(&mut [0_u8], self.bytes)? > 0;
        Ok(is_longer || metadata.len() != self.bytes || changed(&metadata) != before)
    }
}

fn changed(metadata: &Metadata) -> (i64, i64) {
    (metadata.mtime(), metadata.mtime_nsec())
}

/// A file that has no name, and so ends with the program.
fn temporary(directory: &Path) -> io::Result<File> {
    let path = directory.join(format!("gridctl-{}", Uuid::new_v4()));
    let file =
        OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

/// The identity of a file of this machine under a name.
fn file_identity(path: &Path, bytes: u64, changed: (i64, i64), name: &str) -> [u8; 32] {
    let (seconds, nanoseconds) = changed;
    identity(&[
        b"file",
        path.as_os_str().as_bytes(),
        &bytes.to_le_bytes(),
        &seconds.to_le_bytes(),
        &nanoseconds.to_le_bytes(),
        name.as_bytes(),
    ])
}

/// The digest of parts; each has its length before it, so that no two lists have one digest.
fn identity(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most bytes of a request id.
    const REQUEST_ID_BYTES: usize = 100;

    fn file(name: &str, content: &[u8]) -> PathBuf {
        let path =
            std::env::temp_dir().join(format!("gridctl-source-{name}-{}", std::process::id()));
        fs::write(&path, content).expect("can be written");
        path
    }

    #[test]
    fn another_path_size_time_or_name_is_another_upload() {
        let of = |path: &str, bytes, changed, name: &str| {
            file_identity(Path::new(path), bytes, changed, name)
        };
        let first = of("/a/b", 5, (7, 9), "b");
        assert_eq!(first, of("/a/b", 5, (7, 9), "b"));
        for other in [
            of("/a/c", 5, (7, 9), "b"),
            of("/a/b", 6, (7, 9), "b"),
            of("/a/b", 5, (8, 9), "b"),
            of("/a/b", 5, (7, 8), "b"),
            of("/a/b", 5, (7, 9), "c"),
        ] {
            assert_ne!(first, other);
        }
        assert_ne!(identity(&[b"ab", b"c"]), identity(&[b"a", b"bc"]));
    }

    #[tokio::test]
    async fn a_file_has_its_request_id_again_until_it_changes() {
        let path = file("same", b"content");
        let open = || OpenSource::of(&path, "a".to_owned()).expect("can be opened");
        let (first, second) = (open(), open());
        assert_eq!(first.request_id(0), second.request_id(0));
        assert_ne!(first.request_id(0), first.request_id(1));
        assert!(first.request_id(u32::MAX).len() <= REQUEST_ID_BYTES);
        assert_eq!(&first.read(3, 4).await.expect("is read")[..], b"tent");
        assert_eq!(first.digest(|_| ()).await.expect("is read"), digest_of(b"content"));
        assert!(!first.is_changed().expect("is read"));
        fs::write(&path, "longer content").expect("can be written");
        assert!(first.is_changed().expect("is read"));
        fs::write(&path, "short").expect("can be written");
        let error = first.read(3, 4).await.expect_err("has an end");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert_ne!(open().request_id(0), first.request_id(0));
        fs::remove_file(&path).expect("is there");
    }

    #[tokio::test]
    async fn a_content_with_the_identity_of_another_has_another_digest() {
        let long = vec![7; PIECE_BYTES + 3];
        let path = file("other", &long);
        let open = || OpenSource::of(&path, "a".to_owned()).expect("can be opened");
        let first = open();
        let time = fs::metadata(&path).and_then(|it| it.modified()).expect("has a time");
        assert_eq!(first.digest(|_| ()).await.expect("is read"), digest_of(&long));
        fs::write(&path, vec![8; long.len()]).expect("can be written");
        let file = OpenOptions::new().write(true).open(&path).expect("can be opened");
        file.set_modified(time).expect("can be set");
        let second = open();
        assert_eq!(second.request_id(0), first.request_id(0));
        assert_ne!(second.digest(|_| ()).await.expect("is read"), digest_of(&long));
        assert!(second.may_be_other());
        fs::remove_file(&path).expect("is there");
    }

    fn digest_of(content: &[u8]) -> [u8; 32] {
        let mut hasher = ContentHasher::default();
        hasher.update(content);
        hasher.digest()
    }

    #[tokio::test]
    async fn a_folder_and_a_missing_file_are_refused() {
        let folder = Source::new(&std::env::temp_dir(), Some("a"), 9).await.err();
        assert!(folder.expect("refused").to_string().contains("is a folder"));
        let missing = Source::new(Path::new("there-is-no-such-file"), None, 9).await.err();
        assert!(missing.expect("refused").to_string().contains("there-is-no-such-file"));
        let unnamed = Source::new(Path::new("-"), None, 9).await.err();
        assert!(unnamed.expect("refused").to_string().contains("--name"));
    }

    #[tokio::test]
    async fn what_is_no_regular_file_is_copied_within_its_limit() {
        let empty = Source::new(Path::new("/dev/null"), None, 9).await.expect("is read");
        let empty = empty.open().expect("is open");
        assert_eq!((empty.bytes, &*empty.name), (0, "null"));
        assert!(!empty.may_be_other());
        let endless = Source::new(Path::new("/dev/zero"), None, 3 << 20).await.err();
        assert!(endless.expect("refused").to_string().contains("larger than 3 MiB"));
    }

    #[test]
    fn a_temporary_file_has_no_name() {
        let directory = std::env::temp_dir().join(format!("gridctl-spool-{}", std::process::id()));
        fs::create_dir_all(&directory).expect("a directory");
        let file = temporary(&directory).expect("is made");
        assert_eq!(fs::read_dir(&directory).expect("is there").count(), 0);
        assert_eq!(file.metadata().expect("is open").mode() & 0o777, 0o600);
        fs::remove_dir(&directory).expect("is empty");
    }
}
