//! Embedded Postgres: a private server in the data directory, run from the machine's own binaries.
//!
//! It makes the cluster on first use and starts the server, as another user where this process runs as
//! root, which Postgres refuses. It restarts a server that dies, and stops it on [`EmbeddedPostgres::stop`],
//! on drop, and on Linux even when this process is killed. The server listens on a Unix socket only and
//! asks for a password that is kept in the data directory.
//!
//! Not a client: `store` connects with the configuration that [`EmbeddedPostgres::start`] returns.
//!
//! Invariant: one `EmbeddedPostgres` for one directory at a time, guarded by a lock file; so a
//! server that is found running there is an orphan of a dead process and may be stopped.

mod cluster;
mod error;
mod files;
mod launcher;
mod place;
mod programs;
mod roles;
mod supervisor;

use std::path::Path;
use std::time::{Duration, Instant};

use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::{Config, NoTls};

pub use error::PostgresError;
pub(crate) use launcher::first_closed;

use cluster::Cluster;
use programs::Programs;
use roles::DATABASE;
use supervisor::Supervisor;

/// How long a start may take before anything answers on the socket.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a start may take when the server reports that it recovers from a crash.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(600);
/// How long to wait between two looks at a server that is starting.
const START_POLL_INTERVAL: Duration = Duration::from_millis(15);
/// How often the server may die before the first start fails.
const MAX_START_FAILURES: u32 = 3;

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
    /// it answers, and returns how to connect to it.
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
        // The wait is long and blocks; a panic in it has nothing to report to.
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
            let (patience, last) = match config.connect(NoTls).await {
                Ok(_) => return Ok(()),
                Err(error) if error.as_db_error().is_some_and(is_final) => {
                    return Err(PostgresError::NotStarted(error.to_string()));
                }
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

/// Whether Postgres runs and refuses the role of the server, which no wait changes.
fn is_final(error: &DbError) -> bool {
    let class = error.code().code().get(..2);
    class == Some("28") || *error.code() == SqlState::INVALID_CATALOG_NAME
}
