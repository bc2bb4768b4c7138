//! Frames in. Each kind has its function; all of them check before they change anything.

use std::ops::Range;
use std::sync::Arc;

use gridloom::convert::{
    Change, Conflicts, ConvertError, client_id_from_wire, decode_change, decode_presence,
    value_from_wire,
};
use gridloom::v1::server_frame::Frame;
use gridloom::{rpc, v1};
use ot_engine::{Block, Limits, Refused, Replica, Revision, Sequence, Value, validate};

use super::session::Session;
use super::{Cause, Changed, Event, Link, LiveSheet, ProtocolError, Welcomed, texts};

/// What a change from the server is held to: the server's own limits are its business, but nothing
/// may reach past the sheet or past what can be stored.
const RECEIVED: Limits = Limits::UNBOUNDED;

impl LiveSheet {
    /// Takes a frame in and tells what it meant.
    ///
    /// # Errors
    /// When the server breaks the protocol. The connection must be ended then; the next
    /// [`Self::hello`] starts afresh by itself.
    pub fn on_frame(&mut self, frame: v1::ServerFrame) -> Result<Vec<Event>, ProtocolError> {
        let mut events = Vec::new();
        self.on_frame_into(frame, &mut events)?;
        Ok(events)
    }

    /// The same as [`Self::on_frame`], for those who take in many frames at once.
    ///
    /// # Errors
    /// As for [`Self::on_frame`]; the events up to the error are there.
    pub fn on_frame_into(
        &mut self,
        frame: v1::ServerFrame,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        if self.link == Link::Down {
            // A frame that was under way when the connection was given up.
            return Ok(());
        }
        let taken = match self.joiner.take(frame) {
            Ok(Some(frame)) => self.take(frame, events),
            // More of it is on its way.
            Ok(None) => Ok(()),
            Err(error) => Err(error.into()),
        };
        if taken.is_err() {
            self.start_over();
        }
        events.extend(self.save_state_changed().map(Event::SaveState));
        taken
    }

    fn take(
        &mut self,
        frame: v1::ServerFrame,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        let frame = frame.frame.ok_or(ProtocolError::UnknownFrame)?;
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
                    self.sight.pong(&mut session.replica);
                }
                Ok(())
            }
            Frame::Presence(change) => {
                self.heard_of_people(decode_presence(change)?, events);
                Ok(())
            }
            // Those that come before the session is open, and pieces, which are put together already.
            Frame::Welcome(_) | Frame::Resync(_) | Frame::Draining(_) | Frame::Piece(_) => Ok(()),
        }
    }

    fn welcome(
        &mut self,
        welcome: &v1::Welcome,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        if self.link != Link::Greeting {
            return Err(ProtocolError::OutOfPlace("Welcome"));
        }
        let told = Welcomed {
            session_id: welcome.session_id.clone(),
            role: welcome.role(),
            resumed: welcome.resumed,
            revision: Revision(welcome.revision),
        };
        if welcome.resumed {
            self.go_on(welcome)?;
        } else {
            self.start(welcome, events)?;
        }
        self.people.begin(&welcome.session_id);
        self.link = Link::Open;
        self.fresh = false;
        events.push(Event::Welcomed(told));
        Ok(())
    }

    /// The session goes on from where the last connection ended.
    fn go_on(&mut self, welcome: &v1::Welcome) -> Result<(), ProtocolError> {
        let session = self.session.as_mut().ok_or(ProtocolError::WrongResume)?;
        let same = !self.fresh
            && client_id_from_wire(&welcome.client_id)? == session.client
            && welcome.epoch == session.epoch
            && welcome.revision == session.replica.revision().0;
        if !same {
            return Err(ProtocolError::WrongResume);
        }
        session.learn(welcome);
        // Those that were accepted already are sent again too: the server answers a resend with the
        // first answer, and the answer may not have come.
        self.resend = session.replica.resume().into();
        Ok(())
    }

    /// The session starts afresh. What was not accepted stood on a history that is not known here,
    /// so it can't be carried over.
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
                self.holds.lose_all();
                events.push(Event::Resynced { lost: lost.into() });
            }
        }
        if let Some(session) = &mut self.session {
            self.sight.restart(&mut session.replica);
        }
        Ok(())
    }

    fn resync(
        &mut self,
        resync: &v1::Resync,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        let reason = resync.reason();
        // With the first two reasons a fresh Welcome follows on this stream; with the others, and
        // with those that this client does not know, the stream ends.
        if matches!(reason, v1::resync::Reason::Compacted | v1::resync::Reason::Epoch) {
            self.link = Link::Greeting;
            self.resend.clear();
            self.ping = None;
        }
        events.push(Event::Resync { reason });
        Ok(())
    }

    fn cells(
        &mut self,
        cells: v1::WindowCells,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let replica = &mut session.replica;
        if Revision(cells.revision) < replica.revision() {
            let (cells, stream) = (Revision(cells.revision), replica.revision());
            return Err(ProtocolError::WrongRevision { cells, stream });
        }
        replica.skip_to(Revision(cells.revision));
        let columns = replica.confirmed().size().cols;
        let Some(cells) = self.parts.take(cells, columns) else { return Ok(()) };
        let last = cells.last;
        let block = block(cells, replica)?;
        self.sight.answered(block.rows.len(), replica);
        if !block.rows.is_empty() {
            replica.load(&block);
            let rows = loaded_rows(&block, replica);
            events.push(Event::Loaded { rows });
        }
        if last {
            self.sight.finished(replica);
        }
        Ok(())
    }

    fn changes(
        &mut self,
        changes: v1::Changes,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        for (i, encoded) in changes.changes.into_iter().enumerate() {
            let change = decode_change(encoded)
                .map_err(|error| error.within(&format!("changes.changes[{i}]")))?;
            validate(&change.delta, session.replica.confirmed().size(), &RECEIVED)?;
            let Change { head, delta, conflicts } = change;
            let Conflicts { told: mut overwritten, left_out } = conflicts;
            texts::complete(&mut overwritten, &delta, session.replica.confirmed());
            let received = session.replica.receive_with(head.revision, &delta, head.inserted())?;
            self.sight.carry(&delta, &mut session.replica);
            self.people.carry(&delta);
            self.people.carry_own(&received.delta);
            let author: Arc<str> = head.author.into();
            self.holds.carry(&received.delta, || Cause::Other(Arc::clone(&author)));
            events.push(Event::Changed(Changed {
                revision: head.revision,
                author,
                time_micros: head.time_micros,
                origin: head.origin,
                delta: Arc::new(received.delta),
                conflicts: received.conflicts.into(),
                overwritten: overwritten.into(),
                overwritten_left_out: left_out,
            }));
        }
        session.replica.skip_to(Revision(changes.through));
        Ok(())
    }

    fn accepted(
        &mut self,
        mut accepted: v1::Accepted,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let (sequence, revision) = (Sequence(accepted.sequence), Revision(accepted.revision));
        let (delta, unheard) = session.replica.accepted(sequence, revision)?;
        // Edits before this one were refused, and the answer was lost with a connection.
        self.holds.take_back(&unheard);
        refused(unheard, unheard_status(), events);
        // Nothing comes back for the answer to a resend whose edit the replay has told already.
        let Some(delta) = delta else { return Ok(()) };
        self.typed.answered(sequence, &mut accepted.conflicts);
        session.last_own = session.last_own.max(revision);
        self.resend.retain(|submission| submission.sequence > sequence);
        self.sight.carry(&delta, &mut session.replica);
        self.people.carry(&delta);
        events.push(Event::Accepted {
            sequence,
            revision,
            conflicts: accepted.conflicts.into(),
            conflicts_left_out: accepted.conflicts_left_out,
        });
        Ok(())
    }

    fn rejected(
        &mut self,
        rejected: v1::Rejected,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let sequence = Sequence(rejected.sequence);
        let answer = session.replica.rejected(sequence)?;
        self.holds.take_back(&answer);
        self.resend.retain(|submission| submission.sequence > sequence);
        refused(answer, rejected.status.unwrap_or_default(), events);
        Ok(())
    }
}

/// The status of an edit whose refusal was lost: the reason is not known.
fn unheard_status() -> rpc::Status {
    rpc::Status {
        // google.rpc.Code.ABORTED
        code: 10,
        message: "The edit was refused while the connection was broken; make it again.".to_owned(),
        ..rpc::Status::default()
    }
}

/// Tells of edits that were taken out of the view. None, for an answer that came before.
fn refused(refused: Refused, status: rpc::Status, events: &mut Vec<Event>) {
    let (status, conflicts) = (Arc::new(status), Arc::from(refused.conflicts.as_slice()));
    let Refused { edits, back, .. } = refused;
    events.extend(edits.into_iter().zip(back).map(|((sequence, delta), back)| Event::Rejected {
        sequence,
        status: Arc::clone(&status),
        delta: Arc::new(delta),
        back: Arc::new(back),
        conflicts: Arc::clone(&conflicts),
    }));
}

/// The cells of a frame, checked against the sheet.
fn block(cells: v1::WindowCells, replica: &Replica) -> Result<Block, ProtocolError> {
    let size = replica.confirmed().size();
    let refuse = |field: &str, rule: &str| {
        Err(ConvertError { field: format!("window.{field}"), rule: rule.to_owned() }.into())
    };
    let (start, width) = (cells.start_col, cells.column_count);
    let Some(end) = start.checked_add(width).filter(|end| *end <= size.cols) else {
        return refuse("column_count", "reaches past the last column");
    };
    let count = cells.rows.len() as u64;
    if u64::from(cells.start_row) + count > u64::from(size.rows) {
        return refuse("rows", "reach past the last row");
    }
    let mut rows = Vec::with_capacity(cells.rows.len());
    for (i, row) in cells.rows.into_iter().enumerate() {
        if row.values.len() > width as usize {
            return refuse(&format!("rows[{i}].values"), "are more than there are columns");
        }
        let values: Result<Vec<Value>, _> = row.values.into_iter().map(value_from_wire).collect();
        rows.push(values.map_err(|error| error.within(&format!("window.rows[{i}]")))?);
    }
    Ok(Block { row: cells.start_row, cols: start..end, rows })
}

/// Where the rows of a block stand in the view. While own edits move rows, it may be anywhere.
fn loaded_rows(block: &Block, replica: &Replica) -> Range<u32> {
    let moved = replica.session().pending().any(|(_, delta)| !delta.rows.is_identity());
    if moved {
        return 0..replica.view().size().rows;
    }
    let count = u32::try_from(block.rows.len()).unwrap_or(u32::MAX);
    block.row..block.row.saturating_add(count)
}
