//! The connection of a live sheet: waiting for another attempt, opening, or open.
//!
//! It interprets no frame. Invariant: dropping [`Link::next`] loses no event.

use std::pin::Pin;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use gridloom::v1::{ClientFrame, CollaborateRequest, CollaborateResponse, ServerFrame};
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};
use uuid::Uuid;

use crate::net::client::Client;
use crate::net::error::Error;

/// The first wait before another attempt, in milliseconds. Each failure doubles it.
const BACKOFF_FIRST_MILLISECONDS: u64 = 50;
/// The longest wait, in milliseconds.
const BACKOFF_LAST_MILLISECONDS: u64 = 5_000;
/// A session that lasted for so many seconds was steady: the next failure counts as the first.
const STEADY_SECONDS: u64 = 5;
/// Most frames that are received before frames are sent.
const FRAMES_AT_ONCE: usize = 64;

/// An event of a link.
#[derive(Debug)]
pub(super) enum LinkEvent {
    /// The wait before another attempt is over.
    Due,
    /// The server opened the stream.
    Opened,
    /// Frames were received, at least one.
    Frames(Vec<ServerFrame>),
    /// The connection ended; `None` when the server ended it without an error.
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

    /// Begins a connection with its first frame. `frames_max` is the most frames that wait to be sent; the
    /// caller has at most that many unanswered.
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

    /// Queues a frame. False when the connection has ended.
    pub(super) fn send(&mut self, frame: ClientFrame) -> bool {
        let request = CollaborateRequest { frame: Some(frame) };
        match self {
            Self::Waiting(_) => false,
            Self::Opening { outbox, .. } | Self::Open { outbox, .. } => {
                outbox.try_send(request).is_ok()
            }
        }
    }

    /// Waits for the next event. Cancel-safe: a dropped call loses no event.
    pub(super) async fn next(&mut self) -> LinkEvent {
        match self {
            Self::Waiting(sleep) => {
                sleep.await;
                LinkEvent::Due
            }
            Self::Opening { answer, outbox } => match answer.await {
                Ok(inbox) => {
                    let outbox = outbox.clone();
                    *self = Self::Open { inbox: Box::new(inbox), outbox };
                    LinkEvent::Opened
                }
                Err(status) => LinkEvent::Ended(Some(status.into())),
            },
            Self::Open { inbox, .. } => match inbox.message().await {
                Ok(Some(first)) => LinkEvent::Frames(ready_frames(first, inbox)),
                Ok(None) => LinkEvent::Ended(None),
                Err(status) => LinkEvent::Ended(Some(status.into())),
            },
        }
    }
}

/// The frames that are already received, so that a burst is answered once. The next call returns an end or
/// an error after them.
fn ready_frames(first: CollaborateResponse, inbox: &mut Inbox) -> Vec<ServerFrame> {
    let mut frames = vec![first.frame.unwrap_or_default()];
    while frames.len() < FRAMES_AT_ONCE {
        match inbox.message().now_or_never() {
            Some(Ok(Some(next))) => frames.push(next.frame.unwrap_or_default()),
            _ => break,
        }
    }
    frames
}

/// Exponential back-off with jitter, so that the clients of a restarted server do not reconnect all at once.
///
/// A session that opens and ends at once is a failure, too. A sheet that is being deleted ends each session that sends
/// an edit.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    /// The time at which the session opened; `None` without one.
    opened: Option<Instant>,
}

impl Backoff {
    /// A session is open.
    pub(super) fn opened(&mut self) {
        self.opened = Some(Instant::now());
    }

    /// The server answers edits: the next failure counts as the first.
    pub(super) const fn reset(&mut self) {
        self.failures = 0;
    }

    /// The next wait, at least as long as the server requested.
    pub(super) fn next(&mut self, requested: Option<Duration>) -> Duration {
        let steady = Duration::from_secs(STEADY_SECONDS);
        if self.opened.take().is_some_and(|opened| opened.elapsed() >= steady) {
            self.reset();
        }
        let factor = 1_u64 << self.failures.min(10);
        self.failures = self.failures.saturating_add(1);
        let most = (BACKOFF_FIRST_MILLISECONDS * factor).min(BACKOFF_LAST_MILLISECONDS);
        // Jitter: up to half of the wait is removed. A new UUID is the source of randomness.
        let random = (Uuid::new_v4().as_u128() % u128::from(most / 2 + 1)) as u64;
        Duration::from_millis(most - random).max(requested.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most that the wait after this many failures in a row may be.
    fn most(failures: u32) -> Duration {
        let most = BACKOFF_FIRST_MILLISECONDS << (failures - 1);
        Duration::from_millis(most.min(BACKOFF_LAST_MILLISECONDS))
    }

    fn is_wait_after(failures: u32, wait: Duration) -> bool {
        (most(failures) / 2..=most(failures)).contains(&wait)
    }

    #[tokio::test(start_paused = true)]
    async fn sessions_that_end_at_once_are_opened_ever_more_slowly() {
        let mut backoff = Backoff::default();
        for failures in 1..=9 {
            let wait = backoff.next(None);
            assert!(is_wait_after(failures, wait), "failure {failures}: {wait:?}");
            tokio::time::advance(wait).await;
            backoff.opened();
            tokio::time::advance(Duration::from_millis(20)).await;
        }
        tokio::time::advance(Duration::from_secs(STEADY_SECONDS)).await;
        assert!(is_wait_after(1, backoff.next(None)), "the session was steady");
        // The time without a session is no time of a session.
        tokio::time::advance(Duration::from_secs(STEADY_SECONDS)).await;
        assert!(is_wait_after(2, backoff.next(None)), "no session since");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_makes_the_next_failure_the_first() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..4).map(|_| backoff.next(None)).collect();
        assert!(is_wait_after(4, waits[3]));
        backoff.opened();
        backoff.reset();
        assert!(is_wait_after(1, backoff.next(None)));
        let requested = Duration::from_secs(7);
        assert_eq!(backoff.next(Some(requested)), requested);
    }
}
