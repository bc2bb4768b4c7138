//! The small files around the cluster: its directory, lock, password, and the socket's directory.
//!
//! Not the cluster itself: see `cluster`. Invariant: each file belongs to the user that Postgres runs as, and no other
//! user can read it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use tracing::info;

use super::PostgresError;
use super::launcher::User;

/// Longest path of a socket's directory: the kernel's 108 bytes less the socket's own name.
const MAX_SOCKET_DIRECTORY_BYTES: usize = 90;

/// Makes a directory (and its parents) unless it is there, and gives it to the user.
pub(super) fn make_directory(path: &Path, user: Option<&User>) -> Result<(), PostgresError> {
    let fail = |error| PostgresError::io(format!("cannot make {}", path.display()), error);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(fail)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(fail(error)),
        _ => give_to(path, user),
    }
}

/// Locks the directory for this process; the kernel lets go when it ends.
pub(super) fn lock(home: &Path) -> Result<File, PostgresError> {
    let path = home.join("lock");
    let fail = |error| PostgresError::io(format!("cannot lock {}", path.display()), error);
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true).mode(0o600);
    let file = options.open(&path).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(PostgresError::InUse(home.to_owned())),
        Err(TryLockError::Error(error)) => Err(fail(error)),
    }
}

/// Reads the password, or makes one. `initdb` reads the same file.
pub(super) fn password(home: &Path, user: Option<&User>) -> Result<String, PostgresError> {
    let path = home.join("password");
    let fail = |error| PostgresError::io(path.display().to_string(), error);
    match fs::read_to_string(&path) {
        Ok(password) if !password.is_empty() => return Ok(password),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(fail(error)),
    }
    let password = random_name()?;
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(true).mode(0o600);
    let mut file = options.open(&path).map_err(fail)?;
    file.write_all(password.as_bytes()).and_then(|()| file.sync_all()).map_err(fail)?;
    give_to(&path, user)?;
    Ok(password)
}

/// Where the socket of a running server is.
pub(super) fn known_socket_directory(home: &Path) -> PathBuf {
    let elsewhere = fs::read_to_string(home.join("socket-elsewhere"));
    elsewhere.map_or_else(|_| home.join("socket"), PathBuf::from)
}

/// A directory for the socket whose path is short enough for the kernel.
pub(super) fn socket_directory(home: &Path, user: Option<&User>) -> Result<PathBuf, PostgresError> {
    let note = home.join("socket-elsewhere");
    if let Ok(earlier) = fs::read_to_string(&note) {
        // Left by a process that was killed.
        let _ = fs::remove_dir_all(earlier);
        let _ = fs::remove_file(&note);
    }
    let inside = home.join("socket");
    if is_plain_and_short(&inside) {
        make_directory(&inside, user)?;
        return Ok(inside);
    }
    let outside = Path::new("/tmp").join(format!("gridloom-{}", &random_name()?[..16]));
    fs::write(&note, outside.as_os_str().as_encoded_bytes())
        .map_err(|error| PostgresError::io(note.display().to_string(), error))?;
    make_directory(&outside, user)?;
    info!(socket = %outside.display(), "the data directory's own path does not suit a socket");
    Ok(outside)
}

/// Postgres reads the setting as a list, with commas and quotes.
fn is_plain_and_short(directory: &Path) -> bool {
    let bytes = directory.as_os_str().as_encoded_bytes();
    let plain = !bytes.iter().any(|byte| matches!(byte, b',' | b'"' | b'\'' | b' ' | b'@'));
    plain && bytes.len() <= MAX_SOCKET_DIRECTORY_BYTES
}

fn give_to(path: &Path, user: Option<&User>) -> Result<(), PostgresError> {
    let Some(user) = user else { return Ok(()) };
    std::os::unix::fs::chown(path, Some(user.uid), Some(user.gid)).map_err(|error| {
        PostgresError::io(format!("cannot give {} to {}", path.display(), user.name), error)
    })
}

/// 128 random bits in hexadecimal.
fn random_name() -> Result<String, PostgresError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| PostgresError::NotStarted(format!("no random numbers: {error}")))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
