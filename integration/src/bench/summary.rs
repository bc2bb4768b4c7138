//! Medians and spreads over the runs of a row.
//!
//! Not a comparison of servers. Invariant: a ratio is taken within one run before the median, because a run and its
//! baseline had the same machine.

use serde::Serialize;

use crate::load::report::Report;

/// The runs of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The middle one; of an even number, the mean of the two in the middle.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

/// A figure, when any run has it.
pub(super) type Figure = Option<Spread>;

/// The figures of one row. Latencies are in microseconds.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The row.
    pub name: &'static str,
    /// Runs that the figures are from.
    pub runs: usize,
    /// Edits accepted a second.
    pub edits_per_second: Figure,
    /// Messages a second of the bare transport.
    pub echo_per_second: Figure,
    /// Edits for each message of the bare transport.
    pub edits_to_echo: Figure,
    /// Edits that reached other sessions a second.
    pub delivered_per_second: Figure,
    /// From the due time of an edit to `Accepted`.
    pub accepted_p50_us: Figure,
    /// The same for the slowest in a hundred.
    pub accepted_p99_us: Figure,
    /// From the due time of an edit to `Committed`.
    pub committed_p50_us: Figure,
    /// The same for the slowest in a hundred.
    pub committed_p99_us: Figure,
    /// There and back on the bare transport.
    pub echo_p50_us: Figure,
    /// One append to the bare disk.
    pub fdatasync_p50_us: Figure,
    /// Accepted p50 divided by the p50 of echo plus that of fdatasync, which each edit needs once.
    pub accepted_to_bare: Figure,
    /// CPU microseconds of the server for each edit.
    pub server_us_per_edit: Figure,
    /// CPU microseconds of the server for each delivery.
    pub server_us_per_delivery: Figure,
    /// CPU microseconds of Postgres for each edit.
    pub postgres_us_per_edit: Figure,
    /// CPU microseconds of the generator for each edit.
    pub generator_us_per_edit: Figure,
    /// CPU microseconds of the generator for each delivery.
    pub generator_us_per_delivery: Figure,
    /// Cores that other programs kept busy during the run.
    pub others_cores: Figure,
}

impl Summary {
    pub(super) fn new(name: &'static str, reports: &[Report]) -> Self {
        let figure = |of: fn(&Report) -> Option<f64>| spread(reports.iter().filter_map(of));
        Self {
            name,
            runs: reports.len(),
            edits_per_second: figure(|r| Some(r.edits_per_second)),
            echo_per_second: figure(|r| Some(r.baseline.as_ref()?.echo_per_second)),
            edits_to_echo: figure(|r| {
                ratio(r.edits_per_second, r.baseline.as_ref()?.echo_per_second)
            }),
            delivered_per_second: figure(|r| Some(r.all_delivered_per_second())),
            accepted_p50_us: figure(|r| Some(r.accepted_us.p50)),
            accepted_p99_us: figure(|r| Some(r.accepted_us.p99)),
            committed_p50_us: figure(|r| Some(r.committed_us.p50)),
            committed_p99_us: figure(|r| Some(r.committed_us.p99)),
            echo_p50_us: figure(|r| Some(r.baseline.as_ref()?.echo_us.p50)),
            fdatasync_p50_us: figure(|r| Some(r.baseline.as_ref()?.fdatasync_us?.p50)),
            accepted_to_bare: figure(|r| {
                let bare = r.baseline.as_ref()?;
                ratio(r.accepted_us.p50, bare.echo_us.p50 + bare.fdatasync_us?.p50)
            }),
            server_us_per_edit: figure(|r| r.cpu.server?.us_per_edit),
            server_us_per_delivery: figure(|r| r.cpu.server?.us_per_delivery),
            postgres_us_per_edit: figure(|r| r.cpu.postgres?.us_per_edit),
            generator_us_per_edit: figure(|r| r.cpu.generator.us_per_edit),
            generator_us_per_delivery: figure(|r| r.cpu.generator.us_per_delivery),
            others_cores: figure(|r| Some(r.cpu.others_cores)),
        }
    }
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// `None` without a figure.
fn spread(figures: impl Iterator<Item = f64>) -> Figure {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    let upper = sorted[sorted.len() / 2];
    let lower = sorted[(sorted.len() - 1) / 2];
    Some(Spread { median: f64::midpoint(lower, upper), min, max })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_of_the_sorted() {
        let of = |figures: &[f64]| spread(figures.iter().copied());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[4.0]), Some(Spread { median: 4.0, min: 4.0, max: 4.0 }));
        assert_eq!(of(&[9.0, 1.0, 2.0]), Some(Spread { median: 2.0, min: 1.0, max: 9.0 }));
        assert_eq!(of(&[9.0, 1.0, 2.0, 4.0]), Some(Spread { median: 3.0, min: 1.0, max: 9.0 }));
    }

    #[test]
    fn a_ratio_to_nothing_is_no_figure() {
        assert_eq!((ratio(1.0, 0.0), ratio(1.0, 4.0)), (None, Some(0.25)));
    }
}
