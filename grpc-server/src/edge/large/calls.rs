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
use model::limits::edge::ACCOUNT_MESSAGE_BYTES;
use model::limits::files::PIECE_MESSAGE_BYTES;
use model::limits::tables::TABLE_MESSAGE_BYTES;
use model::sizes::LIGHT_BYTES;
use prost::bytes::BytesMut;
use tonic::Status;

use super::LargeAnswer;
use super::messages;
use super::place::Place;
use crate::edge::auth::Identity;
use crate::edge::errors::ServiceError;

/// A piece of a request.
const PIECE_BYTES: usize = 64 << 10;
/// Services whose requests may be as large as the setting allows; those of the others have a smaller limit.
const LARGE: [&str; 2] = ["/gridloom.v1.SheetService/", "/gridloom.v1.LiveService/"];
/// Services whose requests may name each column of a wide table.
const TABLES: [&str; 3] = [
    "/gridloom.v1.DerivationService/",
    "/gridloom.v1.TableService/",
    "/gridloom.v1.TransferService/",
];
/// The service whose requests may be as large as a piece of a file, whatever the setting.
const FILES: &str = "/gridloom.v1.FileService/";

/// Carries a call out.
pub(crate) async fn carry(State(limit): State<usize>, request: Request, next: Next) -> Response {
    let account = request.extensions().get::<Identity>().map(|identity| identity.account);
    // Without a token a request has few bytes.
    let Some(account) = account else { return next.run(request).await };
    let caller = Caller::Account(account);
    if messages::is_streamed(request.uri().path()) {
        return next.run(messages::marked(request)).await;
    }
    let (parts, body) = request.into_parts();
    let (body, is_large) = begun(body, limit_of(parts.uri.path(), limit)).await;
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

/// The most bytes that a request of this path may have.
fn limit_of(path: &str, limit: usize) -> usize {
    if path.starts_with(FILES) {
        PIECE_MESSAGE_BYTES
    } else if LARGE.iter().any(|service| path.starts_with(service)) {
        limit
    } else if TABLES.iter().any(|service| path.starts_with(service)) {
        limit.min(TABLE_MESSAGE_BYTES)
    } else {
        limit.min(ACCOUNT_MESSAGE_BYTES)
    }
}

/// Reads a request until it has ended, or is longer than it may be, which its call refuses; whether it is large. What has
/// arrived is kept in pieces of one size, in however many parts its client sends it.
async fn begun(mut body: Body, limit: usize) -> (Body, bool) {
    let (mut pieces, mut last) = (Pieces::default(), None);
    let mut place = Place::default();
    while let Some(frame) = next_frame(&mut body).await {
        match frame.map(Frame::into_data) {
            Ok(Ok(part)) => {
                place.pass(&part);
                pieces.add(&part);
            }
            Ok(Err(trailers)) => last = Some(Ok(trailers)),
            Err(error) => last = Some(Err(error)),
        }
        if last.is_some() || place.length() > limit || pieces.bytes > limit {
            break;
        }
    }
    let is_large = pieces.bytes > LIGHT_BYTES;
    let first = pieces.finish().map(|piece| Ok(Frame::data(piece))).chain(last).collect();
    (Body::new(Begun { first, rest: body }), is_large)
}

/// Bytes in pieces, so that they take hardly more memory than their number.
#[derive(Default)]
struct Pieces {
    whole: Vec<Bytes>,
    piece: BytesMut,
    bytes: usize,
}

impl Pieces {
    fn add(&mut self, mut part: &[u8]) {
        self.bytes += part.len();
        while !part.is_empty() {
            let (now, rest) = part.split_at(part.len().min(PIECE_BYTES - self.piece.len()));
            self.piece.extend_from_slice(now);
            part = rest;
            if self.piece.len() == PIECE_BYTES {
                let next = BytesMut::with_capacity(PIECE_BYTES);
                self.whole.push(std::mem::replace(&mut self.piece, next).freeze());
            }
        }
    }

    fn finish(self) -> impl Iterator<Item = Bytes> {
        let last = Some(self.piece.freeze()).filter(|piece| !piece.is_empty());
        self.whole.into_iter().chain(last)
    }
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
