//! The frames of one session: many changes in one frame, and no frame for revisions that are left out.
//!
//! Not here: windows and authors (`encoder`). Invariant: after the frames of a poll the client has the stream's
//! progress, or is less than [`UNSENT_REVISIONS`] behind.

use std::collections::VecDeque;

use bytes::Bytes;
use gridloom::v1::{self, server_frame::Frame};
use ot_engine::Revision;
use prost::Message as _;

/// Bytes of changes after which a frame is closed and the next one begun. A session keeps a buffer for
/// the largest.
const CHANGES_FRAME_BYTES: usize = 32 * 1024;

/// Frames that are encoded in one poll, in bytes; one frame may be larger. It bounds the encoded bytes of a
/// session.
const FRAMES_BYTES: usize = 128 * 1024;

/// Revisions without a frame after which the session receives the progress, so that its next edit has a base
/// that the server still knows.
const UNSENT_REVISIONS: u64 = 256;

/// The progress of the stream.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The last revision that was read from the queue.
    read: Revision,
    /// The last revision that a frame has named.
    sent: Revision,
}

/// Collects frames, many changes to one.
#[derive(Debug)]
pub(super) struct FrameBuilder<'a> {
    frames: &'a mut VecDeque<v1::ServerFrame>,
    changes: Vec<Bytes>,
    /// Bytes of the changes.
    bytes: usize,
    /// Bytes of all frames.
    made: usize,
    progress: Progress,
}

impl<'a> FrameBuilder<'a> {
    /// Continues at `progress`, and appends to `frames`.
    pub(super) fn new(frames: &'a mut VecDeque<v1::ServerFrame>, progress: Progress) -> Self {
        Self { frames, changes: Vec::new(), bytes: 0, made: 0, progress }
    }

    /// Whether the frames are enough for one poll.
    pub(super) const fn is_full(&self) -> bool {
        self.made >= FRAMES_BYTES
    }

    /// The stream has reached a revision; `change` is `None` where it does not concern the session.
    pub(super) fn reach(&mut self, revision: Revision, change: Option<Bytes>) {
        self.progress.read = revision;
        let Some(encoded) = change else { return };
        self.bytes += encoded.len();
        self.made += encoded.len();
        self.changes.push(encoded);
        if self.bytes >= CHANGES_FRAME_BYTES {
            self.close_changes();
        }
    }

    /// The stream has reached a revision of the session's own, which `frame` answers.
    pub(super) fn answer(&mut self, revision: Revision, frame: Frame) {
        // Earlier changes come first, with a progress up to the last of them.
        self.push(frame);
        self.progress = Progress { read: revision, sent: revision };
    }

    fn close_changes(&mut self) {
        if !self.changes.is_empty() {
            self.push_changes();
        }
    }

    /// Appends a frame with the collected changes and the progress.
    fn push_changes(&mut self) {
        self.bytes = 0;
        self.progress.sent = self.progress.read;
        let (changes, through) = (std::mem::take(&mut self.changes), self.progress.sent.0);
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

    /// Appends a frame of the session's own. `Welcome` and `Window` name the progress; before any other (a
    /// `Pong`, say) the progress is sent, so a client that receives the frame has every earlier revision.
    pub(super) fn own(&mut self, frame: v1::ServerFrame) {
        let progress = &mut self.progress;
        match &frame.frame {
            Some(Frame::Welcome(welcome)) => {
                let revision = Revision(welcome.revision);
                *progress = Progress { read: revision, sent: revision };
            }
            Some(Frame::Window(cells)) => {
                progress.read = progress.read.max(Revision(cells.revision));
                progress.sent = progress.read;
            }
            _ if progress.read > progress.sent => self.push_changes(),
            _ => {}
        }
        self.close_changes();
        self.add(frame);
    }

    /// Appends `Committed`, or replaces the one before: of several in a row only the newest is of use.
    pub(super) fn committed(&mut self, revision: Revision) {
        self.progress.sent = self.progress.sent.max(revision);
        if self.changes.is_empty()
            && let Some(v1::ServerFrame { frame: Some(Frame::Committed(last)) }) =
                self.frames.back_mut()
        {
            last.revision = revision.0;
            return;
        }
        self.push(Frame::Committed(v1::Committed { revision: revision.0 }));
    }

    /// Closes the last frame and returns the progress.
    pub(super) fn finish(mut self) -> Progress {
        self.close_changes();
        if self.progress.read.0.saturating_sub(self.progress.sent.0) >= UNSENT_REVISIONS {
            self.push_changes();
        }
        self.progress
    }
}
