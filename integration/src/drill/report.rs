//! The outcome of a drill, and the table of all outcomes.
//!
//! Not the verdict. Invariant: each row has a cell below each head.

use std::fmt::Write;
use std::time::Duration;

use super::cluster::catalog::Drill;
use super::evidence::check::Verdict;
use super::evidence::timeline::Measures;

/// A finished drill.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The drill.
    pub drill: Drill,
    /// How long the fault lasted.
    pub fault: Duration,
    /// Its times and counts.
    pub measures: Measures,
    /// The longest wait of a newcomer for a sheet or for a refusal.
    pub newcomer: Duration,
    /// The 99th percentile of edits of values beside text edits whose rows only Postgres has, during the fault.
    pub beside: Option<Duration>,
    /// The findings.
    pub verdict: Verdict,
}

/// The heads of the columns, each over a cell of [`cells`].
const HEADS: [&str; 13] = [
    "fault",
    "seconds",
    "edits",
    "refused",
    "lost",
    "doubled",
    "p99 before",
    "p99 during",
    "longest stall",
    "newcomer",
    "beside texts",
    "first accepted",
    "all committed",
];

/// All outcomes, in Markdown.
#[must_use]
pub fn table(outcomes: &[Outcome]) -> String {
    let rows: Vec<[String; HEADS.len()]> =
        [HEADS.map(str::to_owned)].into_iter().chain(outcomes.iter().map(cells)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; HEADS.len()] = std::array::from_fn(width);
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        for (cell, width) in row.iter().zip(widths) {
            // Writing to a string does not fail.
            let _ = write!(text, "| {cell:<width$} ");
        }
        text.push_str("|\n");
        if number == 0 {
            text.push_str(&"| --- ".repeat(HEADS.len()));
            text.push_str("|\n");
        }
    }
    text
}

fn cells(outcome: &Outcome) -> [String; HEADS.len()] {
    let Outcome { measures, verdict, .. } = outcome;
    [
        outcome.drill.name.to_owned(),
        format!("{:.0}", outcome.fault.as_secs_f64()),
        measures.accepted.to_string(),
        measures.refused.to_string(),
        verdict.lost.to_string(),
        verdict.duplicated.to_string(),
        show(Some(measures.p99_before)),
        show(Some(measures.p99_during)),
        show(Some(measures.longest_stall)),
        show(Some(outcome.newcomer)),
        outcome.beside.map_or_else(String::new, |p99| show(Some(p99))),
        show(measures.first_accepted),
        show(measures.all_committed),
    ]
}

fn show(time: Option<Duration>) -> String {
    match time {
        None => "never".to_owned(),
        Some(time) if time < Duration::from_millis(10) => {
            format!("{:.1} ms", time.as_secs_f64() * 1000.0)
        }
        Some(time) if time < Duration::from_secs(1) => format!("{} ms", time.as_millis()),
        Some(time) => format!("{:.1} s", time.as_secs_f64()),
    }
}
