//! The membership of a node: its heartbeat in Postgres, and its view of the other nodes.
//!
//! A node whose heartbeat is older than [`SILENT`] is declared dead by the first node that sees it: its
//! row is ended and its sessions are closed. A former run of the same name is declared dead at once.
//!
//! Invariant: a node declares others dead only when its own heartbeats have reached Postgres for all of
//! that time: after an outage of Postgres every heartbeat is old. A live node that was declared dead
//! makes its row live again with its next heartbeat, and registers its sessions again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::confirmation::{Confirmation, Settings};
use super::session_registry::SessionRegistry;
use model::{NodeId, NodeRecord, Peers};
use store::{Store, StoreError};

/// Between two heartbeats.
const HEARTBEAT: Duration = Duration::from_secs(3);
/// How old a heartbeat may be before its node is declared dead.
pub const SILENT: Duration = Duration::from_secs(15);
/// Changes of the epoch that wait for their heartbeat; there is one at a time.
const QUEUED_EPOCHS: usize = 4;

type EpochReply = oneshot::Sender<Result<(), StoreError>>;

/// A node's own entry, and its view of the others. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Membership {
    node: NodeId,
    epochs: mpsc::Sender<(Option<uuid::Uuid>, EpochReply)>,
    peers: watch::Receiver<Peers>,
    confirmation: Confirmation,
    stop: Arc<Notify>,
}

impl Membership {
    /// Writes the node's row, closes what its former run left open, and starts the heartbeat.
    ///
    /// # Errors
    /// [`StoreError`], when the first heartbeat fails.
    pub async fn start(
        store: Store,
        record: NodeRecord,
        sessions: SessionRegistry,
    ) -> Result<(Self, JoinHandle<()>), StoreError> {
        store.register_node(&record).await?;
        let node = NodeId(record.id);
        let (epochs, changes) = mpsc::channel(QUEUED_EPOCHS);
        let (sender, peers) = watch::channel(Peers::default());
        let (stop, tasks) = (Arc::new(Notify::new()), store.tasks().clone());
        let settings = Settings::of(&record);
        let confirmation = settings.confirmation();
        let mut heartbeats = Heartbeats {
            store,
            record,
            settings,
            sessions,
            epochs: changes,
            peers: sender,
            reached_since: Some(Instant::now()),
            stop: Arc::clone(&stop),
        };
        heartbeats.look_around().await?;
        let task = tasks.spawn(heartbeats.run());
        Ok((Self { node, epochs, peers, confirmation, stop }, task))
    }

    /// This node.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// The live nodes at the last heartbeat; a receiver is notified of changes.
    #[must_use]
    pub fn peers(&self) -> watch::Receiver<Peers> {
        self.peers.clone()
    }

    /// Whether new addresses are confirmed, as all live servers decide.
    #[must_use]
    pub fn confirmation(&self) -> Confirmation {
        self.confirmation.clone()
    }

    /// Writes at once, and with each later heartbeat, in which epoch of the shared journal this node
    /// accepts edits; `None` while everything it holds is in the tables. The former epoch is written as
    /// the one that the node has left.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the next heartbeat that succeeds writes it.
    pub async fn set_epoch(&self, epoch: Option<uuid::Uuid>) -> Result<(), StoreError> {
        let gone = || StoreError::Unavailable("the server is about to stop".into());
        let (reply, written) = oneshot::channel();
        self.epochs.send((epoch, reply)).await.map_err(|_| gone())?;
        written.await.map_err(|_| gone())?
    }

    /// Waits until another node that lives has left an epoch.
    pub async fn left_by_another(&self, epoch: uuid::Uuid) {
        let mut peers = self.peers();
        let left =
            peers.wait_for(|peers| peers.values().any(|peer| peer.left_epoch == Some(epoch)));
        if left.await.is_err() {
            // The heartbeat has stopped: the view of the others stays as it is.
            std::future::pending().await
        }
    }

    /// Stops the heartbeat, and ends the node's row if Postgres can be reached.
    pub fn stop(&self) {
        self.stop.notify_one();
    }
}

struct Heartbeats {
    store: Store,
    record: NodeRecord,
    /// Those of the live nodes.
    settings: Settings,
    sessions: SessionRegistry,
    epochs: mpsc::Receiver<(Option<uuid::Uuid>, EpochReply)>,
    peers: watch::Sender<Peers>,
    /// Since when every heartbeat has succeeded.
    reached_since: Option<Instant>,
    stop: Arc<Notify>,
}

impl Heartbeats {
    async fn run(mut self) {
        let mut heartbeats = interval(HEARTBEAT);
        heartbeats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stop = Arc::clone(&self.stop);
        loop {
            tokio::select! {
                // The server has stopped.
                () = stop.notified() => break,
                // The node enters or leaves an epoch.
                Some((epoch, reply)) = self.epochs.recv() => {
                    self.record.enter(epoch);
                    // The caller may have given up.
                    drop(reply.send(self.heartbeat().await));
                }
                // The next heartbeat is due.
                _ = heartbeats.tick() => self.heartbeat_and_look().await,
            }
        }
        if let Err(error) = self.store.end_node(self.record.id).await {
            tracing::debug!(%error, "row of this node not ended; other nodes declare it dead");
        }
    }

    async fn heartbeat_and_look(&mut self) {
        let outcome = match self.heartbeat().await {
            Ok(()) => self.look_around().await,
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, "heartbeat did not reach Postgres");
        }
    }

    async fn heartbeat(&mut self) -> Result<(), StoreError> {
        // A task that was itself suspended, as in a stopped process, has not seen the others either.
        match self.store.heartbeat(&self.record).await {
            Ok(was_declared_dead) => {
                self.reached_since.get_or_insert_with(Instant::now);
                if was_declared_dead {
                    tracing::warn!("this node was declared dead; registering its sessions again");
                    self.sessions.register_again();
                }
                Ok(())
            }
            Err(error) => {
                self.reached_since = None;
                Err(error)
            }
        }
    }

    /// Reads which nodes live, declares silent ones dead and closes their sessions.
    async fn look_around(&mut self) -> Result<(), StoreError> {
        // Longer than any silence: only the former run of this node is declared dead.
        let never = Duration::from_secs(u32::MAX.into());
        let sure = self.reached_since.is_some_and(|since| since.elapsed() > SILENT);
        let silent = if sure { SILENT } else { never };
        for dead in self.store.declare_dead(&self.record, silent).await? {
            tracing::warn!(node = %dead.id, name = dead.name, "node declared dead");
        }
        let closed = self.store.close_lost_sessions().await?;
        if closed > 0 {
            tracing::info!(closed, "sessions of dead nodes closed");
        }
        // A row without an end may be that of a server that crashed: its settings do not count.
        let recent = self.store.live_nodes(SILENT).await?;
        self.settings.compare(recent.iter());
        let live = self.store.live_nodes(never).await?;
        let live: HashMap<_, _> =
            live.into_iter().map(|record| (NodeId(record.id), record)).collect();
        // Only another set notifies the many receivers.
        self.peers.send_if_modified(|known| {
            let changed = **known != live;
            if changed {
                *known = Arc::new(live);
            }
            changed
        });
        Ok(())
    }
}
