//! Writes what a sheet has accepted to Postgres, in batches, in order, once.
//!
//! One task for each open sheet. It commits at once when it is idle; while a transaction is under
//! way what comes in is merged into the next one, and on a busy sheet it rests a moment between
//! two, so a busy sheet pays for few transactions and a quiet one waits for nobody. Many sheets take
//! turns, and gather while they wait. While Postgres is away it tries again for ever: what it holds
//! is in the journal too. Invariant: batches are conditional on the head before them, so each lands once.

use std::collections::VecDeque;
use std::collections::hash_map::Entry as Slot;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ot_engine::{ColumnId, Delta, Revision, RowId};
use rustc_hash::FxHashMap;
use tokio::sync::{Notify, Semaphore, SemaphorePermit, watch};

use super::effects::Effects;
use super::records::Records;
use super::spans::SpanChanges;
use crate::journal::Journal;
use crate::model::{ColumnRecord, CommitBatch, Entry, RowPatch, SheetId};
use crate::store::StoreError;

/// Entries in one transaction at most. Bounds how long one takes after an outage.
const BATCH_ENTRIES: usize = 10_000;
/// Cells after which a transaction takes no further entry, for the same reason.
const BATCH_CELLS: usize = 100_000;
/// A batch of this many entries is that of a busy sheet.
const BUSY_ENTRIES: usize = 8;
/// After such a batch the committer rests this many times as long as it took, but no longer than
/// the limit below: Postgres then takes a share of the machine and not whatever it can get, and the
/// next batch writes each row once for many edits.
const REST_TIMES: u32 = 3;
/// The longest rest. With the batch itself it keeps Postgres well within 250 ms of the journal.
const REST_LIMIT: Duration = Duration::from_millis(100);
/// Transactions of all sheets together at one time. More would not land more, on a machine of few
/// cores or with a disk that flushes one after the other, and each would be smaller.
pub const COMMITS_AT_ONCE: usize = 2;
/// How often, between two checkpoints, Postgres is asked whether the next one is due.
const CHECKPOINT_QUESTIONS: u32 = 10;
/// Pauses between attempts while Postgres is away grow from the first to the second.
const RETRY_FIRST: Duration = Duration::from_millis(50);
const RETRY_LAST: Duration = Duration::from_secs(2);
/// Pause after a failure that waiting alone will hardly mend.
const RETRY_DEFECT: Duration = Duration::from_secs(10);

/// Where batches go: the store, or what a test puts in its place.
pub trait CommitSink: Send + Sync + 'static {
    /// Writes a batch in one transaction; see [`Records::commit`].
    fn commit(&self, batch: &CommitBatch) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Notes the order now and then; see [`Records::note_order`].
    fn note_order(
        &self,
        sheet: SheetId,
        after_changes: u32,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

impl CommitSink for Arc<dyn Records> {
    async fn commit(&self, batch: &CommitBatch) -> Result<(), StoreError> {
        self.as_ref().commit(batch).await
    }

    async fn note_order(&self, sheet: SheetId, after_changes: u32) -> Result<(), StoreError> {
        self.as_ref().note_order(sheet, after_changes).await
    }
}

/// The sheet task's end; dropping it stops the committer, whatever it still holds is in the journal.
#[derive(Debug)]
pub struct Committer {
    queue: Arc<Queue>,
    committed: watch::Receiver<Revision>,
}

#[derive(Debug, Default)]
struct Queue {
    pending: Mutex<Pending>,
    ready: Notify,
}

#[derive(Debug, Default)]
struct Pending {
    parts: VecDeque<Part>,
    closed: bool,
}

/// Consecutive entries and what they do together.
#[derive(Debug)]
struct Part {
    entries: Vec<Arc<Entry>>,
    inverses: Vec<Option<Delta>>,
    first_new_row: RowId,
    cells: usize,
    rows: FxHashMap<RowId, RowPatch>,
    spans: SpanChanges,
    columns: Option<Vec<ColumnRecord>>,
    next_row_id: RowId,
    next_column_id: ColumnId,
    row_count: u32,
}

impl Part {
    fn new(entry: Arc<Entry>, effects: Effects) -> Self {
        Self {
            entries: vec![entry],
            first_new_row: effects.created_rows.start,
            cells: effects.cell_count(),
            inverses: vec![effects.inverse],
            rows: effects.row_patches.into_iter().collect(),
            spans: effects.spans,
            columns: effects.columns,
            next_row_id: effects.next_row_id,
            next_column_id: effects.next_column_id,
            row_count: effects.row_count,
        }
    }

    /// Whether one transaction should take no more.
    fn is_full(&self) -> bool {
        self.entries.len() >= BATCH_ENTRIES || self.cells >= BATCH_CELLS
    }

    /// Puts the next entry on top: what it writes wins.
    fn push(&mut self, entry: Arc<Entry>, effects: Effects) {
        self.entries.push(entry);
        self.cells += effects.cell_count();
        self.inverses.push(effects.inverse);
        for (row, patch) in effects.row_patches {
            match self.rows.entry(row) {
                Slot::Occupied(mut earlier) => earlier.get_mut().merge(&patch),
                Slot::Vacant(place) => {
                    place.insert(patch);
                }
            }
        }
        self.spans.merge(effects.spans);
        self.columns = effects.columns.or(self.columns.take());
        self.next_row_id = effects.next_row_id;
        self.next_column_id = effects.next_column_id;
        self.row_count = effects.row_count;
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        // A panic while merging would leave the part in doubt, but merging cannot panic.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Committer {
    /// Starts the committer of a sheet that is at `head` in Postgres; `turns` is shared by all. The
    /// order is noted after so many changes of lines.
    pub fn spawn(
        store: impl CommitSink,
        journal: Journal,
        turns: Arc<Semaphore>,
        sheet: SheetId,
        head: Revision,
        checkpoint_changes: u32,
    ) -> Self {
        let queue = Arc::new(Queue::default());
        let (sender, committed) = watch::channel(head);
        let worker = Worker {
            store,
            journal,
            turns,
            sheet,
            head,
            checkpoint_changes,
            // Nobody knows how many there were before this sheet was opened: the first one asks.
            unnoted: checkpoint_changes,
            committed: sender,
            queue: queue.clone(),
        };
        tokio::spawn(worker.run());
        Self { queue, committed }
    }

    /// Hands over an accepted entry and its effects. One that brings lines back begins a batch of
    /// its own, so that what they held before is what is kept of the batch (see `undo::inverse`).
    pub fn push(&self, entry: Arc<Entry>, effects: Effects) {
        let mut pending = self.queue.lock();
        match pending.parts.back_mut() {
            Some(part) if !part.is_full() && !entry.origin.restores_lines() => {
                part.push(entry, effects);
            }
            _ => pending.parts.push_back(Part::new(entry, effects)),
        }
        drop(pending);
        self.queue.ready.notify_one();
    }

    /// Tells the last revision in Postgres. Closed when Postgres turns out to hold something else
    /// than what this sheet was loaded from: then the sheet must be loaded anew.
    #[must_use]
    pub fn watch_committed(&self) -> watch::Receiver<Revision> {
        self.committed.clone()
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.ready.notify_one();
    }
}

struct Worker<S> {
    store: S,
    journal: Journal,
    turns: Arc<Semaphore>,
    sheet: SheetId,
    head: Revision,
    checkpoint_changes: u32,
    /// Changes of lines since Postgres was last asked to note the order.
    unnoted: u32,
    committed: watch::Sender<Revision>,
    queue: Arc<Queue>,
}

impl<S: CommitSink> Worker<S> {
    async fn run(mut self) {
        let turns = Arc::clone(&self.turns);
        while self.something_waits().await {
            // The turn first: what comes in until then goes along.
            let turn = turns.acquire().await.ok();
            let Some(batch) = self.take().and_then(|part| self.batch(part)) else { continue };
            let begun = tokio::time::Instant::now();
            if !self.land(&batch, turn).await {
                return;
            }
            self.head = batch.head;
            self.committed.send_replace(batch.head);
            self.journal.committed(self.sheet, batch.head);
            self.note_order(&batch).await;
            let rest = (begun.elapsed() * REST_TIMES).min(REST_LIMIT);
            if batch.entries.len() >= BUSY_ENTRIES && !self.is_behind() && !self.pause(rest).await {
                return;
            }
        }
    }

    /// Now and then notes the order of lines, so that looking back has not far to go. What fails
    /// is made up for later.
    async fn note_order(&mut self, batch: &CommitBatch) {
        let changes = u32::try_from(batch.inverses.iter().flatten().count()).unwrap_or(u32::MAX);
        self.unnoted = self.unnoted.saturating_add(changes);
        if changes == 0 || self.unnoted < self.checkpoint_changes.div_ceil(CHECKPOINT_QUESTIONS) {
            return;
        }
        self.unnoted = 0;
        if let Err(error) = self.store.note_order(self.sheet, self.checkpoint_changes).await {
            tracing::debug!(sheet = %self.sheet, %error, "the order was not noted");
        }
    }

    /// Whether more waits than the next batch can take.
    fn is_behind(&self) -> bool {
        self.queue.lock().parts.len() > 1
    }

    /// Waits for something to commit; false when the sheet has closed.
    async fn something_waits(&self) -> bool {
        loop {
            {
                let pending = self.queue.lock();
                if pending.closed || !pending.parts.is_empty() {
                    return !pending.closed;
                }
            }
            self.queue.ready.notified().await;
        }
    }

    fn take(&self) -> Option<Part> {
        self.queue.lock().parts.pop_front()
    }

    fn batch(&self, part: Part) -> Option<CommitBatch> {
        Some(CommitBatch {
            sheet: self.sheet,
            previous: self.head,
            head: part.entries.last()?.revision,
            entries: part.entries,
            inverses: part.inverses,
            first_new_row: part.first_new_row,
            row_patches: part.rows.into_iter().collect(),
            removed_spans: part.spans.removed(),
            upserted_spans: part.spans.upserted(),
            columns: part.columns,
            next_row_id: part.next_row_id,
            next_column_id: part.next_column_id,
            row_count: part.row_count,
        })
    }

    /// Commits a batch, however long that takes; false when the sheet closed before, or does not
    /// fit what Postgres holds. Begins under `turn`, and does not hold one while it waits to try
    /// again.
    async fn land(&self, batch: &CommitBatch, turn: Option<SemaphorePermit<'_>>) -> bool {
        let mut outage: Option<Outage> = None;
        let mut turn = turn;
        loop {
            let attempt = self.store.commit(batch).await;
            drop(turn.take());
            match attempt {
                Ok(()) => {
                    if let Some(outage) = outage {
                        outage.over(self.sheet);
                    }
                    return true;
                }
                // Not this batch (landing it twice is a success) but another one. The rest can't
                // be written on top of it: the keys of its spans come from a table that was read
                // before. It is in the journal; the sheet is loaded anew and goes on from there.
                Err(error @ StoreError::Conflict { .. }) => {
                    tracing::error!(sheet = %self.sheet, %error, "the sheet must be loaded anew");
                    return false;
                }
                Err(error) => {
                    let outage = outage.get_or_insert_with(|| Outage::begin(self.sheet, &error));
                    let pause = if error.is_unavailable() { outage.pause() } else { RETRY_DEFECT };
                    if !self.pause(pause).await {
                        return false;
                    }
                    turn = self.turns.acquire().await.ok();
                }
            }
        }
    }

    /// Waits before the next attempt; false when the sheet closes meanwhile.
    async fn pause(&self, pause: Duration) -> bool {
        let closed = async {
            while !self.queue.lock().closed {
                self.queue.ready.notified().await;
            }
        };
        let closed = tokio::time::timeout(pause, closed).await.is_ok();
        // What was pushed meanwhile woke this wait and must wake the next one too.
        self.queue.ready.notify_one();
        !closed
    }
}

/// A time in which nothing can be committed: logged at its beginning and at its end.
struct Outage {
    since: tokio::time::Instant,
    next: Duration,
    /// In thousandths of a pause: another one for each sheet, so that they do not march in step.
    share: u32,
}

impl Outage {
    fn begin(sheet: SheetId, error: &StoreError) -> Self {
        tracing::warn!(%sheet, %error, "commits wait; editing goes on");
        let share = (sheet.0.as_u128() % 1000) as u32;
        Self { since: tokio::time::Instant::now(), next: RETRY_FIRST, share }
    }

    /// The next pause, longer each time.
    fn pause(&mut self) -> Duration {
        let base = self.next;
        self.next = (self.next * 2).min(RETRY_LAST);
        base / 2 + base * self.share / 1000
    }

    fn over(&self, sheet: SheetId) {
        let seconds = self.since.elapsed().as_secs_f64();
        tracing::info!(%sheet, seconds, "commits go on");
    }
}

#[cfg(test)]
mod tests;
