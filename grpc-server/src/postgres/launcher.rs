//! Starts a program of Postgres as the right user, so that it ends with this process.
//!
//! Postgres refuses to run as root, so a server of root starts it as the user `postgres` (or `nobody`). On Linux that
//! is done by `setpriv` of util-linux. It can also ask the kernel to interrupt the child when this process dies, which
//! is not possible with std alone without unsafe code.
//!
//! Not which program is started, nor when. Invariant: no program of Postgres runs as root, nor with
//! a capability.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::PostgresError;

/// Users that Postgres may run as when we are root, in the order of preference.
const USERS: [&str; 2] = ["postgres", "nobody"];

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
}

impl Launcher {
    /// For programs that work below `directory`, which must exist.
    pub(super) fn new(user: Option<User>, directory: &Path) -> Result<Self, PostgresError> {
        if let Some(user) = &user
            && let Some(closed) = first_closed((user.uid, user.gid), directory)
        {
            let (user, path) = (user.name.clone(), closed.to_owned());
            return Err(PostgresError::Unreachable { user, path });
        }
        Ok(Self { user, setpriv: find_setpriv() })
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
            command.args(["--inh-caps=-all", "--no-new-privs", "--"]).arg(program);
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

/// The first directory from the root down to this one that a user with this id and group may not pass through. One
/// that is not there yet is left out.
pub(crate) fn first_closed(ids: (u32, u32), directory: &Path) -> Option<&Path> {
    let mut ancestors: Vec<&Path> = directory.ancestors().collect();
    ancestors.reverse();
    let is_closed = |path: &&Path| match std::fs::metadata(path) {
        Ok(metadata) => !may_search(ids, &metadata),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    };
    ancestors.into_iter().find(is_closed)
}

fn may_search((uid, gid): (u32, u32), directory: &Metadata) -> bool {
    let class_shift = if directory.uid() == uid {
        6
    } else if directory.gid() == gid {
        3
    } else {
        0
    };
    (directory.mode() >> class_shift) & 1 == 1
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
        let other = (4_000_000, 4_000_000);
        let mut builder = tempfile::Builder::new();
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let closed = builder.tempdir().expect("a temporary directory");
        let below = closed.path().join("below");
        std::fs::create_dir(&below).expect("is made");
        assert_eq!(first_closed(other, &below), Some(closed.path()));
        assert_eq!(first_closed(other, Path::new("/usr")), None);
    }
}
