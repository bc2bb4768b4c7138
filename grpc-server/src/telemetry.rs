//! Logs: tracing events on stderr, as lines or as JSON.
//!
//! Not the events: each part logs its own. Invariants: no level shows the parameters of
//! statements; stdout stays free for the one line with the address, which the
//! process that started the server reads.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// The form of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One readable line for each event.
    #[default]
    Human,
    /// One JSON object for each event.
    Json,
}

/// Below this level the driver of Postgres prints the parameters of each statement: hashes of passwords, cells.
const PRINTS_PARAMETERS: &str = "tokio_postgres=info";

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

/// Starts logging for the whole process. The error names what is wrong with the filter.
pub fn start(options: &LogOptions) -> Result<(), String> {
    let filter = EnvFilter::try_new(&options.log)
        .map_err(|error| format!("--log {:?} is not a log filter: {error}", options.log))?;
    let capped =
        PRINTS_PARAMETERS.parse().map_err(|error| format!("{PRINTS_PARAMETERS}: {error}"))?;
    let filter = filter.add_directive(capped);
    let stderr = std::io::stderr;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(stderr().is_terminal())
        .with_writer(stderr);
    match options.log_format {
        LogFormat::Human => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    }
    .map_err(|error| format!("logging can't be started twice: {error}"))
}
