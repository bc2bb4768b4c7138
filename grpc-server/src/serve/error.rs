//! Why a server can't start.
//!
//! Not errors of calls: see `service`. Invariant: each text is one sentence for the operator.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::postgres::PostgresError;
use journal::OpenJournalError;
use store::StoreError;
use tls::TlsError;

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
    /// A certificate, a key or an authority can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A part of the server does not work.
    #[error("the server can't start: {0}")]
    Part(String),
}
