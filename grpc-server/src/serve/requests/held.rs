//! Answers that are made and not read yet: their bytes count for the connection, its network and the server.
//!
//! Not the time that a reader has (`outlet`), nor the bytes of requests (`unfinished`). Invariant: an answer for which
//! there is no room is dropped, and ends with RESOURCE_EXHAUSTED; a stream makes its next frame when there is room.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::middleware::Next;
use http::{Request, Response};
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};

use super::deadlines;
use crate::edge::auth::ending;
use crate::serve::peer::Peer;
use crate::serve::peer::bytes::Charge;
use crate::serve::peer::sums::Full;

/// Waits until the answers of the connection leave room, and carries the call out.
pub(in crate::serve) async fn wait(request: Request<Body>, next: Next) -> Response<Body> {
    if let Some(peer) = request.extensions().get::<Arc<Peer>>().cloned() {
        peer.room().await;
    }
    next.run(request).await
}

/// Counts the bytes of the answer.
pub(in crate::serve) async fn count(request: Request<Body>, next: Next) -> Response<Body> {
    let is_stream = deadlines::is_stream(request.uri().path());
    counted(request, next, is_stream).await
}

/// The same for an answer that is a stream and no rpc's.
pub(in crate::serve) async fn count_stream(request: Request<Body>, next: Next) -> Response<Body> {
    counted(request, next, true).await
}

async fn counted(request: Request<Body>, next: Next, is_stream: bool) -> Response<Body> {
    let peer = request.extensions().get::<Arc<Peer>>().cloned();
    let response = next.run(request).await;
    match peer {
        Some(peer) => response.map(|body| Body::new(Counted::new(body, peer, is_stream))),
        None => response,
    }
}

/// An answer whose last frame counts until the next one is asked for.
struct Counted {
    /// `None` after the end.
    body: Option<Body>,
    peer: Arc<Peer>,
    charge: Charge,
    /// The frames of a stream are made one by one, so that it can wait; another answer is whole already.
    is_stream: bool,
    wait: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Counted {
    fn new(body: Body, peer: Arc<Peer>, is_stream: bool) -> Self {
        let charge = peer.charge();
        Self { body: Some(body), peer, charge, is_stream, wait: None }
    }

    /// Ready when a stream may make its next frame.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.is_stream {
            if let Some(wait) = &mut self.wait {
                ready!(wait.as_mut().poll(cx));
                self.wait = None;
            }
            if !self.peer.is_full() {
                break;
            }
            let peer = Arc::clone(&self.peer);
            self.wait = Some(Box::pin(async move { peer.less().await }));
        }
        Poll::Ready(())
    }

    fn count(&mut self, bytes: usize) -> Result<(), Full> {
        match self.is_stream {
            true => self.charge.grow_by_one_frame(bytes),
            false => self.charge.grow(bytes)?,
        }
        Ok(())
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        this.charge.clear();
        ready!(this.poll_room(cx));
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        let bytes = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
        let held = bytes.map_or(Ok(()), |bytes| this.count(bytes.len()));
        Poll::Ready(match held {
            Ok(()) => frame,
            Err(full) => {
                this.body = None;
                Some(Ok(ending::trailers(&full.into())))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        // It may end earlier than its content.
        SizeHint::default()
    }
}

#[cfg(test)]
mod tests;
