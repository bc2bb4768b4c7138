//! Keeps a node in the epoch of the journal that all nodes share in Redis, and changes to the next epoch with
//! the other nodes.
//!
//! An epoch ends when Redis no longer knows its scripts: it was restarted, replaced or emptied, and may
//! have lost its last writes. Accepted edits are then in the memory of the nodes that accepted or
//! followed them, and perhaps in Redis. So each node closes its sheets, flushes its entries to Postgres,
//! and marks its row there as outside of any epoch. Then one node commits what Redis may still have of
//! nodes that have died, and begins the next epoch; sheets are opened again from Postgres. A node that
//! can't reach Redis learns from the other rows in Postgres that its epoch is over.
//!
//! Not which nodes live: that is `membership`. Invariant: a node works in an epoch only while
//! no live node works in another one.

use std::sync::Arc;
use std::time::Duration;

use ot_engine::Revision;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::membership::Membership;
use journal::streams::JournalEpoch;
use journal::{JournalError, RedisJournal};
use model::{Entry, SheetId};
use sheet::Registry;
use sheet::durability::{aside, flush_tail};
use sheet::fanout::session::EndReason;
use sheet::open_error::OpenError;
use store::{Store, StoreError};

/// How often a node checks that its epoch continues, and looks for sheets without a lease.
const LOOK_INTERVAL: Duration = Duration::from_secs(4);
/// Pause between attempts of anything that waits for Redis, Postgres or another node.
const RETRY: Duration = Duration::from_millis(200);
/// How long sheets may take to close.
const CLOSE_WITHIN: Duration = Duration::from_secs(35);

/// The task that keeps a node in the nodes' epoch.
#[derive(Debug)]
pub struct EpochKeeper {
    journal: RedisJournal,
    registry: Registry,
    store: Store,
    membership: Membership,
    stop: CancellationToken,
    /// Whether this node works in an epoch, and Redis answers it.
    place: watch::Sender<bool>,
    /// Everything that this node holds is in Postgres.
    flushed: bool,
}

impl EpochKeeper {
    /// A keeper for the node of this membership.
    #[must_use]
    pub fn new(
        journal: RedisJournal,
        store: Store,
        registry: Registry,
        membership: Membership,
        stop: CancellationToken,
    ) -> Self {
        Self {
            journal,
            registry,
            store,
            membership,
            stop,
            place: watch::Sender::new(false),
            flushed: true,
        }
    }

    /// Whether this node works in an epoch, and Redis answers it.
    #[must_use]
    pub fn watch_place(&self) -> watch::Receiver<bool> {
        self.place.subscribe()
    }

    /// Works until the server stops.
    pub async fn run(mut self) {
        let stop = self.stop.clone();
        loop {
            let next = async {
                self.flush().await;
                self.enter().await;
                self.work().await;
            };
            if stop.run_until_cancelled(next).await.is_none() {
                return;
            }
        }
    }

    /// Closes the sheets and flushes their entries: afterwards every edit accepted here is in Postgres.
    async fn flush(&mut self) {
        if self.flushed {
            return;
        }
        self.registry.close_all(&EndReason::JournalAway, CLOSE_WITHIN).await;
        while !self.flush_held().await {
            tokio::time::sleep(RETRY).await;
        }
        while self.membership.set_epoch(None).await.is_err() {
            tokio::time::sleep(RETRY).await;
        }
        self.flushed = true;
        tracing::info!("epoch left, all accepted edits flushed; waiting for the other nodes");
    }

    /// Commits the entries in memory; false when some are left, because Postgres is away.
    async fn flush_held(&self) -> bool {
        let mut all = true;
        for (sheet, entries) in self.journal.held() {
            match self.flush_tail(sheet, &entries).await {
                Ok(()) => self.journal.forget(sheet),
                Err(OpenError::Store(error)) if error.is_unavailable() => all = false,
                Err(error) => {
                    tracing::error!(%sheet, %error, "entries can't be committed; parking them, see gridloom admin sheet");
                    match aside::park_entries(&*self.registry.shared().storage, sheet, &entries)
                        .await
                    {
                        Ok(()) => self.journal.forget(sheet),
                        Err(error) => {
                            tracing::warn!(%sheet, %error, "entries not parked yet; retrying");
                            all = false;
                        }
                    }
                }
            }
        }
        all
    }

    /// Commits entries of a sheet that is not open.
    async fn flush_tail(&self, sheet: SheetId, entries: &[Arc<Entry>]) -> Result<(), OpenError> {
        let shared = self.registry.shared();
        flush_tail::flush(&*shared.storage, &shared.committers(), sheet, entries).await
    }

    /// Waits until there is an epoch that all live nodes can work in, beginning one where that is needed.
    async fn enter(&mut self) {
        let mut logged = false;
        loop {
            match self.try_enter().await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => {
                    if !std::mem::replace(&mut logged, true) {
                        tracing::warn!(%error, "no epoch entered yet; retrying, check Redis and Postgres");
                    }
                }
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn try_enter(&mut self) -> Result<bool, Trouble> {
        let named = self.journal.named_epoch().await.map_err(JournalError::from)?;
        let epoch = match named.map(JournalEpoch::new) {
            Some(epoch) if self.is_whole(&epoch).await? => epoch,
            former => {
                let former = former.map(|epoch| epoch.id());
                return self.begin(former).await;
            }
        };
        // Written before the check for other epochs: of two nodes that do so, one sees the other.
        self.membership.set_epoch(Some(epoch.id())).await?;
        let free = self.is_free(epoch.id()).await? && self.is_whole(&epoch).await?;
        if free {
            tracing::info!(epoch = %epoch.id(), "epoch of the shared journal entered");
            self.flushed = false;
            self.journal.enter(epoch);
        }
        Ok(free)
    }

    /// Begins the next epoch, once no node works in the former one. Always false: the next attempt
    /// enters it, as any other.
    async fn begin(&mut self, former: Option<Uuid>) -> Result<bool, Trouble> {
        self.membership.set_epoch(None).await?;
        let next = JournalEpoch::new(Uuid::new_v4());
        if !self.is_free(next.id()).await? {
            return Ok(false);
        }
        if let Some(former) = former {
            self.flush_left(former).await?;
        }
        if self.journal.begin(&next, former).await.map_err(JournalError::from)? {
            tracing::info!(epoch = %next.id(), "epoch of the shared journal begun");
        }
        Ok(false)
    }

    /// Commits what Redis still has of a former epoch: nodes that have died can't do it themselves.
    async fn flush_left(&self, former: Uuid) -> Result<(), Trouble> {
        for sheet in self.journal.dirty_sheets(former).await.map_err(JournalError::from)? {
            let mut after = Revision(0);
            loop {
                let entries = self.journal.left_of(former, sheet, after).await?;
                let Some(last) = entries.last() else { break };
                after = last.revision;
                self.flush_or_park(sheet, &entries).await?;
            }
            self.journal.clear(former, sheet).await.map_err(JournalError::from)?;
        }
        Ok(())
    }

    /// Commits entries of a sheet, or parks those that can't be committed.
    async fn flush_or_park(&self, sheet: SheetId, entries: &[Arc<Entry>]) -> Result<(), Trouble> {
        match self.flush_tail(sheet, entries).await {
            Ok(()) => Ok(()),
            Err(error @ OpenError::Store(_)) => Err(error.into()),
            Err(error) => {
                tracing::error!(%sheet, %error, "entries left in Redis can't be committed; parking them, see gridloom admin sheet");
                Ok(aside::park_entries(&*self.registry.shared().storage, sheet, entries).await?)
            }
        }
    }

    /// Whether no live node works in another epoch.
    async fn is_free(&self, epoch: Uuid) -> Result<bool, StoreError> {
        let others = self.store.nodes_in_other_epochs(self.membership.node().0, epoch).await?;
        Ok(others.is_empty())
    }

    async fn is_whole(&self, epoch: &JournalEpoch) -> Result<bool, Trouble> {
        Ok(self.journal.is_whole(epoch).await.map_err(JournalError::from)?)
    }

    /// Recovers sheets that no node commits, until the epoch is over.
    async fn work(&mut self) {
        let mut epochs = self.journal.watch_epoch();
        let mut looks = tokio::time::interval(LOOK_INTERVAL);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let epoch = epochs.borrow_and_update().clone();
            let Some(epoch) = epoch else { return self.set_place(false) };
            tokio::select! {
                // Redis did not know a script.
                _ = epochs.changed() => {}
                // Another node has left the epoch; this one may be unable to reach Redis.
                () = self.membership.left_by_another(epoch.id()) => self.journal.leave(epoch.id()),
                _ = looks.tick() => {
                    let whole = self.journal.is_whole(&epoch).await;
                    if whole == Ok(false) {
                        self.journal.leave(epoch.id());
                    }
                    self.set_place(whole == Ok(true));
                    self.registry.recover().await;
                }
            }
        }
    }

    fn set_place(&self, found: bool) {
        let before = self.place.send_replace(found);
        if before && !found {
            tracing::warn!("Redis does not answer; this node is not ready until it does");
        }
    }
}

/// Why an epoch was not entered yet.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Open(#[from] OpenError),
}

#[cfg(test)]
mod tests;
