//! The cluster on disk: creates it, gives the command that starts its server, and stops a server that was left.
//!
//! `postgres/data` is the cluster itself, `password` its only secret, `postgres.log` its log. `lock` is locked by
//! the Gridloom process that uses it, and `socket` is the directory where it listens. Not the running process:
//! see `supervisor`.
//!
//! Invariant: `data` is whole or absent: it is made under another name and then renamed.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio_postgres::Config;
use tracing::info;

use super::launcher::{Launcher, choose_user};
use super::programs::Programs;
use super::{PostgresError, files};

/// The superuser of the cluster; it has no other users.
const ROLE: &str = "gridloom";
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
    home: PathBuf,
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
    let password = fs::read_to_string(&file)
        .map_err(|error| PostgresError::io(file.display().to_string(), error))?;
    let socket = files::known_socket_directory(&home);
    Ok(config(&socket, password.trim(), database))
}

impl Cluster {
    /// Locks the directory and makes the cluster if there is none. Blocks.
    pub(super) fn prepare(data_dir: &Path) -> Result<Self, PostgresError> {
        let data_dir = std::path::absolute(data_dir)
            .map_err(|error| PostgresError::io(data_dir.display().to_string(), error))?;
        let home = data_dir.join("postgres");
        let user = choose_user()?;
        let programs = match fs::read_to_string(home.join("data/PG_VERSION")) {
            Ok(version) => Programs::find(Some((&home, version.trim())))?,
            Err(_) => Programs::find(None)?,
        };
        files::make_directory(&home, user.as_ref())?;
        let lock = files::lock(&home)?;
        let launcher = Launcher::new(user.clone(), &home)?;
        let password = files::password(&home, user.as_ref())?;
        let socket = files::socket_directory(&home, user.as_ref())?;
        let cluster = Self { home, socket, password, programs, launcher, _lock: lock };
        if !cluster.data().join("PG_VERSION").exists() {
            cluster.initialize()?;
        }
        Ok(cluster)
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
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.arg("-c").arg(format!("port={PORT}"));
        let mut sockets = OsString::from("unix_socket_directories=");
        sockets.push(&self.socket);
        command.arg("-c").arg(sockets);
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        Ok(command)
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
        let path = self.home.join("postgres.log");
        let tail = read_tail(&path).unwrap_or_default();
        format!("the end of {}: {}", path.display(), tail.trim())
    }

    /// Removes what lies outside the data directory, after the server has stopped.
    pub(super) fn clean_up(&self) {
        if !self.socket.starts_with(&self.home) {
            let _ = fs::remove_dir_all(&self.socket);
        }
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    fn initialize(&self) -> Result<(), PostgresError> {
        let unfinished = self.home.join("data.new");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)
                .map_err(|error| PostgresError::io("cannot remove data.new", error))?;
        }
        let mut command = self.launcher.command(&self.programs.path("initdb"));
        command.arg("-D").arg(&unfinished);
        command.args(["--username", ROLE, "--auth=scram-sha-256", "--encoding=UTF8"]);
        // Plain byte order, the same on every machine.
        command.args(["--locale=C", "--no-instructions"]);
        command.arg("--pwfile").arg(self.home.join("password"));
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
        let mut options = OpenOptions::new();
        options.create(true).append(true).mode(0o600);
        let log = options.open(self.home.join("postgres.log"))?;
        if log.metadata()?.len() > MAX_LOG_BYTES {
            log.set_len(0)?;
        }
        Ok(log)
    }
}

fn read_tail(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The first line of `postmaster.pid`.
fn read_pid(path: &Path) -> Option<Pid> {
    let text = fs::read_to_string(path).ok()?;
    Pid::from_raw(text.lines().next()?.trim().parse().ok()?)
}

/// Where a process works; `None` when it is gone (or this system has no `/proc`).
fn working_directory(pid: Pid) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())).ok()
}

fn same_file(a: &Path, b: &Path) -> bool {
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}
