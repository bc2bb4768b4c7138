//! The scheduler and the executors of a cluster, as an operator sees them.
//!
//! Not the servers, which the table of nodes has. Invariant: an answer comes within seconds, also where the scheduler is away.

use std::time::Duration;

use engine_link::WorkersRequest;
use tokio::time::timeout;

use super::ClusterLink;

/// How long the scheduler may take to answer.
const WITHIN: Duration = Duration::from_secs(3);
/// An executor without a heartbeat for so long is of no use, in microseconds.
const SILENT_MICROS: i64 = 60 * 1_000_000;
const SECOND_MICROS: u64 = 1_000_000;

/// A part of a distributed engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WorkerFact {
    /// Whether it is the scheduler; else it is an executor.
    pub(crate) is_scheduler: bool,
    pub(crate) id: String,
    /// Where it is reached.
    pub(crate) address: String,
    pub(crate) threads: u32,
    pub(crate) memory_bytes: u64,
    /// The tasks that it runs.
    pub(crate) running: u32,
    /// Its last sign of life, in microseconds since the Unix epoch.
    pub(crate) heartbeat_micros: i64,
    pub(crate) release: String,
    /// Why it is of no use now, as a sentence; empty: it is.
    pub(crate) fault: String,
}

impl ClusterLink {
    /// The scheduler, then the executors in the order of their addresses.
    pub(in crate::service) async fn workers(&self) -> Vec<WorkerFact> {
        let scheduler = WorkerFact {
            is_scheduler: true,
            id: self.name(),
            address: self.address.to_string(),
            ..WorkerFact::default()
        };
        let mut client = self.client();
        let answered = timeout(WITHIN, client.workers(WorkersRequest {})).await;
        let fault = match answered {
            Ok(Ok(reply)) => {
                let now = model::now_micros();
                let workers = reply.into_inner().workers;
                let mut executors: Vec<_> =
                    workers.into_iter().map(|it| executor(it, now)).collect();
                executors.sort_by(|one, other| one.address.cmp(&other.address));
                let seen = WorkerFact { heartbeat_micros: now, ..scheduler };
                return std::iter::once(seen).chain(executors).collect();
            }
            Ok(Err(status)) => self.away(status.message()).to_string(),
            Err(_) => self.away("it does not answer").to_string(),
        };
        vec![WorkerFact { fault, ..scheduler }]
    }
}

fn executor(worker: engine_link::Worker, now_micros: i64) -> WorkerFact {
    let heartbeat = worker.last_heartbeat.saturating_mul(SECOND_MICROS);
    let heartbeat_micros = i64::try_from(heartbeat).unwrap_or(i64::MAX);
    let is_silent = now_micros.saturating_sub(heartbeat_micros) > SILENT_MICROS;
    let fault = if is_silent { "it has sent no heartbeat for a minute" } else { "" };
    WorkerFact {
        is_scheduler: false,
        id: worker.id,
        address: worker.address,
        threads: worker.cores,
        memory_bytes: worker.memory_bytes,
        running: 0,
        heartbeat_micros,
        release: String::new(),
        fault: fault.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_executor_without_a_heartbeat_has_a_fault() {
        let worker = engine_link::Worker { last_heartbeat: 100, ..Default::default() };
        assert!(executor(worker.clone(), 130_000_000).fault.is_empty());
        assert!(!executor(worker, 161_000_000).fault.is_empty());
    }

    #[tokio::test]
    async fn a_scheduler_that_is_away_is_listed_with_its_fault() {
        let link = ClusterLink::new("127.0.0.1:1").expect("an address");
        let workers = link.workers().await;
        assert_eq!(workers.len(), 1);
        assert!(workers[0].is_scheduler && workers[0].fault.contains("127.0.0.1:1"));
    }
}
