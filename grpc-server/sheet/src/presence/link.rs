//! The link of a sheet to the same sheet on other nodes: it publishes and receives presence over Redis.
//!
//! A task between the bus and the sheet's task, with a timer. After a lost message the nodes agree again with the
//! complete list that each node publishes every `COMPLETE_INTERVAL`.
//!
//! Not here: the participants (`presence`, `remote`). Invariant: the sheet never waits for the link, and the
//! link's task ends with its handle.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use gridloom::v1;
use ot_engine::Revision;
use prost::Message;
use tasks::Tasks;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use model::Peers;
use model::{NodeId, SheetId};
use redis_link::{Bus, BusEvent, Subscription};

/// How often each node publishes the complete list of its participants.
pub(super) const COMPLETE_INTERVAL: Duration = Duration::from_secs(10);
/// Messages that wait for Redis; when there are more, the complete list follows later.
const OUTGOING_MESSAGES: usize = 4;
/// Received events that wait for the sheet's task.
const QUEUED_EVENTS: usize = 64;
/// Bytes of one message: a thousand participants with their selections take less.
const MESSAGE_BYTES: usize = 1024 * 1024;
const HEADER_BYTES: usize = 1 + 16 + 8;
const CHANGE: u8 = b'c';
const ASK: u8 = b'?';

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

/// An event for the sheet's task.
#[derive(Debug)]
pub(crate) enum PresenceEvent {
    /// Participants of another node have joined, moved or left.
    Change {
        node: NodeId,
        /// The revision of the positions.
        revision: Revision,
        change: v1::PresenceChange,
    },
    /// A node has subscribed, or may have missed messages: it needs the complete list.
    Asked,
    /// A node was declared dead, or has left.
    Gone(NodeId),
    /// `COMPLETE_INTERVAL` has passed.
    Tick,
}

/// The handle of the sheet's task.
#[derive(Debug)]
pub(super) struct Link {
    events: mpsc::Receiver<PresenceEvent>,
    messages: mpsc::Sender<Bytes>,
    node: NodeId,
}

impl Link {
    /// Starts the link of a sheet.
    pub(super) fn open(bus: PresenceBus, sheet: SheetId, tasks: &Tasks) -> Self {
        let (to_sheet, events) = mpsc::channel(QUEUED_EVENTS);
        let (messages, from_sheet) = mpsc::channel(OUTGOING_MESSAGES);
        let node = bus.node;
        tasks.spawn(Driver { bus, sheet, to_sheet, from_sheet }.run());
        Self { events, messages, node }
    }

    /// The next event. Safe to cancel.
    pub(super) async fn next(&mut self) -> Option<PresenceEvent> {
        self.events.recv().await
    }

    /// Whether the queue has room for a message.
    pub(super) fn has_room(&self) -> bool {
        self.messages.capacity() > 0
    }

    /// Queues a change for the other nodes; false when the message is too large or the queue is full.
    pub(super) fn publish(&self, revision: Revision, change: &v1::PresenceChange) -> bool {
        let mut bytes = header(CHANGE, self.node, revision);
        // Encoding fails only when a buffer is full, and this one grows.
        if bytes.len() + change.encoded_len() > MESSAGE_BYTES || change.encode(&mut bytes).is_err()
        {
            return false;
        }
        self.messages.try_send(bytes.freeze()).is_ok()
    }
}

/// The link's task.
struct Driver {
    bus: PresenceBus,
    sheet: SheetId,
    to_sheet: mpsc::Sender<PresenceEvent>,
    from_sheet: mpsc::Receiver<Bytes>,
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
                    Some(BusEvent::Message(bytes)) => read(bytes, self.bus.node),
                    Some(BusEvent::Missed) => {
                        let ask = header(ASK, self.bus.node, Revision(0)).freeze();
                        self.publish(&topic, &ask).await;
                        Some(PresenceEvent::Asked)
                    }
                    None => return,
                },
                // A message of the sheet's task.
                message = self.from_sheet.recv() => match message {
                    Some(message) => {
                        self.publish(&topic, &message).await;
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

fn header(kind: u8, node: NodeId, revision: Revision) -> BytesMut {
    let mut bytes = BytesMut::with_capacity(HEADER_BYTES);
    bytes.put_u8(kind);
    bytes.put_slice(node.0.as_bytes());
    bytes.put_u64(revision.0);
    bytes
}

/// Decodes a message of another node; `None` for this node's own, and for a kind of a later release.
fn read(mut bytes: Bytes, own: NodeId) -> Option<PresenceEvent> {
    if bytes.len() < HEADER_BYTES || bytes.len() > MESSAGE_BYTES {
        return None;
    }
    let kind = bytes.get_u8();
    let node = NodeId(Uuid::from_slice(&bytes.split_to(16)).ok()?);
    let revision = Revision(bytes.get_u64());
    match kind {
        _ if node == own => None,
        ASK => Some(PresenceEvent::Asked),
        CHANGE => {
            let change = v1::PresenceChange::decode(bytes).ok()?;
            Some(PresenceEvent::Change { node, revision, change })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_nodes_decode_a_message_as_it_was_encoded() {
        let (here, there) = (NodeId(Uuid::from_u128(1)), NodeId(Uuid::from_u128(2)));
        let change = v1::PresenceChange { left: vec!["x".into()], ..Default::default() };
        let mut bytes = header(CHANGE, here, Revision(7));
        change.encode(&mut bytes).expect("fits");
        let bytes = bytes.freeze();
        match read(bytes.clone(), there) {
            Some(PresenceEvent::Change { node, revision, change: read }) => {
                assert_eq!((node, revision, read), (here, Revision(7), change));
            }
            other => panic!("{other:?}"),
        }
        assert!(read(bytes.clone(), here).is_none(), "this node's own message");
        for broken in [bytes.slice(..20), Bytes::from_static(b"!0123456789012345678901234567")] {
            assert!(read(broken, there).is_none());
        }
    }
}
