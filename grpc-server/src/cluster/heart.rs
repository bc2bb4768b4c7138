//! The heart of a node: says in Postgres that it lives, and sees which others do.
//!
//! A node whose beat is older than [`SILENT`] counts as dead: its row is ended and its sessions are
//! closed, by whoever sees it first. So are those of a former run of the same name, at once.
//!
//! Invariant: a node takes others for dead only when it has reached Postgres for all of that time
//! itself: after an outage of Postgres everybody's beat is old. Who was taken for dead and is not says
//! so with its next beat, and writes its sessions down again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::roll::Roll;
use model::{NodeId, NodeRecord, Peers};
use store::{Store, StoreError};

/// Between two beats.
const BEAT: Duration = Duration::from_secs(3);
/// How old a beat may be before its node counts as dead.
pub const SILENT: Duration = Duration::from_secs(15);
/// Eras that wait to be told; there is one at a time.
const QUEUED_ERAS: usize = 4;

type EraTold = oneshot::Sender<Result<(), StoreError>>;

/// A node's own entry, and its view of the others. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Heart {
    node: NodeId,
    eras: mpsc::Sender<(Option<uuid::Uuid>, EraTold)>,
    peers: watch::Receiver<Peers>,
    stop: Arc<Notify>,
}

impl Heart {
    /// Writes the node's row, closes what its former run left open, and beats from then on.
    ///
    /// # Errors
    /// [`StoreError`], when the first beat fails.
    pub async fn start(
        store: Store,
        record: NodeRecord,
        roll: Roll,
    ) -> Result<(Self, JoinHandle<()>), StoreError> {
        store.register_node(record.id, &record.name, &record.address).await?;
        let node = NodeId(record.id);
        let (eras, told) = mpsc::channel(QUEUED_ERAS);
        let (sender, peers) = watch::channel(Peers::default());
        let stop = Arc::new(Notify::new());
        let mut beating = Beating {
            store,
            record,
            roll,
            eras: told,
            peers: sender,
            reached_since: Some(Instant::now()),
            stop: Arc::clone(&stop),
        };
        beating.look_around().await?;
        let task = tokio::spawn(beating.run());
        Ok((Self { node, eras, peers, stop }, task))
    }

    /// This node.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// The nodes that live, as they were seen last; told when that changes.
    #[must_use]
    pub fn peers(&self) -> watch::Receiver<Peers> {
        self.peers.clone()
    }

    /// Says at once in which era of the shared journal this node accepts edits, and with each beat
    /// from then on; `None` while it holds nothing that is not in the tables. The former era is told as
    /// one that it has left.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it is said with the next beat that arrives.
    pub async fn set_era(&self, era: Option<uuid::Uuid>) -> Result<(), StoreError> {
        let gone = || StoreError::Unavailable("the server is about to stop".into());
        let (reply, told) = oneshot::channel();
        self.eras.send((era, reply)).await.map_err(|_| gone())?;
        told.await.map_err(|_| gone())?
    }

    /// Waits until another node that lives has left an era.
    pub async fn left_by_another(&self, era: uuid::Uuid) {
        let mut peers = self.peers();
        let left = peers.wait_for(|peers| peers.values().any(|peer| peer.left == Some(era)));
        if left.await.is_err() {
            // The heart has stopped: nobody is seen any more.
            std::future::pending().await
        }
    }

    /// Says that the node has ended, if that can be said, and beats no more.
    pub fn stop(&self) {
        self.stop.notify_one();
    }
}

struct Beating {
    store: Store,
    record: NodeRecord,
    roll: Roll,
    eras: mpsc::Receiver<(Option<uuid::Uuid>, EraTold)>,
    peers: watch::Sender<Peers>,
    /// Since when every beat has arrived.
    reached_since: Option<Instant>,
    stop: Arc<Notify>,
}

impl Beating {
    async fn run(mut self) {
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stop = Arc::clone(&self.stop);
        loop {
            tokio::select! {
                // Everything is put away.
                () = stop.notified() => break,
                // The journal has another era.
                Some((era, reply)) = self.eras.recv() => {
                    self.record.enter(era);
                    // Whoever asked may have given up.
                    drop(reply.send(self.beat().await));
                }
                // Time to say so again.
                _ = beats.tick() => self.beat_and_look().await,
            }
        }
        if let Err(error) = self.store.end_node(self.record.id).await {
            tracing::debug!(%error, "could not say that this node has ended");
        }
    }

    async fn beat_and_look(&mut self) {
        let outcome = match self.beat().await {
            Ok(()) => self.look_around().await,
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, "this node's beat did not reach Postgres");
        }
    }

    async fn beat(&mut self) -> Result<(), StoreError> {
        // A task that was held up itself, by a stopped process say, has not seen the others either.
        match self.store.beat(&self.record).await {
            Ok(taken_for_dead) => {
                self.reached_since.get_or_insert_with(Instant::now);
                if taken_for_dead {
                    tracing::warn!("others took this node for dead; it tells its sessions again");
                    self.roll.tell_again();
                }
                Ok(())
            }
            Err(error) => {
                self.reached_since = None;
                Err(error)
            }
        }
    }

    /// Sees who lives, and closes what the dead have left.
    async fn look_around(&mut self) -> Result<(), StoreError> {
        // Longer than anybody lives silently: only the former run of this node is buried.
        let never = Duration::from_secs(u32::MAX.into());
        let sure = self.reached_since.is_some_and(|since| since.elapsed() > SILENT);
        let silent = if sure { SILENT } else { never };
        for dead in self.store.bury_nodes(&self.record, silent).await? {
            tracing::warn!(node = %dead.id, name = dead.name, "a node has died");
        }
        let closed = self.store.close_lost_sessions().await?;
        if closed > 0 {
            tracing::info!(closed, "closed sessions whose node is gone");
        }
        let live = self.store.live_nodes(never).await?;
        let live: HashMap<_, _> =
            live.into_iter().map(|record| (NodeId(record.id), record)).collect();
        // Told only when it is another set: many listen.
        self.peers.send_if_modified(|known| {
            let news = **known != live;
            if news {
                *known = Arc::new(live);
            }
            news
        });
        Ok(())
    }
}
