//! The benchmark: each row of a table is the median of several short runs of `load`.
//!
//! Runs of all rows alternate, so that a slower machine slows down all rows alike. Invariant: the benchmark ends by
//! its deadline, and each row has the number of its runs.

pub mod options;

mod rows;
mod summary;
mod table;

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::load::report::Report;
use crate::load::{self, LoadError, Outcome};
use options::Options;
use rows::{Row, rows};
use summary::Summary;
pub use table::Table;

/// The time that a first run is given, beyond the seconds that it measures.
const OVERHEAD: Duration = Duration::from_secs(10);

/// A row and its sound runs.
struct Runs {
    row: Row,
    reports: Vec<Report>,
    /// The longest run up to now.
    longest: Duration,
}

/// Measures all rows that the options choose. Calls `progress` with a line for each run.
///
/// # Errors
/// When a run could not be done, or its clients did not converge.
pub async fn run(options: &Options, mut progress: impl FnMut(String)) -> Result<Table, LoadError> {
    let deadline = Instant::now() + options.deadline();
    let mut all: Vec<Runs> = rows(options)?
        .into_iter()
        .map(|row| Runs { longest: row.options.length() + OVERHEAD, row, reports: Vec::new() })
        .collect();
    for number in 1..=options.runs {
        for runs in &mut all {
            let name = runs.row.name;
            if Instant::now() + runs.longest > deadline {
                progress(format!("no time is left for run {number} of: {name}"));
                continue;
            }
            let Some(report) = measure(runs, deadline).await? else {
                progress(format!("run {number} did not end in time: {name}"));
                continue;
            };
            progress(format!("run {number}, {name}: {:.0} edits/s", report.edits_per_second));
            runs.reports.push(report);
        }
    }
    let summaries = all.iter().map(|runs| Summary::new(runs.row.name, &runs.reports));
    Ok(Table::new(summaries.collect()))
}

/// One run; `None` when the deadline came first.
async fn measure(runs: &mut Runs, deadline: Instant) -> Result<Option<Report>, LoadError> {
    let begun = Instant::now();
    let Ok(outcome) = timeout_at(deadline, load::run(runs.row.options.clone())).await else {
        return Ok(None);
    };
    let took = begun.elapsed();
    runs.longest = if runs.reports.is_empty() { took } else { runs.longest.max(took) };
    match outcome? {
        Some(Outcome::Load(report)) if report.is_sound() => Ok(Some(*report)),
        Some(outcome) => Err(LoadError::Unsound(format!("{}: {outcome}", runs.row.name))),
        None => Ok(None),
    }
}
