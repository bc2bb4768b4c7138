//! Keeps a node in step with the Redis that all nodes share: which era it works in, and what it does
//! when that ends.
//!
//! An era ends when Redis no longer knows its scripts: it was restarted, replaced or emptied, and may
//! have lost its last moments. What was accepted is then in the memory of the nodes that accepted or
//! followed it, and perhaps in Redis. So each node closes its sheets, commits what it holds, and says
//! in Postgres that it holds nothing any more. Then one of them commits what Redis may still have of
//! nodes that have died, and begins the next era; sheets are opened anew from Postgres. A node that
//! can't see Redis learns from the others, through Postgres, that its era is over.
//!
//! Invariant: a node works in an era only while no live node works in another one. Who lives is the
//! heart's affair (`cluster::heart`).

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::cluster::heart::Heart;
use journal::streams::Era;
use journal::{JournalError, RedisJournal};
use sheet::Registry;
use sheet::durability::{aside, flush_tail};
use sheet::fanout::session::EndReason;
use sheet::open_error::OpenError;
use store::{Store, StoreError};

/// How often a node looks whether its era goes on, and for sheets that nobody commits.
const LOOK_INTERVAL: Duration = Duration::from_secs(4);
/// Pause between attempts of anything that waits for Redis, Postgres or another node.
const RETRY: Duration = Duration::from_millis(200);
/// How long sheets may take to close.
const CLOSE_WITHIN: Duration = Duration::from_secs(35);

/// The task that keeps a node in step.
#[derive(Debug)]
pub struct EraKeeper {
    journal: RedisJournal,
    registry: Registry,
    store: Store,
    heart: Heart,
    stop: CancellationToken,
    /// Whether this node has its place in Redis, and Redis answers it.
    place: watch::Sender<bool>,
    /// This node holds nothing that is not in Postgres.
    settled: bool,
}

impl EraKeeper {
    /// A keeper for the node with this heart.
    #[must_use]
    pub fn new(
        journal: RedisJournal,
        registry: Registry,
        heart: Heart,
        stop: CancellationToken,
    ) -> Self {
        let store = registry.shared().store.clone();
        Self {
            journal,
            registry,
            store,
            heart,
            stop,
            place: watch::Sender::new(false),
            settled: true,
        }
    }

    /// Whether this node has its place in Redis, and Redis answers it.
    #[must_use]
    pub fn watch_place(&self) -> watch::Receiver<bool> {
        self.place.subscribe()
    }

    /// Works until the server stops.
    pub async fn run(mut self) {
        let stop = self.stop.clone();
        loop {
            let next = async {
                self.settle().await;
                self.enter().await;
                self.work().await;
            };
            if stop.run_until_cancelled(next).await.is_none() {
                return;
            }
        }
    }

    /// Gets rid of all that the node holds: after this, what was accepted here is in Postgres.
    async fn settle(&mut self) {
        if self.settled {
            return;
        }
        self.registry.close_all(&EndReason::JournalAway, CLOSE_WITHIN).await;
        while !self.drain_held().await {
            tokio::time::sleep(RETRY).await;
        }
        while self.heart.set_era(None).await.is_err() {
            tokio::time::sleep(RETRY).await;
        }
        self.settled = true;
        tracing::info!("everything accepted here is in Postgres; waiting for the other nodes");
    }

    /// Commits what is in memory; false when something is left, because Postgres is away.
    async fn drain_held(&self) -> bool {
        let mut all = true;
        for (sheet, entries) in self.journal.held() {
            match flush_tail::drain(self.registry.shared(), sheet, &entries).await {
                Ok(()) => self.journal.forget(sheet),
                Err(OpenError::Store(error)) if error.is_unavailable() => all = false,
                Err(error) => {
                    tracing::error!(%sheet, %error, "accepted changes can't be committed: they are parked");
                    match aside::park_entries(self.registry.shared(), sheet, &entries).await {
                        Ok(()) => self.journal.forget(sheet),
                        Err(error) => {
                            tracing::warn!(%sheet, %error, "accepted changes could not be parked yet");
                            all = false;
                        }
                    }
                }
            }
        }
        all
    }

    /// Waits until there is an era that all live nodes can work in, beginning one where that is needed.
    async fn enter(&mut self) {
        let mut told = false;
        loop {
            match self.try_enter().await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => {
                    if !std::mem::replace(&mut told, true) {
                        tracing::warn!(%error, "this node has no place in Redis yet");
                    }
                }
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn try_enter(&mut self) -> Result<bool, Trouble> {
        let named = self.journal.named_era().await.map_err(JournalError::from)?;
        let era = match named.map(Era::new) {
            Some(era) if self.is_whole(&era).await? => era,
            former => {
                let former = former.map(|era| era.id());
                return self.begin(former).await;
            }
        };
        // Said before it is looked whether others are elsewhere: of two that do so, one sees the other.
        self.heart.set_era(Some(era.id())).await?;
        let free = self.is_free(era.id()).await? && self.is_whole(&era).await?;
        if free {
            tracing::info!(era = %era.id(), "this node has its place in Redis");
            self.settled = false;
            self.journal.enter(era);
        }
        Ok(free)
    }

    /// Begins the next era, once no node works in the former one. Never answers that it can be entered:
    /// that is found out as for any other.
    async fn begin(&mut self, former: Option<Uuid>) -> Result<bool, Trouble> {
        self.heart.set_era(None).await?;
        let next = Era::new(Uuid::new_v4());
        if !self.is_free(next.id()).await? {
            return Ok(false);
        }
        if let Some(former) = former {
            self.drain_left(former).await?;
        }
        if self.journal.begin(&next, former).await.map_err(JournalError::from)? {
            tracing::info!(era = %next.id(), "begun a new era in Redis");
        }
        Ok(false)
    }

    /// Commits what Redis still has of a former era: nodes that have died can't do it themselves.
    async fn drain_left(&self, former: Uuid) -> Result<(), Trouble> {
        for sheet in self.journal.dirty_sheets(former).await.map_err(JournalError::from)? {
            let entries = self.journal.left_of(former, sheet).await?;
            match flush_tail::drain(self.registry.shared(), sheet, &entries).await {
                Ok(()) => {}
                Err(error @ OpenError::Store(_)) => return Err(error.into()),
                Err(error) => {
                    tracing::error!(%sheet, %error, "what Redis has left can't be committed: it is parked");
                    aside::park_entries(self.registry.shared(), sheet, &entries).await?;
                }
            }
            self.journal.clear(former, sheet).await.map_err(JournalError::from)?;
        }
        Ok(())
    }

    /// Whether no live node works in another era.
    async fn is_free(&self, era: Uuid) -> Result<bool, StoreError> {
        let elsewhere = self.store.nodes_elsewhere(self.heart.node().0, era).await?;
        Ok(elsewhere.is_empty())
    }

    async fn is_whole(&self, era: &Era) -> Result<bool, Trouble> {
        Ok(self.journal.is_whole(era).await.map_err(JournalError::from)?)
    }

    /// Beats, and takes up what waits, until the era is over.
    async fn work(&mut self) {
        let mut eras = self.journal.watch_era();
        let mut looks = tokio::time::interval(LOOK_INTERVAL);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let era = eras.borrow_and_update().clone();
            let Some(era) = era else { return self.tell_place(false) };
            tokio::select! {
                // A script was not known.
                _ = eras.changed() => {}
                // Another node saw what this one may be unable to see.
                () = self.heart.left_by_another(era.id()) => self.journal.leave(era.id()),
                _ = looks.tick() => {
                    let whole = self.journal.is_whole(&era).await;
                    if whole == Ok(false) {
                        self.journal.leave(era.id());
                    }
                    self.tell_place(whole == Ok(true));
                    self.registry.recover().await;
                }
            }
        }
    }

    fn tell_place(&self, found: bool) {
        let before = self.place.send_replace(found);
        if before && !found {
            tracing::warn!("Redis does not answer this node; it counts as not ready");
        }
    }
}

/// Why an era was not entered yet.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Open(#[from] OpenError),
}
