//! Saves a session as bytes and restores it, so that a client keeps its unsent edits over a restart.
//!
//! It is neither the journal's form nor the wire's: only this crate reads it, on the machine that wrote
//! it. The [`codec`](crate::codec) encodes its deltas. It has no checksum: a flipped bit in a value gives
//! another value.
//!
//! Invariant: a session restored from any bytes passes `check_invariants`, and no later call panics. Its
//! pending edits apply in order to a sheet of the given size. It uses memory of a fixed
//! multiple of the bytes; a [`Replica`](crate::Replica) adds the lines that the edits insert.

use std::collections::VecDeque;

use super::ClientSession;
use super::pending::{InFlight, Pending};
use super::restore_error::{RestoreError, read_version};
use crate::codec::{self, DecodeError, Input, decode_delta, encode_delta};
use crate::validate::validate_unnamed;
use crate::{ClientId, Delta, Limits, Revision, Sequence, Size, validate};

/// The version of the form that [`ClientSession::save`] writes.
const VERSION: u8 = 1;

/// Whether an edit in flight stands as it was sent.
const AS_SENT: u8 = 0;
const CHANGED: u8 = 1;

/// The largest revision or sequence number: the largest that a server can store. The next number never
/// overflows.
const MAX_NUMBER: u64 = i64::MAX as u64;

/// The longest axis that is restored. Later deltas can't make its positions overflow.
const MAX_LINES: u32 = u32::MAX / 4;

impl ClientSession {
    /// The whole session as bytes, for [`ClientSession::restore`].
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

    /// Restores the session that [`ClientSession::save`] wrote. `size` is the sheet's size at the session's
    /// revision, without the pending edits; the edits are checked against it. `limits` are the sheet's.
    ///
    /// The limits on single edits are not checked again: after limits were lowered, the server decides
    /// about an edit that kept the old ones.
    ///
    /// # Errors
    /// When the bytes are not the saved form, or their parts contradict each other.
    pub fn restore(bytes: &[u8], size: Size, limits: &Limits) -> Result<Self, RestoreError> {
        let session = read(bytes)?;
        session.check_numbers()?;
        session.check_pending(size, limits)?;
        Ok(session)
    }

    /// Checks the numbers as `check_invariants` does, with an error instead of a panic.
    fn check_numbers(&self) -> Result<(), RestoreError> {
        let wrong = |what| Err(RestoreError::Contradiction(what));
        let pending = self.pending().map(|(sequence, _)| sequence);
        let numbers = [Sequence(0)].into_iter().chain(pending).chain([self.next]);
        if !numbers.is_sorted_by(|a, b| a < b) {
            return wrong("the numbers of edits do not ascend");
        }
        if self.max_in_flight == 0 || self.in_flight.len() > self.max_in_flight {
            return wrong("too many edits are in flight");
        }
        if self.in_flight.iter().any(|sent| sent.base > self.revision) {
            return wrong("the base of an edit is after the session's revision");
        }
        let followed = self.in_flight.len().saturating_sub(1);
        if !self.in_flight.iter().take(followed).all(|sent| sent.sent.keeps_axes()) {
            return wrong("an edit in flight follows one that moves lines");
        }
        Ok(())
    }

    /// Checks the pending edits in order, each on the size after the one before.
    fn check_pending(&self, mut size: Size, limits: &Limits) -> Result<(), RestoreError> {
        if size.rows > MAX_LINES || size.cols > MAX_LINES {
            return Err(RestoreError::Contradiction("the sheet is too long"));
        }
        // The client's inserts were within the limit, and so were those of other clients. Together they
        // are at most twice the limit.
        let room = |max: u32, len: u32| max.saturating_mul(2).min(MAX_LINES).max(len);
        let doubled = Limits {
            max_rows: room(limits.max_rows, size.rows),
            max_columns: room(limits.max_columns, size.cols),
            ..Limits::UNBOUNDED
        };
        for (sequence, delta) in self.pending() {
            let misfit = |invalid| RestoreError::Misfit { sequence, invalid };
            validate_unnamed(delta).map_err(misfit)?;
            validate(delta, size, &doubled).map_err(misfit)?;
            size = size.after(delta);
        }
        for InFlight { sent, edit, .. } in &self.in_flight {
            // The sheet at the edit's base is not known, so only the form can be checked.
            let misfit = |invalid| RestoreError::Misfit { sequence: edit.sequence, invalid };
            validate_unnamed(sent).map_err(misfit)?;
            validate(sent, Size::new(MAX_LINES, MAX_LINES), &Limits::UNBOUNDED).map_err(misfit)?;
        }
        Ok(())
    }
}

/// Reads a revision or a sequence number.
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
    // A 32-bit machine may read what a 64-bit machine saved.
    let max_in_flight = usize::try_from(max_in_flight).unwrap_or(usize::MAX);
    // The edits of another run are of other gestures.
    let apart = true;
    Ok(ClientSession { client, revision, next, in_flight, buffer, max_in_flight, apart })
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
    // No text is loaded to apply its text edits to.
    let stale = now.edits_text();
    Ok(InFlight { base, sent, edit: Pending { sequence, now }, stale })
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
