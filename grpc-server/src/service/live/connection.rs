//! Connections of `Connect`: one stream that carries the frames of many sessions, and of streams of notices.
//!
//! Not what a session is (`stream`), nor which numbers are in use (`slots`). Each member keeps its own queue; the
//! connection takes one frame of each member that has one, in turn.
//!
//! Invariant: the sessions of a connection end with it. A connection whose client is silent for
//! [`CONNECTION_SILENT`] ends, also while its answer is not read.

mod member;

use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::SelectAll;
use gridloom::v1;
use gridloom::v1::connect_response::Frame;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_stream::Stream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::Status;

use self::member::{Member, MemberStream};
use super::slots::{AttachedSession, Slot, Slots};
use super::stream::LiveStream;
use crate::edge::errors::{self, ServiceError, StatusBuilder};
use crate::edge::quotas::Place;
use crate::people::AttachedNotices;
use model::limits::edge::{CONNECTION_SESSIONS, CONNECTION_SILENT};

/// Answers to `KeepConnection` that wait for the reader; further ones are left out.
const PONGS: usize = 4;

/// Open connections, by their ids.
#[derive(Debug, Default)]
pub(super) struct Connections {
    open: Mutex<HashMap<String, Arc<Connection>>>,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    slots: Arc<Slots>,
    members: mpsc::Sender<Member>,
    pongs: mpsc::Sender<u64>,
    /// When the client last called for it.
    called: Mutex<Instant>,
    /// Why the server ends it.
    status: OnceLock<Status>,
    /// Cancelled when it has ended.
    over: CancellationToken,
}

impl Connections {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Connection>>> {
        // Every change of the map is a single call, so a poisoned one is whole.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a connection under a new id. The place is its own among the sessions of its account.
    pub(super) fn open(
        self: &Arc<Self>,
        id: String,
        place: Option<Place>,
    ) -> (Arc<Connection>, ConnectFrames) {
        // One message for each slot, so there is always room.
        let (members, arrivals) = mpsc::channel(CONNECTION_SESSIONS);
        let (pongs, answers) = mpsc::channel(PONGS);
        let connection = Arc::new(Connection {
            slots: Arc::default(),
            members,
            pongs,
            called: Mutex::new(Instant::now()),
            status: OnceLock::new(),
            over: CancellationToken::new(),
        });
        self.lock().insert(id.clone(), Arc::clone(&connection));
        let frames = ConnectFrames {
            opened: Some(opened(id.clone())),
            arrivals,
            answers,
            members: SelectAll::new(),
            over: Box::pin(connection.over.clone().cancelled_owned()),
            open: Entry {
                id,
                connections: Arc::downgrade(self),
                connection: Arc::clone(&connection),
            },
            _place: place,
        };
        (connection, frames)
    }

    /// The connection that a call names; the call counts as a sign of life.
    pub(super) fn called(&self, id: &str) -> Result<Arc<Connection>, Status> {
        let found = self.lock().get(id).cloned();
        let connection = found.filter(|it| !it.over.is_cancelled());
        let connection = connection.ok_or_else(errors::connection_gone)?;
        *connection.last_call() = Instant::now();
        Ok(connection)
    }
}

fn opened(connection_id: String) -> v1::Opened {
    v1::Opened {
        connection_id,
        silence_seconds: u32::try_from(CONNECTION_SILENT.as_secs()).unwrap_or(u32::MAX),
        sessions: u32::try_from(CONNECTION_SESSIONS).unwrap_or(u32::MAX),
    }
}

impl Connection {
    fn last_call(&self) -> MutexGuard<'_, Instant> {
        // One value: after a panic elsewhere it is still valid.
        self.called.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves a number for a session, or for a stream of notices.
    pub(super) fn reserve(&self, number: u32) -> Result<Slot, Status> {
        self.slots.reserve(number)
    }

    /// Adds a session that is open.
    pub(super) fn attach(
        &self,
        slot: Slot,
        session: AttachedSession,
        frames: LiveStream<v1::ServerFrame>,
    ) -> Result<(), Status> {
        slot.begin(session);
        self.add(slot, MemberStream::Session(Box::new(frames)))
    }

    /// Adds a stream of notices that is open. Its task ends with the slot's number.
    pub(super) fn attach_notices(
        &self,
        slot: Slot,
        answers: AttachedNotices,
    ) -> Result<(), Status> {
        self.add(slot, MemberStream::Notices(answers))
    }

    fn add(&self, slot: Slot, frames: MemberStream) -> Result<(), Status> {
        if slot.detached.is_cancelled() {
            return Err(Status::cancelled("it was detached while it opened"));
        }
        // The only error is that the connection has ended.
        self.members.try_send(Member::new(slot, frames)).map_err(|_| errors::connection_gone())
    }

    /// Ends a session, or a stream of notices.
    pub(super) fn detach(&self, number: u32) {
        self.slots.detach(number);
    }

    /// Answers a call that keeps the connection.
    pub(super) fn pong(&self, nonce: u64) {
        // A reader that has not read the last answers needs no further one.
        let _ = self.pongs.try_send(nonce);
    }

    /// Ends the connection when its client is silent, its token expires, or the server shuts down and its last
    /// session has left.
    pub(super) async fn keep(self: Arc<Self>, valid: Duration, draining: CancellationToken) {
        let mut expiry = pin!(sleep(valid));
        let mut drained = pin!(async {
            draining.cancelled().await;
            self.slots.close().await;
        });
        loop {
            let silent_at = *self.last_call() + CONNECTION_SILENT;
            tokio::select! {
                biased;
                // The client has left.
                () = self.over.cancelled() => return,
                // Its token has expired.
                () = expiry.as_mut() => return self.end(ServiceError::BadToken.into()),
                // The server shuts down.
                () = drained.as_mut() => return self.end(StatusBuilder::draining().into()),
                // No call for it, unless one came meanwhile.
                () = sleep_until(silent_at) => if *self.last_call() + CONNECTION_SILENT == silent_at {
                    return self.end(errors::connection_silent(CONNECTION_SILENT));
                },
            }
        }
    }

    fn end(&self, status: Status) {
        // The first reason is the cause.
        let _ = self.status.set(status);
        self.over.cancel();
        self.slots.end();
    }
}

/// Removes a connection from the table when its answer is dropped.
#[derive(Debug)]
struct Entry {
    id: String,
    connections: Weak<Connections>,
    connection: Arc<Connection>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        // Before the sessions are dropped: a session that opens meanwhile finds that its connection has ended.
        self.connection.over.cancel();
        self.connection.slots.end();
        if let Some(connections) = self.connections.upgrade() {
            connections.lock().remove(&self.id);
        }
    }
}

/// The frames of a connection, as a gRPC response.
#[derive(Debug)]
pub struct ConnectFrames {
    /// The first frame, until it is sent.
    opened: Option<v1::Opened>,
    open: Entry,
    arrivals: mpsc::Receiver<Member>,
    answers: mpsc::Receiver<u64>,
    members: SelectAll<Member>,
    over: Pin<Box<WaitForCancellationFutureOwned>>,
    _place: Option<Place>,
}

impl Stream for ConnectFrames {
    type Item = Result<v1::ConnectResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(opened) = this.opened.take() {
            return Poll::Ready(Some(Ok(response(Frame::Opened(opened)))));
        }
        if this.over.as_mut().poll(cx).is_ready() {
            this.members.clear();
            let status = this.open.connection.status.get().cloned();
            return Poll::Ready(Some(Err(status.unwrap_or_else(errors::connection_gone))));
        }
        if let Poll::Ready(Some(nonce)) = this.answers.poll_recv(cx) {
            return Poll::Ready(Some(Ok(response(Frame::Pong(v1::ConnectionPong { nonce })))));
        }
        while let Poll::Ready(Some(member)) = this.arrivals.poll_recv(cx) {
            this.members.push(member);
        }
        match this.members.poll_next_unpin(cx) {
            Poll::Ready(Some(frame)) => Poll::Ready(Some(Ok(response(frame)))),
            // Without a session the next arrival wakes it.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

fn response(frame: Frame) -> v1::ConnectResponse {
    v1::ConnectResponse { frame: Some(frame) }
}

#[cfg(test)]
mod tests;
