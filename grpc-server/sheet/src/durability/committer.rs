//! The committer: the task that carries out the asks of a sheet's [`Durability`].
//!
//! It owns the core, and entries reach it through a channel, so that merging them costs the sheet's task nothing.
//! It reads the channel also while an answer is outstanding, so the channel stays short. An entry in it and its write set
//! count in the memory of the journal, whose limit bounds the channel as it bounds the backlog.
//!
//! Not here: any decision (`core`). Invariant: while Postgres is away no entry is lost and the commits are
//! retried; the task ends only when the core stops, and the journal keeps uncommitted entries.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use heavy_work::{Caller, Size, drive};
use ot_engine::{Revision, RowId};
use rustc_hash::FxHashMap;
use tasks::Tasks;
use tokio::sync::{Semaphore, mpsc, watch};

use super::core::{Ask, Durability, Lease, Stop};
use super::quarantine::Quarantine;
use crate::ports::journal::{Journal, Lease as JournalLease};
use crate::ports::storage::{Commits, LargeRows, StoreError};
use crate::state::WriteSet;
use model::allowance::{AccountAllowance, tokens};
use model::{CommitBatch, Entry, SheetId};

/// Turns at Postgres: transactions of all sheets of a server at one time. More would not commit more, on a
/// machine of few cores or with a disk that flushes one after the other, and each would be smaller.
pub const COMMITS_AT_ONCE: usize = 2;
/// Bytes of a span or a column in the statement of a commit.
const LINE_BYTES: usize = 64;
/// Events that are read together.
const EVENTS_AT_ONCE: usize = 256;

/// The parts that the committers of all sheets of a server share.
#[derive(Clone, Debug)]
pub struct Committers {
    /// Postgres.
    pub storage: Arc<dyn Commits>,
    /// It grants the lease and forgets what is committed.
    pub journal: Journal,
    /// See [`COMMITS_AT_ONCE`].
    pub turns: Arc<Semaphore>,
    /// Changes of lines after which a sheet's order is noted.
    pub checkpoint_changes: u32,
    /// Sheets of which Postgres has refused a batch.
    pub quarantine: Arc<Quarantine>,
    /// The owner of their tasks.
    pub tasks: Tasks,
    /// The accounts pay for large rows that are written as a whole.
    pub allowance: Arc<AccountAllowance>,
}

impl Committers {
    /// Starts the committer of a sheet that Postgres has at `head`.
    #[must_use]
    pub fn start(&self, sheet: SheetId, head: Revision) -> Committer {
        let (sender, receiver) = mpsc::unbounded_channel();
        let (committed, watch) = watch::channel(head);
        let until = self.quarantine.until(sheet);
        let driver = Driver {
            shared: self.clone(),
            sheet,
            core: Durability::new(sheet, head, until, self.checkpoint_changes),
            events: Events { receiver, read: Vec::new() },
            committed,
        };
        self.tasks.spawn(driver.run());
        Committer { events: sender, committed: watch }
    }
}

/// The sheet task's end. Dropping it stops the committer; the journal keeps what is not committed.
#[derive(Debug)]
pub struct Committer {
    events: mpsc::UnboundedSender<Event>,
    committed: watch::Receiver<Revision>,
}

impl Committer {
    /// Queues an accepted entry and its write set.
    pub fn push(&self, entry: Arc<Entry>, writes: WriteSet) {
        // Without a receiver the committer has stopped, and `watch_committed` is closed.
        let _ = self.events.send(Event::Entry(entry, Box::new(writes)));
    }

    /// Another node has committed everything up to here.
    pub fn committed_by_other(&self, revision: Revision) {
        let _ = self.events.send(Event::CommittedByOther(revision));
    }

    /// The last revision in Postgres. Closed when the committer has stopped: then the sheet must be loaded
    /// again.
    #[must_use]
    pub fn watch_committed(&self) -> watch::Receiver<Revision> {
        self.committed.clone()
    }
}

#[derive(Debug)]
enum Event {
    Entry(Arc<Entry>, Box<WriteSet>),
    CommittedByOther(Revision),
}

struct Driver {
    shared: Committers,
    sheet: SheetId,
    core: Durability,
    events: Events,
    committed: watch::Sender<Revision>,
}

impl Driver {
    async fn run(mut self) {
        let Self { shared, sheet, core, events, committed } = &mut self;
        let sheet = *sheet;
        let Committers { storage, journal, .. } = shared;
        let mut turn = None;
        loop {
            events.read_ready(core);
            let ask = core.next(now());
            if publish(committed, core.head()) {
                // Also what another node has committed: only that node reports it to the journal.
                journal.landed(sheet, core.head());
            }
            // A turn serves one commit: two sheets that keep theirs and wait for another block each other.
            let held = turn.take().filter(|_| matches!(ask, Ask::Commit(_)));
            match ask {
                Ask::Lease => {
                    let lease = events.during(core, journal.lease(sheet)).await;
                    core.on_lease(now(), lease.ok().map(Lease::from));
                }
                Ask::Head => {
                    let head = events.during(core, storage.head(sheet)).await;
                    core.on_head(now(), head);
                }
                Ask::Turn => {
                    let turns = Arc::clone(&shared.turns);
                    turn = events.during(core, turns.acquire_owned()).await.ok();
                    core.on_turn(now());
                }
                Ask::Commit(batch) => {
                    let answer = events.during(core, commit(storage, &batch)).await;
                    drop(held);
                    let answer = answer.map(|large| charge(&shared.allowance, &batch, &large));
                    core.on_commit(now(), answer);
                }
                Ask::NoteOrder => {
                    let noted = storage.note_order(sheet, shared.checkpoint_changes);
                    let answer = events.during(core, noted).await;
                    core.on_order_noted(answer);
                }
                Ask::SetAside(head, reason) => {
                    shared.quarantine.remove(sheet);
                    let answer = events.during(core, storage.set_aside(sheet, head, &reason)).await;
                    core.on_set_aside(now(), answer);
                }
                Ask::Report(head) => events.during(core, journal.committed(sheet, head)).await,
                Ask::EndQuarantine => shared.quarantine.remove(sheet),
                Ask::SleepUntil(until) => events.wait_until(core, until).await,
                Ask::Wait => events.wait(core).await,
                Ask::Stop(stop) => {
                    if let Stop::Quarantine(until) = stop {
                        shared.quarantine.insert(sheet, until);
                    }
                    return tracing::debug!(%sheet, ?stop, "the committer stops");
                }
            }
        }
    }
}

/// Commits a batch. To encode a large one is heavy work.
async fn commit(
    storage: &Arc<dyn Commits>,
    batch: &Arc<CommitBatch>,
) -> Result<LargeRows, StoreError> {
    let entries = batch.entries.iter().map(|entry| entry.delta.weight().bytes);
    let columns = batch.columns.iter().flatten().count();
    let lines = batch.upserted_spans.len() + batch.removed_spans.len() + columns;
    let bytes = entries.sum::<usize>().saturating_add(lines.saturating_mul(LINE_BYTES));
    if Size::Bytes(bytes).is_light() {
        return storage.commit(batch).await;
    }
    let (storage, batch) = (Arc::clone(storage), Arc::clone(batch));
    let sheet = Caller::Sheet(batch.sheet);
    let committed = drive(sheet, async move { storage.commit(&batch).await }).await;
    // A defect here: the outage of Postgres that a retry waits for is another thing.
    committed.unwrap_or_else(|error| Err(StoreError::Internal(error.to_string())))
}

/// Charges the accounts whose writes made Postgres write a large row as a whole.
fn charge(allowance: &AccountAllowance, batch: &CommitBatch, large: &LargeRows) {
    if large.is_empty() {
        return;
    }
    let bytes: FxHashMap<RowId, u64> = large.iter().copied().collect();
    for ((row, _), account) in batch.row_patches.iter().zip(&batch.row_accounts) {
        if let Some(bytes) = bytes.get(row) {
            let bytes = usize::try_from(*bytes).unwrap_or(usize::MAX);
            allowance.charge(*account, tokens(0, bytes) - 1);
        }
    }
}

/// The receiving end of the channel.
struct Events {
    receiver: mpsc::UnboundedReceiver<Event>,
    /// Read and not passed to the core; empty between two calls.
    read: Vec<Event>,
}

impl Events {
    /// Passes the events that have arrived by now to the core.
    fn read_ready(&mut self, core: &mut Durability) {
        loop {
            match self.receiver.try_recv() {
                Ok(event) => pass(core, event),
                Err(mpsc::error::TryRecvError::Empty) => return,
                Err(mpsc::error::TryRecvError::Disconnected) => return core.on_closed(),
            }
        }
    }

    /// Awaits an answer, and passes events that arrive meanwhile to the core.
    async fn during<T>(&mut self, core: &mut Durability, answer: impl Future<Output = T>) -> T {
        let mut answer = pin!(answer);
        loop {
            tokio::select! {
                // The answer first: events that have arrived by then are read before the next ask.
                biased;
                answer = &mut answer => return answer,
                () = self.wait(core), if !self.receiver.is_closed() => {}
            }
        }
    }

    /// Waits for events, and passes them to the core. Safe to cancel.
    async fn wait(&mut self, core: &mut Durability) {
        if self.receiver.recv_many(&mut self.read, EVENTS_AT_ONCE).await == 0 {
            core.on_closed();
        }
        self.read.drain(..).for_each(|event| pass(core, event));
    }

    async fn wait_until(&mut self, core: &mut Durability, until: Instant) {
        let _ = tokio::time::timeout_at(until.into(), self.wait(core)).await;
    }
}

fn pass(core: &mut Durability, event: Event) {
    match event {
        Event::Entry(entry, writes) => core.on_entry(now(), entry, *writes),
        Event::CommittedByOther(revision) => core.on_committed_by_other(revision),
    }
}

/// Whether the head is a further one.
fn publish(committed: &watch::Sender<Revision>, head: Revision) -> bool {
    committed.send_if_modified(|known| {
        let further = *known < head;
        *known = head.max(*known);
        further
    })
}

/// The runtime's clock, which tests may stop.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

impl From<JournalLease> for Lease {
    fn from(lease: JournalLease) -> Self {
        match lease {
            JournalLease::Held => Self::Kept,
            JournalLease::Acquired => Self::Acquired,
            JournalLease::HeldByOther => Self::OtherNode,
        }
    }
}

#[cfg(test)]
mod tests;
