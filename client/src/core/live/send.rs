//! The frames to send now.
//!
//! It sends nothing; the caller does. Invariant: frames leave only while the session is open.

use gridloom::convert::delta_to_wire;
use gridloom::v1;
use gridloom::v1::client_frame::Frame;
use ot_engine::Submission;

use super::LiveSheet;
use crate::core::state::viewport::Looking;

impl LiveSheet {
    /// All frames that may be sent now, in order. The caller must send them: a returned frame is sent again
    /// only after [`Self::disconnected`].
    pub fn outgoing(&mut self) -> Vec<v1::ClientFrame> {
        self.outgoing_at_most(usize::MAX)
    }

    /// [`Self::outgoing`] with at most `edits` edits, for a caller that obeys the server's
    /// [`v1::Limits::edits_per_second`]. Waiting cell edits are joined where possible.
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

    /// Sets the wanted rows. Missing rows are fetched, now and when other clients move rows into the
    /// viewport.
    pub fn look(&mut self, looking: Looking) {
        self.viewport.want(looking);
    }

    /// Replaces the access token of the session, before the old one expires.
    pub fn refresh(&mut self, token: impl Into<String>) {
        self.refresh = Some(token.into());
    }

    /// The next `Look`. A `Look` without rows has no answer of its own, so a `Ping` follows it.
    fn next_look(&mut self) -> Option<Frame> {
        if let Some(nonce) = self.ping.take() {
            return Some(Frame::Ping(v1::Ping { nonce }));
        }
        let session = self.session.as_mut()?;
        let look = self.viewport.next_look(&mut session.replica)?;
        if self.viewport.awaits_pong() {
            self.last_ping += 1;
            self.ping = Some(self.last_ping);
        }
        Some(Frame::Look(look))
    }

    fn next_presence(&mut self) -> Option<v1::Presence> {
        let session = self.session.as_ref()?;
        self.people.outgoing(&session.replica)
    }

    fn next_edit(&mut self) -> Option<Frame> {
        if let Some(submission) = self.resend.pop_front() {
            return Some(self.edit_frame(&submission));
        }
        let submission = self.session.as_mut()?.replica.outgoing()?;
        Some(self.edit_frame(&submission))
    }

    fn edit_frame(&self, submission: &Submission) -> Frame {
        Frame::Edit(v1::Edit {
            sequence: submission.sequence.0,
            base_revision: submission.base.0,
            change: Some(v1::edit::Change::Delta(delta_to_wire(&submission.delta))),
            group: self.gestures.of(submission.sequence),
        })
    }
}
