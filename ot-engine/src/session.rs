//! The client session: the edits of one client between its view and the server.
//!
//! It holds no values ([`Replica`](crate::Replica) does) and has no network. `session/saved.rs` saves and
//! restores it.
//!
//! The client applies an edit to its own view first. The edit waits in `buffer`, is sent, and stays in
//! `in_flight` until the server answers it. The session sends a further edit before that answer only
//! if it changes no text and nothing in flight moves lines. The [`Sequencer`](crate::Sequencer) describes this
//! pipelining.
//!
//! Invariant: the client's view is the state at `revision`, then each edit in flight as it stands
//! `now`, then the buffer, in order. A resend of an edit in flight has the number, base and delta of the
//! first send, also in a restored session; only [`Replica::alter_pending`](crate::Replica::alter_pending) alters the delta.

mod answers;
mod join;
mod pending;
mod restore_error;
mod saved;
mod texts;
mod withdraw;

use std::collections::VecDeque;

use crate::{ClientId, Conflict, Delta, Revision, Sequence, Side, Submission, transform};
pub use answers::{Received, Refused, SessionError};
use join::fits_together;
use pending::{InFlight, Pending};
pub use restore_error::RestoreError;
pub(crate) use restore_error::read_version;
use withdraw::without_values;

/// Default limit on the edits in flight. It is far below the number of answers that a server keeps for
/// each client.
pub const DEFAULT_MAX_IN_FLIGHT_EDITS: usize = 32;

/// The received revision, the edits in flight and the edits to send.
#[derive(Clone, Debug)]
pub struct ClientSession {
    client: ClientId,
    revision: Revision,
    next: Sequence,
    in_flight: VecDeque<InFlight>,
    buffer: VecDeque<Pending>,
    max_in_flight: usize,
    /// Whether the next edit stays apart from those that wait.
    apart: bool,
}

impl ClientSession {
    /// A session at `revision` without edits.
    #[must_use]
    pub fn new(client: ClientId, revision: Revision) -> Self {
        Self {
            client,
            revision,
            next: Sequence(1),
            in_flight: VecDeque::new(),
            buffer: VecDeque::new(),
            max_in_flight: DEFAULT_MAX_IN_FLIGHT_EDITS,
            apart: false,
        }
    }

    /// Sets another limit on the edits in flight: at least 1, and at least the number in flight now.
    #[must_use]
    pub fn with_max_in_flight(mut self, edits: usize) -> Self {
        self.max_in_flight = edits.max(1).max(self.in_flight.len());
        self
    }

    /// The client's id.
    #[must_use]
    pub const fn client(&self) -> ClientId {
        self.client
    }

    /// The last received revision.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// Number of edits that are sent and not answered.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Number of edits that wait to be sent.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Number of cells of the last edit that waits to be sent.
    pub(crate) fn last_waiting_cells(&self) -> usize {
        self.buffer.back().map_or(0, |edit| edit.now.cells.len())
    }

    /// The edits that are not accepted yet, in order, as they stand now.
    pub fn pending(&self) -> impl DoubleEndedIterator<Item = (Sequence, &Delta)> {
        let in_flight = self.in_flight.iter().map(|sent| &sent.edit);
        in_flight.chain(&self.buffer).map(|edit| (edit.sequence, &edit.now))
    }

    /// The next edit joins no waiting one: it belongs to another gesture.
    pub const fn begin_apart(&mut self) {
        self.apart = true;
    }

    /// Adds an edit that was made on the view with all pending edits, and returns its sequence number. A
    /// cell edit joins a waiting cell edit; both then have one number.
    pub fn edit(&mut self, delta: Delta) -> Sequence {
        if !std::mem::take(&mut self.apart)
            && let Some(last) = self.buffer.back_mut()
            && last.now.is_cells_only()
            && delta.is_cells_only()
            && fits_together(&last.now, &delta)
        {
            last.now.append_cells(delta);
            return last.sequence;
        }
        let sequence = self.next;
        self.next = sequence.next();
        self.buffer.push_back(Pending { sequence, now: delta });
        sequence
    }

    /// The next edit to send, which is in flight from now on. `None` when there is none, or when an
    /// answer must come first.
    pub fn next_to_send(&mut self) -> Option<Submission> {
        let may_follow = self.in_flight.iter().all(|sent| {
            // Both forms count: a transform can remove line moves, and the server gets the sent form.
            sent.sent.keeps_axes() && sent.edit.now.keeps_axes()
        });
        let must_wait = !may_follow || self.buffer.front()?.now.edits_text();
        let full = self.in_flight.len() >= self.max_in_flight;
        if full || (must_wait && !self.in_flight.is_empty()) {
            return None;
        }
        let edit = self.buffer.pop_front()?;
        let sent = InFlight { base: self.revision, sent: edit.now.clone(), edit, stale: false };
        let submission = self.submission(&sent);
        self.in_flight.push_back(sent);
        Some(submission)
    }

    fn submission(&self, sent: &InFlight) -> Submission {
        Submission {
            client: self.client,
            sequence: sent.edit.sequence,
            base: sent.base,
            delta: sent.sent.clone().into(),
        }
    }

    /// The submissions to send again after a reconnect, in this order, as first sent or altered since.
    #[must_use]
    pub fn resume(&self) -> Vec<Submission> {
        self.in_flight.iter().map(|sent| self.submission(sent)).collect()
    }

    /// Alters the pending edits; see [`Replica::alter_pending`](crate::Replica::alter_pending).
    pub(crate) fn alter_pending(&mut self, alter: impl Fn(&mut Delta)) {
        self.in_flight.iter_mut().for_each(|sent| alter(&mut sent.sent));
        self.pending_mut().for_each(|edit| alter(&mut edit.now));
    }

    /// Receives another client's change at `revision` (the client's own come as
    /// [`ClientSession::accepted`]). Skipped revisions before it change nothing in the client's window.
    ///
    /// # Errors
    /// When the revision was received before; nothing has changed.
    pub fn receive(&mut self, revision: Revision, delta: &Delta) -> Result<Received, SessionError> {
        self.expect(revision)?;
        self.revision = revision;
        let mut received = Received { delta: delta.clone(), conflicts: Vec::new() };
        for edit in self.pending_mut() {
            let transformed = transform(&received.delta, &edit.now);
            received.delta = transformed.first;
            edit.now = transformed.second;
            received.conflicts.extend(transformed.conflicts);
        }
        Ok(received)
    }

    /// The server has sent everything up to `revision` that concerns this client.
    pub fn skip_to(&mut self, revision: Revision) {
        self.revision = self.revision.max(revision);
    }

    /// The server accepted an edit at `revision`. Returns the edit as it applies to the revision before,
    /// or `None` for a repeated answer (the edit was resent).
    ///
    /// The server answers a client's edits in order. So earlier edits that are still in flight were
    /// refused and the answer was lost with a connection: this discards them.
    ///
    /// # Errors
    /// When it is not in flight, or the revision was received before; nothing has changed.
    pub fn accepted(
        &mut self,
        sequence: Sequence,
        revision: Revision,
    ) -> Result<(Option<Delta>, Refused), SessionError> {
        let mut refused = Refused::default();
        if self.is_answered(sequence) {
            return Ok((None, refused));
        }
        let Some(index) = self.index_in_flight(sequence) else {
            return Err(SessionError::NotAwaited(sequence));
        };
        self.expect(revision)?;
        for _ in 0..index {
            self.refuse(0, &mut refused);
        }
        self.revision = revision;
        Ok((self.in_flight.pop_front().map(|sent| sent.edit.now), refused))
    }

    /// The server refused an edit: discards it and transforms later edits over its inverse. A repeated
    /// refusal has no effect.
    ///
    /// # Errors
    /// When the edit was not sent yet; nothing has changed.
    pub fn rejected(&mut self, sequence: Sequence) -> Result<Refused, SessionError> {
        let mut refused = Refused::default();
        match self.index_in_flight(sequence) {
            Some(index) => self.refuse(index, &mut refused),
            None if self.buffer.iter().any(|edit| edit.sequence == sequence)
                || sequence >= self.next =>
            {
                return Err(SessionError::NotAwaited(sequence));
            }
            None => {}
        }
        Ok(refused)
    }

    /// Removes an edit from under the later ones.
    fn refuse(&mut self, index: usize, refused: &mut Refused) {
        let Some(InFlight { edit, .. }) = self.in_flight.remove(index) else { return };
        let mut back = without_values(&edit.now);
        for later in self.pending_mut().skip(index) {
            let transformed = transform(&back, &later.now);
            back = transformed.first;
            later.now = transformed.second;
            let lost = transformed.conflicts.into_iter().filter(|lost| lost.loser == Side::Later);
            // The session does not know the value that the cell holds instead.
            refused.conflicts.extend(lost.map(|lost| Conflict { kept: None, ..lost }));
        }
        refused.edits.push((edit.sequence, edit.now));
        refused.back.push(back);
    }

    fn index_in_flight(&self, sequence: Sequence) -> Option<usize> {
        self.in_flight.iter().position(|sent| sent.edit.sequence == sequence)
    }

    /// Restarts at a revision that does not follow the last received one. Returns the edits that were
    /// never accepted; their numbers are not used again.
    pub fn resync(&mut self, revision: Revision) -> Vec<Delta> {
        self.revision = revision;
        let in_flight = self.in_flight.drain(..).map(|sent| sent.edit);
        in_flight.chain(self.buffer.drain(..)).map(|edit| edit.now).collect()
    }

    /// Checks the numbers and the rule for edits in flight.
    ///
    /// # Panics
    /// When they are wrong: a bug in this crate.
    pub fn check_invariants(&self) {
        assert!(self.in_flight.len() <= self.max_in_flight, "too many in flight");
        let numbers: Vec<Sequence> = self.pending().map(|(sequence, _)| sequence).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "numbers ascend");
        assert!(numbers.last().is_none_or(|last| *last < self.next), "the next number is free");
        let before_last = self.in_flight.len().saturating_sub(1);
        let followed = self.in_flight.iter().take(before_last);
        assert!(followed.clone().all(|sent| sent.sent.keeps_axes()), "a followed edit moves lines");
        assert!(self.in_flight.iter().all(|sent| sent.base <= self.revision), "base in the future");
        self.pending().for_each(|(_, delta)| delta.check_invariants());
    }

    fn pending_mut(&mut self) -> impl Iterator<Item = &mut Pending> {
        let in_flight = self.in_flight.iter_mut().map(|sent| &mut sent.edit);
        in_flight.chain(&mut self.buffer)
    }

    /// Whether the edit was sent and is no longer in flight.
    fn is_answered(&self, sequence: Sequence) -> bool {
        let first = self.pending().next().map_or(self.next, |(first, _)| first);
        sequence < first
    }

    fn expect(&self, got: Revision) -> Result<(), SessionError> {
        let expected = self.revision.next();
        if got >= expected { Ok(()) } else { Err(SessionError::OutOfOrder { expected, got }) }
    }
}
