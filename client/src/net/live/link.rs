//! The connection of a live sheet: waiting for another attempt, opening, or open. Knows nothing of
//! what the frames say.

use std::pin::Pin;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use gridloom::v1::{ClientFrame, CollaborateRequest, CollaborateResponse, ServerFrame};
use tokio::sync::mpsc;
use tokio::time::{Sleep, sleep};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};
use uuid::Uuid;

use super::Error;
use crate::net::Client;

/// The first wait before another attempt, in milliseconds; it doubles with each failure.
const BACKOFF_FIRST_MILLISECONDS: u64 = 50;
/// The longest wait, in milliseconds.
const BACKOFF_LAST_MILLISECONDS: u64 = 5_000;
/// Frames that are taken in before anything is sent in answer.
const FRAMES_AT_ONCE: usize = 64;

/// What happens on a link.
#[derive(Debug)]
pub(super) enum News {
    /// It is time for another attempt.
    Due,
    /// The server took the stream.
    Opened,
    /// Frames came, at least one.
    Frames(Vec<ServerFrame>),
    /// The connection is gone; `None` when the server ended it in order.
    Ended(Option<Error>),
}

type Inbox = Streaming<CollaborateResponse>;
type Outbox = mpsc::Sender<CollaborateRequest>;

pub(super) enum Link {
    Waiting(Pin<Box<Sleep>>),
    Opening { answer: BoxFuture<'static, Result<Inbox, Status>>, outbox: Outbox },
    Open { inbox: Box<Inbox>, outbox: Outbox },
}

impl Link {
    /// No connection; an attempt is due after `wait`.
    pub(super) fn waiting(wait: Duration) -> Self {
        Self::Waiting(Box::pin(sleep(wait)))
    }

    /// Begins a connection with its first frame. `frames_max` bounds what is handed over and not yet
    /// sent; the caller has no more than that unanswered.
    pub(super) fn open(client: &Client, hello: ClientFrame, frames_max: usize) -> Self {
        let (outbox, frames) = mpsc::channel(frames_max);
        let mut calls = client.live_calls();
        let mut link = Self::Opening {
            answer: async move {
                let answer = calls.collaborate(ReceiverStream::new(frames)).await?;
                Ok(answer.into_inner())
            }
            .boxed(),
            outbox,
        };
        link.send(hello);
        link
    }

    /// Hands a frame over. Gives whether there was room; there is, as long as the connection lives.
    pub(super) fn send(&mut self, frame: ClientFrame) -> bool {
        let request = CollaborateRequest { frame: Some(frame) };
        match self {
            Self::Waiting(_) => false,
            Self::Opening { outbox, .. } | Self::Open { outbox, .. } => {
                outbox.try_send(request).is_ok()
            }
        }
    }

    /// Waits for the next thing to happen. May be dropped and called again: nothing is lost.
    pub(super) async fn next(&mut self) -> News {
        match self {
            Self::Waiting(sleep) => {
                sleep.await;
                News::Due
            }
            Self::Opening { answer, outbox } => match answer.await {
                Ok(inbox) => {
                    let outbox = outbox.clone();
                    *self = Self::Open { inbox: Box::new(inbox), outbox };
                    News::Opened
                }
                Err(status) => News::Ended(Some(status.into())),
            },
            Self::Open { inbox, .. } => match inbox.message().await {
                Ok(Some(first)) => News::Frames(drain(first, inbox)),
                Ok(None) => News::Ended(None),
                Err(status) => News::Ended(Some(status.into())),
            },
        }
    }
}

/// The frames that are there already, so that a burst is answered once. An end or an error among
/// them is met again by the next call.
fn drain(first: CollaborateResponse, inbox: &mut Inbox) -> Vec<ServerFrame> {
    let mut frames = vec![first.frame.unwrap_or_default()];
    while frames.len() < FRAMES_AT_ONCE {
        match inbox.message().now_or_never() {
            Some(Ok(Some(next))) => frames.push(next.frame.unwrap_or_default()),
            _ => break,
        }
    }
    frames
}

/// How long to wait before the next attempt: doubling, with jitter, so that a thousand clients of a
/// server that comes back do not come all at once.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// A session is open: the next failure is a first one again.
    pub(super) const fn reset(&mut self) {
        self.failures = 0;
    }

    /// The next wait, and no less than the server asked for.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Duration {
        let factor = 1_u64 << self.failures.min(10);
        self.failures = self.failures.saturating_add(1);
        let most = (BACKOFF_FIRST_MILLISECONDS * factor).min(BACKOFF_LAST_MILLISECONDS);
        // Any half of the wait may fall away; a fresh UUID is the random number at hand.
        let random = (Uuid::new_v4().as_u128() % u128::from(most / 2 + 1)) as u64;
        Duration::from_millis(most - random).max(asked.unwrap_or_default())
    }
}
