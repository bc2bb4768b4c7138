//! Writes what a sheet has accepted to Postgres, in batches, in order, once.
//!
//! One task for each open sheet. It commits at once when it is idle; while a transaction is under
//! way what comes in is merged into the next one, and on a busy sheet it rests a moment between
//! two, so a busy sheet pays for few transactions and a quiet one waits for nobody. Many sheets take
//! turns, and gather while they wait. While Postgres is away it tries again for ever: what it holds
//! is in the journal too.
//!
//! Where several nodes have the sheet open, the one that leads commits; the others keep what they would
//! commit, entry by entry, until they hear that it has landed, and one of them goes on when the leader
//! is gone. Two that think they lead do no harm. Invariant: batches are conditional on the head before
//! them, so each lands once.

pub mod aside;
pub mod flush_tail;
pub mod lineage;
mod outage;
mod part;
mod queue;
mod suspects;

use std::sync::Arc;
use std::time::Duration;

use ot_engine::Revision;
use tokio::sync::{Semaphore, SemaphorePermit, watch};

use self::outage::Outage;
use self::part::Part;
use self::queue::Queue;
pub use self::suspects::Suspects;
use crate::ports::storage::Commits;
use crate::state::Effects;
use journal::{Journal, Lease};
use model::{CommitBatch, Entry, SheetId};
use store::StoreError;

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
/// How often a node that does not lead asks whether it may.
const LEAD_INTERVAL: Duration = Duration::from_secs(1);
/// Pause after a failure that waiting alone will hardly mend.
const RETRY_DEFECT: Duration = Duration::from_secs(10);

/// The sheet task's end; dropping it stops the committer, whatever it still holds is in the journal.
#[derive(Debug)]
pub struct Committer {
    queue: Arc<Queue>,
    committed: watch::Receiver<Revision>,
}

impl Committer {
    /// Starts the committer of a sheet that is at `head` in Postgres; `turns` is shared by all. The
    /// order is noted after so many changes of lines.
    pub fn spawn(
        store: Arc<dyn Commits>,
        journal: Journal,
        turns: Arc<Semaphore>,
        sheet: SheetId,
        head: Revision,
        checkpoint_changes: u32,
        suspects: Arc<Suspects>,
    ) -> Self {
        let queue = Arc::new(Queue::default());
        queue.lock().single = suspects.until(sheet).is_some();
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
            suspects,
        };
        tokio::spawn(worker.run());
        Self { queue, committed }
    }

    /// Hands over an accepted entry and its effects. One that brings lines back begins a batch of
    /// its own, so that what they held before is what is kept of the batch (see `undo::inverse`).
    pub fn push(&self, entry: Arc<Entry>, effects: Effects) {
        self.queue.lock().push(entry, effects);
        self.queue.ready.notify_one();
    }

    /// Tells that another node has committed up to here.
    pub fn landed(&self, revision: Revision) {
        if self.queue.lock().note_landed(revision) {
            self.queue.ready.notify_one();
        }
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

struct Worker {
    store: Arc<dyn Commits>,
    journal: Journal,
    turns: Arc<Semaphore>,
    sheet: SheetId,
    head: Revision,
    checkpoint_changes: u32,
    /// Changes of lines since Postgres was last asked to note the order.
    unnoted: u32,
    committed: watch::Sender<Revision>,
    queue: Arc<Queue>,
    suspects: Arc<Suspects>,
}

impl Worker {
    async fn run(mut self) {
        let turns = Arc::clone(&self.turns);
        while self.something_waits().await {
            self.skip_landed();
            if !self.leads().await {
                if !self.wait_for_lead().await {
                    return;
                }
                continue;
            }
            // The turn first: what comes in until then goes along.
            let turn = turns.acquire().await.ok();
            let Some(part) = self.take() else { continue };
            let Some(batch) = part.batch(self.sheet, self.head) else {
                // Another node has committed some of what is merged here, and it can't be parted again.
                tracing::info!(sheet = %self.sheet, head = %self.head, "others have committed in between");
                return;
            };
            let begun = tokio::time::Instant::now();
            if !self.land(&batch, turn).await {
                return;
            }
            self.head = batch.head;
            self.committed.send_replace(batch.head);
            self.journal.committed(self.sheet, batch.head).await;
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

    /// Takes note of what others have committed.
    fn skip_landed(&mut self) {
        let mut pending = self.queue.lock();
        pending.drop_landed();
        let landed = pending.landed;
        drop(pending);
        if landed > self.head {
            self.head = landed;
            self.committed.send_replace(landed);
        }
    }

    /// Whether this node is the one that commits. One that has just become it asks Postgres first: the
    /// former one may have got further than it could tell.
    async fn leads(&mut self) -> bool {
        // With the journal away nobody can be asked, and what is held should land.
        let lead = self.journal.lease(self.sheet).await.unwrap_or(Lease::Acquired);
        self.queue.lock().apart = lead == Lease::HeldByOther;
        match lead {
            Lease::Held => true,
            Lease::HeldByOther => false,
            Lease::Acquired => {
                let head = self.store.head(self.sheet).await;
                if let Ok(head) = head {
                    self.queue.lock().note_landed(head);
                    self.skip_landed();
                    self.journal.committed(self.sheet, head).await;
                }
                // Postgres away: the attempt to commit says so, and waits.
                true
            }
        }
    }

    /// Waits until it is time to ask for the lead again, or until something has landed elsewhere; false
    /// when the sheet has closed.
    async fn wait_for_lead(&self) -> bool {
        let news = async {
            loop {
                self.queue.ready.notified().await;
                let pending = self.queue.lock();
                if pending.closed || pending.landed > self.head {
                    return;
                }
            }
        };
        // Too late is what it is for.
        let _ = tokio::time::timeout(LEAD_INTERVAL, news).await;
        !self.queue.lock().closed
    }

    /// Waits for something to commit, or for news that it has landed; false when the sheet has closed.
    async fn something_waits(&self) -> bool {
        loop {
            {
                let mut pending = self.queue.lock();
                let waits = !pending.parts.is_empty() || pending.landed > self.head;
                // Not as soon as nothing waits: the sheet's task may not have handed over anything yet.
                let landed = |until| until <= self.head;
                if pending.single && self.suspects.until(self.sheet).is_none_or(landed) {
                    pending.single = false;
                    self.suspects.remove(self.sheet);
                }
                if pending.closed || waits {
                    return !pending.closed;
                }
            }
            self.queue.ready.notified().await;
        }
    }

    fn take(&self) -> Option<Part> {
        self.queue.lock().take()
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
                    tracing::warn!(sheet = %self.sheet, %error, "the sheet must be loaded anew");
                    return false;
                }
                Err(error) if error.is_refused() && !self.is_elsewhere(batch).await => {
                    self.refused(batch, &error).await;
                    return false;
                }
                Err(error) => {
                    let outage = outage.get_or_insert_with(|| Outage::begin(self.sheet, &error));
                    let pause = if error.is_unavailable() { outage.pause() } else { RETRY_DEFECT };
                    if !self.pause(pause).await {
                        return false;
                    }
                    if self.is_elsewhere(batch).await {
                        return true;
                    }
                    turn = self.turns.acquire().await.ok();
                }
            }
        }
    }

    /// Whether another node has brought the sheet beyond a batch.
    async fn is_elsewhere(&self, batch: &CommitBatch) -> bool {
        self.journal.lease(self.sheet).await == Ok(Lease::HeldByOther)
            && self.store.head(self.sheet).await.is_ok_and(|head| head >= batch.head)
    }

    /// Postgres does not store a batch, now or later. Of several entries the one at fault is looked for
    /// when the sheet is loaded anew; a single one sets the sheet aside, so that it holds up no other.
    async fn refused(&self, batch: &CommitBatch, error: &StoreError) {
        if batch.entries.len() > 1 {
            tracing::warn!(sheet = %self.sheet, %error, "a batch is refused: its entries are tried one by one");
            return self.suspects.insert(self.sheet, batch.head);
        }
        let reason = format!("revision {}: {error}", batch.head);
        tracing::error!(
            sheet = %self.sheet, revision = %batch.head, %error,
            "a change can't be stored: the sheet is set aside; see `gridloom admin sheet`"
        );
        self.suspects.remove(self.sheet);
        while let Err(error) = self.store.set_aside(self.sheet, self.head, &reason).await {
            tracing::warn!(sheet = %self.sheet, %error, "the sheet could not be set aside yet");
            if !self.pause(RETRY_DEFECT).await {
                return;
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

#[cfg(test)]
mod tests;
