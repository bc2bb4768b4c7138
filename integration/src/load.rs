//! The load generator: many clients edit sheets as fast as they can, or at a rate, and then
//! everything is compared.
//!
//! Each client is the SDK's own state machine over one stream. Times are taken with this process'
//! clock only: the value that an edit writes says who wrote it and when, so that whoever sees it
//! knows how long it was on its way. Invariant: a run counts as converged only when every client's
//! view, a fresh read and what Postgres holds are the sheet that the accepted edits make.

pub mod options;

mod check;
mod clock;
mod connect;
mod echo;
mod history;
mod idle;
mod latency;
mod participant;
mod plan;
mod report;
mod run;
mod tally;
mod truth;

use serde::Serialize;

use options::{Mode, Options};

/// Why a run could not be done, in a sentence for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The options do not fit together.
    #[error("{0}")]
    Options(String),
    /// The server refused or went away.
    #[error("{what}: {cause}")]
    Server {
        /// What was tried.
        what: &'static str,
        /// What came back.
        cause: String,
    },
    /// The server broke the protocol.
    #[error("the server broke the protocol: {0}")]
    Protocol(#[from] client::core::ProtocolError),
    /// An edit that the client itself refused.
    #[error("an edit could not be made: {0}")]
    Edit(#[from] client::core::EditError),
    /// Something did not happen in time.
    #[error("{0} did not happen within {1} seconds")]
    Late(&'static str, u64),
    /// A file or a process.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl LoadError {
    fn server(what: &'static str, cause: impl std::fmt::Display) -> Self {
        Self::Server { what, cause: cause.to_string() }
    }
}

/// What a run has to say.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// A server under load.
    Load(Box<report::Report>),
    /// The bare transport.
    Echo(report::EchoReport),
    /// Sessions that do nothing.
    Idle(idle::IdleReport),
}

impl Outcome {
    /// Whether everything was as it should be.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Load(report) => report.is_sound(),
            Self::Echo(_) | Self::Idle(_) => true,
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Load(report) => report.fmt(f),
            Self::Echo(report) => report.fmt(f),
            Self::Idle(report) => report.fmt(f),
        }
    }
}

/// Does what the options say.
///
/// # Errors
/// When the run could not be done; a run that was done and did not converge is an [`Outcome`].
pub async fn run(options: Options) -> Result<Option<Outcome>, LoadError> {
    match options.mode()? {
        Mode::ServeEcho => echo::serve().await.map(|()| None),
        Mode::Echo => echo::measure(&options).await.map(|report| Some(Outcome::Echo(report))),
        Mode::Idle { idle, pid } => {
            let report = idle::measure(idle, pid, &options).await?;
            Ok(Some(Outcome::Idle(report)))
        }
        Mode::Load => {
            let report = run::run(&options).await?;
            Ok(Some(Outcome::Load(Box::new(report))))
        }
    }
}
