//! The account that the server runs as: a server that root starts becomes another account before it opens a file or a
//! socket of its own.
//!
//! Not the account of the embedded Postgres, which is the same one then. Invariant: after [`leave_root`] has returned
//! [`Left::For`], the process can't become root again, and the data directory belongs to its account.

mod handover;

use std::path::Path;

use nix::unistd::{Gid, Uid, User, initgroups, setgid, setuid};

use crate::postgres::first_closed;
use crate::service::web::WebFiles;

/// The account without `--user`, where the machine has it.
const USUAL: &str = "gridloom";
/// The name that keeps root.
const ROOT: &str = "root";

/// What became of root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// Another account started the process.
    WasNotRoot,
    /// The process runs as this account now.
    For(String),
    /// The process stays root; the reason, and what to do.
    Stays(String),
}

/// Becomes the account `name`, or without a name the owner of an existing data directory, or `gridloom`. For the
/// beginning of a program, while it has no other thread.
///
/// # Errors
/// A sentence, when the named account can't be taken, or the data directory can't be given to it.
pub fn leave_root(name: Option<&str>, data_dir: &Path) -> Result<Left, String> {
    if !Uid::effective().is_root() {
        return match name {
            Some(name) if current_name().as_deref() != Some(name) => {
                Err(format!("only root can run the server as --user {name}; leave it out"))
            }
            _ => Ok(Left::WasNotRoot),
        };
    }
    let data_dir = std::path::absolute(data_dir).map_err(|error| error.to_string())?;
    let account = match choose(name, &data_dir)? {
        Ok(account) => account,
        Err(why) => return Ok(Left::Stays(why)),
    };
    if let Some(closed) = data_dir.parent().and_then(|it| first_closed(ids(&account), it)) {
        let closed = closed.display();
        let advice = format!(
            "the account {} can't pass through {closed}; run `chmod o+x {closed}`, or choose another \
             directory with --data-dir",
            account.name
        );
        return match name {
            Some(_) => Err(advice),
            None => Ok(Left::Stays(advice)),
        };
    }
    handover::give(&data_dir, ids(&account)).map_err(|error| error.to_string())?;
    become_account(&account).map_err(|error| {
        format!(
            "the server can't become the account {}: {error}; use --user root to stay root",
            account.name
        )
    })?;
    Ok(Left::For(account.name))
}

/// Becomes the account that owns a data directory, for a command of an operator; root's own stays root's.
///
/// # Errors
/// A sentence.
pub fn become_owner(data_dir: &Path) -> Result<(), String> {
    if !Uid::effective().is_root() {
        return Ok(());
    }
    let Some(account) = owner(data_dir) else { return Ok(()) };
    become_account(&account)
        .map_err(|error| format!("can't become the account {}: {error}", account.name))
}

/// Reads the files of the browser application while this process may; the server uses them later.
pub fn read_web_files(given: Option<&Path>) {
    WebFiles::read_early(given);
}

/// The account to become, or the reason to stay root.
fn choose(name: Option<&str>, data_dir: &Path) -> Result<Result<User, String>, String> {
    let look_up = |name: &str| {
        User::from_name(name).map_err(|error| format!("can't look up the account {name}: {error}"))
    };
    if name == Some(ROOT) {
        return Ok(Err("--user root keeps it".to_owned()));
    }
    if let Some(name) = name {
        let found = look_up(name)?;
        return found.map(Ok).ok_or_else(|| {
            format!("there is no account {name}; make it: useradd --system {name}")
        });
    }
    if let Some(owner) = owner(data_dir) {
        return Ok(Ok(owner));
    }
    Ok(look_up(USUAL)?.ok_or_else(|| {
        format!(
            "there is no account {USUAL}; make it (useradd --system --shell /usr/sbin/nologin {USUAL}), \
             or name another with --user"
        )
    }))
}

/// The account that owns an existing data directory, unless that is root.
fn owner(data_dir: &Path) -> Option<User> {
    use std::os::unix::fs::MetadataExt as _;
    let uid = std::fs::symlink_metadata(data_dir).ok().filter(std::fs::Metadata::is_dir)?.uid();
    let account = User::from_uid(Uid::from_raw(uid)).ok()??;
    (!account.uid.is_root()).then_some(account)
}

fn current_name() -> Option<String> {
    User::from_uid(Uid::effective()).ok()?.map(|user| user.name)
}

const fn ids(account: &User) -> (u32, u32) {
    (account.uid.as_raw(), account.gid.as_raw())
}

/// The groups first: without root they can't be changed.
fn become_account(account: &User) -> Result<(), String> {
    let text = |error: nix::Error| error.to_string();
    let name = std::ffi::CString::new(account.name.as_str()).map_err(|error| error.to_string())?;
    initgroups(&name, account.gid).map_err(text)?;
    setgid(account.gid).map_err(text)?;
    setuid(account.uid).map_err(text)?;
    let is_whole = Uid::current() == account.uid && Gid::effective() == account.gid;
    if !is_whole || setuid(Uid::from_raw(0)).is_ok() {
        return Err("root is still within reach".to_owned());
    }
    Ok(())
}
