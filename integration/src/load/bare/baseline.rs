//! The rates and latencies of the machine without a server, in the same run: of the bare transport and the bare
//! disk.
//!
//! Not measured during the load, but before and after it. Invariant: both halves take as long, so that a machine
//! that slows down during the run slows down the baseline, too.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::echo::{self, Load};
use crate::load::error::LoadError;
use crate::load::measure::clock::to_ticks;
use crate::load::measure::latency::{Latencies, Percentiles};
use crate::load::options::Options;

/// Bytes of an append: those of a journal's record of one cell.
const APPEND_BYTES: usize = 140;
/// Appends of one half at most.
const APPENDS_MAX: usize = 500;
/// The echo runs for so much of its half before it is measured.
const WARM_UP_SHARE: f64 = 0.2;

/// The bare transport and the bare disk in the same run.
#[derive(Clone, Debug, Serialize)]
pub struct BaselineReport {
    /// Messages there and back on as many streams as there are writers.
    pub echo_per_second: f64,
    /// From the sending of a message to its return.
    pub echo_us: Percentiles,
    /// One append and `fdatasync`; `None` without `--data-dir`.
    pub fdatasync_us: Option<Percentiles>,
}

/// See the [module](self).
pub(crate) struct Baseline {
    echoes: u64,
    seconds: f64,
    echo: Latencies,
    disk: Latencies,
}

impl Baseline {
    pub(crate) fn new() -> Self {
        let (echo, disk) = (Latencies::new(), Latencies::new());
        Self { echoes: 0, seconds: 0.0, echo, disk }
    }

    /// Measures for half of the time that the options give.
    pub(crate) async fn measure_half(&mut self, options: &Options) -> Result<(), LoadError> {
        let half = options.baseline_seconds / 2.0;
        if half == 0.0 {
            return Ok(());
        }
        if let Some(dir) = options.data_dir.clone() {
            let limit = Duration::from_secs_f64(half);
            let disk = tokio::task::spawn_blocking(move || fdatasync(&dir, limit)).await;
            self.disk.add(&disk.map_err(|error| LoadError::server("the disk", error))??);
        }
        let warm_up = half * WARM_UP_SHARE;
        let load = Load {
            streams: options.writers,
            connections: options.connections(),
            // At a rate, few messages are in flight at the same time.
            in_flight: if options.rate > 0.0 { 1 } else { options.in_flight() },
            warm_up,
            seconds: half - warm_up,
        };
        let tally = echo::measure(&load).await?;
        self.echoes += tally.edits;
        self.seconds += load.seconds;
        self.echo.add(&tally.accepted);
        Ok(())
    }

    /// `None` when nothing was measured.
    pub(crate) fn report(&self, options: &Options) -> Option<BaselineReport> {
        (self.seconds > 0.0).then(|| BaselineReport {
            echo_per_second: self.echoes as f64 / self.seconds,
            echo_us: self.echo.percentiles(),
            fdatasync_us: options.data_dir.as_ref().map(|_| self.disk.percentiles()),
        })
    }
}

/// Appends to a file that was filled before, as the journal's segments are, until the time is over.
fn fdatasync(dir: &Path, limit: Duration) -> io::Result<Latencies> {
    let named = |error: io::Error| {
        io::Error::new(error.kind(), format!("cannot write in {}: {error}", dir.display()))
    };
    // It has no name, so nothing is left behind.
    let file: File = tempfile::tempfile_in(dir).map_err(named)?;
    file.write_all_at(&vec![0; APPENDS_MAX * APPEND_BYTES], 0).map_err(named)?;
    file.sync_all().map_err(named)?;
    let begun = Instant::now();
    let mut latencies = Latencies::new();
    for number in 0..APPENDS_MAX {
        let before = Instant::now();
        file.write_all_at(&[7; APPEND_BYTES], (number * APPEND_BYTES) as u64).map_err(named)?;
        file.sync_data().map_err(named)?;
        latencies.record(to_ticks(before.elapsed()));
        if begun.elapsed() >= limit {
            break;
        }
    }
    Ok(latencies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_is_measured_at_least_once_and_left_as_it_was() {
        let dir = tempfile::tempdir().expect("a place for files");
        let latencies = fdatasync(dir.path(), Duration::ZERO).expect("can be written");
        assert!(latencies.percentiles().p50 > 0.0);
        assert_eq!(std::fs::read_dir(dir.path()).expect("is there").count(), 0);
    }

    #[test]
    fn a_place_that_is_not_there_is_named() {
        let error = fdatasync(Path::new("/nowhere/at/all"), Duration::ZERO).expect_err("is away");
        assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
    }
}
