//! Events between nodes: each subscription to a topic receives the messages that any node publishes on it.
//!
//! One task owns one connection and all subscriptions of this process, and reconnects. The bus keeps
//! no messages: those published while the connection was away, or while a reader's queue was full, are
//! lost. Invariant: a subscription receives [`BusEvent::Missed`] after each loss. So topics carry hints
//! and copies, and a reader of `Missed` reads the source again.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ::redis::aio::{PubSub, PubSubSink, PubSubStream};
use ::redis::{Client, Msg};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tasks::Tasks;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::error::RedisError;
use super::link::{COMMAND_TIMEOUT, Redis};

/// Messages that a subscription holds for its reader.
const QUEUE_MESSAGES: usize = 256;
/// Subscriptions that wait to be made.
const QUEUE_REQUESTS: usize = 1_024;
/// How often the connection is pinged, and closed subscriptions are removed.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);
/// Pause between attempts to connect.
const RETRY: Duration = Duration::from_millis(250);
/// Topics that are subscribed to with one command after a reconnect.
const TOPICS_AT_ONCE: usize = 500;

/// A handle on the bus; cheap to clone. The bus ends with its last handle.
#[derive(Clone, Debug)]
pub struct Bus {
    redis: Redis,
    requests: mpsc::Sender<Request>,
    tasks: Tasks,
}

/// The events of a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusEvent {
    /// A node published this.
    Message(Bytes),
    /// Earlier messages may be lost; later ones arrive. Also the first event of every subscription.
    Missed,
}

/// A subscription to one topic; over when it is dropped.
#[derive(Debug)]
pub struct Subscription {
    queue: mpsc::Receiver<BusEvent>,
    missed: Arc<AtomicBool>,
}

#[derive(Debug)]
struct Request {
    topic: String,
    reader: Reader,
}

#[derive(Debug)]
struct Reader {
    queue: mpsc::Sender<BusEvent>,
    missed: Arc<AtomicBool>,
}

impl Redis {
    /// A bus on the same Redis, with a connection of its own.
    #[must_use]
    pub fn bus(&self) -> Bus {
        Bus::start(self.clone(), self.client())
    }
}

impl Bus {
    fn start(redis: Redis, client: Client) -> Self {
        let (requests, queue) = mpsc::channel(QUEUE_REQUESTS);
        let tasks = Tasks::new();
        tasks.spawn(Owner { client, requests: queue, readers: HashMap::new() }.run());
        Self { redis, requests, tasks }
    }

    /// The owner of the bus's task, which ends after the last handle.
    #[must_use]
    pub const fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Publishes a message on `topic`.
    ///
    /// # Errors
    /// [`RedisError`]; the message may have been published all the same.
    pub async fn publish(&self, topic: &str, message: &[u8]) -> Result<(), RedisError> {
        let mut command = ::redis::cmd("PUBLISH");
        command.arg(topic).arg(message);
        self.redis.run::<i64>(&command).await.map(drop)
    }

    /// Subscribes to a topic. After the first [`BusEvent::Missed`] no message is lost in silence.
    pub async fn subscribe(&self, topic: &str) -> Subscription {
        let (sender, queue) = mpsc::channel(QUEUE_MESSAGES);
        let missed = Arc::new(AtomicBool::new(false));
        let reader = Reader { queue: sender, missed: Arc::clone(&missed) };
        // The owner lives as long as this handle; if it does not, the subscription ends.
        drop(self.requests.send(Request { topic: topic.to_owned(), reader }).await);
        Subscription { queue, missed }
    }
}

impl Subscription {
    /// The next event; `None` when the bus is gone. Safe to cancel.
    pub async fn next(&mut self) -> Option<BusEvent> {
        if self.missed.swap(false, Ordering::AcqRel) {
            return Some(BusEvent::Missed);
        }
        self.queue.recv().await
    }
}

impl Reader {
    /// False when the reader has left.
    fn send(&self, event: BusEvent) -> bool {
        match self.queue.try_send(event) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Closed(_)) => false,
            Err(mpsc::error::TrySendError::Full(_)) => {
                // The queue holds messages, so the reader returns and sees this flag.
                self.missed.store(true, Ordering::Release);
                true
            }
        }
    }
}

struct Owner {
    client: Client,
    requests: mpsc::Receiver<Request>,
    readers: HashMap<String, Vec<Reader>>,
}

/// Why a connection is not used any longer.
enum Over {
    /// It broke.
    Broken,
    /// No handle is left.
    Closed,
}

impl Owner {
    async fn run(mut self) {
        let mut away = false;
        loop {
            match timeout(COMMAND_TIMEOUT, self.client.get_async_pubsub()).await {
                Ok(Ok(connection)) => {
                    away = false;
                    if matches!(self.serve(connection).await, Over::Closed) {
                        return;
                    }
                    tracing::debug!("bus connection lost; reconnecting");
                }
                failed => {
                    if !std::mem::replace(&mut away, true) {
                        let error = failed.ok().and_then(Result::err).map(RedisError::from);
                        tracing::warn!(?error, "bus not connected to Redis; retrying");
                    }
                }
            }
            if !self.pause().await {
                return;
            }
        }
    }

    /// Waits before the next attempt; false when no handle is left.
    async fn pause(&mut self) -> bool {
        let mut over = Box::pin(tokio::time::sleep(RETRY));
        loop {
            tokio::select! {
                () = &mut over => return true,
                request = self.requests.recv() => match request {
                    Some(Request { topic, reader }) => {
                        self.readers.entry(topic).or_default().push(reader);
                    }
                    None => return false,
                },
            }
        }
    }

    async fn serve(&mut self, connection: PubSub) -> Over {
        let (mut sink, mut stream) = connection.split();
        if self.subscribe_all(&mut sink).await.is_none() {
            return Over::Broken;
        }
        let mut looks = interval(LOOK_INTERVAL);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let kept = tokio::select! {
                // A message arrived.
                message = next(&mut stream) => message.map(|message| self.send(&message)),
                // A new subscription.
                request = self.requests.recv() => match request {
                    Some(request) => self.subscribe(&mut sink, request).await,
                    None => return Over::Closed,
                },
                // The next ping is due.
                _ = looks.tick() => self.look(&mut sink).await,
            };
            if kept.is_none() {
                return Over::Broken;
            }
        }
    }

    async fn subscribe_all(&mut self, sink: &mut PubSubSink) -> Option<()> {
        let topics: Vec<&String> = self.readers.keys().collect();
        for some in topics.chunks(TOPICS_AT_ONCE) {
            timeout(COMMAND_TIMEOUT, sink.subscribe(some)).await.ok()?.ok()?;
        }
        for readers in self.readers.values_mut() {
            readers.retain(|reader| reader.send(BusEvent::Missed));
        }
        Some(())
    }

    async fn subscribe(&mut self, sink: &mut PubSubSink, request: Request) -> Option<()> {
        let Request { topic, reader } = request;
        // Also where it is subscribed to already: the answer shows that the connection works.
        let subscribed = timeout(COMMAND_TIMEOUT, sink.subscribe(&topic)).await;
        let sent = matches!(subscribed, Ok(Ok(()))) && reader.send(BusEvent::Missed);
        self.readers.entry(topic).or_default().push(reader);
        subscribed.ok()?.ok()?;
        if !sent {
            tracing::trace!("a subscription ended before it began");
        }
        Some(())
    }

    fn send(&mut self, message: &Msg) {
        if let Some(readers) = self.readers.get_mut(message.get_channel_name()) {
            let bytes = Bytes::copy_from_slice(message.get_payload_bytes());
            readers.retain(|reader| reader.send(BusEvent::Message(bytes.clone())));
        }
    }

    /// Unsubscribes from topics without readers, and pings the connection.
    async fn look(&mut self, sink: &mut PubSubSink) -> Option<()> {
        let mut idle = Vec::new();
        self.readers.retain(|topic, readers| {
            readers.retain(|reader| !reader.queue.is_closed());
            if readers.is_empty() {
                idle.push(topic.clone());
            }
            !readers.is_empty()
        });
        if !idle.is_empty() {
            timeout(COMMAND_TIMEOUT, sink.unsubscribe(&idle)).await.ok()?.ok()?;
        }
        timeout(COMMAND_TIMEOUT, sink.ping::<::redis::Value>()).await.ok()?.ok().map(drop)
    }
}

async fn next(stream: &mut PubSubStream) -> Option<Msg> {
    stream.next().await
}
