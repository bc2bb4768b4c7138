//! Answers that end before their last byte: when their token is revoked, or at their deadline.
//!
//! Not the reason (the caller's). Invariant: such an answer ends with a status in its trailers, and what makes it is
//! dropped at that moment.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::Bytes;
use http::HeaderMap;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tonic::Status;

type End = Pin<Box<dyn Future<Output = Status> + Send>>;

/// The end of an answer with a status.
pub(crate) fn trailers(status: &Status) -> Frame<Bytes> {
    let mut trailers = HeaderMap::new();
    // The only error is a message that no header holds, and ours are plain.
    let _ = status.add_header(&mut trailers);
    Frame::trailers(trailers)
}

/// A body that may end early.
pub(crate) struct Ending {
    /// `None` after the end.
    body: Option<Body>,
    end: End,
}

impl Ending {
    /// A body that ends with the status of `end`, should that come first.
    pub(crate) fn new(body: Body, end: impl Future<Output = Status> + Send + 'static) -> Self {
        Self { body: Some(body), end: Box::pin(end) }
    }
}

impl HttpBody for Ending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        if let Poll::Ready(status) = this.end.as_mut().poll(cx) {
            this.body = None;
            return Poll::Ready(Some(Ok(trailers(&status))));
        }
        Poll::Ready(ready!(Pin::new(body).poll_frame(cx)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn, ready};

    use super::*;

    async fn next(body: &mut Ending) -> Option<Frame<Bytes>> {
        poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx))
            .await
            .map(|frame| frame.expect("no error"))
    }

    #[tokio::test]
    async fn an_answer_ends_with_the_status_of_its_end() {
        let mut whole = Ending::new(Body::from("text"), pending());
        assert_eq!(next(&mut whole).await.and_then(|it| it.into_data().ok()), Some("text".into()));
        assert!(next(&mut whole).await.is_none());
        let mut ended = Ending::new(Body::from("text"), ready(Status::cancelled("over")));
        let trailers = next(&mut ended).await.and_then(|frame| frame.into_trailers().ok());
        assert_eq!(
            trailers.and_then(|it| Some(it.get("grpc-status")?.clone())),
            Some("1".parse().expect("short"))
        );
        assert!(next(&mut ended).await.is_none() && ended.is_end_stream());
    }
}
