//! Publishes the signals of one topic: one that is not published is published again, until it is.
//!
//! Not their transport (`bus`). A node that misses a message receives `Missed` and reads everything again; a node that
//! can't publish repeats its signals. Invariant: a signal that was sent is published, or [`Signal::ALL`] in its place,
//! unless the server stops while Redis is away.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tasks::Tasks;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::bus::Bus;
use super::waiting::{Signal, Waiting};

/// The pause after a signal that was not published.
const RETRY: Duration = Duration::from_secs(1);

/// A signal that other nodes receive.
pub trait Message: Signal {
    /// Its bytes on the topic.
    fn encode(&self) -> Vec<u8>;
}

/// Publishes signals. Cheap to clone; its task ends after the last handle.
#[derive(Clone, Debug)]
pub struct Publisher<S> {
    waiting: Arc<Waiting<S>>,
    /// Closed by the last handle. `None`: there is no other node.
    handle: Option<mpsc::Sender<Infallible>>,
}

impl<S: Message> Publisher<S> {
    /// Starts to publish; without a bus there is no other node. After `stop` each signal is tried once.
    #[must_use]
    pub fn start(
        topic: &'static str,
        bus: Option<Bus>,
        tasks: &Tasks,
        stop: CancellationToken,
    ) -> Self {
        let waiting = Arc::<Waiting<S>>::default();
        let handle = bus.map(|bus| {
            let (handle, handles) = mpsc::channel(1);
            let task = Task { topic, bus, waiting: Arc::clone(&waiting), handles, stop };
            tasks.spawn(task.run());
            handle
        });
        Self { waiting, handle }
    }

    /// Sends a signal to the other nodes, without a wait.
    pub fn send(&self, signal: S) {
        if self.handle.is_some() {
            self.waiting.add(signal);
        }
    }
}

/// The task of a topic.
struct Task<S> {
    topic: &'static str,
    bus: Bus,
    waiting: Arc<Waiting<S>>,
    handles: mpsc::Receiver<Infallible>,
    stop: CancellationToken,
}

impl<S: Message> Task<S> {
    async fn run(self) {
        let Self { topic, bus, waiting, mut handles, stop } = self;
        let mut is_away = false;
        loop {
            let signal = tokio::select! {
                biased;
                // One that waits is published also after the last handle.
                signal = waiting.next() => signal,
                _ = handles.recv() => return,
            };
            let published = bus.publish(topic, &signal.encode()).await;
            match published {
                Ok(()) if std::mem::take(&mut is_away) => {
                    tracing::warn!(topic, "signals are published again");
                }
                Ok(()) => {}
                Err(error) if stop.is_cancelled() => {
                    // Without its content, which may be the hash of a token.
                    tracing::warn!(%error, topic, "a signal is not published, as the server stops");
                }
                Err(error) => {
                    waiting.add(signal);
                    if !std::mem::replace(&mut is_away, true) {
                        tracing::warn!(%error, topic, "signals not published; they are repeated");
                    }
                    stop.run_until_cancelled(sleep(RETRY)).await;
                }
            }
        }
    }
}
