//! The evidence of a run: the edits of writers with their answers, and the states that onlookers saw.
//!
//! Not the judgement: see `check`. Invariant: all times come from one clock of this process, so they can be
//! compared.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ot_engine::{ClientId, Revision, Sequence, Value};
use tokio::sync::watch;
use tonic::Code;

/// The clock that all clients of a run share, and the newest accepted revision.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    start: Instant,
    /// The newest revision that any writer has as an answer.
    accepted: Arc<AtomicU64>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), accepted: Arc::default() }
    }

    /// Since the start of the run.
    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    pub(crate) fn note_accepted(&self, revision: Revision) {
        self.accepted.fetch_max(revision.0, Ordering::SeqCst);
    }

    /// Every read that begins now must hold at least this revision.
    pub(crate) fn accepted(&self) -> Revision {
        Revision(self.accepted.load(Ordering::SeqCst))
    }
}

/// The kind of an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// A new row at the end, with the edit's token in it.
    Append,
    /// The edit's token into a cell for which all writers compete.
    Set,
    /// A row to another place.
    Move,
}

/// The answer to an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is durable.
    Accepted(Revision),
    /// The server refused it.
    Rejected(Code, String),
    /// Unknown: the live sheet ended before an answer.
    Unknown(String),
}

/// One line of a writer's history.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    /// Unique; the text that the edit writes.
    pub(crate) token: Arc<str>,
    pub(crate) action: Action,
    /// The edit's name on the wire; `None` when it was not made.
    pub(crate) name: Option<(ClientId, Sequence)>,
    pub(crate) invoked: Duration,
    pub(crate) answered: Duration,
    pub(crate) answer: Answer,
}

impl Edit {
    pub(crate) fn revision(&self) -> Option<Revision> {
        match self.answer {
            Answer::Accepted(revision) => Some(revision),
            _ => None,
        }
    }

    pub(crate) fn latency(&self) -> Duration {
        self.answered.saturating_sub(self.invoked)
    }
}

/// A whole sheet as an onlooker saw it at a revision.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) by: String,
    pub(crate) revision: Revision,
    pub(crate) fingerprint: u64,
}

/// Revisions that a session did not receive: those between the two.
#[derive(Clone, Debug)]
pub(crate) struct Gap {
    pub(crate) by: String,
    pub(crate) after: Revision,
    pub(crate) before: Revision,
}

/// The token that a cell's text begins with.
pub(crate) fn token_of(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => text.split(' ').next(),
        _ => None,
    }
}

/// A hash of a sheet's cells.
pub(crate) fn fingerprint<'a>(cells: impl Iterator<Item = &'a Value>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for cell in cells {
        match cell {
            Value::Empty => 0.hash(&mut hasher),
            Value::Text(text) => text.hash(&mut hasher),
            other => format!("{other:?}").hash(&mut hasher),
        }
    }
    hasher.finish()
}

/// Waits for the stop signal.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A dropped sender is the same signal.
    let _ = stop.wait_for(|stop| *stop).await;
}
