//! The answers to the asks of [`Durability`], and the changes that they make.
//!
//! Not here: which ask comes next (`core`). Invariant: only an answer of Postgres, or the event of another
//! node's commit, moves the head.

use std::sync::Arc;
use std::time::Instant;

use ot_engine::Revision;

use super::outage::{Outage, RETRY_DEFECT};
use super::{Durability, LEASE_INTERVAL, Lease, Stage, Stop};
use crate::ports::storage::StoreError;
use model::CommitBatch;

impl Durability {
    /// The journal's answer; `None` when it does not answer. Then this node commits as if it had acquired the
    /// lease, so that its entries are not on this node alone: two nodes that commit do no harm.
    pub(in crate::durability) fn on_lease(&mut self, now: Instant, lease: Option<Lease>) {
        let lease = lease.unwrap_or(Lease::Acquired);
        self.backlog.apart = lease == Lease::OtherNode;
        match lease {
            Lease::Kept => self.lease_known(now),
            // Whether the batch that failed is committed decides about it.
            Lease::OtherNode if self.batch.is_none() => self.wait_for_lease(now),
            Lease::Acquired | Lease::OtherNode => self.stage = Stage::HeadUnknown,
        }
    }

    /// Postgres' answer to [`super::Ask::Head`].
    pub(in crate::durability) fn on_head(
        &mut self,
        now: Instant,
        head: Result<Revision, StoreError>,
    ) {
        // Where Postgres is away, the commit fails too, and that failure decides about the pause.
        if let Ok(head) = head {
            self.on_committed_by_other(head);
            self.unreported = !self.backlog.apart;
            self.advance(now);
        }
        self.lease_known(now);
    }

    /// The driver has a turn.
    pub(in crate::durability) fn on_turn(&mut self, now: Instant) {
        self.pace.turn_granted(now);
        self.stage = Stage::HasTurn;
    }

    /// Postgres' answer to [`super::Ask::Commit`].
    pub(in crate::durability) fn on_commit(
        &mut self,
        now: Instant,
        answer: Result<(), StoreError>,
    ) {
        self.stage = Stage::Begin;
        match answer {
            Ok(()) => self.committed(now),
            // A batch that is committed already is a success, so this is another history.
            Err(error @ StoreError::Conflict { .. }) => {
                tracing::warn!(sheet = %self.sheet, %error, "the sheet must be loaded again");
                self.stop = Some(Stop::OtherHistory);
            }
            // Another node may have moved the sheet beyond this batch; the next round reads the head.
            Err(error) if error.is_refused() => self.refusal = Some(error.to_string()),
            Err(error) => {
                let begin = || Outage::begin(self.sheet, now, &error);
                let pause = self.outage.get_or_insert_with(begin).pause(&error);
                self.retry_at = Some(now + pause);
            }
        }
    }

    /// Postgres' answer to [`super::Ask::NoteOrder`]. A checkpoint that fails is noted by a later ask.
    pub(in crate::durability) fn on_order_noted(&self, answer: Result<(), StoreError>) {
        if let Err(error) = answer {
            tracing::debug!(sheet = %self.sheet, %error, "the order was not noted");
        }
    }

    /// Postgres' answer to [`super::Ask::SetAside`].
    pub(in crate::durability) fn on_set_aside(
        &mut self,
        now: Instant,
        answer: Result<(), StoreError>,
    ) {
        match answer {
            Ok(()) => self.stop = Some(Stop::SetAside),
            Err(error) => {
                tracing::warn!(sheet = %self.sheet, %error, "the sheet could not be set aside yet");
                self.retry_at = Some(now + RETRY_DEFECT);
            }
        }
    }

    fn committed(&mut self, now: Instant) {
        let Some(batch) = self.batch.take() else { return };
        self.head = batch.head;
        self.unreported = true;
        self.checkpoint.count(&batch);
        self.pace.committed(now, batch.entries.len());
        self.recover(now);
    }

    /// The lease is known, and the head too where the lease is not an old one.
    fn lease_known(&mut self, now: Instant) {
        match (self.batch.clone(), self.refusal.take()) {
            (Some(batch), Some(refusal)) => self.refused(&batch, refusal),
            _ if self.backlog.apart => self.wait_for_lease(now),
            _ => self.stage = Stage::Leased,
        }
    }

    fn wait_for_lease(&mut self, now: Instant) {
        self.stage = Stage::Begin;
        self.retry_at = Some(now + LEASE_INTERVAL);
    }

    /// Postgres does not store a batch, now or later. Of several entries the one at fault is found in
    /// quarantine; a single one sets the sheet aside, so that it delays no other sheet.
    fn refused(&mut self, batch: &Arc<CommitBatch>, error: String) {
        let sheet = self.sheet;
        if batch.entries.len() > 1 {
            tracing::warn!(%sheet, error, "a batch is refused: its entries are tried one by one");
            self.stop = Some(Stop::Quarantine(batch.head));
            return;
        }
        tracing::error!(
            %sheet, revision = %batch.head, error,
            "a change can't be stored: the sheet is set aside; see `gridloom admin sheet`"
        );
        self.quarantine = None;
        self.refusal = Some(format!("revision {}: {error}", batch.head));
        self.stage = Stage::SettingAside;
    }
}
