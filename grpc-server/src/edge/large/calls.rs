//! Calls of one message: where the request is large, the whole call is heavy work; where the answer is, its encoding.
//!
//! A large request is read before it takes its turn, so a turn waits for no client, and no client for many turns.
//! Invariant: the bytes of a request that were read before its call began are the first that the call reads.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::BoxError;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use heavy_work::{Caller, drive};
use hyper::body::{Body as HttpBody, Bytes, Frame};
use model::sizes::LIGHT_BYTES;
use tonic::Status;

use super::LargeAnswer;
use super::messages;
use crate::edge::auth::Identity;
use crate::edge::errors::ServiceError;

/// Carries a call out whose request has at most so many bytes, or is refused.
pub(crate) async fn carry(State(limit): State<usize>, request: Request, next: Next) -> Response {
    let account = request.extensions().get::<Identity>().map(|identity| identity.account);
    // Without a token a request has few bytes.
    let Some(account) = account else { return next.run(request).await };
    let caller = Caller::Account(account);
    if messages::is_streamed(request.uri().path()) {
        return next.run(messages::marked(request)).await;
    }
    let (parts, body) = request.into_parts();
    let (body, is_large) = begun(body, limit).await;
    let call = next.run(Request::from_parts(parts, body));
    let answer = if is_large { drive(caller, call).await } else { Ok(call.await) };
    let answer = match answer {
        Ok(answer) if answer.extensions().get::<LargeAnswer>().is_some() => {
            drive(caller, encoded(answer)).await
        }
        answer => answer,
    };
    answer.unwrap_or_else(|panicked| Status::from(ServiceError::internal(panicked)).into_http())
}

/// Reads a request until it has ended or has more bytes than it may have; whether it is large.
async fn begun(mut body: Body, limit: usize) -> (Body, bool) {
    let mut first = VecDeque::new();
    let mut bytes = 0;
    while let Some(frame) = next_frame(&mut body).await {
        bytes += frame.as_ref().ok().and_then(Frame::data_ref).map_or(0, Bytes::len);
        let failed = frame.is_err();
        first.push_back(frame);
        if failed || bytes > limit {
            break;
        }
    }
    (Body::new(Begun { first, rest: body }), bytes > LIGHT_BYTES)
}

/// Encodes the message of an answer.
async fn encoded(answer: Response) -> Response {
    let (parts, mut body) = answer.into_parts();
    let first = next_frame(&mut body).await.into_iter().collect();
    Response::from_parts(parts, Body::new(Begun { first, rest: body }))
}

async fn next_frame(body: &mut Body) -> Option<Result<Frame<Bytes>, axum::Error>> {
    std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await
}

/// A body whose first frames have been read.
#[derive(Debug)]
struct Begun {
    first: VecDeque<Result<Frame<Bytes>, axum::Error>>,
    rest: Body,
}

impl HttpBody for Begun {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = match self.first.pop_front() {
            Some(frame) => Poll::Ready(Some(frame)),
            None if self.rest.is_end_stream() => Poll::Ready(None),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        };
        frame.map(|frame| frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_empty() && self.rest.is_end_stream()
    }
}

#[cfg(test)]
mod tests;
