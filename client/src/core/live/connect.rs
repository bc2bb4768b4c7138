//! The begin and the end of a connection.
//!
//! It opens no socket; the caller does. Invariant: pending edits and the view survive the end of a
//! connection.

use gridloom::convert::{client_id_to_wire, window_to_wire};
use gridloom::pieces::Joiner;
use gridloom::v1;

use super::{Link, LiveSheet};
use crate::core::event::Event;

impl LiveSheet {
    /// Begins a new connection and returns its first frame. It resumes the last one where possible.
    #[must_use]
    pub fn hello(&mut self) -> v1::Hello {
        self.disconnect();
        self.link = Link::Greeting;
        let resume = if self.fresh { None } else { self.session.as_mut() };
        let point = resume.as_ref().map(|session| v1::ResumePoint {
            epoch: session.epoch,
            revision: session.replica.revision().0,
        });
        let window = self.viewport.begin(resume.map(|session| &mut session.replica));
        v1::Hello {
            sheet_id: self.sheet_id.clone(),
            client_id: self.client_id().map(client_id_to_wire).unwrap_or_default(),
            resume: point,
            window: Some(window_to_wire(&window)),
            silence_seconds: 0,
            place: self.place,
        }
    }

    /// [`Self::hello`] as the first frame of a `Collaborate` stream.
    #[must_use]
    pub fn hello_frame(&mut self) -> v1::ClientFrame {
        v1::ClientFrame { frame: Some(v1::client_frame::Frame::Hello(self.hello())) }
    }

    /// The connection ended. The edits are kept, and further edits are possible.
    pub fn disconnected(&mut self) -> Vec<Event> {
        self.disconnect();
        self.save_state_changed().map(Event::SaveState).into_iter().collect()
    }

    /// Discards the resume point: the next [`Self::hello`] starts fresh, and the `Resynced` event that
    /// follows reports the lost edits.
    pub fn start_over(&mut self) {
        self.disconnect();
        self.fresh = true;
    }

    fn disconnect(&mut self) {
        self.link = Link::Down;
        self.joiner = Joiner::default();
        self.parts.clear();
        self.resend.clear();
        self.ping = None;
    }
}
