//! A client's side of the order: what it has seen, what it has sent, what it has still to send. It
//! holds no values ([`Replica`](crate::Replica) does) and does no sending.
//!
//! Edits are applied to the client's own view at once. They wait in `buffer`, are sent one after
//! the other, and stay in `in_flight` until the server answers. A further edit is sent before the
//! answer only if it edits no text, while everything in flight keeps all lines in place (see the
//! sequencer's documentation on pipelining).
//!
//! Invariant: the view that the client sees is the state at `revision`, then each edit in flight as
//! it stands `now`, then the buffer, in order. An edit in flight is resent exactly as it was first
//! sent: same number, base and delta. Both hold also for a session that was saved and restored.

mod saved;
mod texts;

use std::collections::VecDeque;

pub use saved::RestoreError;
pub(crate) use saved::read_version;
use texts::{fits_together, without_values};

use crate::{ClientId, Conflict, Delta, Revision, Sequence, Side, Submission, transform};

/// How many edits a client has on the way at once, unless it is told otherwise. Far below the
/// number of answers that a server keeps for each client.
pub const DEFAULT_MAX_IN_FLIGHT_EDITS: usize = 32;

/// The server said something that can't follow what it said before: resynchronise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// A revision came again.
    #[error("revision {got} came where {expected} or a later one was expected")]
    OutOfOrder {
        /// The revision after the one seen.
        expected: Revision,
        /// The one that came.
        got: Revision,
    },
    /// An answer to an edit that is not in flight, or not the first in line.
    #[error("an answer to edit {0}, which is not awaited")]
    NotAwaited(Sequence),
}

/// What a received delta means here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Received {
    /// What to apply to the view with this client's own edits.
    pub delta: Delta,
    /// Edits of this client that it made void (their row or column is gone), and edits of others
    /// that this client's pending ones will overwrite.
    pub conflicts: Vec<Conflict>,
}

/// Edits that the server refused, and what went with them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refused {
    /// The edits, as they stood.
    pub edits: Vec<(Sequence, Delta)>,
    /// For each of them what taking it out does to the view, values aside: later edits stand on it.
    pub back: Vec<Delta>,
    /// What later edits lost: they were made on lines that a refused one had inserted.
    pub conflicts: Vec<Conflict>,
}

/// An edit that is not accepted yet.
#[derive(Clone, Debug)]
struct Pending {
    sequence: Sequence,
    /// The edit as it applies after everything before it.
    now: Delta,
}

/// An edit on the way.
#[derive(Clone, Debug)]
struct InFlight {
    base: Revision,
    /// As it was first sent.
    sent: Delta,
    edit: Pending,
    /// Its text edits may have missed changes of the same texts, while nobody looked there. What they
    /// lead to is not taken from here, but loaded.
    blind: bool,
}

/// Revision seen, edits on the way, edits not yet sent.
#[derive(Clone, Debug)]
pub struct ClientSession {
    client: ClientId,
    revision: Revision,
    next: Sequence,
    in_flight: VecDeque<InFlight>,
    buffer: VecDeque<Pending>,
    max_in_flight: usize,
}

impl ClientSession {
    /// A session that has seen `revision` and has sent nothing yet.
    #[must_use]
    pub fn new(client: ClientId, revision: Revision) -> Self {
        Self {
            client,
            revision,
            next: Sequence(1),
            in_flight: VecDeque::new(),
            buffer: VecDeque::new(),
            max_in_flight: DEFAULT_MAX_IN_FLIGHT_EDITS,
        }
    }

    /// The same, with another bound on the edits on the way at once: at least 1, and as many as are
    /// on the way already.
    #[must_use]
    pub fn with_max_in_flight(mut self, edits: usize) -> Self {
        self.max_in_flight = edits.max(1).max(self.in_flight.len());
        self
    }

    /// Who sends.
    #[must_use]
    pub const fn client(&self) -> ClientId {
        self.client
    }

    /// The revision seen.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// How many edits are sent and not answered.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// How many edits wait to be sent.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// The edits that are not accepted, in order, as they stand now.
    pub fn pending(&self) -> impl DoubleEndedIterator<Item = (Sequence, &Delta)> {
        let in_flight = self.in_flight.iter().map(|sent| &sent.edit);
        in_flight.chain(&self.buffer).map(|edit| (edit.sequence, &edit.now))
    }

    /// Takes in an edit that was made on the view with all pending ones; answers the number under
    /// which it will be sent. Cell edits that wait are joined into one, which then has one number.
    pub fn edit(&mut self, delta: Delta) -> Sequence {
        if let Some(last) = self.buffer.back_mut()
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

    /// The next edit to send, which counts as sent from here on; `None` while there is none, or
    /// while an answer has to come first.
    pub fn next_to_send(&mut self) -> Option<Submission> {
        let may_follow = self.in_flight.iter().all(|sent| {
            // Both: a residual can lose its lines, and what was sent is what the server sees.
            sent.sent.keeps_axes() && sent.edit.now.keeps_axes()
        });
        let must_wait = !may_follow || self.buffer.front()?.now.edits_text();
        let full = self.in_flight.len() >= self.max_in_flight;
        if full || (must_wait && !self.in_flight.is_empty()) {
            return None;
        }
        let edit = self.buffer.pop_front()?;
        let sent = InFlight { base: self.revision, sent: edit.now.clone(), edit, blind: false };
        let submission = self.submission(&sent);
        self.in_flight.push_back(sent);
        Some(submission)
    }

    fn submission(&self, sent: &InFlight) -> Submission {
        Submission {
            client: self.client,
            sequence: sent.edit.sequence,
            base: sent.base,
            delta: sent.sent.clone(),
        }
    }

    /// What to send again after a new connection, in this order, exactly as it was first sent.
    #[must_use]
    pub fn resume(&self) -> Vec<Submission> {
        self.in_flight.iter().map(|sent| self.submission(sent)).collect()
    }

    /// Another's change at `revision` (this client's own come as [`ClientSession::accepted`]).
    /// Revisions before it that did not come change nothing that this client looks at.
    ///
    /// # Errors
    /// When the revision was seen already; nothing has changed.
    pub fn receive(&mut self, revision: Revision, delta: &Delta) -> Result<Received, SessionError> {
        self.expect(revision)?;
        self.revision = revision;
        let mut received = Received { delta: delta.clone(), conflicts: Vec::new() };
        for edit in self.pending_mut() {
            let met = transform(&received.delta, &edit.now);
            received.delta = met.first;
            edit.now = met.second;
            received.conflicts.extend(met.conflicts);
        }
        Ok(received)
    }

    /// The server has told everything up to `revision` that concerns this client.
    pub fn skip_to(&mut self, revision: Revision) {
        self.revision = self.revision.max(revision);
    }

    /// The server accepted an edit at `revision`; answers the edit as it applies to the revision
    /// before, or nothing for an answer that came before (the edit was resent).
    ///
    /// The server answers a client's edits in order. So when edits before this one are still in
    /// flight, they were refused, and the answer was lost with a connection: they are given up here.
    ///
    /// # Errors
    /// When it is not in flight, or the revision was seen already; nothing has changed.
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

    /// The server refused an edit: it is given up. Later edits are carried back over its inverse.
    /// A refusal that came before is passed over.
    ///
    /// # Errors
    /// When it was not sent yet; nothing has changed.
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

    /// Takes an edit out from under those that were made on top of it.
    fn refuse(&mut self, index: usize, refused: &mut Refused) {
        let Some(InFlight { edit, .. }) = self.in_flight.remove(index) else { return };
        let mut back = without_values(&edit.now);
        for later in self.pending_mut().skip(index) {
            let met = transform(&back, &later.now);
            back = met.first;
            later.now = met.second;
            let lost = met.conflicts.into_iter().filter(|lost| lost.loser == Side::Later);
            // What the cell holds instead is not known here.
            refused.conflicts.extend(lost.map(|lost| Conflict { kept: None, ..lost }));
        }
        refused.edits.push((edit.sequence, edit.now));
        refused.back.push(back);
    }

    fn index_in_flight(&self, sequence: Sequence) -> Option<usize> {
        self.in_flight.iter().position(|sent| sent.edit.sequence == sequence)
    }

    /// Starts over at a revision that does not follow from the one seen: the edits that were never
    /// accepted are given back, and their numbers are not used again.
    pub fn resync(&mut self, revision: Revision) -> Vec<Delta> {
        self.revision = revision;
        let in_flight = self.in_flight.drain(..).map(|sent| sent.edit);
        in_flight.chain(self.buffer.drain(..)).map(|edit| edit.now).collect()
    }

    /// Checks numbers and what may be in flight together.
    ///
    /// # Panics
    /// When they are wrong: that is a bug in this crate.
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

    /// Whether the edit was sent once and is not in flight any more.
    fn is_answered(&self, sequence: Sequence) -> bool {
        let first = self.pending().next().map_or(self.next, |(first, _)| first);
        sequence < first
    }

    fn expect(&self, got: Revision) -> Result<(), SessionError> {
        let expected = self.revision.next();
        if got >= expected { Ok(()) } else { Err(SessionError::OutOfOrder { expected, got }) }
    }
}
