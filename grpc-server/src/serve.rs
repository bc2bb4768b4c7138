//! The server as a library: options in, a running server out, on one port.
//!
//! [`Server::start`] returns when the server answers. It is stopped by [`RunningServer::shutdown`]
//! or by dropping it; either way sessions are told, accepted edits are committed as far as that is
//! possible, and the embedded Postgres is stopped. What can't be committed stays in the journal.

mod backend;
mod connections;
mod guard;
mod lifecycle;
mod operator;
mod outlet;
mod router;
mod strangers;
mod unfinished;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::backend::Backend;
pub(crate) use self::backend::JOURNAL_DIR;
use self::operator::Operator;
pub use self::operator::OperatorError;
use crate::config::Options;
use crate::postgres::PostgresError;
use crate::retention::Pruned;
use journal::OpenJournalError;
use model::SheetId;
use store::StoreError;

/// Why a server can't start. Each text is one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken.
    #[error("{0} is in use by another program; stop it, or choose another address with --listen")]
    PortInUse(SocketAddr),
    /// The address can't be listened on.
    #[error("can't listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// The data directory can't be made or used.
    #[error("the data directory {0} can't be used: {1}")]
    DataDir(PathBuf, io::Error),
    /// Another server runs in the data directory.
    #[error("the data directory {0} is in use by another server")]
    DataDirInUse(PathBuf),
    /// The journal can't be opened.
    #[error(transparent)]
    Journal(OpenJournalError),
    /// The embedded Postgres does not start.
    #[error(transparent)]
    Postgres(PostgresError),
    /// The operator's own Postgres can't be reached.
    #[error("can't use the Postgres of --database-url: {0}")]
    Database(StoreError),
    /// The embedded Postgres answers, but not as it should.
    #[error("the embedded Postgres can't be used: {0}")]
    Store(StoreError),
    /// A part of the server does not work.
    #[error("the server can't start: {0}")]
    Part(String),
}

/// Starts servers.
#[derive(Debug)]
pub struct Server;

impl Server {
    /// Starts a server and returns when it answers.
    ///
    /// # Errors
    /// [`StartError`]; nothing is left running then.
    pub async fn start(options: Options) -> Result<RunningServer, StartError> {
        let listener = listen(options.listen).await?;
        let addr =
            listener.local_addr().map_err(|error| StartError::Listen(options.listen, error))?;
        let backend = match options.redis_url {
            Some(_) => backend::wait_for(&options, &listener).await?,
            None => Backend::open(&options).await?,
        };
        let stop = CancellationToken::new();
        let (task, operator) = lifecycle::start(options, backend, listener, stop.clone()).await?;
        Ok(RunningServer { addr, stop, task: Some(task), operator: Some(operator) })
    }

    /// Brings the database to this release's form without serving.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn migrate(options: &Options) -> Result<(), StartError> {
        let (store, postgres) = backend::open_store(options).await?;
        drop(store);
        if let Some(postgres) = postgres {
            postgres.stop().await;
        }
        Ok(())
    }
}

/// A server that answers. Dropping it asks it to stop and does not wait.
#[derive(Debug)]
pub struct RunningServer {
    addr: SocketAddr,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
    /// `None` once it is about to stop, when nothing may hold on to its parts.
    operator: Option<Operator>,
}

impl RunningServer {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Its address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Lets history go that is too old at a time (in microseconds since the Unix epoch), as the server
    /// does by itself now and then.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; what was not done is done by a later run.
    pub async fn prune(&self, now_micros: i64) -> Result<Pruned, StoreError> {
        match &self.operator {
            Some(operator) => operator.prune(now_micros).await,
            None => Ok(Pruned::default()),
        }
    }

    /// Parks what the journal holds of a sheet that can't be opened, and opens it as Postgres has it, in
    /// a new epoch. Answers how many changes that were; `None` when the sheet can be opened.
    ///
    /// # Errors
    /// [`OperatorError`]
    pub async fn park(&self, sheet: SheetId) -> Result<Option<usize>, OperatorError> {
        self.operator.as_ref().ok_or(OperatorError::Stopping)?.park(sheet).await
    }

    /// Deletes a sheet in whatever state it is.
    ///
    /// # Errors
    /// [`OperatorError`]
    pub async fn delete(&self, sheet: SheetId) -> Result<(), OperatorError> {
        self.operator.as_ref().ok_or(OperatorError::Stopping)?.delete(sheet).await
    }

    /// Serves until `signal` resolves, then stops.
    pub async fn run_until(self, signal: impl Future<Output = ()>) {
        signal.await;
        self.shutdown().await;
    }

    /// Stops it, and returns when everything has been put away.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        self.operator = None;
        if let Some(task) = self.task.take() {
            // The only error is a panic, which has been reported where it happened.
            drop(task.await);
        }
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn listen(addr: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(addr).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => StartError::PortInUse(addr),
        _ => StartError::Listen(addr, error),
    })
}
