//! Embedded Postgres: a private server in the data directory, run from the machine's own binaries.
//!
//! It makes the cluster on first use, starts the server (as another user when we are root, which
//! Postgres refuses to run as), starts it again when it dies by itself, and stops it with us: on
//! [`EmbeddedPostgres::stop`], on drop, and on Linux even when this process is killed. It listens
//! on a Unix socket only and asks for a password that is kept in the data directory.
//!
//! Not a client: whoever wants to talk SQL takes the configuration that [`EmbeddedPostgres::start`]
//! returns to `store`.
//!
//! Invariant: one `EmbeddedPostgres` for one directory at a time, guarded by a lock file; so a
//! server that is found running there is an orphan of a dead process and may be stopped.

mod cluster;
mod files;
mod launcher;
mod programs;
mod supervisor;

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};

use cluster::Cluster;
use programs::Programs;
use supervisor::Supervisor;

/// How long a start may take before anything answers on the socket.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long it may take when the server says that it is recovering from a crash.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(600);
/// How long to wait between two looks at a server that is starting.
const START_POLL_INTERVAL: Duration = Duration::from_millis(15);
/// How often the server may end by itself before the first start is given up.
const MAX_START_FAILURES: u32 = 3;
/// The database that the cluster is for.
const DATABASE: &str = "gridloom";

/// Why embedded Postgres is not there. The texts are for the operator.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// No usable binaries on this machine.
    #[error(
        "no Postgres binaries found ({0}); install Postgres (Debian: apt-get install postgresql) \
         or give --database-url"
    )]
    NoBinaries(String),
    /// The directory was made by another major version.
    #[error(
        "the cluster in {path} was made by Postgres {cluster}, but only {found} is installed; \
         install version {cluster} or move the data over with pg_upgrade"
    )]
    OtherVersion {
        /// Where the cluster is.
        path: PathBuf,
        /// The major version that made it.
        cluster: String,
        /// The major versions on this machine.
        found: String,
    },
    /// Another process of ours uses the directory.
    #[error("the embedded Postgres in {0} is in use by another server")]
    InUse(PathBuf),
    /// The user that Postgres runs as cannot get to the directory.
    #[error(
        "the user {user} that Postgres runs as cannot reach {path}; choose another data directory \
         or make its parents searchable (chmod o+x)"
    )]
    Unreachable {
        /// The user.
        user: String,
        /// The directory.
        path: PathBuf,
    },
    /// A file or a process could not be handled.
    #[error("{what}: {source}")]
    Io {
        /// What was tried, with the path.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// A program of Postgres failed.
    #[error("{program} failed: {output}")]
    Program {
        /// Which one.
        program: &'static str,
        /// The end of what it said.
        output: String,
    },
    /// The server does not come up.
    #[error("embedded Postgres did not start: {0}")]
    NotStarted(String),
}

impl PostgresError {
    fn io(what: impl Into<String>, source: io::Error) -> Self {
        Self::Io { what: what.into(), source }
    }
}

/// The major version that a new cluster is made with: the newest on this machine.
///
/// # Errors
/// [`PostgresError::NoBinaries`].
pub fn newest_version() -> Result<String, PostgresError> {
    Ok(Programs::find(None)?.major().to_owned())
}

/// A running embedded Postgres; dropping it stops the server (and waits for that).
#[derive(Debug)]
pub struct EmbeddedPostgres {
    supervisor: Supervisor,
}

impl EmbeddedPostgres {
    /// Makes the cluster in `data_dir/postgres` if there is none, starts the server, waits until
    /// it answers, and says how to connect to it.
    ///
    /// # Errors
    /// [`PostgresError`]; nothing is left running then.
    pub async fn start(data_dir: &Path) -> Result<(Self, Config), PostgresError> {
        let directory = data_dir.to_owned();
        let cluster = tokio::task::spawn_blocking(move || Cluster::prepare(&directory))
            .await
            .map_err(|error| PostgresError::NotStarted(error.to_string()))??;
        let config = cluster.config(DATABASE);
        let postgres = Self { supervisor: Supervisor::start(cluster)? };
        postgres.wait_until_ready(&config).await?;
        Ok((postgres, config))
    }

    /// Whether there is a cluster in `data_dir/postgres`.
    #[must_use]
    pub fn exists(data_dir: &Path) -> bool {
        data_dir.join("postgres/data/PG_VERSION").exists()
    }

    /// How to connect to the server that another process runs there.
    ///
    /// # Errors
    /// [`PostgresError::Io`] when none has ever run there, or not as this user.
    pub fn running(data_dir: &Path) -> Result<Config, PostgresError> {
        cluster::running(data_dir, DATABASE)
    }

    /// Stops the server: open transactions are rolled back, everything committed is on disk.
    pub async fn stop(mut self) {
        // The wait is long and blocks; a panic in it would have nothing left to tell.
        let _ = tokio::task::spawn_blocking(move || self.supervisor.stop()).await;
    }

    /// The process id of the server, unless it is just down. For operators and tests.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.supervisor.process_id()
    }

    async fn wait_until_ready(&self, config: &Config) -> Result<(), PostgresError> {
        let started = Instant::now();
        loop {
            let (patience, last) = match ensure_database(config).await {
                Ok(()) => return Ok(()),
                Err(error) if error.code() == Some(&SqlState::CANNOT_CONNECT_NOW) => {
                    (RECOVERY_TIMEOUT, error)
                }
                Err(error) => (START_TIMEOUT, error),
            };
            if let Some(failure) = self.supervisor.failed(MAX_START_FAILURES) {
                return Err(PostgresError::NotStarted(failure));
            }
            if started.elapsed() > patience {
                return Err(PostgresError::NotStarted(last.to_string()));
            }
            tokio::time::sleep(START_POLL_INTERVAL).await;
        }
    }
}

/// Connects, and makes the database on the first start.
async fn ensure_database(config: &Config) -> Result<(), tokio_postgres::Error> {
    let mut maintenance = config.clone();
    maintenance.dbname("postgres");
    let (client, connection) = maintenance.connect(NoTls).await?;
    let driver = tokio::spawn(connection);
    let result = async {
        let found =
            client.query("select from pg_database where datname = $1", &[&DATABASE]).await?;
        if found.is_empty() {
            // No parameters in this statement; the name is a constant.
            client.batch_execute("create database gridloom").await?;
        }
        Ok(())
    }
    .await;
    driver.abort();
    result
}
