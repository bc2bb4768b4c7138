//! The flags of `persons`.
//!
//! Not their effects. Invariant: checked options need no further check.

use clap::Parser;

use crate::load::error::LoadError;

/// Measures what persons notice of each other on a running server.
#[derive(Clone, Debug, Parser)]
#[command(name = "persons", version)]
pub struct Options {
    /// The server, as http://ADDRESS:PORT; given again for each further node: persons are dealt out to all of them, and
    /// a message goes from one node to the next
    #[arg(long, value_name = "URL", required = true)]
    pub target: Vec<String>,
    /// The process id of the server on this machine, whose CPU time is reported; given again for each further node
    #[arg(long, value_name = "PID")]
    pub server_pid: Vec<u32>,
    /// Pairs of persons that write to each other at the same time
    #[arg(long, default_value_t = 4, value_name = "COUNT")]
    pub pairs: usize,
    /// Messages of each pair, one after the other
    #[arg(long, default_value_t = 100, value_name = "COUNT")]
    pub messages: usize,
    /// People on one sheet
    #[arg(long, default_value_t = 1_000, value_name = "COUNT")]
    pub people: u32,
    /// Those of them that move once a second
    #[arg(long, default_value_t = 100, value_name = "COUNT")]
    pub moving: u32,
    /// How long to measure the crowd, in seconds
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    pub seconds: u64,
    /// Edits of each role, in five rounds
    #[arg(long, default_value_t = 2_000, value_name = "COUNT")]
    pub edits: u32,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl Options {
    pub(super) fn check(&self) -> Result<(), LoadError> {
        let wrong = |what: &str| Err(LoadError::Options(what.to_owned()));
        if self.pairs == 0 || self.messages == 0 || self.edits == 0 || self.seconds == 0 {
            return wrong("--pairs, --messages, --edits and --seconds must be at least 1");
        }
        if self.moving == 0 || self.moving > self.people {
            return wrong("--moving must be at least 1, and at most --people");
        }
        Ok(())
    }
}
