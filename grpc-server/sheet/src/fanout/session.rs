//! A live session's way out: a bounded queue from the sheet's task, read as a stream of frames.
//!
//! It knows the session's window and its client, and nothing of transport or SQL. Invariant: the
//! stream shows every revision that concerns the session once and in order, each as a `Change`, or
//! as `Accepted` where it is the session's own; what is left out changes nothing in its window. A
//! session that does not read fills its queue, is told to load afresh, and
//! ends; it never holds the sheet up. No frame is larger than a message may be.

mod frames;
mod outgoing;
mod reader;
mod room;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use gridloom::pieces::{Framing, Pieces};
use gridloom::v1::{self, server_frame::Frame};
use ot_engine::{ClientId, Window};
use tokio::sync::mpsc;
use tokio_stream::Stream;

use self::frames::{FrameBuilder, Place};
pub(crate) use self::outgoing::Outgoing;
use self::reader::Reader;
pub use self::reader::StatusOf;
pub(crate) use self::room::Room;
use crate::fanout::published::{Published, SessionKey};

/// The largest message of a session's stream, in bytes: a cell as large as cells usually may be fits.
/// Frames above it travel in pieces, as each session keeps a buffer for the largest message.
const MESSAGE_BYTES_MOST: usize = 80 * 1024;
/// Room for frames that a session keeps while nothing comes: most sessions are idle most of the time,
/// and a burst would cost each of them kilobytes for ever.
const IDLE_FRAMES: usize = 4;

/// Why the server ends a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// It did not read what it was sent.
    SlowReader,
    /// The sheet lost its state in memory and is loaded afresh.
    Reload,
    /// The server stops.
    Draining,
    /// The access token expired or was revoked.
    Unauthenticated,
    /// The right to read ended, or the sheet was deleted.
    NotFound,
    /// The same client opened a newer session.
    Replaced,
    /// A needed part of the server is away.
    Unavailable,
    /// The journal is away, so no edit can be accepted.
    JournalAway,
    /// The client id belongs to another account.
    ForeignClient,
    /// It said `Hello` twice.
    SecondHello,
    /// A frame that could not be read: too large, or damaged.
    Unreadable(String),
    /// The rest of a frame did not arrive in time. It may arrive on another connection.
    Unfinished,
    /// The sheet has as many sessions as it may have.
    TooMany,
    /// It sent more before `Welcome` than the server keeps.
    Early,
}

impl EndReason {
    /// What the client is told in a frame before the status: that its state is of no more use.
    fn last_frame(&self) -> Option<v1::ServerFrame> {
        let reason = match self {
            Self::SlowReader => v1::resync::Reason::SlowReader,
            Self::Reload => v1::resync::Reason::Reload,
            _ => return None,
        };
        let frame = Frame::Resync(v1::Resync { reason: reason.into() });
        Some(v1::ServerFrame { frame: Some(frame) })
    }
}

/// An entry on its way, and for how many bytes of the queue it counts.
type Queued = (Outgoing, usize);

/// The sheet task's end of a session.
#[derive(Debug)]
pub struct Outbox {
    queue: mpsc::UnboundedSender<Queued>,
    room: Arc<Room>,
    end: Arc<OnceLock<EndReason>>,
}

/// The transport's end of a session: frames, and at last why it ended.
#[derive(Debug)]
pub struct SessionStream {
    queue: mpsc::UnboundedReceiver<Queued>,
    room: Arc<Room>,
    end: Arc<OnceLock<EndReason>>,
    /// The entry of which frames are being made, and how many of its items have been.
    current: Option<(Outgoing, usize)>,
    frames: VecDeque<v1::ServerFrame>,
    /// What is left of a large frame.
    pieces: Option<Pieces>,
    /// The largest message, in bytes.
    message_bytes: usize,
    reader: Reader,
    /// Something has come from the queue: the sheet has taken the session in, or said why not.
    begun: bool,
    /// Nothing comes from the queue any more.
    closed: bool,
    /// What the stream still has to end with.
    last: Option<EndReason>,
}

/// What bounds a session's way out.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// Entries of its queue: more than that unread, and it counts as a slow reader.
    pub queue_frames: usize,
    /// The largest message, in bytes.
    pub message_bytes: usize,
}

/// Makes both ends of a session, with a bounded queue between them.
pub fn channel(
    key: SessionKey,
    client: ClientId,
    window: Window,
    status_of: StatusOf,
    limits: SessionLimits,
) -> (Outbox, SessionStream) {
    // The room bounds it: a bounded channel would count entries alone.
    let (sender, queue) = mpsc::unbounded_channel();
    let room = Arc::new(Room::new(limits.queue_frames));
    let end = Arc::new(OnceLock::new());
    let outbox = Outbox { queue: sender, room: Arc::clone(&room), end: end.clone() };
    let stream = SessionStream {
        queue,
        room,
        end,
        current: None,
        frames: VecDeque::new(),
        pieces: None,
        message_bytes: limits.message_bytes.min(MESSAGE_BYTES_MOST),
        reader: Reader { key, client, window, status_of, place: Place::default() },
        begun: false,
        closed: false,
        last: None,
    };
    (outbox, stream)
}

impl Outbox {
    /// Queues an entry; false when the session is over, because it left or its queue is full.
    pub(crate) fn push(&self, entry: Outgoing) -> bool {
        let bytes = entry.bytes();
        if !self.room.admit(bytes) {
            self.end(EndReason::SlowReader);
            return false;
        }
        self.queue.send((entry, bytes)).is_ok()
    }

    /// Queues changes that the session missed while it was away: all of them, since it has read none
    /// of them so far.
    pub(crate) fn push_missed(&self, batch: Arc<Published>) {
        self.room.admit_spared();
        // A session that has gone is noticed elsewhere.
        let _ = self.queue.send((Outgoing::Batch(batch), 0));
    }

    /// Queues a frame of the session's own.
    pub(crate) fn frame(&self, frame: Frame) -> bool {
        self.push(Outgoing::Frame(Box::new(v1::ServerFrame { frame: Some(frame) })))
    }

    /// Whether at least half of the queue is free: enough for what may as well be left out.
    pub(crate) fn has_room(&self) -> bool {
        self.room.has_half()
    }

    /// Says why the session ends; the first reason stays. The end comes when the outbox is dropped.
    pub(crate) fn end(&self, reason: EndReason) {
        // Somebody else's earlier reason is the true one.
        let _ = self.end.set(reason);
    }

    /// The room in its queue, for answers that can be produced at the reader's pace.
    pub(crate) fn room(&self) -> Arc<Room> {
        Arc::clone(&self.room)
    }
}

impl Drop for SessionStream {
    fn drop(&mut self) {
        self.room.leave();
    }
}

impl Stream for SessionStream {
    type Item = Result<v1::ServerFrame, EndReason>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(frame) = this.next_message() {
                return Poll::Ready(Some(Ok(frame)));
            }
            if this.closed {
                return Poll::Ready(this.last.take().map(Err));
            }
            ready!(this.poll_translate(cx));
        }
    }
}

impl SessionStream {
    /// The next message of what is at hand: a frame, or a piece of one.
    fn next_message(&mut self) -> Option<v1::ServerFrame> {
        loop {
            if let Some(pieces) = &mut self.pieces {
                match pieces.next() {
                    Some(piece) => return Some(piece),
                    None => self.pieces = None,
                }
                self.room.set_large(false);
            }
            match Framing::of(self.frames.pop_front()?, self.message_bytes) {
                Framing::Whole(frame) => return Some(frame),
                Framing::Pieces(pieces) => {
                    self.room.set_large(true);
                    self.pieces = Some(pieces);
                }
            }
        }
    }

    /// Turns what is in the queue into frames, until there is something to send.
    fn poll_translate(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Self { queue, room, current, frames, reader, begun, .. } = self;
        let place = std::mem::take(&mut reader.place);
        let mut builder = FrameBuilder::new(frames, place);
        let mut polled = Poll::Ready(());
        while !builder.is_full() {
            let (entry, done) = match current.take() {
                Some(current) => current,
                None => match queue.poll_recv(cx) {
                    Poll::Ready(Some((entry, bytes))) => {
                        room.taken(bytes);
                        *begun = true;
                        (entry, 0)
                    }
                    Poll::Ready(None) => {
                        self.closed = true;
                        break;
                    }
                    Poll::Pending => {
                        polled = Poll::Pending;
                        break;
                    }
                },
            };
            *current = reader.entry(entry, done, &mut builder);
        }
        reader.place = builder.finish();
        if self.closed {
            self.finish();
        }
        if self.frames.is_empty() && polled.is_pending() {
            self.frames.shrink_to(IDLE_FRAMES);
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// Nothing more comes: tells why, as far as there is a reason.
    fn finish(&mut self) {
        self.last = self.end.get().cloned();
        self.frames.extend(self.last.as_ref().and_then(EndReason::last_frame));
        if !self.begun {
            // The sheet closed before it got to this session, which should come again.
            self.last.get_or_insert(EndReason::Reload);
        }
    }
}

#[cfg(test)]
mod tests;
