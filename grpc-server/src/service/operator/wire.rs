//! Servers, parts of an engine and jobs as messages.
//!
//! Not who may see them. Invariant: a fault is a sentence, and a server without one has sent a heartbeat lately.

use std::time::Duration;

use gridloom::v1;
use gridloom::v1::worker::Kind;

use crate::service::jobs::job_to_wire;
use crate::service::tables::WorkerFact;
use store::{OperatedJob, WorkingNode};

/// A heartbeat comes every three seconds.
const SILENT: Duration = Duration::from_secs(10);

/// A server that runs jobs.
pub(super) fn server(node: &WorkingNode) -> v1::Worker {
    let fault = match node.silent {
        silent if silent > SILENT => {
            format!("the server sent its last heartbeat {} seconds ago", silent.as_secs())
        }
        _ => String::new(),
    };
    v1::Worker {
        kind: Kind::Server.into(),
        id: node.id.to_string(),
        address: node.address.clone(),
        cores: node.facts.threads,
        memory_bytes: node.facts.memory_bytes,
        running: u32::try_from(node.running).unwrap_or(u32::MAX),
        heartbeat_at_micros: node.heartbeat_micros,
        release: node.facts.release.clone(),
        fault,
    }
}

/// A part of a distributed engine.
pub(super) fn part(fact: WorkerFact) -> v1::Worker {
    let kind = if fact.is_scheduler { Kind::Scheduler } else { Kind::Executor };
    v1::Worker {
        kind: kind.into(),
        id: fact.id,
        address: fact.address,
        cores: fact.threads,
        memory_bytes: fact.memory_bytes,
        running: fact.running,
        heartbeat_at_micros: fact.heartbeat_micros,
        release: fact.release,
        fault: fact.fault,
    }
}

/// A job of any account.
pub(super) fn job(found: &OperatedJob) -> v1::OperatedJob {
    v1::OperatedJob {
        job: Some(job_to_wire(&found.job)),
        email: found.email.clone(),
        node: found.node.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use model::NodeId;
    use store::NodeFacts;

    use super::*;

    #[test]
    fn a_server_that_is_silent_has_a_fault() {
        let mut node = WorkingNode {
            id: NodeId::generate(),
            name: "one".to_owned(),
            address: "one:7400".to_owned(),
            heartbeat_micros: 7,
            silent: Duration::from_secs(3),
            facts: NodeFacts { threads: 2, memory_bytes: 9, release: "1.0.0".to_owned() },
            running: 4,
        };
        let alive = server(&node);
        assert_eq!((alive.kind(), &*alive.fault, alive.running), (Kind::Server, "", 4));
        assert_eq!((alive.cores, alive.memory_bytes, &*alive.release), (2, 9, "1.0.0"));
        node.silent = Duration::from_secs(12);
        assert!(server(&node).fault.contains("12 seconds"));
    }

    #[test]
    fn a_part_of_an_engine_is_a_scheduler_or_an_executor() {
        let fact = WorkerFact { is_scheduler: true, threads: 3, ..WorkerFact::default() };
        assert_eq!(part(fact.clone()).kind(), Kind::Scheduler);
        let executor = part(WorkerFact { is_scheduler: false, ..fact });
        assert_eq!((executor.kind(), executor.cores), (Kind::Executor, 3));
    }
}
