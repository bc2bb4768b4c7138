//! What a writer did and what it was told, and what an onlooker saw: the evidence.
//!
//! Times are those of one clock in this process, so they can be compared.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ot_engine::{ClientId, Revision, Sequence, Value};
use tokio::sync::watch;
use tonic::Code;

/// What everybody in a run shares.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    start: Instant,
    /// The last revision that any writer was told.
    accepted: Arc<AtomicU64>,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), accepted: Arc::default() }
    }

    /// Since the start of the run.
    pub(super) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    pub(super) fn note_accepted(&self, revision: Revision) {
        self.accepted.fetch_max(revision.0, Ordering::SeqCst);
    }

    /// Whoever asks the server now must be shown at least this.
    pub(super) fn accepted(&self) -> Revision {
        Revision(self.accepted.load(Ordering::SeqCst))
    }
}

/// What was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// A new row at the end, with the edit's token in it.
    Append,
    /// The edit's token into a cell for which all writers compete.
    Set,
    /// A row to another place.
    Move,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is durable.
    Accepted(Revision),
    /// The server refused it.
    Rejected(Code, String),
    /// Nobody knows: the live sheet ended.
    Unknown(String),
}

/// One line of a writer's history.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    /// Unique; what the edit writes.
    pub(super) token: Arc<str>,
    pub(super) action: Action,
    /// What the edit is called on the wire; `None` when it was not made.
    pub(super) name: Option<(ClientId, Sequence)>,
    pub(super) invoked: Duration,
    pub(super) answered: Duration,
    pub(super) answer: Answer,
}

impl Edit {
    pub(super) fn revision(&self) -> Option<Revision> {
        match self.answer {
            Answer::Accepted(revision) => Some(revision),
            _ => None,
        }
    }

    pub(super) fn latency(&self) -> Duration {
        self.answered.saturating_sub(self.invoked)
    }
}

/// All of a sheet as somebody saw it at a revision.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) by: String,
    pub(super) revision: Revision,
    pub(super) fingerprint: u64,
}

/// Revisions that somebody was not told of: those between the two.
#[derive(Clone, Debug)]
pub(super) struct Gap {
    pub(super) by: String,
    pub(super) after: Revision,
    pub(super) before: Revision,
}

/// A number that two different sheets hardly share.
pub(super) fn fingerprint<'a>(cells: impl Iterator<Item = &'a Value>) -> u64 {
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

/// Waits until it is time to stop.
pub(super) async fn told(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone says the same.
    let _ = stop.wait_for(|stop| *stop).await;
}
