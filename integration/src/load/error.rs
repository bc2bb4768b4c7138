//! The errors of a run.
//!
//! Not its findings: clients that do not converge are part of a report. Invariant: each error is a sentence for
//! the person who started the run.

/// Why a run could not be done, as a sentence for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The options do not fit together.
    #[error("{0}")]
    Options(String),
    /// The server refused or did not answer.
    #[error("{what}: {cause}")]
    Server {
        /// The step that failed.
        what: &'static str,
        /// The error.
        cause: String,
    },
    /// The server broke the protocol.
    #[error("the server broke the protocol: {0}")]
    Protocol(#[from] client::core::ProtocolError),
    /// An edit that the client itself refused.
    #[error("an edit could not be made: {0}")]
    Edit(#[from] client::core::EditError),
    /// A run that was done, and whose clients did not converge.
    #[error("the run found a fault: {0}")]
    Unsound(String),
    /// A step took too long.
    #[error("{0} did not happen within {1} seconds")]
    Late(&'static str, u64),
    /// A file or a process.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl LoadError {
    pub(super) fn server(what: &'static str, cause: impl std::fmt::Display) -> Self {
        Self::Server { what, cause: cause.to_string() }
    }
}
