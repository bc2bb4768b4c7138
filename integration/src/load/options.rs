//! The flags of `load`, checked against each other.

use std::time::Duration;

use clap::{Parser, ValueEnum};

use super::LoadError;

/// Clients that share one connection, unless told otherwise.
const CLIENTS_PER_CONNECTION: u32 = 8;
/// Edits on the way from a writer that has a rate, unless told otherwise.
const IN_FLIGHT_AT_A_RATE: usize = 64;
/// Writers at most: each value that is written has room for the number of its writer.
pub(super) const WRITERS_MAX: u32 = 4096;

/// What each client looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Windows {
    /// Everybody sees every edit of their sheet.
    Shared,
    /// Each writer edits a block of rows of its own, and sees only that.
    Disjoint,
}

/// Puts a Gridloom server under load, checks that nothing went missing, and tells how fast it was.
#[derive(Clone, Debug, Parser)]
#[command(name = "load", version)]
pub struct Options {
    /// The server, as http://ADDRESS:PORT; given again for each further node, to all of which the
    /// clients are dealt out
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
    /// Clients that only look on
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    pub readers: u32,
    /// Edits a second of each writer; 0: the next one when the last is answered
    #[arg(long, default_value_t = 0.0, value_name = "PER_WRITER")]
    pub rate: f64,
    /// Edits of one writer that may be unanswered; without it 1, or 64 at a rate
    #[arg(long, value_name = "COUNT")]
    pub in_flight: Option<usize>,
    /// What each client looks at
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
    /// The process id of the server, whose memory --idle reads on this machine
    #[arg(long, value_name = "PID")]
    pub server_pid: Option<u32>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Measure the transport alone instead: streams whose messages a bare server sends back
    #[arg(long)]
    pub echo: bool,
    /// The other end of --echo, which starts it by itself
    #[arg(long, hide = true)]
    pub serve_echo: bool,
}

/// What to do.
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
        Ok(match (self.idle, self.server_pid) {
            _ if self.echo => Mode::Echo,
            (Some(idle), Some(pid)) => Mode::Idle { idle, pid },
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
        let times = [("rate", self.rate), ("seconds", self.seconds), ("warm-up", self.warm_up)];
        if let Some((name, _)) = times.iter().find(|(_, n)| !(0.0..1e6).contains(n)) {
            return wrong(format!("--{name} must be a number from 0 to 1,000,000"));
        }
        if self.writers > WRITERS_MAX {
            return wrong(format!("--writers must be at most {WRITERS_MAX}"));
        }
        if self.target.is_empty() && !self.echo {
            return wrong("--target is missing".to_owned());
        }
        if self.idle.is_some() && self.target.len() > 1 {
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

    /// Where what happens once happens: signing up, and the sheets.
    pub(super) fn first_target(&self) -> &str {
        self.target.first().map_or("", String::as_str)
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.unwrap_or(if self.rate > 0.0 { IN_FLIGHT_AT_A_RATE } else { 1 })
    }

    pub(super) fn connections(&self) -> u32 {
        let editing = if self.echo { self.writers } else { self.writers + self.readers };
        let clients = self.idle.unwrap_or(editing);
        self.connections.unwrap_or_else(|| clients.div_ceil(CLIENTS_PER_CONNECTION))
    }

    /// The time between two edits of a writer, when it has a rate.
    pub(super) fn pause(&self) -> Option<Duration> {
        (self.rate > 0.0).then(|| Duration::from_secs_f64(1.0 / self.rate))
    }
}
