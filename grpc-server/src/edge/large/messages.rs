//! Streamed requests: a large message of a stream is decoded as heavy work.
//!
//! tonic decodes a message when it receives the last bytes of it. So the body keeps back the last bytes of a large message
//! until the stream is polled as heavy work, and [`Messages`] does that. The bytes before them need no turn. Invariant: at
//! every moment one task polls the stream.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::Body;
use futures_util::StreamExt as _;
use heavy_work::{Caller, Panicked, drive};
use http::Request;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use model::sizes::LIGHT_BYTES;
use tokio_stream::Stream;
use tonic::{Status, Streaming};

use super::place::Place;
use crate::edge::errors::ServiceError;

/// The rpcs whose requests are streams of messages.
pub(crate) const STREAMED: [&str; 3] = [
    "/gridloom.v1.LiveService/Collaborate",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// Whether the request of a call is a stream of messages.
pub(crate) fn is_streamed(path: &str) -> bool {
    STREAMED.contains(&path)
}

/// What the body of a stream and its reader know of each other.
#[derive(Clone, Debug, Default)]
struct Turn(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// The body keeps the last bytes of a large message back.
    waits: AtomicBool,
    /// The stream is polled as heavy work.
    heavy: AtomicBool,
}

/// Keeps the large messages of a stream back until [`Messages`] reads them.
pub(super) fn marked(mut request: Request<Body>) -> Request<Body> {
    let turn = Turn::default();
    request.extensions_mut().insert(turn.clone());
    request.map(|body| Body::new(Marked { body, place: Place::default(), turn, kept: None }))
}

#[derive(Debug)]
struct Marked {
    body: Body,
    place: Place,
    turn: Turn,
    /// The last bytes of a large message.
    kept: Option<Frame<Bytes>>,
}

impl HttpBody for Marked {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        let is_heavy = this.turn.0.heavy.load(Ordering::Acquire);
        if this.kept.is_some() && !is_heavy {
            return Poll::Pending;
        }
        if let Some(kept) = this.kept.take() {
            return Poll::Ready(Some(Ok(kept)));
        }
        let frame = match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
            Some(Ok(frame)) => frame,
            other => return Poll::Ready(other.map(|frame| frame.map_err(Into::into))),
        };
        let longest = frame.data_ref().map_or(0, |data| this.place.pass(data).longest);
        if longest > LIGHT_BYTES && !is_heavy {
            this.kept = Some(frame);
            // The reader looks after it has polled.
            this.turn.0.waits.store(true, Ordering::Release);
            return Poll::Pending;
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.kept.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

/// The messages of a streamed request.
pub(crate) struct Messages<T> {
    source: Source<T>,
    turn: Turn,
    caller: Caller,
}

type Item<T> = Option<Result<T, Status>>;
type Step<T> = Pin<Box<dyn Future<Output = Result<(Box<Streaming<T>>, Item<T>), Panicked>> + Send>>;

enum Source<T> {
    Here(Box<Streaming<T>>),
    /// Its next message is large, and is read as heavy work.
    Heavy(Step<T>),
    Ended,
}

impl<T: Send + 'static> Messages<T> {
    /// The messages of a request of this caller.
    pub(crate) fn of(request: tonic::Request<Streaming<T>>, caller: Caller) -> Self {
        let turn = request.extensions().get::<Turn>().cloned().unwrap_or_default();
        let source = Source::Here(Box::new(request.into_inner()));
        Self { source, turn, caller }
    }
}

/// Reads one message.
async fn read<T>(mut stream: Box<Streaming<T>>, turn: Turn) -> (Box<Streaming<T>>, Item<T>) {
    turn.0.heavy.store(true, Ordering::Release);
    let item = stream.next().await;
    turn.0.heavy.store(false, Ordering::Release);
    (stream, item)
}

impl<T: Send + 'static> Stream for Messages<T> {
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Item<T>> {
        let this = &mut *self;
        loop {
            match &mut this.source {
                Source::Here(stream) => {
                    let polled = stream.poll_next_unpin(cx);
                    if polled.is_ready() || !this.turn.0.waits.swap(false, Ordering::AcqRel) {
                        return polled;
                    }
                }
                Source::Heavy(step) => {
                    let read = ready!(step.as_mut().poll(cx));
                    this.source = Source::Ended;
                    let (stream, item) = match read {
                        Ok(read) => read,
                        Err(panicked) => {
                            let status = Status::from(ServiceError::internal(panicked));
                            return Poll::Ready(Some(Err(status)));
                        }
                    };
                    this.source = Source::Here(stream);
                    return Poll::Ready(item);
                }
                Source::Ended => return Poll::Ready(None),
            }
            if let Source::Here(stream) = std::mem::replace(&mut this.source, Source::Ended) {
                let step = drive(this.caller, read(stream, this.turn.clone()));
                this.source = Source::Heavy(Box::pin(step));
            }
        }
    }
}

#[cfg(test)]
mod tests;
