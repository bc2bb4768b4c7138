//! A session as bytes, so that a client can go away with edits that nobody has taken yet and come
//! back as the one that it was.
//!
//! Not the journal's form and not the wire's: only this crate reads it, on the machine that wrote
//! it. Deltas stand in it as the [`codec`](crate::codec) writes them. It is no seal: a bit that
//! flips in a value gives another value.
//!
//! Invariant: whatever the bytes are, a session that was restored passes `check_invariants`, and its
//! pending edits apply one after the other to the sheet of the size that was told. So nothing that
//! is done with it later can panic. What it takes is a fixed multiple of the bytes; a
//! [`Replica`](crate::Replica) adds the lines that the edits insert, as many as the limits allow a
//! person to make.

use std::collections::VecDeque;

use super::{ClientSession, InFlight, Pending};
use crate::codec::{self, DecodeError, Input, decode_delta, encode_delta};
use crate::validate::validate_unnamed;
use crate::{ClientId, Delta, Invalid, Limits, Revision, Sequence, Size, validate};

/// The version of the form that [`ClientSession::save`] writes.
const VERSION: u8 = 1;

/// How an edit in flight stands now: as it was sent, or otherwise.
const AS_SENT: u8 = 0;
const CHANGED: u8 = 1;

/// The largest revision or sequence number: as large as a server can store one, and far from the end
/// at which "the next one" would be the same one.
const MAX_NUMBER: u64 = i64::MAX as u64;

/// The longest axis that is restored. Positions stay far from overflow, whatever comes later.
const MAX_LINES: u32 = u32::MAX / 4;

/// Why saved bytes are not a session, or not a replica.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// They were saved by a newer release.
    #[error("saved form {0} is not known to this release")]
    UnknownVersion(u8),
    /// They are no such form.
    #[error("saved bytes are damaged: {0}")]
    Damaged(#[from] DecodeError),
    /// Parts that are well-formed contradict each other.
    #[error("saved bytes are damaged: {0}")]
    Contradiction(&'static str),
    /// A pending edit can't be applied to the sheet.
    #[error("the pending edit {sequence} does not fit the sheet: {invalid}")]
    Misfit {
        /// Which edit.
        sequence: Sequence,
        /// What is wrong with it.
        invalid: Invalid,
    },
}

impl ClientSession {
    /// Everything there is to know about the session, for [`ClientSession::restore`].
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend_from_slice(&self.client.0.to_le_bytes());
        for number in [self.revision.0, self.next.0, self.max_in_flight as u64] {
            codec::varint(number, &mut out);
        }
        codec::varint(self.in_flight.len() as u64, &mut out);
        for InFlight { base, sent, edit, .. } in &self.in_flight {
            codec::varint(edit.sequence.0, &mut out);
            codec::varint(base.0, &mut out);
            write_delta(sent, &mut out);
            out.push(if *sent == edit.now { AS_SENT } else { CHANGED });
            if *sent != edit.now {
                write_delta(&edit.now, &mut out);
            }
        }
        codec::varint(self.buffer.len() as u64, &mut out);
        for edit in &self.buffer {
            codec::varint(edit.sequence.0, &mut out);
            write_delta(&edit.now, &mut out);
        }
        out
    }

    /// The session that [`ClientSession::save`] wrote. `size` is the sheet's at the session's
    /// revision, without the pending edits, which are checked against it; `limits` are the sheet's.
    ///
    /// The bounds on single edits are not asked again: an edit that kept them when it was made waits
    /// for the server's word, also when they were lowered meanwhile.
    ///
    /// # Errors
    /// When the bytes are not such a form, or describe what can't be.
    pub fn restore(bytes: &[u8], size: Size, limits: &Limits) -> Result<Self, RestoreError> {
        let session = read(bytes)?;
        session.check_numbers()?;
        session.check_pending(size, limits)?;
        Ok(session)
    }

    /// What `check_invariants` asserts, as an error.
    fn check_numbers(&self) -> Result<(), RestoreError> {
        let wrong = |what| Err(RestoreError::Contradiction(what));
        let pending = self.pending().map(|(sequence, _)| sequence);
        let numbers = [Sequence(0)].into_iter().chain(pending).chain([self.next]);
        if !numbers.is_sorted_by(|a, b| a < b) {
            return wrong("the numbers of edits do not ascend");
        }
        if self.max_in_flight == 0 || self.in_flight.len() > self.max_in_flight {
            return wrong("more edits are in flight than may be");
        }
        if self.in_flight.iter().any(|sent| sent.base > self.revision) {
            return wrong("an edit was sent on a revision that was not seen");
        }
        let followed = self.in_flight.len().saturating_sub(1);
        if !self.in_flight.iter().take(followed).all(|sent| sent.sent.keeps_axes()) {
            return wrong("an edit was sent after one that moves lines");
        }
        Ok(())
    }

    /// Applies the edits to the size, one after the other.
    fn check_pending(&self, mut size: Size, limits: &Limits) -> Result<(), RestoreError> {
        if size.rows > MAX_LINES || size.cols > MAX_LINES {
            return Err(RestoreError::Contradiction("the sheet is too long"));
        }
        // What a client inserts was within the limit when it was made; what others insert meanwhile
        // is too. Together they are at most twice as much.
        let room = |max: u32, len: u32| max.saturating_mul(2).min(MAX_LINES).max(len);
        let roomy = Limits {
            max_rows: room(limits.max_rows, size.rows),
            max_columns: room(limits.max_columns, size.cols),
            ..Limits::UNBOUNDED
        };
        for (sequence, delta) in self.pending() {
            let misfit = |invalid| RestoreError::Misfit { sequence, invalid };
            validate_unnamed(delta).map_err(misfit)?;
            validate(delta, size, &roomy).map_err(misfit)?;
            size = size.after(delta);
        }
        for InFlight { sent, edit, .. } in &self.in_flight {
            // Nothing is known of the sheet that it was sent on. Only its form can be checked.
            let misfit = |invalid| RestoreError::Misfit { sequence: edit.sequence, invalid };
            validate_unnamed(sent).map_err(misfit)?;
            validate(sent, Size::new(MAX_LINES, MAX_LINES), &Limits::UNBOUNDED).map_err(misfit)?;
        }
        Ok(())
    }
}

/// The first byte, which every saved form begins with.
pub(crate) fn read_version(input: &mut Input<'_>, known: u8) -> Result<(), RestoreError> {
    match input.byte()? {
        version if version == known => Ok(()),
        version => Err(RestoreError::UnknownVersion(version)),
    }
}

/// A revision or a sequence number.
fn read_number(input: &mut Input<'_>) -> Result<u64, DecodeError> {
    let number = input.varint()?;
    if number <= MAX_NUMBER { Ok(number) } else { Err(DecodeError::Overflow) }
}

fn read(bytes: &[u8]) -> Result<ClientSession, RestoreError> {
    let mut input = Input::new(bytes);
    read_version(&mut input, VERSION)?;
    let client = ClientId(u128::from_le_bytes(input.array()?));
    let revision = Revision(read_number(&mut input)?);
    let next = Sequence(read_number(&mut input)?);
    let max_in_flight = input.varint()?;
    let in_flight = VecDeque::from(input.list(read_in_flight)?);
    let buffer = VecDeque::from(input.list(read_buffered)?);
    input.end()?;
    // On a machine with shorter words than the one that wrote it, as many as can be counted.
    let max_in_flight = usize::try_from(max_in_flight).unwrap_or(usize::MAX);
    Ok(ClientSession { client, revision, next, in_flight, buffer, max_in_flight })
}

fn read_in_flight(input: &mut Input<'_>) -> Result<InFlight, DecodeError> {
    let sequence = Sequence(read_number(input)?);
    let base = Revision(read_number(input)?);
    let sent = read_delta(input)?;
    let now = match input.byte()? {
        AS_SENT => sent.clone(),
        CHANGED => read_delta(input)?,
        unknown => return Err(DecodeError::UnknownTag(unknown)),
    };
    // Nothing is loaded that its text edits could be laid over.
    let blind = now.edits_text();
    Ok(InFlight { base, sent, edit: Pending { sequence, now }, blind })
}

fn read_buffered(input: &mut Input<'_>) -> Result<Pending, DecodeError> {
    Ok(Pending { sequence: Sequence(read_number(input)?), now: read_delta(input)? })
}

fn write_delta(delta: &Delta, out: &mut Vec<u8>) {
    let mut part = Vec::new();
    encode_delta(delta, &mut part);
    codec::bytes(&part, out);
}

fn read_delta(input: &mut Input<'_>) -> Result<Delta, DecodeError> {
    decode_delta(input.bytes()?)
}
