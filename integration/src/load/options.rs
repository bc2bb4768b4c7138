//! The flags of `load`, checked against each other.
//!
//! Not their effects. Invariant: checked options need no further check.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use super::error::LoadError;

/// Clients that share one connection, without `--connections`.
const CLIENTS_PER_CONNECTION: u32 = 8;
/// Edits in flight of a writer that has a rate, without `--in-flight`.
const IN_FLIGHT_AT_A_RATE: usize = 64;
/// Writers at most: a stamp has room for the number of its writer.
pub(super) const WRITERS_MAX: u32 = 4096;

/// The rows in each client's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Windows {
    /// Every client sees every edit of its sheet.
    Shared,
    /// Each writer edits a block of rows of its own, and sees only that block.
    Disjoint,
}

/// Runs writers and readers on a Gridloom server, checks that no edit is lost, and reports rates, latencies
/// and CPU times.
#[derive(Clone, Debug, Parser)]
#[command(name = "load", version)]
pub struct Options {
    /// The server, as http://ADDRESS:PORT; given again for each further node: clients are dealt out to
    /// all of them
    #[arg(long, value_name = "URL", required_unless_present_any = ["echo", "serve_echo"])]
    pub target: Vec<String>,
    /// Clients that edit
    #[arg(long, default_value_t = 16, value_name = "COUNT")]
    pub writers: u32,
    /// Sheets; writers and readers are dealt out to them
    #[arg(long, default_value_t = 1, value_name = "COUNT")]
    pub sheets: u32,
    /// Rows of each sheet
    #[arg(long, default_value_t = 1000, value_name = "COUNT")]
    pub rows: u32,
    /// Columns of each sheet
    #[arg(long, default_value_t = 10, value_name = "COUNT")]
    pub columns: u32,
    /// Clients that only read, and decode their frames
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    pub readers: u32,
    /// Sessions that read their frames and discard them undecoded
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    pub drain: u32,
    /// Edits a second of each writer, each writer with a phase of its own; 0: the next edit when the
    /// last is answered
    #[arg(long, default_value_t = 0.0, value_name = "PER_WRITER")]
    pub rate: f64,
    /// Edits of one writer that may be unanswered; without it 1, or 64 at a rate
    #[arg(long, value_name = "COUNT")]
    pub in_flight: Option<usize>,
    /// The rows in each client's window
    #[arg(long, value_enum, default_value_t = Windows::Shared)]
    pub windows: Windows,
    /// How long to measure, in seconds
    #[arg(long, default_value_t = 5.0, value_name = "SECONDS")]
    pub seconds: f64,
    /// How long to run before the measuring begins, in seconds
    #[arg(long, default_value_t = 1.0, value_name = "SECONDS")]
    pub warm_up: f64,
    /// HTTP/2 connections; without it, one for each 8 clients
    #[arg(long, value_name = "COUNT")]
    pub connections: Option<u32>,
    /// Measure the memory that idle sessions take instead: how many to open
    #[arg(long, value_name = "COUNT", requires = "server_pid",
        value_parser = clap::value_parser!(u32).range(1..))]
    pub idle: Option<u32>,
    /// The process id of the server on this machine, whose CPU time is reported, or whose memory with
    /// --idle; given again for each further node
    #[arg(long, value_name = "PID")]
    pub server_pid: Vec<u32>,
    /// The process id of Postgres (the postmaster); without it, the child of a server of --server-pid
    #[arg(long, value_name = "PID")]
    pub postgres_pid: Vec<u32>,
    /// The data directory of the server, on whose disk bare fdatasync is measured
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// How long to measure the bare transport and the bare disk, half before and half after the load, in
    /// seconds; 0: not at all
    #[arg(long, default_value_t = 1.0, value_name = "SECONDS")]
    pub baseline_seconds: f64,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Measure only the bare transport: streams to a server that echoes each message
    #[arg(long)]
    pub echo: bool,
    /// The other end of --echo, which starts it
    #[arg(long, hide = true)]
    pub serve_echo: bool,
}

/// The kind of a run.
pub(super) enum Mode {
    ServeEcho,
    Echo,
    Load,
    Idle { idle: u32, pid: u32 },
}

impl Options {
    pub(super) fn mode(&self) -> Result<Mode, LoadError> {
        if self.serve_echo {
            return Ok(Mode::ServeEcho);
        }
        self.check()?;
        Ok(match (self.idle, self.server_pid.first()) {
            _ if self.echo => Mode::Echo,
            (Some(idle), Some(pid)) => Mode::Idle { idle, pid: *pid },
            _ => Mode::Load,
        })
    }

    fn check(&self) -> Result<(), LoadError> {
        let wrong = |what: String| Err(LoadError::Options(what));
        let counts = [
            ("writers", self.writers),
            ("sheets", self.sheets),
            ("rows", self.rows),
            ("columns", self.columns),
            ("connections", self.connections()),
        ];
        if let Some((name, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return wrong(format!("--{name} must be at least 1"));
        }
        let times = [
            ("rate", self.rate),
            ("seconds", self.seconds),
            ("warm-up", self.warm_up),
            ("baseline-seconds", self.baseline_seconds),
        ];
        if let Some((name, _)) = times.iter().find(|(_, n)| !(0.0..1e6).contains(n)) {
            return wrong(format!("--{name} must be a number from 0 to 1,000,000"));
        }
        if self.writers > WRITERS_MAX {
            return wrong(format!("--writers must be at most {WRITERS_MAX}"));
        }
        if self.target.is_empty() && !self.echo {
            return wrong("--target is missing".to_owned());
        }
        if self.idle.is_some() && (self.target.len() > 1 || self.server_pid.len() > 1) {
            return wrong("--idle measures one --target, the one of --server-pid".to_owned());
        }
        if self.in_flight() == 0 || self.seconds == 0.0 {
            return wrong("--in-flight and --seconds must be more than 0".to_owned());
        }
        let most = self.writers.div_ceil(self.sheets);
        if self.windows == Windows::Disjoint && most > self.rows {
            return wrong(format!("{most} writers on a sheet need at least {most} --rows"));
        }
        Ok(())
    }

    /// The node that receives the calls of the whole run: signing up, and creating the sheets.
    pub(super) fn first_target(&self) -> &str {
        self.target.first().map_or("", String::as_str)
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.unwrap_or(if self.rate > 0.0 { IN_FLIGHT_AT_A_RATE } else { 1 })
    }

    pub(super) fn connections(&self) -> u32 {
        let readers = self.readers.saturating_add(self.drain);
        let editing = self.writers.saturating_add(if self.echo { 0 } else { readers });
        let clients = self.idle.unwrap_or(editing);
        self.connections.unwrap_or_else(|| clients.div_ceil(CLIENTS_PER_CONNECTION))
    }

    /// How long a run takes at least.
    pub(crate) fn length(&self) -> Duration {
        Duration::from_secs_f64(self.warm_up + self.seconds + self.baseline_seconds)
    }

    /// The time between two edits of a writer, when it has a rate.
    pub(super) fn pause(&self) -> Option<Duration> {
        (self.rate > 0.0).then(|| Duration::from_secs_f64(1.0 / self.rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(flags: &str) -> String {
        let flags = ["load", "--target", "http://x"].into_iter().chain(flags.split_whitespace());
        let options = Options::try_parse_from(flags).expect("parses");
        options.mode().err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn options_that_do_not_fit_are_refused_by_name() {
        for (flags, named) in [
            ("--writers 0", "--writers"),
            ("--baseline-seconds -1", "--baseline-seconds"),
            ("--rate 2e6", "--rate"),
            ("--windows disjoint --writers 9 --rows 8", "--rows"),
            ("--idle 5 --server-pid 1 --server-pid 2", "--idle"),
        ] {
            let flags = flags.replace(" -1", "=-1");
            assert!(refused(&flags).contains(named), "{flags}: {}", refused(&flags));
        }
        assert_eq!(refused("--writers 16 --rate 5 --drain 1000"), "");
    }

    #[test]
    fn drained_sessions_get_connections_too() {
        let options = Options::parse_from(["load", "--writers", "16", "--drain", "1000", "--echo"]);
        assert_eq!(options.connections(), 2);
        let options = Options::parse_from(["load", "--target", "http://x", "--drain", "1000"]);
        assert_eq!(options.connections(), 127);
    }
}
