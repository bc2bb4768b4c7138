//! Starts a program of Postgres as the right user, so that it ends with this process.
//!
//! Postgres refuses to run as root, so a server of root starts it as the user `postgres` (or `nobody`). On Linux that
//! is done by `setpriv` of util-linux. It can also ask the kernel to interrupt the child when this process dies, and
//! it can let that user pass through directories that are closed to it (a data directory below root's home).
//! Neither is possible with std alone without unsafe code.
//!
//! Not which program is started, nor when. Invariant: no program of Postgres runs as root.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::PostgresError;

/// Users that Postgres may run as when we are root, in the order of preference.
const USERS: [&str; 2] = ["postgres", "nobody"];
/// Capabilities that let a user pass through closed directories: bit and name, the lesser first.
/// Containers often hold only the second.
const PASSING_CAPABILITIES: [(u32, &str); 2] = [(2, "dac_read_search"), (1, "dac_override")];

/// A user of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// Knows how to start programs that work in one directory.
#[derive(Clone, Debug)]
pub(super) struct Launcher {
    /// The user to become; `None` stays who we are.
    user: Option<User>,
    setpriv: Option<PathBuf>,
    /// The capability that the user needs to get to the directory.
    capability: Option<&'static str>,
}

impl Launcher {
    /// For programs that work in `directory`, which must exist and belong to `user`.
    pub(super) fn new(user: Option<User>, directory: &Path) -> Result<Self, PostgresError> {
        let setpriv = find_setpriv();
        let mut capability = None;
        if let Some(user) = &user
            && !reachable(user, directory)
        {
            capability = setpriv.as_ref().and_then(|_| passing_capability());
            if capability.is_none() {
                let (user, path) = (user.name.clone(), directory.to_owned());
                return Err(PostgresError::Unreachable { user, path });
            }
        }
        Ok(Self { user, setpriv, capability })
    }

    /// A command that runs `program`. Its child gets an interrupt when the *thread* that spawned it
    /// ends: spawn it from a thread that outlives it.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command;
        if let Some(setpriv) = &self.setpriv {
            command = Command::new(setpriv);
            command.args(["--pdeathsig", "INT"]);
            if let Some(user) = &self.user {
                command.args([format!("--reuid={}", user.uid), format!("--regid={}", user.gid)]);
                command.arg("--clear-groups");
            }
            if let Some(capability) = self.capability {
                command.arg(format!("--inh-caps=+{capability}"));
                command.arg(format!("--ambient-caps=+{capability}"));
            }
            command.arg("--").arg(program);
        } else {
            command = Command::new(program);
            if let Some(user) = &self.user {
                // std drops root's supplementary groups, too.
                command.gid(user.gid).uid(user.uid);
            }
        }
        // Our own working directory may be closed to the other user, and Postgres looks at it.
        command.current_dir("/");
        // Variables of the operator's shell about another Postgres must not reach this one.
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        command
    }
}

/// The user to run Postgres as: `None` unless we are root.
pub(super) fn choose_user() -> Result<Option<User>, PostgresError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let passwd = std::fs::read_to_string("/etc/passwd")
        .map_err(|error| PostgresError::io("cannot read /etc/passwd", error))?;
    let user = USERS.iter().find_map(|name| parse_user(&passwd, name));
    user.map(Some).ok_or_else(|| {
        PostgresError::NotStarted("there is no user postgres or nobody to run it as".into())
    })
}

fn parse_user(passwd: &str, name: &str) -> Option<User> {
    passwd.lines().find_map(|line| {
        let fields: Vec<_> = line.split(':').collect();
        let [found, _, uid, gid, ..] = fields.as_slice() else { return None };
        let (uid, gid) = (uid.parse().ok()?, gid.parse().ok()?);
        (*found == name).then(|| User { name: name.to_owned(), uid, gid })
    })
}

fn find_setpriv() -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = [PathBuf::from("/usr/bin"), PathBuf::from("/bin")];
    let mut places = std::env::split_paths(&path).chain(usual).map(|place| place.join("setpriv"));
    // Busybox has an applet of the same name without the options that we need.
    places.find(|place| place.is_file() && !is_busybox(place))
}

fn is_busybox(program: &Path) -> bool {
    std::fs::canonicalize(program).is_ok_and(|path| path.file_name() == Some(OsStr::new("busybox")))
}

/// Whether the user may pass through every directory from the root down to this one.
fn reachable(user: &User, directory: &Path) -> bool {
    directory.ancestors().all(|ancestor| {
        std::fs::metadata(ancestor).is_ok_and(|metadata| may_search(user, &metadata))
    })
}

fn may_search(user: &User, directory: &Metadata) -> bool {
    let class_shift = if directory.uid() == user.uid {
        6
    } else if directory.gid() == user.gid {
        3
    } else {
        0
    };
    (directory.mode() >> class_shift) & 1 == 1
}

/// A capability of ours that lets the user pass.
fn passing_capability() -> Option<&'static str> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("CapPrm:"))?;
    let held = u64::from_str_radix(line.trim(), 16).ok()?;
    PASSING_CAPABILITIES.iter().find(|(bit, _)| (held >> bit) & 1 == 1).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let passwd =
            "root:x:0:0::/root:/bin/sh\npostgres2:x:7:7::/:\npostgres:x:105:113:,,:/v:/b\n";
        let user = User { name: "postgres".into(), uid: 105, gid: 113 };
        assert_eq!(parse_user(passwd, "postgres"), Some(user));
        assert_eq!(parse_user(passwd, "nobody"), None);
    }

    #[test]
    fn a_closed_parent_is_noticed() {
        let other = User { name: "other".into(), uid: 4_000_000, gid: 4_000_000 };
        let mut builder = tempfile::Builder::new();
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let closed = builder.tempdir().expect("a temporary directory");
        assert!(!reachable(&other, closed.path()));
        assert!(reachable(&other, Path::new("/usr")));
    }
}
