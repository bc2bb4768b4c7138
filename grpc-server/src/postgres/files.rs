//! The small files around the cluster: its lock, its password, and the socket's directory.
//!
//! Not how they are opened: see `place`. Invariant: the password is 32 hexadecimal digits that this process's user has
//! written, and a directory outside of the data directory is removed only when its name is one of ours.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, OFlags};
use tracing::info;

use super::PostgresError;
use super::place::{self, Place};

/// Longest path of a socket's directory: the kernel's 108 bytes less the socket's own name.
const MAX_SOCKET_DIRECTORY_BYTES: usize = 90;
/// The file with the path of a socket's directory that is not in the data directory.
const SOCKET_NOTE: &str = "socket-elsewhere";
/// The beginning of such a path; 16 hexadecimal digits follow.
const OUTSIDE: &str = "/tmp/gridloom-";
/// Hexadecimal digits of a password.
const PASSWORD_DIGITS: usize = 32;

/// Locks the directory for this process; the kernel lets go when it ends.
pub(super) fn lock(place: &Place) -> Result<File, PostgresError> {
    let fail = |error| {
        let path = place.path().join("lock");
        PostgresError::io(format!("cannot lock {}", path.display()), error)
    };
    let file = place.file("lock", OFlags::WRONLY).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(PostgresError::InUse(place.path().to_owned())),
        Err(TryLockError::Error(error)) => Err(fail(error)),
    }
}

/// Reads the password of the server's role, or makes one.
pub(super) fn password(place: &Place) -> Result<String, PostgresError> {
    let fail =
        |error| PostgresError::io(place.path().join("password").display().to_string(), error);
    match place.read("password").map_err(fail)? {
        Some(found) if is_hexadecimal(&found, PASSWORD_DIGITS) => Ok(found),
        _ => {
            let made = random_name()?;
            place.write("password", &made).map_err(fail)?;
            Ok(made)
        }
    }
}

/// Where the socket of a running server is.
pub(super) fn known_socket_directory(home: &Path) -> PathBuf {
    let elsewhere = place::read_foreign(&home.join(SOCKET_NOTE)).ok();
    elsewhere.filter(|path| is_outside(path)).map_or_else(|| home.join("socket"), PathBuf::from)
}

/// A directory for the socket whose path is short enough for the kernel.
pub(super) fn socket_directory(place: &Place) -> Result<PathBuf, PostgresError> {
    let fail =
        |what: &Path, error| PostgresError::io(format!("cannot make {}", what.display()), error);
    let note = place.path().join(SOCKET_NOTE);
    if let Some(earlier) = place.read(SOCKET_NOTE).map_err(|error| fail(&note, error))? {
        // Left by a process that was killed.
        remove_outside(Path::new(&earlier));
        place.remove(SOCKET_NOTE).map_err(|error| fail(&note, error))?;
    }
    let inside = place.path().join("socket");
    if is_plain_and_short(&inside) {
        return place.account_dir("socket").map_err(|error| fail(&inside, error));
    }
    let path = format!("{OUTSIDE}{}", &random_name()?[..16]);
    let outside = PathBuf::from(&path);
    place.write(SOCKET_NOTE, &path).map_err(|error| fail(&note, error))?;
    DirBuilder::new().mode(0o700).create(&outside).map_err(|error| fail(&outside, error))?;
    place::give(CWD, &outside, place).map_err(|error| fail(&outside, error))?;
    info!(socket = %outside.display(), "the data directory's own path does not suit a socket");
    Ok(outside)
}

/// Removes a socket's directory outside of the data directory; no other path.
pub(super) fn remove_outside(path: &Path) {
    if path.to_str().is_some_and(is_outside) {
        // The next start of the machine empties /tmp.
        let _ = fs::remove_dir_all(path);
    }
}

fn is_outside(path: &str) -> bool {
    path.strip_prefix(OUTSIDE).is_some_and(|name| is_hexadecimal(name, 16))
}

fn is_hexadecimal(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Postgres reads the setting as a list, with commas and quotes.
fn is_plain_and_short(directory: &Path) -> bool {
    let bytes = directory.as_os_str().as_encoded_bytes();
    let plain = !bytes.iter().any(|byte| matches!(byte, b',' | b'"' | b'\'' | b' ' | b'@'));
    plain && bytes.len() <= MAX_SOCKET_DIRECTORY_BYTES
}

/// 128 random bits in hexadecimal.
fn random_name() -> Result<String, PostgresError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| PostgresError::NotStarted(format!("no random numbers: {error}")))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The note of an earlier release was writable by another account: only a name of ours is followed.
    #[test]
    fn a_noted_directory_is_removed_only_by_a_name_of_ours() {
        let dir = tempfile::tempdir().expect("a directory");
        let place = Place::open(&dir.path().join("postgres"), None).expect("is made");
        let precious = dir.path().join("precious");
        fs::create_dir_all(precious.join("below")).expect("is made");
        let climbing = format!("{OUTSIDE}0123456789abcdef/../..{}", precious.display());
        for path in [precious.display().to_string(), climbing, format!("{OUTSIDE}../etc")] {
            place.write(SOCKET_NOTE, &path).expect("is written");
            assert_eq!(known_socket_directory(place.path()), place.path().join("socket"));
            socket_directory(&place).expect("is made");
            assert!(precious.join("below").exists(), "{path}");
        }
        let own = PathBuf::from(format!("{OUTSIDE}{}", &random_name().expect("random")[..16]));
        fs::create_dir(&own).expect("is made");
        place.write(SOCKET_NOTE, &own.display().to_string()).expect("is written");
        assert_eq!(known_socket_directory(place.path()), own);
        socket_directory(&place).expect("is made");
        assert!(!own.exists());
    }

    #[test]
    fn a_password_of_another_form_is_replaced() {
        let dir = tempfile::tempdir().expect("a directory");
        let place = Place::open(&dir.path().join("postgres"), None).expect("is made");
        let made = password(&place).expect("is made");
        assert_eq!(password(&place).expect("is read"), made);
        for other in ["", "'; drop role gridloom; --", &made[1..]] {
            place.write("password", other).expect("is written");
            assert!(is_hexadecimal(&password(&place).expect("is made"), PASSWORD_DIGITS));
        }
    }
}
