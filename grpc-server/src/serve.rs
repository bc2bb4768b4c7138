//! Starts and stops the server, on one port.
//!
//! [`Server::start`] returns when the server answers. [`RunningServer::shutdown`] stops it, as dropping it does.
//! Not what the port answers: see `router`.
//!
//! Invariant: at either end sessions receive `Draining`, accepted edits are committed as far as possible, and the
//! embedded Postgres is stopped. Edits that can't be committed stay in the journal.

pub mod account;
mod backend;
mod connections;
pub mod descriptors;
mod error;
mod exposure;
mod guard;
mod lifecycle;
mod operator;
mod outlet;
mod peer;
mod proxy_header;
mod queries;
mod requests;
mod router;
mod services;
mod strangers;
mod transport;

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::backend::Backend;
pub(crate) use self::backend::JOURNAL_DIR;
use self::connections::Port;
pub use self::error::StartError;
use self::operator::Operator;
pub use self::operator::OperatorError;
use self::transport::Transport;
use crate::config::Options;
use crate::retention::Pruned;
use model::SheetId;
use model::limits::edge::CONNECTIONS;
use sheet::memory::Edits;
use store::StoreError;

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
        Self::start_on(listener, options).await
    }

    /// The same, on a port that is open already: one that only root may open.
    ///
    /// # Errors
    /// [`StartError`]; nothing is left running then.
    pub async fn start_on(
        listener: TcpListener,
        options: Options,
    ) -> Result<RunningServer, StartError> {
        let addr = listener
            .local_addr()
            .and_then(|addr| widen(&listener).map(|()| addr))
            .map_err(|error| StartError::Listen(options.listen, error))?;
        let transport = Transport::load(&options.tls).await?;
        let is_encrypted = transport.is_encrypted();
        let port = Port::new(&options, transport);
        exposure::warn(&options, addr);
        let backend = match options.redis_url {
            Some(_) => backend::wait_for(&options, &listener, &port).await?,
            None => Backend::open(&options).await?,
        };
        let stop = CancellationToken::new();
        let (task, operator) =
            lifecycle::start(options, backend, (listener, port), stop.clone()).await?;
        Ok(RunningServer { addr, is_encrypted, stop, task: Some(task), operator: Some(operator) })
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
    is_encrypted: bool,
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
        let scheme = if self.is_encrypted { "https" } else { "http" };
        format!("{scheme}://{}", self.addr)
    }

    /// Deletes the history that is too old at a time (in microseconds since the Unix epoch), as the server
    /// does at regular intervals.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a later run deletes the rest.
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

    /// Deletes a sheet in any state.
    ///
    /// # Errors
    /// [`OperatorError`]
    pub async fn delete(&self, sheet: SheetId) -> Result<(), OperatorError> {
        self.operator.as_ref().ok_or(OperatorError::Stopping)?.delete(sheet).await
    }

    /// The room of all edits that wait; `None` once it is about to stop.
    pub fn edits(&self) -> Option<Arc<Edits>> {
        let operator = self.operator.as_ref()?;
        Some(Arc::clone(&operator.registry.shared().memory.edits))
    }

    /// Serves until `signal` resolves, then stops.
    pub async fn run_until(self, signal: impl Future<Output = ()>) {
        signal.await;
        self.shutdown().await;
    }

    /// Stops the server, and waits until its task has ended.
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

/// Lets as many connections wait to be accepted as the system allows. One that finds no place there tries again after a
/// second, and the standard library has 128 places.
fn widen(listener: &impl AsFd) -> io::Result<()> {
    Ok(rustix::net::listen(listener, i32::try_from(CONNECTIONS).unwrap_or(i32::MAX))?)
}

async fn listen(addr: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(addr).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => StartError::PortInUse(addr),
        _ => StartError::Listen(addr, error),
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use super::*;

    #[test]
    fn hundreds_of_connections_wait_to_be_accepted() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        widen(&listener).expect("is a listener");
        let addr = listener.local_addr().expect("is bound");
        let connect = |_| TcpStream::connect_timeout(&addr, Duration::from_millis(900));
        let waiting: Result<Vec<_>, _> = (0..300).map(connect).collect();
        assert!(waiting.is_ok(), "{waiting:.60?}");
    }
}
