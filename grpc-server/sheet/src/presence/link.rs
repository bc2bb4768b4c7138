//! The link of a sheet to the same sheet on other nodes: it publishes and receives presence over Redis.
//!
//! A task between the bus and the sheet's task, with a timer. After a lost message the nodes agree again with the
//! complete list that each node publishes every `COMPLETE_INTERVAL`.
//!
//! Not here: the participants (`presence`, `remote`), and the encoding (`message`). Invariant: the sheet never waits for the link, and the
//! link's task ends with its handle.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gridloom::v1;
use ot_engine::Revision;
use tasks::Tasks;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use super::message::{self, PresenceEvent};
use model::Peers;
use model::{NodeId, SheetId};
use redis_link::{Bus, BusEvent, Subscription};

/// How often each node publishes the complete list of its participants.
pub(super) const COMPLETE_INTERVAL: Duration = Duration::from_secs(10);
/// Publications that wait for Redis; when there are more, the complete list follows later.
const OUTGOING: usize = 4;
/// Received events that wait for the sheet's task.
const QUEUED_EVENTS: usize = 64;

/// The bus on which nodes exchange presence.
#[derive(Clone, Debug)]
pub struct PresenceBus {
    /// This node.
    pub node: NodeId,
    /// The connection to the other nodes.
    pub bus: Bus,
    /// The live nodes.
    pub peers: watch::Receiver<Peers>,
}

/// The handle of the sheet's task.
#[derive(Debug)]
pub(super) struct Link {
    events: mpsc::Receiver<PresenceEvent>,
    /// The messages of each publication.
    messages: mpsc::Sender<Vec<Bytes>>,
    node: NodeId,
}

impl Link {
    /// Starts the link of a sheet.
    pub(super) fn open(bus: PresenceBus, sheet: SheetId, tasks: &Tasks) -> Self {
        let (to_sheet, events) = mpsc::channel(QUEUED_EVENTS);
        let (messages, from_sheet) = mpsc::channel(OUTGOING);
        let node = bus.node;
        tasks.spawn(Driver { bus, sheet, to_sheet, from_sheet }.run());
        Self { events, messages, node }
    }

    /// A link without a task, and what it publishes.
    #[cfg(test)]
    pub(super) fn detached(node: NodeId) -> (Self, mpsc::Receiver<Vec<Bytes>>) {
        let (messages, published) = mpsc::channel(OUTGOING);
        (Self { events: mpsc::channel(1).1, messages, node }, published)
    }

    /// The next event. Safe to cancel.
    pub(super) async fn next(&mut self) -> Option<PresenceEvent> {
        self.events.recv().await
    }

    /// Whether the queue has room for a publication.
    pub(super) fn has_room(&self) -> bool {
        self.messages.capacity() > 0 && !self.messages.is_closed()
    }

    /// Queues a change for the other nodes; false when the queue is full.
    pub(super) fn publish(&self, revision: Revision, change: &v1::PresenceChange) -> bool {
        self.has_room()
            && self.messages.try_send(message::encode(self.node, revision, change)).is_ok()
    }
}

/// The link's task.
struct Driver {
    bus: PresenceBus,
    sheet: SheetId,
    to_sheet: mpsc::Sender<PresenceEvent>,
    from_sheet: mpsc::Receiver<Vec<Bytes>>,
}

impl Driver {
    async fn run(mut self) {
        let topic = format!("gridloom:presence:{}", self.sheet);
        let mut subscription: Subscription = self.bus.bus.subscribe(&topic).await;
        let mut ticks = interval(COMPLETE_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.reset();
        let mut known = Arc::clone(&self.bus.peers.borrow_and_update());
        loop {
            let event = tokio::select! {
                // A message of another node, or this node's own.
                received = subscription.next() => match received {
                    Some(BusEvent::Message(bytes)) => message::decode(bytes, self.bus.node),
                    Some(BusEvent::Missed) => {
                        self.publish(&topic, &message::ask(self.bus.node)).await;
                        Some(PresenceEvent::Asked)
                    }
                    None => return,
                },
                // A publication of the sheet's task.
                messages = self.from_sheet.recv() => match messages {
                    Some(messages) => {
                        for message in messages {
                            self.publish(&topic, &message).await;
                        }
                        None
                    }
                    None => return,
                },
                // The membership has changed.
                changed = self.bus.peers.changed() => match changed {
                    Ok(()) => {
                        let now = Arc::clone(&self.bus.peers.borrow_and_update());
                        let before = std::mem::replace(&mut known, now);
                        if !self.send_gone(&before, &known).await {
                            return;
                        }
                        None
                    }
                    Err(_) => return,
                },
                _ = ticks.tick() => Some(PresenceEvent::Tick),
            };
            if let Some(event) = event
                && self.to_sheet.send(event).await.is_err()
            {
                return;
            }
        }
    }

    /// Sends an event for each node that is no longer live; false once the sheet's task has ended.
    async fn send_gone(&self, before: &Peers, now: &Peers) -> bool {
        for node in before.keys().filter(|node| !now.contains_key(node)) {
            if self.to_sheet.send(PresenceEvent::Gone(*node)).await.is_err() {
                return false;
            }
        }
        true
    }

    async fn publish(&self, topic: &str, message: &Bytes) {
        if let Err(error) = self.bus.bus.publish(topic, message).await {
            tracing::trace!(sheet = %self.sheet, %error, "presence not published");
        }
    }
}
