//! Logs: tracing events on stderr, as lines or as JSON.
//!
//! Not the events: each part logs its own. Invariants: no filter shows the parameters of
//! statements; stdout stays free for the one line with the address, which the
//! process that started the server reads.

use std::io::IsTerminal as _;

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// The form of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One readable line for each event.
    #[default]
    Human,
    /// One JSON object for each event.
    Json,
}

/// The settings of the log.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Logs")]
pub struct LogOptions {
    /// The form of the log lines
    #[arg(long, env = "GRIDLOOM_LOG_FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,
    /// The events to log: error, warn, info, debug, trace, or module=level pairs
    #[arg(long, env = "GRIDLOOM_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,
}

/// Below its info level the driver of Postgres logs the parameters of statements, such as hashes of
/// passwords; a directive would give way to a more precise one. The reader of workbooks warns of what files have, which is no
/// matter of the server.
fn may_be_logged(event: &Metadata<'_>) -> bool {
    let is_of = |name: &str| event.target().starts_with(name);
    !is_of("calamine") && (*event.level() <= Level::INFO || !is_of("tokio_postgres"))
}

/// Starts logging for the whole process. The error names what is wrong with the filter.
pub fn start(options: &LogOptions) -> Result<(), String> {
    let filter = EnvFilter::try_new(&options.log)
        .map_err(|error| format!("--log {:?} is not a log filter: {error}", options.log))?;
    let stderr = std::io::stderr;
    let lines =
        tracing_subscriber::fmt::layer().with_ansi(stderr().is_terminal()).with_writer(stderr);
    let lines = match options.log_format {
        LogFormat::Human => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let lines = lines.with_filter(filter_fn(may_be_logged));
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .try_init()
        .map_err(|error| format!("logging can't be started twice: {error}"))
}
