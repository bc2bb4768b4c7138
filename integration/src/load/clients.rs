//! The clients of a run. All of them edit and read at once, until each has the last revision.
//!
//! Not their opening, nor the verdict. Invariant: a client stops only when its sheet's head is known, so that no
//! client is compared before it could have every edit.

pub(crate) mod connect;
pub(crate) mod drain;
pub(crate) mod history;
mod pace;
pub(crate) mod participant;
pub(crate) mod plan;
mod scan;
mod work;

use std::time::{Duration, Instant};

use ot_engine::Revision;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use self::drain::{Drain, Drained};
use self::participant::{Finished, Participant};
use self::plan::Part;
use self::work::Schedule;
use super::error::LoadError;
use super::measure::clock::Clock;
use super::measure::cpu::{Used, Watched};
use super::measure::tally::Measured;
use super::options::Options;

/// Between the last preparation and the first edit, so that all clients begin together.
const HEAD_START: Duration = Duration::from_millis(50);

/// All clients, each with its sheet open.
pub(crate) struct Clients {
    pub(crate) participants: Vec<Participant>,
    pub(crate) drains: Vec<Drain>,
}

/// The clients at the end, and the CPU time of the measured part.
pub(crate) struct Ended {
    pub(crate) finished: Vec<Finished>,
    pub(crate) drained: Vec<(Part, Drained)>,
    /// The last revision of each sheet that a writer's `Accepted` named.
    pub(crate) heads: Vec<Revision>,
    pub(crate) cpu: Used,
}

/// Runs all clients, and waits until each has every edit.
pub(crate) async fn run(
    clients: Clients,
    watched: Watched,
    options: &Options,
) -> Result<Ended, LoadError> {
    let schedule = schedule(options);
    let cpu = tokio::spawn(watched.measure(schedule.measure, schedule.end));
    let (settled, reports) = mpsc::channel(clients.participants.len().max(1));
    let heads: Vec<_> = (0..options.sheets).map(|_| watch::channel(None)).collect();
    let mut running = JoinSet::new();
    for participant in clients.participants {
        let sheet = participant.sheet();
        let (settled, head) = (settled.clone(), heads[sheet as usize].1.clone());
        let report = move |last| {
            // The channel has room for one report of each client.
            let _ = settled.try_send((sheet, last));
        };
        running.spawn(participant.run(schedule, report, head));
    }
    drop(settled);
    let mut draining = JoinSet::new();
    for drain in clients.drains {
        let head = heads[drain.sheet() as usize].1.clone();
        draining.spawn(drain.run(schedule, head));
    }
    let last = last_revisions(reports, heads.len()).await;
    for ((sender, _), last) in heads.iter().zip(&last) {
        // Without a receiver all clients have failed, which is reported below.
        let _ = sender.send(Some(*last));
    }
    let used = cpu.await.map_err(|error| LoadError::server("reading CPU times", error))?;
    Ok(Ended {
        finished: all(running).await?,
        drained: all(draining).await?,
        heads: last,
        cpu: used?,
    })
}

/// The last revision of each sheet, once every client has reported its own.
async fn last_revisions(
    mut reports: mpsc::Receiver<(u32, Revision)>,
    sheets: usize,
) -> Vec<Revision> {
    let mut last = vec![Revision(0); sheets];
    while let Some((sheet, revision)) = reports.recv().await {
        let last = &mut last[sheet as usize];
        *last = revision.max(*last);
    }
    last
}

async fn all<T: 'static>(mut running: JoinSet<Result<T, LoadError>>) -> Result<Vec<T>, LoadError> {
    let mut all = Vec::with_capacity(running.len());
    while let Some(joined) = running.join_next().await {
        all.push(joined.map_err(|error| LoadError::server("a client", error))??);
    }
    Ok(all)
}

fn schedule(options: &Options) -> Schedule {
    let clock = Clock::new();
    let begin = Instant::now() + HEAD_START;
    let measure = begin + Duration::from_secs_f64(options.warm_up);
    let end = measure + Duration::from_secs_f64(options.seconds);
    let pause = options.pause();
    Schedule {
        clock,
        measured: Measured { from: clock.at(measure), to: clock.at(end), by_due: pause.is_some() },
        begin,
        measure,
        end,
        pause,
        in_flight: options.in_flight(),
    }
}
