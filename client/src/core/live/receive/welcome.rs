//! `Welcome` and `Resync`: a session opens, resumes or starts fresh.
//!
//! It loads no cells. Invariant: a resumed session continues at exactly the client's revision.

use gridloom::convert::client_id_from_wire;
use gridloom::v1;
use ot_engine::{Revision, Sequence};

use super::super::{Link, LiveSheet};
use crate::core::error::ProtocolError;
use crate::core::event::{Event, Welcomed};
use crate::core::state::earlier;
use crate::core::state::session::Session;

impl LiveSheet {
    pub(super) fn welcome(
        &mut self,
        welcome: &v1::Welcome,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        if self.link != Link::Greeting {
            return Err(ProtocolError::OutOfPlace("Welcome"));
        }
        let event = Welcomed {
            session_id: welcome.session_id.clone(),
            role: welcome.role(),
            resumed: welcome.resumed,
            revision: Revision(welcome.revision),
        };
        let known = self.session.as_ref().map(|session| session.name.clone());
        if welcome.resumed {
            self.resume(welcome)?;
        } else {
            self.start(welcome, events)?;
        }
        self.people.begin(&welcome.session_id);
        self.link = Link::Open;
        self.fresh = false;
        events.push(Event::Welcomed(event));
        if known.is_some_and(|known| known != welcome.name) {
            events.push(Event::Renamed { name: welcome.name.as_str().into() });
        }
        Ok(())
    }

    /// Resumes the session of the last connection.
    fn resume(&mut self, welcome: &v1::Welcome) -> Result<(), ProtocolError> {
        let session = self.session.as_mut().ok_or(ProtocolError::WrongResume)?;
        let same = !self.fresh
            && client_id_from_wire(&welcome.client_id)? == session.client
            && welcome.epoch == session.epoch
            && welcome.revision == session.replica.revision().0;
        if !same {
            return Err(ProtocolError::WrongResume);
        }
        session.update(welcome);
        // The edits may have been made for a node of a later release.
        let known = earlier::Known::of(&session.limits);
        if !known.all() {
            session.replica.alter_pending(|delta| known.reduce(delta));
        }
        // Includes edits that the server has accepted: it answers a resend with the first answer, which
        // may have been lost.
        self.resend = session.replica.resume().into();
        Ok(())
    }

    /// Starts a fresh session. Pending edits are discarded, because the history after their base is not
    /// known here.
    fn start(
        &mut self,
        welcome: &v1::Welcome,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        let fresh = Session::new(welcome, self.max_in_flight)?;
        match &mut self.session {
            None => self.session = Some(fresh),
            Some(session) => {
                let lost = session.abandon(Sequence(welcome.last_sequence), events);
                session.replace(fresh, welcome);
                self.holds.remove_all();
                events.push(Event::Resynced { lost: lost.into() });
            }
        }
        if let Some(session) = &mut self.session {
            self.viewport.restart(&mut session.replica);
        }
        Ok(())
    }

    pub(super) fn resync(
        &mut self,
        resync: &v1::Resync,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        let reason = resync.reason();
        // After these two reasons a fresh `Welcome` follows on this stream. After any other reason the
        // stream ends.
        if matches!(reason, v1::resync::Reason::Compacted | v1::resync::Reason::Epoch) {
            self.link = Link::Greeting;
            self.resend.clear();
            self.ping = None;
        }
        events.push(Event::Resync { reason });
        Ok(())
    }
}
