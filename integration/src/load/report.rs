//! What is printed, and the conditions that it holds under.

use std::fmt;

use serde::Serialize;

use super::latency::Percentiles;
use super::options::{Options, Windows};

/// A server under load.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Edits accepted, of all writers together.
    pub edits_per_second: f64,
    /// From the making of an edit to its `Accepted`.
    pub accepted_us: Percentiles,
    /// From the making of an edit to the `Committed` that covers it.
    pub committed_us: Percentiles,
    /// Edits seen by others, of all clients together.
    pub delivered_per_second: f64,
    /// From the making of an edit to its being in another client's view.
    pub delivered_us: Percentiles,
    /// Accepted edits that are gone.
    pub lost: u64,
    /// Edits that happened more than once.
    pub duplicated: u64,
    /// Whether every client, a fresh read and Postgres hold the same sheet.
    pub converged: bool,
    /// Edits that the server refused; the limits of the server count for this generator too.
    pub refused: u64,
    /// Edits that were not answered by the end.
    pub unanswered: u64,
    /// Streams that had to be opened again.
    pub reconnects: u64,
    /// What differs, in words.
    pub notes: Vec<String>,
    /// The conditions.
    #[serde(flatten)]
    pub conditions: Conditions,
}

/// The bare transport.
#[derive(Clone, Debug, Serialize)]
pub struct EchoReport {
    /// Messages there and back, of all streams together.
    pub echo_per_second: f64,
    /// From the sending of a message to its return.
    pub echo_us: Percentiles,
    /// The conditions.
    #[serde(flatten)]
    pub conditions: Conditions,
}

/// What a figure holds under.
#[derive(Clone, Debug, Serialize)]
pub struct Conditions {
    nodes: usize,
    writers: u32,
    sheets: u32,
    rows: u32,
    columns: u32,
    readers: u32,
    rate: f64,
    in_flight: usize,
    windows: &'static str,
    connections: u32,
    seconds: f64,
}

impl Conditions {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            nodes: options.target.len(),
            writers: options.writers,
            sheets: options.sheets,
            rows: options.rows,
            columns: options.columns,
            readers: options.readers,
            rate: options.rate,
            in_flight: options.in_flight(),
            windows: match options.windows {
                Windows::Shared => "shared",
                Windows::Disjoint => "disjoint",
            },
            connections: options.connections(),
            seconds: options.seconds,
        }
    }
}

impl Report {
    /// Whether everything was as it should be.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.converged && self.lost == 0 && self.duplicated == 0 && self.unanswered == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        row(f, "accepted", Some(self.edits_per_second), self.accepted_us)?;
        row(f, "committed", None, self.committed_us)?;
        row(f, "delivered", Some(self.delivered_per_second), self.delivered_us)?;
        write!(
            f,
            "converged {}, lost {}, duplicated {}, refused {}, unanswered {}, reconnects {}",
            self.converged,
            self.lost,
            self.duplicated,
            self.refused,
            self.unanswered,
            self.reconnects
        )?;
        self.notes.iter().try_for_each(|note| write!(f, "\n{note}"))
    }
}

impl fmt::Display for EchoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        row(f, "echo", Some(self.echo_per_second), self.echo_us)?;
        write!(f, "{} streams", self.conditions.writers)
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, rate: Option<f64>, us: Percentiles) -> fmt::Result {
    let rate = rate.map(|rate| format!("{rate:.0} /s")).unwrap_or_default();
    writeln!(f, "{name:<10}{rate:>14}   p50 {:>10.1} us   p99 {:>10.1} us", us.p50, us.p99)
}
