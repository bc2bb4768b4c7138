//! Reads the revisions of a frame without decoding a cell.
//!
//! Not a decoder: it contains the wire format and three field numbers of `live.proto`, which a test compares with the
//! generated code. Invariant: linear in the frame's bytes, no allocation, and no byte outside of the frame is read.

/// `ServerFrame.changes`.
const CHANGES: u64 = 3;
/// `Changes.changes`.
const CHANGE: u64 = 1;
/// `Changes.through`.
const THROUGH: u64 = 2;
/// `Change.revision`.
const REVISION: u64 = 1;

/// A field of a message.
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Fixed-width numbers, which no field that is read here has.
    Other,
}

/// The progress of a stream by one frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Changes in the frame.
    pub(crate) changes: u64,
    /// The revision that the stream has reached; `None` when the frame has none.
    pub(crate) reached: Option<u64>,
}

/// Calls `each` with the revision of each change in an encoded `ServerFrame`. `None`: it is malformed.
pub(crate) fn changes(frame: &[u8], mut each: impl FnMut(u64)) -> Option<Progress> {
    let mut progress = Progress::default();
    let mut rest = frame;
    while !rest.is_empty() {
        let (CHANGES, Value::Bytes(mut body)) = field(&mut rest)? else { continue };
        while !body.is_empty() {
            match field(&mut body)? {
                (CHANGE, Value::Bytes(change)) => {
                    let revision = revision(change)?;
                    each(revision);
                    progress.changes += 1;
                    progress.reached = Some(revision);
                }
                (THROUGH, Value::Number(through)) => progress.reached = Some(through),
                _ => {}
            }
        }
    }
    Some(progress)
}

/// The number of a change; proto3 leaves a 0 out.
fn revision(mut change: &[u8]) -> Option<u64> {
    while !change.is_empty() {
        if let (REVISION, Value::Number(revision)) = field(&mut change)? {
            return Some(revision);
        }
    }
    Some(0)
}

/// Takes one field off the front: its number and its value.
fn field<'a>(rest: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let key = varint(rest)?;
    let value = match key & 7 {
        0 => Value::Number(varint(rest)?),
        1 => bytes(rest, 8).map(|_| Value::Other)?,
        2 => {
            let length = usize::try_from(varint(rest)?).ok()?;
            Value::Bytes(bytes(rest, length)?)
        }
        5 => bytes(rest, 4).map(|_| Value::Other)?,
        _ => return None,
    };
    Some((key >> 3, value))
}

fn bytes<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    // Ten groups of seven bits hold 64.
    for shift in (0..70).step_by(7) {
        let (byte, left) = rest.split_first()?;
        *rest = left;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if *byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use gridloom::v1::{self, server_frame::Frame};
    use proptest::prelude::*;
    use prost::Message;

    use super::*;

    fn encoded(revisions: &[u64], through: u64) -> Vec<u8> {
        let change = |revision: &u64| {
            let (revision, author_id) = (*revision, "an account".to_owned());
            let change = v1::Change { revision, author_id, time_micros: -5, ..Default::default() };
            change.encode_to_vec().into()
        };
        let changes = revisions.iter().map(change).collect();
        let frame = Frame::Changes(v1::Changes { changes, through });
        v1::ServerFrame { frame: Some(frame) }.encode_to_vec()
    }

    fn scanned(frame: &[u8]) -> Option<(Vec<u64>, Progress)> {
        let mut revisions = Vec::new();
        let progress = changes(frame, |revision| revisions.push(revision))?;
        Some((revisions, progress))
    }

    #[test]
    fn other_frames_hold_no_change() {
        let committed = Frame::Committed(v1::Committed { revision: 9 });
        let committed = v1::ServerFrame { frame: Some(committed) }.encode_to_vec();
        for frame in [&committed[..], &[], &encoded(&[], 0)] {
            assert_eq!(scanned(frame), Some((Vec::new(), Progress::default())));
        }
    }

    #[test]
    fn a_frame_that_is_cut_off_is_malformed_and_not_read_further() {
        let whole = encoded(&[7], 0);
        for length in 1..whole.len() {
            assert_eq!(scanned(&whole[..length]), None, "{length}");
        }
        assert_eq!(scanned(&[0xff; 11]), None);
        assert_eq!(scanned(&[0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f]), None);
    }

    proptest! {
        #[test]
        fn the_revisions_are_those_of_the_generated_code(
            revisions in prop::collection::vec(any::<u64>(), 0..20),
            through in any::<u64>(),
        ) {
            let (found, progress) = scanned(&encoded(&revisions, through)).expect("well formed");
            let last = revisions.last().copied();
            prop_assert_eq!(progress.changes, revisions.len() as u64);
            prop_assert_eq!(progress.reached, if through > 0 { Some(through) } else { last });
            prop_assert_eq!(found, revisions);
        }

        #[test]
        fn no_bytes_make_it_fail(bytes: Vec<u8>) {
            let _ = scanned(&bytes);
        }
    }
}
