//! Frames of one session, as they are put together from a batch: many changes to one frame, and no
//! frame at all for what is left out.
//!
//! It knows nothing of windows and authors. Invariant: after every frame but a refusal or an answer
//! to a resend, the client knows how far the stream is, or is less than [`UNTOLD_REVISIONS`] behind.

use std::collections::VecDeque;

use bytes::Bytes;
use gridloom::v1::{self, server_frame::Frame};
use ot_engine::Revision;
use prost::Message as _;

/// Bytes of changes after which a frame is closed and the next one begun. A session keeps a buffer for
/// the largest.
const CHANGES_FRAME_BYTES: usize = 32 * 1024;

/// Frames that are made from the queue at one go, in bytes; one frame may be larger. Bounds what a
/// session holds in encoded form.
const FRAMES_BYTES: usize = 128 * 1024;

/// Revisions left out after which the session is told how far the stream is, so that its next edit
/// is not made on a base that the server has long forgotten.
const UNTOLD_REVISIONS: u64 = 256;

/// How far the stream is.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// The last revision that was read from the queue.
    seen: Revision,
    /// The last one that the client has been told of, by whatever frame.
    told: Revision,
}

/// Collects frames, many changes to one.
#[derive(Debug)]
pub(super) struct FrameBuilder<'a> {
    frames: &'a mut VecDeque<v1::ServerFrame>,
    changes: Vec<Bytes>,
    /// Bytes of those.
    bytes: usize,
    /// Bytes of all that was made.
    made: usize,
    place: Place,
}

impl<'a> FrameBuilder<'a> {
    /// Goes on at `place`; frames are put behind those that are there.
    pub(super) fn new(frames: &'a mut VecDeque<v1::ServerFrame>, place: Place) -> Self {
        Self { frames, changes: Vec::new(), bytes: 0, made: 0, place }
    }

    /// Whether there is enough for one go.
    pub(super) const fn is_full(&self) -> bool {
        self.made >= FRAMES_BYTES
    }

    /// The stream has reached another's revision; there may be nothing to tell of it.
    pub(super) fn reach(&mut self, revision: Revision, change: Option<Bytes>) {
        self.place.seen = revision;
        let Some(encoded) = change else { return };
        self.bytes += encoded.len();
        self.made += encoded.len();
        self.changes.push(encoded);
        if self.bytes >= CHANGES_FRAME_BYTES {
            self.close_changes();
        }
    }

    /// The stream has reached a revision of the session's own, which `frame` tells.
    pub(super) fn answer(&mut self, revision: Revision, frame: Frame) {
        // What came before is told first, and no further than to there.
        self.push(frame);
        self.place = Place { seen: revision, told: revision };
    }

    fn close_changes(&mut self) {
        if !self.changes.is_empty() {
            self.tell_place();
        }
    }

    /// Tells the changes at hand, and how far the stream is.
    fn tell_place(&mut self) {
        self.bytes = 0;
        self.place.told = self.place.seen;
        let (changes, through) = (std::mem::take(&mut self.changes), self.place.told.0);
        let frame = Frame::Changes(v1::Changes { changes, through });
        self.frames.push_back(v1::ServerFrame { frame: Some(frame) });
    }

    /// Adds a frame that is no change.
    pub(super) fn push(&mut self, frame: Frame) {
        self.close_changes();
        self.add(v1::ServerFrame { frame: Some(frame) });
    }

    fn add(&mut self, frame: v1::ServerFrame) {
        self.made += frame.encoded_len();
        self.frames.push_back(frame);
    }

    /// A frame of the session's own. Those that name a revision tell how far the stream is; before
    /// the others (a `Pong`, say) it is told, so that a client may rely on having heard everything.
    pub(super) fn own(&mut self, frame: v1::ServerFrame) {
        let place = &mut self.place;
        match &frame.frame {
            Some(Frame::Welcome(welcome)) => {
                let revision = Revision(welcome.revision);
                *place = Place { seen: revision, told: revision };
            }
            Some(Frame::Window(cells)) => {
                place.seen = place.seen.max(Revision(cells.revision));
                place.told = place.seen;
            }
            _ if place.seen > place.told => self.tell_place(),
            _ => {}
        }
        self.close_changes();
        self.add(frame);
    }

    /// Of several in a row only the newest says anything.
    pub(super) fn committed(&mut self, revision: Revision) {
        self.place.told = self.place.told.max(revision);
        if self.changes.is_empty()
            && let Some(v1::ServerFrame { frame: Some(Frame::Committed(last)) }) =
                self.frames.back_mut()
        {
            last.revision = revision.0;
            return;
        }
        self.push(Frame::Committed(v1::Committed { revision: revision.0 }));
    }

    /// Closes the last frame; tells where to go on.
    pub(super) fn finish(mut self) -> Place {
        self.close_changes();
        if self.place.seen.0.saturating_sub(self.place.told.0) >= UNTOLD_REVISIONS {
            self.tell_place();
        }
        self.place
    }
}
