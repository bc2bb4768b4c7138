//! Formats what runs jobs and queries, as cells of a table, lines or JSON.
//!
//! It reads nothing from the server. Invariant: a text of the server adds no line, and the JSON keys stay stable.

use gridloom::v1::Worker;
use gridloom::v1::worker::Kind;
use serde_json::{Value as Json, json};

use super::columns::{Cell, shown};
use super::files::{minute, size};
use super::format::time;
use super::tables::given;

/// Most characters of a text that are shown in a table; JSON has all of them.
const TEXT_CHARS_MAX: usize = 60;

const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Unspecified => "unknown",
        Kind::Server => "server",
        Kind::Scheduler => "scheduler",
        Kind::Executor => "executor",
    }
}

/// The head of a table of workers. A fault has no head: few workers have one.
pub(crate) fn worker_head() -> Vec<Cell> {
    let left = |text: &str| (text.to_owned(), false);
    let right = |text: &str| (text.to_owned(), true);
    vec![
        left("KIND"),
        left("ADDRESS"),
        right("CORES"),
        right("MEMORY"),
        right("RUNNING"),
        left("HEARTBEAT"),
        left("RELEASE"),
        left("ID"),
    ]
}

/// A worker as cells of a table.
pub(crate) fn worker_cells(worker: &Worker) -> Vec<Cell> {
    let memory = match worker.memory_bytes {
        0 => String::new(),
        bytes => size(bytes),
    };
    let mut cells = vec![
        (kind_name(worker.kind()).to_owned(), false),
        (shown(&worker.address, TEXT_CHARS_MAX), false),
        (worker.cores.to_string(), true),
        (memory, true),
        (worker.running.to_string(), true),
        (minute(worker.heartbeat_at_micros), false),
        (shown(&worker.release, TEXT_CHARS_MAX), false),
        (shown(&worker.id, TEXT_CHARS_MAX), false),
    ];
    let fault = given(&worker.fault).map(|fault| (shown(fault, usize::MAX), false));
    cells.extend(fault);
    cells
}

pub(crate) fn worker_json(worker: &Worker) -> Json {
    json!({
        "kind": kind_name(worker.kind()),
        "id": worker.id,
        "address": given(&worker.address),
        "cores": worker.cores,
        "memory_bytes": worker.memory_bytes,
        "running": worker.running,
        "heartbeat": time(worker.heartbeat_at_micros),
        "release": given(&worker.release),
        "fault": given(&worker.fault),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_of_no_use_has_its_fault_behind_its_cells() {
        let worker = Worker { kind: Kind::Server.into(), cores: 2, ..Worker::default() };
        assert_eq!(worker_cells(&worker).len(), worker_head().len());
        let silent = Worker { fault: "it is\nsilent".to_owned(), ..worker };
        assert_eq!(worker_cells(&silent).last().map(|(text, _)| &**text), Some("it is silent"));
        assert_eq!(worker_json(&silent)["kind"], "server");
        assert_eq!(worker_json(&Worker::default())["fault"], Json::Null);
    }
}
