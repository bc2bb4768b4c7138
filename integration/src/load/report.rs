//! The figures of a run, and how they are printed.
//!
//! Not the conditions that they hold under. Invariant: each figure has a unit in its name.

use std::fmt;

use serde::Serialize;

use super::bare::baseline::BaselineReport;
use super::clients::drain::DrainReport;
use super::conditions::Conditions;
use super::measure::cpu::{CpuReport, CpuTime};
use super::measure::latency::{Percentiles, row};

/// A server under load.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Edits accepted, of all writers together.
    pub edits_per_second: f64,
    /// From the time at which an edit was due to its `Accepted`.
    pub accepted_us: Percentiles,
    /// From the time at which an edit was due to the `Committed` that covers it.
    pub committed_us: Percentiles,
    /// Edits that reached other clients' views, of all clients together.
    pub delivered_per_second: f64,
    /// From the time at which an edit was due to its being in another client's view.
    pub delivered_us: Percentiles,
    /// The drained sessions; `None` without any.
    pub drained: Option<DrainReport>,
    /// CPU time of the server, of Postgres and of the generator.
    pub cpu: CpuReport,
    /// The bare transport and the bare disk in the same run; `None` with `--baseline-seconds 0`.
    pub baseline: Option<BaselineReport>,
    /// Accepted edits that are not in the sheet.
    pub lost: u64,
    /// Edits that are in the sheet more than once.
    pub duplicated: u64,
    /// Whether every client, a fresh read and Postgres hold the same sheet.
    pub converged: bool,
    /// Edits that the server refused; its limits hold for this generator too.
    pub refused: u64,
    /// Edits that were due at a rate and were not sent, because too many others were unanswered.
    pub overdue: u64,
    /// Edits that were not answered by the end.
    pub unanswered: u64,
    /// Streams that had to be opened again.
    pub reconnects: u64,
    /// Each difference, as a sentence.
    pub notes: Vec<String>,
    /// The conditions.
    #[serde(flatten)]
    pub conditions: Conditions,
}

impl Report {
    /// Edits that reached other sessions, drained ones included.
    #[must_use]
    pub fn all_delivered_per_second(&self) -> f64 {
        let drained = self.drained.as_ref().map_or(0.0, |drained| drained.delivered_per_second);
        self.delivered_per_second + drained
    }

    /// Whether all clients converged and no edit is lost, doubled or unanswered.
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
        if let Some(drained) = &self.drained {
            writeln!(f, "{drained}")?;
        }
        if let Some(baseline) = &self.baseline {
            row(f, "echo", Some(baseline.echo_per_second), baseline.echo_us)?;
            if let Some(fdatasync) = baseline.fdatasync_us {
                row(f, "fdatasync", None, fdatasync)?;
            }
        }
        self.cpu.fmt(f)?;
        write!(
            f,
            "converged {}, lost {}, duplicated {}, refused {}, overdue {}, unanswered {}, reconnects {}",
            self.converged,
            self.lost,
            self.duplicated,
            self.refused,
            self.overdue,
            self.unanswered,
            self.reconnects
        )?;
        self.notes.iter().try_for_each(|note| write!(f, "\n{note}"))
    }
}

impl fmt::Display for DrainReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "drained   {:>11.0} /s   in {:.0} frames/s and {:.0} KiB/s to {} sessions",
            self.delivered_per_second,
            self.frames_per_second,
            self.bytes_per_second / 1024.0,
            self.sessions
        )
    }
}

impl fmt::Display for CpuReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let programs = [
            ("server", self.server, "--server-pid"),
            ("postgres", self.postgres, "--postgres-pid"),
            ("generator", Some(self.generator), ""),
        ];
        for (name, time, flag) in programs {
            match time {
                Some(time) => writeln!(f, "CPU {name:<10}{time}")?,
                None => writeln!(f, "CPU {name:<10} not measured: {flag} names its process")?,
            }
        }
        let (others, stolen) = (self.others_cores, self.stolen_cores);
        writeln!(f, "CPU {:<10}{others:>6.2} cores, and {stolen:.2} stolen by the host", "others")
    }
}

impl fmt::Display for CpuTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = |us: Option<f64>| us.map_or("-".to_owned(), |us| format!("{us:.1}"));
        let (edit, delivery) = (us(self.us_per_edit), us(self.us_per_delivery));
        write!(f, "{:>6.2} cores {edit:>9} us/edit {delivery:>9} us/delivery", self.cores)
    }
}
