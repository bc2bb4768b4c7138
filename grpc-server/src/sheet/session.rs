//! A live session's way out: a bounded queue from the sheet's task, read as a stream of frames.
//!
//! It knows the session's window and its client, and nothing of transport or SQL. Invariant: the
//! stream shows every revision that concerns the session once and in order, each as a `Change`, or
//! as `Accepted` where it is the session's own; what is left out changes nothing in its window. A
//! session that does not read fills its queue, is told to load afresh, and
//! ends; it never holds the sheet up.

mod frames;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use gridloom::convert;
use gridloom::rpc::Status as WireStatus;
use gridloom::v1::{self, server_frame::Frame};
use ot_engine::{ClientId, EntryConflict, Revision, Sequence, Window};
use tokio::sync::mpsc;
use tokio_stream::Stream;

use self::frames::{FrameBuilder, Place};
use super::publish::{Item, Published, PublishedChange, SessionKey, command_client};
use super::refusal::Refusal;

/// Queue entries turned into frames at one go; bounds what a session holds in encoded form.
const ENTRIES_AT_ONCE: usize = 64;
/// Room for entries and frames that a session keeps while nothing comes: most sessions are idle most of
/// the time, and a burst would cost each of them kilobytes for ever.
const IDLE_ENTRIES: usize = 4;
/// How the transport words a refusal.
pub type StatusOf = fn(&Refusal) -> WireStatus;

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
    /// The sheet has as many sessions as it may have.
    TooMany,
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

/// One entry of a session's queue.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// Changes and answers, shared with all other sessions.
    Batch(Arc<Published>),
    /// From here on the session looks at another window.
    Window(Window),
    /// The sheet is at this revision; what led there and was not queued does not concern the session.
    Reached(Revision),
    /// Everything up to here is in Postgres.
    Committed(Revision),
    /// Who is here, as encoded messages: shared with other sessions.
    Presence(Arc<[Bytes]>),
    /// A frame of its own.
    Frame(Box<v1::ServerFrame>),
}

/// The sheet task's end of a session.
#[derive(Debug)]
pub struct Outbox {
    queue: mpsc::Sender<Outgoing>,
    end: Arc<OnceLock<EndReason>>,
}

/// The transport's end of a session: frames, and at last why it ended.
#[derive(Debug)]
pub struct SessionStream {
    queue: mpsc::Receiver<Outgoing>,
    end: Arc<OnceLock<EndReason>>,
    entries: Vec<Outgoing>,
    frames: VecDeque<v1::ServerFrame>,
    reader: Reader,
    /// Something has come from the queue: the sheet has taken the session in, or said why not.
    begun: bool,
    /// Nothing comes from the queue any more.
    closed: bool,
    /// What the stream still has to end with.
    last: Option<EndReason>,
}

/// Who reads: what decides how a batch looks to this session.
#[derive(Debug)]
struct Reader {
    key: SessionKey,
    client: ClientId,
    window: Window,
    status_of: StatusOf,
    place: Place,
}

/// Makes both ends of a session, with a queue of `queue_frames` entries between them: more than
/// that unread, and it counts as a slow reader.
pub fn channel(
    key: SessionKey,
    client: ClientId,
    window: Window,
    status_of: StatusOf,
    queue_frames: usize,
) -> (Outbox, SessionStream) {
    let (sender, queue) = mpsc::channel(queue_frames.max(2));
    let end = Arc::new(OnceLock::new());
    let outbox = Outbox { queue: sender, end: end.clone() };
    let stream = SessionStream {
        queue,
        end,
        entries: Vec::new(),
        frames: VecDeque::new(),
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
        match self.queue.try_send(entry) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Closed(_)) => false,
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.end(EndReason::SlowReader);
                false
            }
        }
    }

    /// Queues a frame of the session's own.
    pub(crate) fn frame(&self, frame: Frame) -> bool {
        self.push(Outgoing::Frame(Box::new(v1::ServerFrame { frame: Some(frame) })))
    }

    /// Whether at least half of the queue is free: enough for what may as well be left out.
    pub(crate) fn has_room(&self) -> bool {
        self.queue.capacity() >= self.queue.max_capacity() / 2
    }

    /// Says why the session ends; the first reason stays. The end comes when the outbox is dropped.
    pub(crate) fn end(&self, reason: EndReason) {
        // Somebody else's earlier reason is the true one.
        let _ = self.end.set(reason);
    }

    /// A sender that waits for room, for answers that can be produced at the reader's pace.
    pub(crate) fn sender(&self) -> mpsc::Sender<Outgoing> {
        self.queue.clone()
    }
}

impl Stream for SessionStream {
    type Item = Result<v1::ServerFrame, EndReason>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(frame) = this.frames.pop_front() {
                return Poll::Ready(Some(Ok(frame)));
            }
            if this.closed {
                return Poll::Ready(this.last.take().map(Err));
            }
            let polled = this.queue.poll_recv_many(cx, &mut this.entries, ENTRIES_AT_ONCE);
            if polled.is_pending() {
                this.entries.shrink_to(IDLE_ENTRIES);
                this.frames.shrink_to(IDLE_ENTRIES);
            }
            let count = ready!(polled);
            if count == 0 {
                this.closed = true;
                this.last = this.end.get().cloned();
                this.frames.extend(this.last.as_ref().and_then(EndReason::last_frame));
                if !this.begun {
                    // The sheet closed before it got to this session, which should come again.
                    this.last.get_or_insert(EndReason::Reload);
                }
            } else {
                this.begun = true;
                this.translate();
            }
        }
    }
}

impl SessionStream {
    /// Turns the queue entries at hand into frames.
    fn translate(&mut self) {
        let Self { reader, frames, entries, .. } = self;
        let place = std::mem::take(&mut reader.place);
        let mut frames = FrameBuilder::new(frames, place);
        for entry in entries.drain(..) {
            match entry {
                Outgoing::Batch(batch) => {
                    for item in &batch.items {
                        reader.item(item, &mut frames);
                    }
                }
                Outgoing::Window(window) => reader.window = window,
                Outgoing::Reached(revision) => frames.reach(revision, None),
                Outgoing::Committed(revision) => frames.committed(revision),
                Outgoing::Presence(parts) => {
                    parts.iter().for_each(|part| frames.push(Frame::Presence(part.clone())));
                }
                Outgoing::Frame(frame) => frames.own(*frame),
            }
        }
        reader.place = frames.finish();
    }
}

impl Reader {
    fn item(&mut self, item: &Item, frames: &mut FrameBuilder<'_>) {
        match item {
            Item::Change(change) => self.change(change, frames),
            Item::Refused { session, sequence, refusal } if *session == self.key => {
                frames.push(rejected(*sequence, (self.status_of)(refusal)));
            }
            Item::Again { session, sequence, revision, conflicts } if *session == self.key => {
                frames.push(accepted(self.client, *sequence, *revision, conflicts));
            }
            Item::Refused { .. } | Item::Again { .. } => {}
        }
    }

    /// Its author applied a delta long ago and only learns its place; everybody else gets it.
    fn change(&mut self, change: &PublishedChange, frames: &mut FrameBuilder<'_>) {
        let entry = &change.entry;
        if !entry.delta.keeps_axes() {
            self.window = self.window.map(&entry.delta);
        }
        let own = entry.client == self.client;
        if !own {
            // Whoever lost something to it gets bytes of their own.
            let encoded = match change.lost_by(self.client).next() {
                Some(_) => Some(change.encoded_for(self.client, &self.window)),
                None => change.encoded(&self.window),
            };
            frames.reach(entry.revision, encoded);
        }
        if own || entry.client == command_client(self.client) {
            let conflicts = &entry.conflicts;
            let answer = accepted(entry.client, entry.sequence, entry.revision, conflicts);
            frames.answer(entry.revision, answer);
        }
    }
}

/// The answer to an edit, with the conflicts in which its author is the one who lost.
fn accepted(
    author: ClientId,
    sequence: Sequence,
    revision: Revision,
    conflicts: &[EntryConflict],
) -> Frame {
    let own = conflicts.iter().filter(|c| c.author == author && c.revision == revision);
    Frame::Accepted(v1::Accepted {
        sequence: sequence.0,
        revision: revision.0,
        conflicts: own.map(|own| convert::conflict_to_wire(&own.conflict)).collect(),
    })
}

fn rejected(sequence: Sequence, status: WireStatus) -> Frame {
    Frame::Rejected(v1::Rejected { sequence: sequence.0, status: Some(status) })
}

#[cfg(test)]
mod tests;
