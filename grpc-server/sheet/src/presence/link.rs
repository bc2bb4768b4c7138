//! One sheet's line to the same sheet on other servers, as far as presence goes.
//!
//! A task between the bus and the sheet's task: it listens, tells, and keeps time; it knows nobody's
//! place. What does not get through is made good by the whole list that each server tells now and then.
//! Invariant: the sheet never waits for it, and it ends with its handle.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use gridloom::v1;
use ot_engine::Revision;
use prost::Message;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use model::Peers;
use model::{NodeId, SheetId};
use redis_link::{Bus, BusEvent, Subscription};

/// How often each server tells all of its people again.
const TOLD_AGAIN: Duration = Duration::from_secs(10);
/// Tellings that wait for Redis; past it, the whole list follows later.
const QUEUED_TELLINGS: usize = 4;
/// What was heard and not yet taken up.
const QUEUED_NEWS: usize = 64;
/// Bytes of one telling: a thousand people with their selections are less.
const TELLING_BYTES: usize = 1024 * 1024;
const HEADER_BYTES: usize = 1 + 16 + 8;
const CHANGE: u8 = b'c';
const ASK: u8 = b'?';

/// How presence travels between servers.
#[derive(Clone, Debug)]
pub struct PresenceBus {
    /// This server.
    pub node: NodeId,
    /// The way to the others.
    pub bus: Bus,
    /// Who of them lives.
    pub peers: watch::Receiver<Peers>,
}

/// What a sheet hears.
#[derive(Debug)]
pub(crate) enum News {
    /// Somebody is elsewhere, or has left, at another server.
    Change {
        node: NodeId,
        /// In whose positions.
        revision: Revision,
        change: v1::PresenceChange,
    },
    /// Another server has just opened the sheet, or may have missed something.
    Asked,
    /// A server has died.
    Gone(NodeId),
    /// Time to tell everything again, and to forget who was not heard of for long.
    Tick,
}

/// The sheet's end.
#[derive(Debug)]
pub(super) struct Link {
    news: mpsc::Receiver<News>,
    tellings: mpsc::Sender<Bytes>,
    node: NodeId,
}

impl Link {
    /// Opens a sheet's line.
    pub(super) fn open(bus: PresenceBus, sheet: SheetId) -> Self {
        let (to_sheet, news) = mpsc::channel(QUEUED_NEWS);
        let (tellings, from_sheet) = mpsc::channel(QUEUED_TELLINGS);
        let node = bus.node;
        tokio::spawn(Line { bus, sheet, to_sheet, from_sheet }.run());
        Self { news, tellings, node }
    }

    /// What is heard next. Safe to cancel.
    pub(super) async fn next(&mut self) -> Option<News> {
        self.news.recv().await
    }

    /// Whether a telling would be taken now.
    pub(super) fn has_room(&self) -> bool {
        self.tellings.capacity() > 0
    }

    /// Tells the others; false when it is not told.
    pub(super) fn tell(&self, revision: Revision, change: &v1::PresenceChange) -> bool {
        let mut bytes = header(CHANGE, self.node, revision);
        // It fails only for want of room, and this buffer grows.
        if bytes.len() + change.encoded_len() > TELLING_BYTES || change.encode(&mut bytes).is_err()
        {
            return false;
        }
        self.tellings.try_send(bytes.freeze()).is_ok()
    }
}

/// The task's own state.
struct Line {
    bus: PresenceBus,
    sheet: SheetId,
    to_sheet: mpsc::Sender<News>,
    from_sheet: mpsc::Receiver<Bytes>,
}

impl Line {
    async fn run(mut self) {
        let topic = format!("gridloom:presence:{}", self.sheet);
        let mut heard: Subscription = self.bus.bus.subscribe(&topic).await;
        let mut ticks = interval(TOLD_AGAIN);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.reset();
        let mut known = Arc::clone(&self.bus.peers.borrow_and_update());
        loop {
            let news = tokio::select! {
                // Another server, or this one's own echo.
                heard = heard.next() => match heard {
                    Some(BusEvent::Message(bytes)) => read(bytes, self.bus.node),
                    Some(BusEvent::Missed) => {
                        let ask = header(ASK, self.bus.node, Revision(0)).freeze();
                        self.publish(&topic, &ask).await;
                        Some(News::Asked)
                    }
                    None => return,
                },
                // The sheet has something to tell.
                telling = self.from_sheet.recv() => match telling {
                    Some(telling) => {
                        self.publish(&topic, &telling).await;
                        None
                    }
                    None => return,
                },
                // Somebody has died, or was born.
                changed = self.bus.peers.changed() => match changed {
                    Ok(()) => {
                        let now = Arc::clone(&self.bus.peers.borrow_and_update());
                        let before = std::mem::replace(&mut known, now);
                        if !self.tell_gone(&before, &known).await {
                            return;
                        }
                        None
                    }
                    Err(_) => return,
                },
                _ = ticks.tick() => Some(News::Tick),
            };
            if let Some(news) = news
                && self.to_sheet.send(news).await.is_err()
            {
                return;
            }
        }
    }

    async fn tell_gone(&self, before: &Peers, now: &Peers) -> bool {
        for node in before.keys().filter(|node| !now.contains_key(node)) {
            if self.to_sheet.send(News::Gone(*node)).await.is_err() {
                return false;
            }
        }
        true
    }

    async fn publish(&self, topic: &str, telling: &Bytes) {
        if let Err(error) = self.bus.bus.publish(topic, telling).await {
            tracing::trace!(sheet = %self.sheet, %error, "presence was not told");
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

/// What another server has told; `None` for one's own words, and for what a later release may say.
fn read(mut bytes: Bytes, own: NodeId) -> Option<News> {
    if bytes.len() < HEADER_BYTES || bytes.len() > TELLING_BYTES {
        return None;
    }
    let kind = bytes.get_u8();
    let node = NodeId(Uuid::from_slice(&bytes.split_to(16)).ok()?);
    let revision = Revision(bytes.get_u64());
    match kind {
        _ if node == own => None,
        ASK => Some(News::Asked),
        CHANGE => {
            let change = v1::PresenceChange::decode(bytes).ok()?;
            Some(News::Change { node, revision, change })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telling_is_read_by_others_as_it_is_written() {
        let (here, there) = (NodeId(Uuid::from_u128(1)), NodeId(Uuid::from_u128(2)));
        let change = v1::PresenceChange { left: vec!["x".into()], ..Default::default() };
        let mut bytes = header(CHANGE, here, Revision(7));
        change.encode(&mut bytes).expect("fits");
        let bytes = bytes.freeze();
        match read(bytes.clone(), there) {
            Some(News::Change { node, revision, change: read }) => {
                assert_eq!((node, revision, read), (here, Revision(7), change));
            }
            other => panic!("{other:?}"),
        }
        assert!(read(bytes.clone(), here).is_none(), "one's own words");
        for broken in [bytes.slice(..20), Bytes::from_static(b"!0123456789012345678901234567")] {
            assert!(read(broken, there).is_none());
        }
    }
}
