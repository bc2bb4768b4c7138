//! The cluster on disk: creates it, gives the command that starts its server, and stops a server that was left.
//!
//! `postgres/data` is the cluster itself, `password` its only secret, `postgres.log` its log. `lock` is locked by
//! the Gridloom process that uses it, and `socket` is the directory where it listens; `roles` numbers the set-up of
//! its roles. Where root runs the server, only `data` and `socket` belong to the account of Postgres. Not the running
//! process: see `supervisor`.
//!
//! Invariant: `data` is whole or absent: it is made under another name and then renamed.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process};
use tokio_postgres::Config;
use tracing::info;

use super::launcher::{Launcher, choose_user};
use super::place::{self, Place};
use super::programs::Programs;
use super::roles::{self, ROLE};
use super::{PostgresError, files};

/// The file with the roles that may sign in; written at each start.
const ACCESS: &str = "pg_hba.conf";
/// The number in the socket's name; nothing listens on it.
const PORT: u16 = 5432;
/// The log is emptied when it is longer than this at a start.
const MAX_LOG_BYTES: u64 = 16 * 1024 * 1024;
/// How much of the log's end goes into an error.
const LOG_TAIL_BYTES: u64 = 600;
/// How long an orphan may take to shut down, then to drop everything.
const ORPHAN_TIMEOUT: Duration = Duration::from_secs(60);
/// How long to wait between two looks at an orphan that is stopping.
const ORPHAN_POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Settings of the server. On its command line rather than in `postgresql.conf`, so that a new
/// version of ours changes them in clusters that exist.
const SETTINGS: [&str; 17] = [
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=60",
    "shared_buffers=128MB",
    // No replicas: the least log that still survives a crash.
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=2GB",
    "wal_compression=on",
    "checkpoint_timeout=15min",
    "fsync=on",
    "synchronous_commit=on",
    // Statements here are short; compiling them takes longer than running them.
    "jit=off",
    "random_page_cost=1.1",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_line_prefix=%m [%p] ",
    "logging_collector=off",
];

/// A cluster that is whole, and ours alone while this value lives.
#[derive(Debug)]
pub(super) struct Cluster {
    place: Place,
    socket: PathBuf,
    password: String,
    programs: Programs,
    launcher: Launcher,
    /// Held for its lock.
    _lock: File,
}

fn config(socket: &Path, password: &str, database: &str) -> Config {
    let mut config = Config::new();
    config.host_path(socket).port(PORT).user(ROLE).password(password).dbname(database);
    config
}

/// How to connect to a cluster that is another process's.
pub(super) fn running(data_dir: &Path, database: &str) -> Result<Config, PostgresError> {
    let home = data_dir.join("postgres");
    let file = home.join("password");
    let password = place::read_foreign(&file)
        .map_err(|error| PostgresError::io(file.display().to_string(), error))?;
    let socket = files::known_socket_directory(&home);
    Ok(config(&socket, &password, database))
}

impl Cluster {
    /// Locks the directory and makes the cluster if there is none. Blocks.
    pub(super) fn prepare(data_dir: &Path) -> Result<Self, PostgresError> {
        let data_dir = std::path::absolute(data_dir)
            .map_err(|error| PostgresError::io(data_dir.display().to_string(), error))?;
        let home = data_dir.join("postgres");
        let user = choose_user()?;
        let place = Place::open(&home, user.clone())?;
        let lock = files::lock(&place)?;
        let version = place::read_foreign(&home.join("data/PG_VERSION")).ok();
        let cluster = version.as_deref().filter(|version| is_version(version));
        let programs = Programs::find(cluster.map(|version| (home.as_path(), version)))?;
        let launcher = Launcher::new(user, &home)?;
        let password = files::password(&place)?;
        let socket = files::socket_directory(&place)?;
        place
            .write_public(ACCESS, roles::ACCESS)
            .map_err(|error| PostgresError::io("cannot write pg_hba.conf", error))?;
        let whole = cluster.is_some();
        let cluster = Self { place, socket, password, programs, launcher, _lock: lock };
        cluster.make_whole(whole)?;
        Ok(cluster)
    }

    /// Makes the cluster when there is none, and its roles when they are not those of this release.
    fn make_whole(&self, is_there: bool) -> Result<(), PostgresError> {
        let fail = |error| PostgresError::io("cannot use the directory of Postgres", error);
        match is_there {
            true => self.place.account_dir("data").map(drop).map_err(fail)?,
            false => self.initialize()?,
        }
        if self.place.read("roles").map_err(fail)?.as_deref() == Some(roles::VERSION) {
            return Ok(());
        }
        self.stop_orphan()?;
        roles::set_up(|database| self.single_command(database), &self.password)?;
        self.place.write("roles", roles::VERSION).map_err(fail)
    }

    /// How to connect.
    pub(super) fn config(&self, database: &str) -> Config {
        config(&self.socket, &self.password, database)
    }

    /// The command that runs the server in the foreground, its output in the log.
    pub(super) fn server_command(&self) -> Result<Command, PostgresError> {
        let fail = |error| PostgresError::io("cannot open postgres.log", error);
        let log = self.open_log().map_err(fail)?;
        let errors = log.try_clone().map_err(fail)?;
        let mut command = self.launcher.command(&self.programs.path("postgres"));
        command.arg("-D").arg(self.data());
        add_settings(&mut command);
        command.arg("-c").arg(format!("port={PORT}"));
        let mut access = OsString::from("hba_file=");
        access.push(self.place.path().join(ACCESS));
        command.arg("-c").arg(access);
        let mut sockets = OsString::from("unix_socket_directories=");
        sockets.push(&self.socket);
        command.arg("-c").arg(sockets);
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        Ok(command)
    }

    /// The command that runs Postgres without a server, as its superuser, on one database.
    fn single_command(&self, database: &str) -> Command {
        let mut command = self.launcher.command(&self.programs.path("postgres"));
        command.arg("--single").arg("-D").arg(self.data());
        add_settings(&mut command);
        command.arg(database);
        command
    }

    /// Stops a server that a dead process of ours left in this directory. Blocks.
    #[expect(clippy::disallowed_methods, reason = "on the supervisor's own thread, not a worker's")]
    pub(super) fn stop_orphan(&self) -> Result<(), PostgresError> {
        let pid_file = self.data().join("postmaster.pid");
        let Some(pid) = read_pid(&pid_file) else { return Ok(()) };
        match working_directory(pid) {
            // A server works in its data directory.
            Some(directory) if same_file(&directory, &self.data()) => {}
            // The id belongs to a stranger now. Postgres would take it for a server of this
            // cluster when it has the same user, and refuse to start.
            Some(_) => {
                return fs::remove_file(&pid_file)
                    .map_err(|error| PostgresError::io("cannot remove postmaster.pid", error));
            }
            // Gone: Postgres itself looks after the file and after backends that still end.
            None => return Ok(()),
        }
        info!(pid = pid.as_raw_nonzero().get(), "stopping a Postgres that was left running here");
        for signal in [Signal::INT, Signal::QUIT] {
            // It fails only for a process that has just ended, which is what is wanted.
            let _ = kill_process(pid, signal);
            let deadline = Instant::now() + ORPHAN_TIMEOUT;
            while Instant::now() < deadline {
                if working_directory(pid).is_none() {
                    return Ok(());
                }
                std::thread::sleep(ORPHAN_POLL_INTERVAL);
            }
        }
        let number = pid.as_raw_nonzero();
        Err(PostgresError::NotStarted(format!("process {number} is at its files and does not end")))
    }

    /// The end of the log, for an error's text.
    pub(super) fn log_tail(&self) -> String {
        let path = self.place.path().join("postgres.log");
        let tail = read_tail(&self.place).unwrap_or_default();
        format!("the end of {}: {}", path.display(), tail.trim())
    }

    /// Removes what lies outside the data directory, after the server has stopped.
    pub(super) fn clean_up(&self) {
        files::remove_outside(&self.socket);
    }

    fn data(&self) -> PathBuf {
        self.place.path().join("data")
    }

    fn initialize(&self) -> Result<(), PostgresError> {
        let unfinished = self.place.path().join("data.new");
        // It does not follow links, in the directory neither.
        match fs::remove_dir_all(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(PostgresError::io("cannot remove data.new", error));
            }
            _ => {}
        }
        let made = self.place.account_dir("data.new");
        made.map_err(|error| PostgresError::io("cannot make data.new", error))?;
        let mut command = self.launcher.command(&self.programs.path("initdb"));
        command.arg("-D").arg(&unfinished);
        command.args(["--username", roles::SUPERUSER, "--auth=reject", "--encoding=UTF8"]);
        // Plain byte order, the same on every machine.
        command.args(["--locale=C", "--no-instructions"]);
        let output =
            command.output().map_err(|error| PostgresError::io("cannot run initdb", error))?;
        if !output.status.success() {
            let printed = [output.stdout, output.stderr].concat();
            let output = String::from_utf8_lossy(&printed).trim().to_owned();
            return Err(PostgresError::Program { program: "initdb", output });
        }
        fs::rename(&unfinished, self.data())
            .map_err(|error| PostgresError::io("cannot rename data.new to data", error))
    }

    fn open_log(&self) -> io::Result<File> {
        let log = self.place.file("postgres.log", OFlags::WRONLY | OFlags::APPEND)?;
        if log.metadata()?.len() > MAX_LOG_BYTES {
            log.set_len(0)?;
        }
        Ok(log)
    }
}

fn add_settings(command: &mut Command) {
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
}

/// Whether a text is a major version: the file belongs to the account of Postgres.
fn is_version(text: &str) -> bool {
    !text.is_empty() && text.len() < 8 && text.bytes().all(|it| it.is_ascii_digit() || it == b'.')
}

fn read_tail(place: &Place) -> io::Result<String> {
    let mut file = place.file("postgres.log", OFlags::RDONLY)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The first line of `postmaster.pid`.
fn read_pid(path: &Path) -> Option<Pid> {
    let text = place::read_foreign(path).ok()?;
    Pid::from_raw(text.lines().next()?.trim().parse().ok()?)
}

/// Where a process works; `None` when it is gone (or this system has no `/proc`).
fn working_directory(pid: Pid) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())).ok()
}

fn same_file(a: &Path, b: &Path) -> bool {
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}
