//! A busy inbox and the other events of an actor: each has its turn.
//!
//! Not here: what an event does. Invariant: everything is ready all the time, so the order is the actor's alone.

use std::collections::BTreeSet;

use tokio::task::yield_now;

use super::reads::tests::{EmptyRows, shared};
use super::*;
use crate::reading::loading::load;
use crate::sample::SHEET;

/// Batches of requests in one run.
const BATCHES: usize = 20;

/// An actor whose inbox is never empty.
struct Busy {
    actor: SheetActor,
    sender: mpsc::Sender<Request>,
    inbox: mpsc::Receiver<Request>,
    committed: watch::Sender<Revision>,
    _dir: tempfile::TempDir,
}

impl Busy {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let shared = shared(&EmptyRows::default(), dir.path());
        let loaded = load(&shared, SHEET).await.expect("is there");
        let (accepted, _) = watch::channel(Revision(0));
        let mut actor = start::build(shared, loaded, accepted).expect("a sheet");
        let (committed, receiver) = watch::channel(Revision(0));
        actor.committed = receiver;
        let (sender, inbox) = mpsc::channel(2 * BATCH_REQUESTS);
        Self { actor, sender, inbox, committed, _dir: dir }
    }

    /// Fills the inbox.
    fn fill(&self) {
        while self.sender.try_send(Request::Drain(0)).is_ok() {}
    }

    /// A commit, fetched rows and a lookup, as of a session that joins, are ready.
    async fn ready(&mut self, round: u64) {
        self.committed.send_replace(Revision(round));
        self.actor.lookups.spawn(async { LookedUp::LargestRow(None) });
        self.actor.reads.tasks.ready();
        // Their tasks end.
        for _ in 0..10 {
            yield_now().await;
        }
    }

    async fn wake(&mut self) -> &'static str {
        let mut requests = Vec::new();
        let wake = self.actor.wake(&mut self.inbox, &mut requests, Instant::now()).await;
        match wake {
            Wake::Requests => "requests",
            Wake::Committed => "a commit",
            Wake::LookedUp(_) => "a lookup",
            Wake::Read(_) => "rows",
            _ => "another event",
        }
    }
}

#[tokio::test]
async fn a_busy_inbox_delays_no_other_event_by_more_than_a_batch() {
    let mut busy = Busy::new().await;
    for round in 0..BATCHES as u64 {
        busy.fill();
        busy.ready(round + 1).await;
        let mut before = BTreeSet::new();
        loop {
            match busy.wake().await {
                "requests" => break,
                event => before.insert(event),
            };
        }
        assert_eq!(before, BTreeSet::from(["a commit", "a lookup", "rows"]), "round {round}");
    }
}

#[tokio::test]
async fn other_events_that_never_end_leave_turns_to_the_inbox() {
    let mut busy = Busy::new().await;
    let lookups = 4 * OTHERS_IN_A_ROW as usize;
    for _ in 0..BATCHES {
        busy.fill();
        for _ in busy.actor.lookups.len()..lookups {
            busy.actor.lookups.spawn(async { LookedUp::LargestRow(None) });
        }
        for _ in 0..lookups {
            yield_now().await;
        }
        let mut others = 0;
        while busy.wake().await != "requests" {
            others += 1;
        }
        assert!((1..=OTHERS_IN_A_ROW).contains(&others), "{others} before the inbox");
    }
}
