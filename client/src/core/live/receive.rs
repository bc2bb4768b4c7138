//! Receives frames: dispatches each kind to its function.
//!
//! It reads no socket. `receive/` holds the functions: `welcome`, `cells`, `changes`, `answers`.
//!
//! Invariant: a frame that violates the protocol is an error, and the next connection starts fresh.

mod answers;
mod cells;
mod changes;
mod welcome;

use gridloom::convert::decode_presence;
use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use ot_engine::Revision;

use super::{Link, LiveSheet};
use crate::core::error::ProtocolError;
use crate::core::event::Event;

impl LiveSheet {
    /// Receives a frame and returns its events.
    ///
    /// # Errors
    /// When the server violates the protocol. The caller must end the connection; the next
    /// [`Self::hello`] starts fresh.
    pub fn on_frame(&mut self, frame: v1::ServerFrame) -> Result<Vec<Event>, ProtocolError> {
        let mut events = Vec::new();
        self.on_frame_into(frame, &mut events)?;
        Ok(events)
    }

    /// Receives a frame and appends its events, for a caller with many frames at once.
    ///
    /// # Errors
    /// As for [`Self::on_frame`]; `events` contains the events up to the error.
    pub fn on_frame_into(
        &mut self,
        frame: v1::ServerFrame,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        if self.link == Link::Down {
            // The frame was sent before the connection ended.
            return Ok(());
        }
        let received = match self.joiner.take(frame) {
            Ok(Some(frame)) => self.dispatch(frame, events),
            // Further pieces of the frame follow.
            Ok(None) => Ok(()),
            Err(error) => Err(error.into()),
        };
        if received.is_err() {
            self.start_over();
        }
        events.extend(self.save_state_changed().map(Event::SaveState));
        received
    }

    fn dispatch(
        &mut self,
        frame: v1::ServerFrame,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        // A frame of a kind that a later server sends, and that this client may ignore.
        let Some(frame) = frame.frame else { return Ok(()) };
        let (at_risk, from) = (self.at_risk(&frame), events.len());
        self.act_on(frame, events)?;
        let lost = self.lost_of(at_risk, &events[from..]);
        events.extend(self.discard_cells(lost));
        Ok(())
    }

    fn act_on(&mut self, frame: Frame, events: &mut Vec<Event>) -> Result<(), ProtocolError> {
        if let Frame::Welcome(welcome) = frame {
            return self.welcome(&welcome, events);
        }
        if let Frame::Resync(resync) = frame {
            return self.resync(&resync, events);
        }
        if let Frame::Draining(draining) = frame {
            events.push(Event::Draining { deadline_micros: draining.deadline_micros });
            return Ok(());
        }
        let (Link::Open, Some(session)) = (self.link, self.session.as_mut()) else {
            return Err(ProtocolError::OutOfPlace("first"));
        };
        match frame {
            Frame::Window(cells) => self.cells(cells, events),
            Frame::Changes(changes) => self.changes(changes, events),
            Frame::Accepted(accepted) => self.accepted(accepted, events),
            Frame::Rejected(rejected) => self.rejected(rejected, events),
            Frame::Committed(committed) => {
                session.committed = session.committed.max(Revision(committed.revision));
                session.replica.skip_to(Revision(committed.revision));
                events.push(Event::Committed { revision: session.committed });
                Ok(())
            }
            Frame::Pong(pong) => {
                if pong.nonce == self.last_ping {
                    self.viewport.pong(&mut session.replica);
                }
                Ok(())
            }
            Frame::Presence(change) => {
                self.people.receive(decode_presence(change)?);
                events.push(Event::People);
                Ok(())
            }
            Frame::Role(change) => {
                session.role = change.role();
                events.push(Event::RoleChanged { role: session.role });
                Ok(())
            }
            Frame::Sheet(change) => {
                events.extend(session.rename(&change.name));
                events.extend(change.sharing.then_some(Event::SharingChanged));
                events.extend(change.comments.then_some(Event::CommentsChanged));
                Ok(())
            }
            // Handled above, and pieces, which the joiner consumes.
            Frame::Welcome(_) | Frame::Resync(_) | Frame::Draining(_) | Frame::Piece(_) => Ok(()),
        }
    }
}
