//! Decides which entries one sheet writes to Postgres and when; it does no I/O.
//!
//! The driver (`committer`) calls [`Durability::next`], carries the ask out, and reports the answer (`answers`).
//! Meanwhile it reports each entry that arrives and each revision that another node has committed.
//!
//! A round: ask for the lease; with a lease that is new, ask Postgres for the head; wait for a turn; commit;
//! report. The batch is made of the backlog when the turn is there, so entries that arrive until then join it. A
//! round that fails is repeated after a pause and keeps its batch, because the batch may be committed although
//! the answer is lost.
//!
//! Not here: waiting, Postgres, the journal, the table of sheets in quarantine (`quarantine`). Time is an argument.
//!
//! Invariant: one ask is outstanding at a time, and a batch begins at the head that Postgres is known to have. So
//! each entry is committed in order and once; where that can't be kept, the core ends with a [`Stop`].

mod answers;
mod backlog;
mod checkpoint;
mod merged;
mod outage;
mod pace;

use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ot_engine::Revision;

use self::backlog::Backlog;
use self::checkpoint::Checkpoint;
use self::merged::BatchLimits;
use self::outage::Outage;
use self::pace::Pace;
use crate::state::WriteSet;
use model::{CommitBatch, Entry, SheetId};

/// How often a node asks for a lease that another node holds.
const LEASE_INTERVAL: Duration = Duration::from_secs(1);

/// The next action of the driver.
#[derive(Clone, Debug)]
pub(super) enum Ask {
    /// Ask the journal for the lease, then [`Durability::on_lease`].
    Lease,
    /// Ask Postgres for the sheet's head, then [`Durability::on_head`].
    Head,
    /// Wait for one of the server's turns at Postgres, then [`Durability::on_turn`].
    Turn,
    /// Commit, give the turn back, then [`Durability::on_commit`].
    Commit(Arc<CommitBatch>),
    /// Ask Postgres whether a checkpoint of the order is due, then [`Durability::on_order_noted`].
    NoteOrder,
    /// Set the sheet aside at this head for this reason, and end its quarantine; then
    /// [`Durability::on_set_aside`].
    SetAside(Revision, String),
    /// Report to the journal that everything up to here is committed. It has no answer.
    Report(Revision),
    /// End the sheet's quarantine: the refused batch is committed. It has no answer.
    EndQuarantine,
    /// Wait until then, or until an event arrives.
    SleepUntil(Instant),
    /// Wait until an event arrives.
    Wait,
    /// End.
    Stop(Stop),
}

/// Why the commits of a sheet end. The journal keeps uncommitted entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The sheet is closed.
    Closed,
    /// Postgres holds another history than the one that the sheet was loaded from. The keys of its spans
    /// come from a table that was read before, so nothing can be written on top: load it again.
    OtherHistory,
    /// Another node has committed a part of a merged batch, which can't be divided: load it again.
    PartCommitted,
    /// Postgres refuses a batch of several entries. Put the sheet into quarantine up to here and load it
    /// again: then each transaction takes one entry.
    Quarantine(Revision),
    /// The sheet is set aside: Postgres can't store one of its entries.
    SetAside,
}

/// The answer to the question for the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lease {
    /// This node has held it before.
    Kept,
    /// This node holds it since now. The former holder may have committed more than it could report.
    Acquired,
    /// Another node holds it.
    OtherNode,
}

/// Where a round stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Begin,
    HeadUnknown,
    Leased,
    HasTurn,
    Committing,
    SettingAside,
}

/// The commits of one open sheet.
#[derive(Debug)]
pub(super) struct Durability {
    sheet: SheetId,
    /// Everything up to here is in Postgres.
    head: Revision,
    /// The same, as other nodes report it; `advance` applies it.
    reported: Revision,
    backlog: Backlog,
    /// The batch of the current attempt: not known to be committed, nor known not to be.
    batch: Option<Arc<CommitBatch>>,
    stage: Stage,
    pace: Pace,
    outage: Option<Outage>,
    /// The round waits until then: another node has the lease, or Postgres has failed.
    retry_at: Option<Instant>,
    /// Why Postgres refuses the batch.
    refusal: Option<String>,
    /// The sheet is in quarantine until this revision is committed.
    quarantine: Option<Revision>,
    checkpoint: Checkpoint,
    /// The journal does not know the head yet.
    unreported: bool,
    closed: bool,
    stop: Option<Stop>,
}

impl Durability {
    /// The commits of a sheet that Postgres has at `head`. It is in quarantine until `quarantine` is
    /// committed, and its order is noted after so many changes of lines.
    pub(super) fn new(
        sheet: SheetId,
        head: Revision,
        quarantine: Option<Revision>,
        checkpoint_changes: u32,
    ) -> Self {
        let mut durability = Self {
            sheet,
            head,
            reported: head,
            backlog: Backlog::new(BatchLimits::default()),
            batch: None,
            stage: Stage::Begin,
            pace: Pace::default(),
            outage: None,
            retry_at: None,
            refusal: None,
            quarantine,
            checkpoint: Checkpoint::every(checkpoint_changes),
            unreported: false,
            closed: false,
            stop: None,
        };
        durability.backlog.single = quarantine.is_some();
        durability
    }

    /// Everything up to here is in Postgres.
    pub(super) fn head(&self) -> Revision {
        self.head
    }

    /// An accepted entry and its writes have arrived. Entries arrive in order.
    pub(super) fn on_entry(&mut self, now: Instant, entry: Arc<Entry>, writes: WriteSet) {
        self.backlog.push(now, entry, writes);
    }

    /// Another node reports that everything up to here is committed.
    pub(super) fn on_committed_by_other(&mut self, revision: Revision) {
        self.reported = self.reported.max(revision);
    }

    /// The sheet is closed: no entry arrives any more, and uncommitted entries stay in the journal.
    pub(super) fn on_closed(&mut self) {
        self.closed = true;
    }

    /// The next ask, when none is outstanding.
    pub(super) fn next(&mut self, now: Instant) -> Ask {
        debug_assert_ne!(self.stage, Stage::Committing, "a commit is outstanding");
        self.advance(now);
        if let Some(ask) = self.duty() {
            return ask;
        }
        if self.batch.is_none() && self.backlog.oldest().is_none() {
            self.stage = Stage::Begin;
            self.retry_at = None;
            return Ask::Wait;
        }
        if let Some(until) = self.pause().filter(|until| *until > now) {
            return Ask::SleepUntil(until);
        }
        match self.stage {
            Stage::Begin => Ask::Lease,
            Stage::HeadUnknown => Ask::Head,
            Stage::Leased => {
                self.pace.turn_asked(now);
                Ask::Turn
            }
            Stage::HasTurn | Stage::Committing => self.commit(now),
            Stage::SettingAside => {
                Ask::SetAside(self.head, self.refusal.clone().unwrap_or_default())
            }
        }
    }

    /// Advances to the head that other nodes have committed.
    fn advance(&mut self, now: Instant) {
        if self.reported <= self.head {
            return;
        }
        self.head = self.reported;
        self.backlog.drop_until(self.head);
        if self.batch.take_if(|batch| batch.head <= self.head).is_some() {
            self.stage = Stage::Begin;
            self.backlog.single = self.quarantine.is_some();
            self.recover(now);
        }
    }

    /// Small asks that come before any batch.
    fn duty(&mut self) -> Option<Ask> {
        if mem::take(&mut self.unreported) {
            return Some(Ask::Report(self.head));
        }
        if let Some(stop) = self.stop.or(self.closed.then_some(Stop::Closed)) {
            return Some(Ask::Stop(stop));
        }
        if self.quarantine.take_if(|until| *until <= self.head).is_some() {
            self.backlog.single = false;
            return Some(Ask::EndQuarantine);
        }
        self.checkpoint.take_due().then_some(Ask::NoteOrder)
    }

    /// Until when the round waits.
    fn pause(&self) -> Option<Instant> {
        match self.stage {
            Stage::Begin | Stage::SettingAside => self.retry_at.max(self.rest()),
            _ => None,
        }
    }

    fn rest(&self) -> Option<Instant> {
        let rests = self.batch.is_none() && !self.backlog.is_behind();
        self.backlog.oldest().filter(|_| rests).and_then(|oldest| self.pace.rest_until(oldest))
    }

    /// The batch of the round: that of the last attempt, or one of the backlog.
    fn commit(&mut self, now: Instant) -> Ask {
        if self.batch.is_none() {
            self.pace.batch_made(now);
            let merged = self.backlog.take();
            let batch = merged.and_then(|merged| merged.batch(self.sheet, self.head));
            self.batch = batch.map(Arc::new);
        }
        match &self.batch {
            Some(batch) if batch.previous == self.head => {
                self.stage = Stage::Committing;
                self.pace.attempt(now);
                Ask::Commit(Arc::clone(batch))
            }
            _ => {
                tracing::info!(sheet = %self.sheet, head = %self.head, "another node has committed a part of a batch");
                self.stop = Some(Stop::PartCommitted);
                Ask::Stop(Stop::PartCommitted)
            }
        }
    }

    /// The batch that failed is committed after all, by this node or by another one.
    fn recover(&mut self, now: Instant) {
        self.retry_at = None;
        self.refusal = None;
        if let Some(outage) = self.outage.take() {
            outage.over(now);
        }
    }
}

#[cfg(test)]
mod tests;
