//! The flags of the benchmark.
//!
//! Not those of a row: see `rows`. Invariant: flags behind `--` are added to those of each row.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

/// Measures a Gridloom server in several short runs a row, and prints the medians.
#[derive(Clone, Debug, Parser)]
#[command(name = "bench", version)]
pub struct Options {
    /// The server, as http://ADDRESS:PORT
    #[arg(long, value_name = "URL")]
    pub target: String,
    /// The process id of the server on this machine
    #[arg(long, value_name = "PID")]
    pub server_pid: u32,
    /// The process id of Postgres (the postmaster); without it, the child of the server
    #[arg(long, value_name = "PID")]
    pub postgres_pid: Option<u32>,
    /// The data directory of the server, on whose disk bare fdatasync is measured
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Runs of each row
    #[arg(long, default_value_t = 5, value_name = "COUNT",
        value_parser = clap::value_parser!(u32).range(1..=100))]
    pub runs: u32,
    /// How long each run measures, in seconds
    #[arg(long, default_value_t = 2.5, value_name = "SECONDS")]
    pub seconds: f64,
    /// The benchmark ends by then; runs that do not fit are left out
    #[arg(long, default_value_t = 6, value_name = "MINUTES",
        value_parser = clap::value_parser!(u64).range(1..=24 * 60))]
    pub minutes: u64,
    /// Only rows whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
    /// Print one JSON object for each row
    #[arg(long)]
    pub json: bool,
    /// Further flags of `load`, for every row, behind `--`
    #[arg(last = true, value_name = "FLAG")]
    pub load: Vec<String>,
}

impl Options {
    pub(super) fn deadline(&self) -> Duration {
        Duration::from_secs(self.minutes * 60)
    }
}
