//! CPU time of the server, of Postgres and of the generator, for each edit and each delivery.
//!
//! Not a rate: it hardly depends on other programs of the machine. It is read from `/proc` at the begin and the
//! end of the measured time. Invariant: a process that ends in between loses no time, because its parent
//! keeps it; a process that is replaced in between is an error, never a small number.

use std::io;
use std::time::Instant;

use serde::Serialize;
use tokio::time::sleep_until;

use crate::load::error::LoadError;
use crate::load::options::Options;
use crate::procfs::{self, CpuTicks, Machine, Process};

/// The names of a Postgres that has children.
const POSTMASTERS: [&[u8]; 2] = [b"postgres", b"postmaster"];

/// CPU time of one run.
#[derive(Clone, Debug, Serialize)]
pub struct CpuReport {
    /// All servers of `--server-pid` without their children; `None` without that flag.
    pub server: Option<CpuTime>,
    /// All processes of Postgres; `None` when its process is not known.
    pub postgres: Option<CpuTime>,
    /// The generator.
    pub generator: CpuTime,
    /// Cores that all other programs kept busy.
    pub others_cores: f64,
    /// Cores that other guests of the same host took.
    pub stolen_cores: f64,
}

/// CPU time of one program.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CpuTime {
    /// Cores that it kept busy.
    pub cores: f64,
    /// Microseconds for each accepted edit; `None` without any.
    pub us_per_edit: Option<f64>,
    /// Microseconds for each edit that reached another session; `None` without any.
    pub us_per_delivery: Option<f64>,
}

/// The processes whose time is read.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    servers: Vec<Process>,
    /// Postmasters.
    postgres: Vec<Process>,
}

/// Time used up to a moment.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at: Instant,
    server: CpuTicks,
    postgres: CpuTicks,
    generator: CpuTicks,
    machine: Machine,
}

/// Time used in the measured span, in cores.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Used {
    server: Option<f64>,
    postgres: Option<f64>,
    generator: f64,
    machine: f64,
    stolen: f64,
}

impl Watched {
    /// The servers of `--server-pid`, and as Postgres those of `--postgres-pid` or the servers' children.
    pub(crate) fn find(options: &Options) -> Result<Self, LoadError> {
        let processes = |pids: &[u32]| -> io::Result<Vec<Process>> {
            pids.iter().map(|pid| procfs::process(*pid)).collect()
        };
        let servers = processes(&options.server_pid)?;
        let mut postgres = processes(&options.postgres_pid)?;
        if postgres.is_empty() && !servers.is_empty() {
            postgres = procfs::processes()?;
            postgres.retain(|process| is_postmaster(process, &servers));
        }
        Ok(Self { servers, postgres })
    }

    /// Waits for both ends of the measured time and returns the time used between them.
    pub(crate) async fn measure(self, from: Instant, to: Instant) -> Result<Used, LoadError> {
        sleep_until(from.into()).await;
        let begin = self.clone().sample_aside().await?;
        sleep_until(to.into()).await;
        let end = self.clone().sample_aside().await?;
        Ok(self.used(&begin, &end))
    }

    /// Reading `/proc` takes milliseconds, in which clients must be served.
    async fn sample_aside(self) -> Result<Sample, LoadError> {
        let sample = tokio::task::spawn_blocking(move || self.sample()).await;
        Ok(sample.map_err(|error| LoadError::server("reading CPU times", error))??)
    }

    fn sample(&self) -> io::Result<Sample> {
        let servers: io::Result<Vec<_>> = self.servers.iter().map(same_process).collect();
        let mut postgres = 0;
        for postmaster in &self.postgres {
            same_process(postmaster)?;
            postgres += procfs::tree_ticks(postmaster.pid)?;
        }
        Ok(Sample {
            at: Instant::now(),
            server: servers?.iter().map(|server| server.own).sum(),
            postgres,
            generator: procfs::process(std::process::id())?.own,
            machine: procfs::machine()?,
        })
    }

    fn used(&self, begin: &Sample, end: &Sample) -> Used {
        let seconds = end.at.saturating_duration_since(begin.at).as_secs_f64();
        let per_second = procfs::ticks_per_second();
        let cores = |from, to| cores(from, to, seconds, per_second);
        Used {
            server: (!self.servers.is_empty()).then(|| cores(begin.server, end.server)),
            postgres: (!self.postgres.is_empty()).then(|| cores(begin.postgres, end.postgres)),
            generator: cores(begin.generator, end.generator),
            machine: cores(begin.machine.busy, end.machine.busy),
            stolen: cores(begin.machine.stolen, end.machine.stolen),
        }
    }
}

impl Used {
    /// For each edit and delivery, at the rates of the run. The rates and the cores may be from spans that
    /// differ by the delay of a timer; a quotient of rates does not show that.
    pub(crate) fn report(&self, edits_per_second: f64, delivered_per_second: f64) -> CpuReport {
        let each = |cores, rate| (rate > 0.0).then(|| cores * 1e6 / rate);
        let time = |cores| CpuTime {
            cores,
            us_per_edit: each(cores, edits_per_second),
            us_per_delivery: each(cores, delivered_per_second),
        };
        let known = self.server.unwrap_or(0.0) + self.postgres.unwrap_or(0.0) + self.generator;
        CpuReport {
            server: self.server.map(time),
            postgres: self.postgres.map(time),
            generator: time(self.generator),
            others_cores: (self.machine - known).max(0.0),
            stolen_cores: self.stolen,
        }
    }
}

fn is_postmaster(process: &Process, servers: &[Process]) -> bool {
    POSTMASTERS.contains(&process.name.as_slice())
        && servers.iter().any(|server| server.pid == process.parent)
}

/// The process as it is now, if it is still the one that was found.
fn same_process(found: &Process) -> io::Result<Process> {
    let now = procfs::process(found.pid)?;
    if now.started == found.started {
        return Ok(now);
    }
    let name = String::from_utf8_lossy(&found.name).into_owned();
    Err(io::Error::other(format!("process {} ({name}) ended during the run", found.pid)))
}

fn cores(from: CpuTicks, to: CpuTicks, seconds: f64, ticks_per_second: u64) -> f64 {
    let ticks = to.saturating_sub(from) as f64;
    if seconds > 0.0 { ticks / ticks_per_second as f64 / seconds } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USED: Used =
        Used { server: Some(0.5), postgres: None, generator: 0.25, machine: 1.0, stolen: 0.125 };

    #[test]
    fn cores_are_time_over_time() {
        assert_eq!(cores(100, 350, 5.0, 100), 0.5);
        assert_eq!(cores(100, 350, 0.0, 100), 0.0);
        assert_eq!(cores(350, 100, 5.0, 100), 0.0);
    }

    #[test]
    fn time_is_shared_among_edits_and_deliveries() {
        let report = USED.report(10_000.0, 100_000.0);
        let server = CpuTime { cores: 0.5, us_per_edit: Some(50.0), us_per_delivery: Some(5.0) };
        assert_eq!(report.server, Some(server));
        assert_eq!(report.postgres, None);
        assert_eq!(report.generator.us_per_edit, Some(25.0));
        assert_eq!((report.others_cores, report.stolen_cores), (0.25, 0.125));
    }

    #[test]
    fn without_edits_and_deliveries_there_is_no_time_for_each() {
        let report = USED.report(0.0, 0.0);
        assert_eq!((report.generator.us_per_edit, report.generator.us_per_delivery), (None, None));
    }

    #[test]
    fn only_a_postgres_below_the_server_is_its_own() {
        let process = |pid, parent, name: &[u8]| Process {
            pid,
            parent,
            name: name.to_vec(),
            own: 0,
            reaped: 0,
            started: 0,
        };
        let servers = [process(10, 1, b"gridloom")];
        assert!(is_postmaster(&process(11, 10, b"postgres"), &servers));
        assert!(!is_postmaster(&process(11, 1, b"postgres"), &servers));
        assert!(!is_postmaster(&process(11, 10, b"postgres) S"), &servers));
    }

    #[test]
    fn a_process_id_that_is_used_again_is_an_error() {
        let mut own = procfs::process(std::process::id()).expect("runs");
        same_process(&own).expect("is the same");
        own.started += 1;
        assert!(same_process(&own).is_err());
    }
}
