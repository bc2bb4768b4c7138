//! Frames out: what the state of things allows to be said now.

use gridloom::convert::delta_to_wire;
use gridloom::v1;
use gridloom::v1::client_frame::Frame;
use ot_engine::Submission;

use super::{LiveSheet, Looking};

impl LiveSheet {
    /// Everything that may be sent now, in order. Sending it is the caller's duty: a frame that was
    /// handed out and not sent is only sent again after [`Self::disconnected`].
    pub fn outgoing(&mut self) -> Vec<v1::ClientFrame> {
        self.outgoing_at_most(usize::MAX)
    }

    /// The same as [`Self::outgoing`] with at most so many edits, for a caller that keeps to the
    /// server's [`v1::Limits::edits_per_second`]. Those that wait are joined where that is possible.
    pub fn outgoing_at_most(&mut self, edits: usize) -> Vec<v1::ClientFrame> {
        let mut frames = Vec::new();
        if !self.is_open() {
            return frames;
        }
        let mut push = |frame| frames.push(v1::ClientFrame { frame: Some(frame) });
        if let Some(token) = self.refresh.take() {
            push(Frame::Refresh(v1::Refresh { token }));
        }
        while let Some(look) = self.next_look() {
            push(look);
        }
        if let Some(presence) = self.next_presence() {
            push(Frame::Presence(presence));
        }
        for edit in std::iter::from_fn(|| self.next_edit()).take(edits) {
            push(edit);
        }
        frames
    }

    /// Looks somewhere else. What is missing there is fetched by itself, now and whenever others
    /// move unknown rows into it.
    pub fn look(&mut self, looking: Looking) {
        self.sight.want(looking);
    }

    /// Replaces the access token of the session, before the old one expires.
    pub fn refresh(&mut self, token: impl Into<String>) {
        self.refresh = Some(token.into());
    }

    /// A `Look`. One that asks for no rows has no answer of its own: a `Ping` goes behind it.
    fn next_look(&mut self) -> Option<Frame> {
        if let Some(nonce) = self.ping.take() {
            return Some(Frame::Ping(v1::Ping { nonce }));
        }
        let session = self.session.as_mut()?;
        let look = self.sight.ask(&mut session.replica)?;
        if self.sight.awaits_pong() {
            self.last_ping += 1;
            self.ping = Some(self.last_ping);
        }
        Some(Frame::Look(look))
    }

    fn next_edit(&mut self) -> Option<Frame> {
        if let Some(submission) = self.resend.pop_front() {
            return Some(edit_frame(&submission));
        }
        let submission = self.session.as_mut()?.replica.outgoing()?;
        Some(edit_frame(&submission))
    }
}

fn edit_frame(submission: &Submission) -> Frame {
    Frame::Edit(v1::Edit {
        sequence: submission.sequence.0,
        base_revision: submission.base.0,
        change: Some(v1::edit::Change::Delta(delta_to_wire(&submission.delta))),
    })
}
