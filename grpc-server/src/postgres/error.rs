//! Why the embedded Postgres does not run.
//!
//! Not errors of SQL: see `store`. Invariant: each text is a sentence for the operator, with what to do.

use std::io;
use std::path::PathBuf;

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
        "the account {user} that Postgres runs as can't pass through {path}; run `chmod o+x {path}`, or \
         choose another directory with --data-dir"
    )]
    Unreachable {
        /// The user.
        user: String,
        /// The first closed directory.
        path: PathBuf,
    },
    /// A file or a process could not be handled.
    #[error("{what}: {source}")]
    Io {
        /// The attempt, with the path.
        what: String,
        /// The system's message.
        source: io::Error,
    },
    /// A program of Postgres failed.
    #[error("{program} failed: {output}")]
    Program {
        /// Which one.
        program: &'static str,
        /// The end of its output.
        output: String,
    },
    /// The server does not come up.
    #[error("embedded Postgres did not start: {0}")]
    NotStarted(String),
}

impl PostgresError {
    pub(super) fn io(what: impl Into<String>, source: io::Error) -> Self {
        Self::Io { what: what.into(), source }
    }
}
