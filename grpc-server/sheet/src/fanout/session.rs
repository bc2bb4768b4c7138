//! The outgoing side of a live session: a bounded queue from the sheet's task, read as a stream of frames.
//!
//! It knows the session's window and its client. Not here: the transport, and what is queued (`viewport`).
//!
//! Invariant: the stream has every revision that concerns the session once and in order, as a `Change`, or as
//! `Accepted` for the session's own edit; a revision that is left out changes nothing in its window. A session
//! that does not read fills its queue and ends with a `Resync`; it never delays the sheet. No message is larger
//! than its limit.

mod encoder;
mod frames;
mod outgoing;
mod queue_limit;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use gridloom::pieces::{Framing, Pieces};
use gridloom::v1::{self, server_frame::Frame};
use ot_engine::{ClientId, Window};
use tokio::sync::mpsc;
use tokio_stream::Stream;

use self::encoder::Encoder;
pub use self::encoder::StatusOf;
use self::frames::{FrameBuilder, Progress};
pub(crate) use self::outgoing::Outgoing;
pub(crate) use self::queue_limit::QueueLimit;
use crate::fanout::published::{Published, SessionKey};
use crate::memory::FrameRoom;
use model::budget::Hold;

/// The largest message of a session's stream, in bytes: a cell as large as cells usually may be fits.
/// Frames above it travel in pieces, as each session keeps a buffer for the largest message.
const MESSAGE_BYTES_MOST: usize = 80 * 1024;
/// Capacity for frames that an idle session keeps: most sessions are idle most of the time, and without this
/// limit a burst would cost each of them kilobytes permanently.
const IDLE_FRAMES: usize = 4;

/// Why the server ends a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// It did not read its frames.
    SlowReader,
    /// The sheet lost its state in memory and is loaded again.
    Reload,
    /// The server stops.
    Draining,
    /// The access token expired or was revoked.
    Unauthenticated,
    /// The sheet was deleted.
    NotFound,
    /// The account has no role on the sheet any more.
    AccessEnded,
    /// The same client opened a newer session.
    Replaced,
    /// A needed part of the server is away.
    Unavailable,
    /// The journal is away, so no edit can be accepted.
    JournalAway,
    /// The client id belongs to another account.
    ForeignClient,
    /// The client sent `Hello` twice.
    SecondHello,
    /// The client sent a frame that could not be decoded: too large, or damaged.
    Unreadable(String),
    /// The rest of a frame did not arrive in time. It may arrive on another connection.
    Unfinished,
    /// It sent no frame for as long as it had promised to send one.
    Silent,
    /// The sheet has as many sessions as it may have.
    TooMany,
    /// The client sent more before `Welcome` than the server keeps.
    Early,
}

impl EndReason {
    /// The frame before the status, for a client that must load the sheet again.
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

/// A queued entry.
#[derive(Debug)]
struct Queued {
    entry: Outgoing,
    /// The bytes that it counts for in its queue.
    bytes: usize,
    /// The same, of an entry of the session's own, in the memory of its account.
    hold: Option<Hold>,
}

/// The sheet task's end of a session.
#[derive(Debug)]
pub struct Outbox {
    queue: mpsc::UnboundedSender<Queued>,
    limit: Arc<QueueLimit>,
    end: Arc<OnceLock<EndReason>>,
}

/// The transport's end of a session: frames, and at last the reason of its end.
#[derive(Debug)]
pub struct SessionStream {
    queue: mpsc::UnboundedReceiver<Queued>,
    limit: Arc<QueueLimit>,
    end: Arc<OnceLock<EndReason>>,
    /// The entry that is being encoded, and the number of its encoded items.
    current: Option<(Outgoing, usize)>,
    /// The memory that the entry holds for its account.
    held: Option<Hold>,
    frames: VecDeque<v1::ServerFrame>,
    /// The remaining pieces of a large frame.
    pieces: Option<Pieces>,
    /// The largest message, in bytes.
    message_bytes: usize,
    encoder: Encoder,
    /// An entry was taken from the queue, so the sheet has admitted the session.
    begun: bool,
    /// The queue is closed and empty.
    closed: bool,
    /// The reason that the stream has still to end with.
    last: Option<EndReason>,
}

/// The limits of a session's queue and messages.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// Entries of its queue; with more unread entries it is a slow reader.
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
    room: FrameRoom,
) -> (Outbox, SessionStream) {
    // `QueueLimit` bounds the queue: a bounded channel would count entries alone.
    let (sender, queue) = mpsc::unbounded_channel();
    let limit = Arc::new(QueueLimit::new(limits.queue_frames, room));
    let end = Arc::new(OnceLock::new());
    let outbox = Outbox { queue: sender, limit: Arc::clone(&limit), end: end.clone() };
    let stream = SessionStream {
        queue,
        limit,
        end,
        current: None,
        held: None,
        frames: VecDeque::new(),
        pieces: None,
        message_bytes: limits.message_bytes.min(MESSAGE_BYTES_MOST),
        encoder: Encoder { key, client, window, status_of, progress: Progress::default() },
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
        if !self.limit.try_reserve(bytes) {
            self.end(EndReason::SlowReader);
            return false;
        }
        let hold = entry.is_own().then(|| self.limit.room().hold(bytes));
        self.queue.send(Queued { entry, bytes, hold }).is_ok()
    }

    /// Queues the changes that the session missed while it was away, whatever their number.
    pub(crate) fn push_missed(&self, batch: Arc<Published>) {
        self.limit.reserve_exempt();
        let entry = Outgoing::Batch(batch);
        let hold = Some(self.limit.room().hold(entry.bytes()));
        // The next broadcast removes a session whose stream was dropped.
        let _ = self.queue.send(Queued { entry, bytes: 0, hold });
    }

    /// Whether the session's account has room for the changes that it missed.
    pub(crate) fn has_room_for_missed(&self) -> bool {
        self.limit.room().account_has_room()
    }

    /// Queues a frame of the session's own.
    pub(crate) fn frame(&self, frame: Frame) -> bool {
        self.push(Outgoing::Frame(Box::new(v1::ServerFrame { frame: Some(frame) })))
    }

    /// Whether at least half of the queue is free. An entry that may be left out is queued only then.
    pub(crate) fn is_half_free(&self) -> bool {
        self.limit.is_half_free()
    }

    /// Sets the reason of the session's end; the first one stays. The stream ends when the outbox is dropped.
    pub(crate) fn end(&self, reason: EndReason) {
        // An earlier reason is the cause of the end.
        let _ = self.end.set(reason);
    }

    /// The limit of its queue, for answers that are sent at the session's pace.
    pub(crate) fn limit(&self) -> Arc<QueueLimit> {
        Arc::clone(&self.limit)
    }
}

impl Drop for SessionStream {
    fn drop(&mut self) {
        self.limit.close();
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
            ready!(this.poll_encode(cx));
        }
    }
}

impl SessionStream {
    /// The next message that is encoded already: a frame, or a piece of one.
    fn next_message(&mut self) -> Option<v1::ServerFrame> {
        loop {
            if let Some(pieces) = &mut self.pieces {
                match pieces.next() {
                    Some(piece) => return Some(piece),
                    None => self.pieces = None,
                }
                self.limit.set_large(false);
            }
            match Framing::of(self.frames.pop_front()?, self.message_bytes) {
                Framing::Whole(frame) => return Some(frame),
                Framing::Pieces(pieces) => {
                    self.limit.set_large(true);
                    self.pieces = Some(pieces);
                }
            }
        }
    }

    /// Encodes queued entries as frames, until there is a frame to send.
    fn poll_encode(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Self { queue, limit, current, held, frames, encoder, begun, .. } = self;
        let progress = std::mem::take(&mut encoder.progress);
        let mut builder = FrameBuilder::new(frames, progress);
        let mut polled = Poll::Ready(());
        while !builder.is_full() {
            let (entry, done) = match current.take() {
                Some(current) => current,
                None => match queue.poll_recv(cx) {
                    Poll::Ready(Some(Queued { entry, bytes, hold })) => {
                        limit.release(bytes);
                        *held = hold;
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
            *current = encoder.encode(entry, done, &mut builder);
            if current.is_none() && held.take().is_some() {
                limit.room().released();
            }
        }
        encoder.progress = builder.finish();
        if self.closed {
            self.finish();
        }
        if self.frames.is_empty() && polled.is_pending() {
            self.frames.shrink_to(IDLE_FRAMES);
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// Ends the stream with its reason, if there is one.
    fn finish(&mut self) {
        self.last = self.end.get().cloned();
        self.frames.extend(self.last.as_ref().and_then(EndReason::last_frame));
        if !self.begun {
            // The sheet closed before it admitted this session, so the client must open it again.
            self.last.get_or_insert(EndReason::Reload);
        }
    }
}

#[cfg(test)]
mod tests;
