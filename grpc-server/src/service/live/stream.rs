//! A session's frames as a gRPC response.
//!
//! Not how the frames are made (`fanout`). Invariant: when the response is dropped, for any reason, the session
//! leaves its sheet and its end is registered.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use tokio_stream::Stream;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::Status;

use super::sends::SendEntry;
use crate::cluster::session_registry::RegisteredSession;
use crate::edge::errors;
use crate::edge::quotas::Place;
use crate::edge::rights::session_index::IndexedSession;
use model::Ended;
use sheet::api::message::{Request, SheetHandle};
use sheet::fanout::published::SessionKey;
use sheet::fanout::session::{EndReason, SessionStream};

/// A session's frames, wrapped as the response type `T`.
#[derive(Debug)]
pub struct LiveStream<T> {
    frames: SessionStream,
    wrap: fn(v1::ServerFrame) -> T,
    leave: Leave,
    /// Resolves when the session's token is revoked.
    revoked: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl<T> LiveStream<T> {
    pub(super) fn new(frames: SessionStream, leave: Leave, wrap: fn(v1::ServerFrame) -> T) -> Self {
        let revoked = Box::pin(leave.watch.ended.clone().cancelled_owned());
        Self { frames, wrap, leave, revoked }
    }
}

impl<T> Stream for LiveStream<T> {
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        // Not left to the sheet, which may stand still.
        if this.leave.over || this.revoked.as_mut().poll(cx).is_ready() {
            return Poll::Ready(this.leave.revoked());
        }
        Poll::Ready(match ready!(Pin::new(&mut this.frames).poll_next(cx)) {
            Some(Ok(frame)) => {
                if let Some(Frame::Draining(_)) = frame.frame {
                    this.leave.registered.drained();
                }
                Some(Ok((this.wrap)(frame)))
            }
            Some(Err(reason)) => {
                let (how, detail) = ended(&reason);
                this.leave.registered.ended(how, detail);
                Some(Err(errors::end(&reason)))
            }
            None => None,
        })
    }
}

/// How the registry names an end that came from the server's side.
const fn ended(reason: &EndReason) -> (Ended, &'static str) {
    match reason {
        EndReason::Unavailable => (Ended::Error, "a part that it needed was away"),
        EndReason::JournalAway => (Ended::Error, "the journal was away"),
        EndReason::Reload => (Ended::Error, "the sheet was loaded again"),
        EndReason::Draining => (Ended::Drained, ""),
        EndReason::SlowReader => (Ended::Closed, "it did not read what it was sent"),
        EndReason::Unauthenticated => (Ended::Closed, "its access token ended"),
        EndReason::NotFound => (Ended::Closed, "the sheet was deleted"),
        EndReason::AccessEnded => (Ended::Closed, "the account's access to the sheet ended"),
        EndReason::Replaced => (Ended::Closed, "the same client opened another"),
        EndReason::ForeignClient => (Ended::Closed, "its client id belongs to another account"),
        EndReason::SecondHello => (Ended::Closed, "it sent a second hello"),
        EndReason::Unreadable(_) => (Ended::Closed, "it sent a frame that could not be read"),
        EndReason::Unfinished => (Ended::Closed, "the rest of a frame did not arrive in time"),
        EndReason::Silent => (Ended::Closed, "it sent no frame for as long as it had promised to"),
        EndReason::Early => (Ended::Closed, "it sent too much before it was admitted"),
        EndReason::TooMany => (Ended::Closed, "the sheet had as many sessions as it may have"),
    }
}

/// Removes the session from its sheet, and registers its end, when the response is dropped for any
/// reason.
#[derive(Debug)]
pub(super) struct Leave {
    handle: SheetHandle,
    key: SessionKey,
    registered: RegisteredSession,
    entry: Option<SendEntry>,
    watch: IndexedSession,
    /// Its place among the sessions of its account.
    _place: Place,
    /// The client has received that its token was revoked.
    over: bool,
}

impl Leave {
    pub(super) fn new(
        handle: SheetHandle,
        key: SessionKey,
        registered: RegisteredSession,
        (watch, place): (IndexedSession, Place),
    ) -> Self {
        Self { handle, key, registered, entry: None, watch, _place: place, over: false }
    }

    /// The end of a session whose token was revoked.
    fn revoked<T>(&mut self) -> Option<Result<T, Status>> {
        if std::mem::replace(&mut self.over, true) {
            return None;
        }
        let reason = EndReason::Unauthenticated;
        let (how, detail) = ended(&reason);
        self.registered.ended(how, detail);
        Some(Err(errors::end(&reason)))
    }

    /// Ends the frames of `Send` as well.
    pub(super) fn and(mut self, entry: SendEntry) -> Self {
        self.entry = Some(entry);
        self
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        // Ends the session's pump.
        self.watch.ended.cancel();
        self.handle.send_detached(Request::Leave(self.key));
        self.entry.take();
    }
}
