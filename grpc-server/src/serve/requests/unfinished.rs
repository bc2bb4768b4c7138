//! Requests that begin and do not end: a message whose bytes stop coming ends with its call.
//!
//! Between two messages of a streamed request no time limit runs, because a live session may send nothing for
//! hours. Inside a message, and in a request that is one message, it does. Not here:
//! how large a message may be (`router`), and answers that their readers do not take (`outlet`).
//!
//! Invariant: a timer runs exactly while the server waits for the rest of a message, so a client that the
//! server itself holds up is not cut off. The bytes of a message that is under way count for its connection, and those of a
//! request of one message until it is answered, because it may wait after it has been decoded.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::Body;
use axum::middleware::Next;
use axum::response::Response;
use http::Request;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};
use tonic::{Code, Status};

use crate::edge::auth;
use crate::edge::errors::StatusBuilder;
use crate::edge::large::messages::is_streamed;
use crate::edge::large::place::Place;
use crate::serve::peer::Peer;
use crate::serve::peer::bytes::Charge;
use model::limits::edge::{MESSAGE_QUIET_AT_MOST, MESSAGE_WITHIN, STRANGER_CALL_BYTES};

/// The call whose frames wait for a session.
const SEND: &str = "/gridloom.v1.LiveService/Send";

/// Holds a request to the time that its messages may take, and to the bytes that it may occupy.
pub(in crate::serve) async fn hold(request: Request<Body>, next: Next) -> Response {
    let path = request.uri().path();
    let (streamed, is_public) = (is_streamed(path), auth::is_public(path));
    let charge = request.extensions().get::<Arc<Peer>>().map(Peer::charge);
    let charge = charge.map(|charge| Arc::new(Mutex::new(charge)));
    // The frames of `Send` count for their account as they wait.
    let kept = charge.clone().filter(|_| !streamed && path != SEND);
    let request = request.map(|body| {
        let mut body = Unfinished::new(body, streamed);
        body.left = if is_public { STRANGER_CALL_BYTES } else { usize::MAX };
        body.charge = charge;
        Body::new(body)
    });
    let answer = next.run(request).await;
    drop(kept);
    answer
}

/// A request's body that ends with an error when the rest of a message does not arrive, or has no room.
#[derive(Debug)]
struct Unfinished {
    body: Body,
    /// How many bytes more it may have.
    left: usize,
    /// The bytes of the message that is under way.
    charge: Option<Arc<Mutex<Charge>>>,
    /// Where in a message a stream is; `None` where the whole request is one message.
    place: Option<Place>,
    /// A message has ended; the next poll is for another one.
    ended: bool,
    wait: Option<Pin<Box<Sleep>>>,
    /// When the wait began.
    since: Instant,
    /// The time of earlier waits for the same message.
    waited: Duration,
}

impl Unfinished {
    fn new(body: Body, streamed: bool) -> Self {
        let place = streamed.then(Place::default);
        let (left, charge) = (usize::MAX, None);
        let (since, waited) = (Instant::now(), Duration::ZERO);
        Self { body, left, charge, place, ended: false, wait: None, since, waited }
    }

    /// Notes that the client has sent something, or has ended; an error when there is no room for it.
    fn arrived(&mut self, data: Option<&Bytes>) -> Result<(), Status> {
        if self.wait.take().is_some() {
            self.waited += self.since.elapsed();
        }
        let Some(data) = data else { return Ok(()) };
        self.left = self.left.checked_sub(data.len()).ok_or_else(too_long)?;
        if let Some(mut charge) = self.charge() {
            charge.touch();
            charge.grow(data.len())?;
        }
        if let Some(place) = &mut self.place
            && place.pass(data).ended
        {
            self.waited = Duration::ZERO;
            self.ended = true;
        }
        Ok(())
    }

    fn charge(&self) -> Option<MutexGuard<'_, Charge>> {
        // A charge is one number and what it counts for, so a poisoned one is whole.
        self.charge.as_ref().map(|charge| charge.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Resolves when the wait has been too long.
    fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.place.as_ref().is_some_and(Place::is_between) {
            self.wait = None;
            return Poll::Pending;
        }
        if self.wait.is_none() {
            self.since = Instant::now();
            let left = MESSAGE_WITHIN.saturating_sub(self.waited);
            self.wait = Some(Box::pin(sleep(left.min(MESSAGE_QUIET_AT_MOST))));
        }
        self.wait.as_mut().map_or(Poll::Pending, |wait| wait.as_mut().poll(cx))
    }
}

impl HttpBody for Unfinished {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if std::mem::take(&mut this.ended)
            && let Some(mut charge) = this.charge()
        {
            // A large message may have waited for its turn until now (`edge::large`).
            charge.clear();
        }
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
            if let Err(status) = this.arrived(data) {
                return Poll::Ready(Some(Err(status.into())));
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        ready!(this.poll_wait(cx));
        Poll::Ready(Some(Err(too_slow().into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn too_long() -> Status {
    let message = format!(
        "a call without a token may send {STRANGER_CALL_BYTES} bytes in all; begin another call for more"
    );
    let builder = StatusBuilder::new(Code::ResourceExhausted, "TOO_MANY_BYTES", message);
    builder.with("bytes", STRANGER_CALL_BYTES).into()
}

fn too_slow() -> Status {
    StatusBuilder::too_slow().with("seconds", MESSAGE_QUIET_AT_MOST.as_secs()).into()
}

#[cfg(test)]
mod tests;
