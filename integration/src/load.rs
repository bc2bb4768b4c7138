//! The load generator: many clients edit sheets as fast as they can, or at a rate. Then all copies of
//! each sheet are compared.
//!
//! Each client is the SDK's own state machine over one stream. All times are from this process' clock: the
//! value that an edit writes holds its time and its writer, so that each reader knows its latency.
//! Invariant: a run counts as converged only when every client's view, a fresh read and the export
//! from Postgres are the sheet that the accepted edits make.

pub mod options;

mod bare;
mod clients;
mod conditions;
mod error;
mod idle;
mod measure;
pub mod persons;
pub mod report;
mod run;
mod setup;
mod verdict;

use grpc_server::serve::descriptors::raise;
use serde::Serialize;

use bare::echo;

pub use error::LoadError;
use options::{Mode, Options};

/// Open files of the generator beside its connections.
const OTHER_FILES: u64 = 100;

/// The report of a run.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// A server under load.
    Load(Box<report::Report>),
    /// The bare transport.
    Echo(echo::EchoReport),
    /// Sessions that do nothing.
    Idle(idle::IdleReport),
}

impl Outcome {
    /// Whether the run found nothing wrong.
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

/// Serves the echo when this process was started as its other end; `None` when it was not.
///
/// The generator starts its own program again for that, so each program that runs loads calls this first.
pub async fn serve_echo_if_asked() -> Option<Result<(), LoadError>> {
    if std::env::args().nth(1).as_deref() != Some(echo::SERVE_FLAG) {
        return None;
    }
    Some(echo::serve().await)
}

/// Does the run that the options name.
///
/// # Errors
/// When the run could not be done; a run that was done and did not converge is an [`Outcome`].
pub async fn run(options: Options) -> Result<Option<Outcome>, LoadError> {
    let mode = options.mode()?;
    // Fewer than these show when a connection fails.
    raise(u64::from(options.connections()) + OTHER_FILES);
    match mode {
        Mode::ServeEcho => echo::serve().await.map(|()| None),
        Mode::Echo => echo::report(&options).await.map(|report| Some(Outcome::Echo(report))),
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
