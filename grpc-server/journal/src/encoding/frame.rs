//! The bytes of a segment file: a header, then frames, then zeros.
//!
//! ```text
//! header  magic "GRIDLOG1"  first frame's number (u64)
//! frame   length (u32)  crc32c (u32)  frame number (u64)  records ...
//! record  length (u32)  payload
//! ```
//!
//! All numbers are little-endian. `length` counts what follows the checksum, so it is never 0; a
//! length of 0 is the zero-filled room behind the last frame. `Segment::append` writes one frame and
//! calls `sync_data` once.
//!
//! Invariant: frame n + 1 is written only when frame n is on the disk. So no valid frame is behind a torn
//! one, and a valid frame behind an invalid one is damage.
//!
//! Not here: what a record means ([`record`](super::record)), files (`local`).

pub(crate) use model::sizes::JOURNAL_FRAME_BYTES;
use std::ops::Range;

/// Opens every segment file; its last digit is the version of the layout.
const MAGIC: [u8; 8] = *b"GRIDLOG1";

/// Length of the segment header, in bytes.
pub(crate) const HEADER_BYTES: usize = 16;

/// Length and checksum, in front of every frame, in bytes.
const PREFIX_BYTES: usize = 8;

/// The frame number, in front of the records, in bytes.
const NUMBER_BYTES: usize = 8;

/// The header of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Header {
    /// A segment whose first frame has this number.
    Segment(u64),
    /// Not a segment, or not of this version.
    Foreign,
}

/// How reading a segment's frames ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Only zeros behind the last frame, or nothing.
    Clean,
    /// The bytes behind the last frame were being written when the machine stopped; so many of
    /// them hold something.
    Torn {
        /// Bytes from the last frame to the last byte that is not zero.
        bytes: u64,
    },
    /// A frame is damaged although later ones are valid.
    Damaged,
}

/// The frames of one segment.
#[derive(Debug)]
pub(crate) struct Frames {
    /// Where each frame's records stand in the file, in order.
    pub(crate) records: Vec<Range<usize>>,
    /// Where the next frame belongs; on damage, where the damaged one starts.
    pub(crate) end: usize,
    /// What stands there.
    pub(crate) tail: End,
}

/// The header of a segment that begins with frame `first`.
pub(crate) fn header(first: u64) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..].copy_from_slice(&first.to_le_bytes());
    bytes
}

/// Reads the header.
pub(crate) fn parse_header(file: &[u8]) -> Header {
    match (file.get(..8), read_u64(file, 8)) {
        (Some(magic), Some(first)) if magic == MAGIC => Header::Segment(first),
        _ => Header::Foreign,
    }
}

/// Starts a frame in `buffer`; records are pushed behind it, then [`finish`] seals it.
pub(crate) fn begin(buffer: &mut Vec<u8>, number: u64) {
    buffer.clear();
    buffer.extend_from_slice(&[0; PREFIX_BYTES]);
    buffer.extend_from_slice(&number.to_le_bytes());
}

/// Adds a record.
pub(crate) fn push(buffer: &mut Vec<u8>, payload: &[u8]) {
    // A payload is checked against JOURNAL_FRAME_BYTES before it is queued, so it fits.
    buffer.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    buffer.extend_from_slice(payload);
}

/// Fills in length and checksum.
pub(crate) fn finish(buffer: &mut [u8]) {
    let (prefix, body) = buffer.split_at_mut(PREFIX_BYTES);
    prefix[..4].copy_from_slice(&(body.len() as u32).to_le_bytes());
    prefix[4..].copy_from_slice(&crc32c::crc32c(body).to_le_bytes());
}

/// Reads all frames of a segment whose first has number `first`.
pub(crate) fn scan(file: &[u8], first: u64) -> Frames {
    let mut records = Vec::new();
    let mut at = HEADER_BYTES.min(file.len());
    let mut number = first;
    while let Some(frame) = frame_at(file, at, number..=number) {
        at = frame.end;
        records.push(frame);
        number += 1;
    }
    let tail = judge_tail(file, at, number);
    Frames { records, end: at, tail }
}

/// The payloads of one frame's records, in order; `None` in place of one whose length does not fit,
/// which no frame with a right checksum has unless another program wrote it.
pub(crate) fn payloads(mut records: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    std::iter::from_fn(move || {
        if records.is_empty() {
            return None;
        }
        let payload = read_u32(records, 0)
            .and_then(|length| records.get(4..4_usize.checked_add(length as usize)?));
        records = payload.map_or(&[], |payload| &records[4 + payload.len()..]);
        Some(payload)
    })
}

/// The records of a valid frame at `at` whose number is one of `numbers`.
fn frame_at(
    file: &[u8],
    at: usize,
    numbers: std::ops::RangeInclusive<u64>,
) -> Option<Range<usize>> {
    let length = read_u32(file, at)? as usize;
    if !(NUMBER_BYTES..=JOURNAL_FRAME_BYTES).contains(&length) {
        return None;
    }
    let start = at + PREFIX_BYTES;
    let body = file.get(start..start + length)?;
    // The number first: it rules nearly everything out before a checksum is computed.
    let valid =
        numbers.contains(&read_u64(body, 0)?) && read_u32(file, at + 4)? == crc32c::crc32c(body);
    valid.then_some(start + NUMBER_BYTES..start + length)
}

/// The kind of bytes from `at` on, where frame `number` could not be read.
fn judge_tail(file: &[u8], at: usize, number: u64) -> End {
    let rest = file.get(at..).unwrap_or_default();
    let Some(last) = rest.iter().rposition(|&byte| byte != 0) else { return End::Clean };
    // No more frames than bytes can follow.
    let later = number + 1..=number + rest.len() as u64;
    if (at + 1..=at + last).any(|next| frame_at(file, next, later.clone()).is_some()) {
        End::Damaged
    } else {
        End::Torn { bytes: last as u64 + 1 }
    }
}

fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

fn read_u64(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A segment with one single-record frame for each payload, and where each frame ends.
    fn segment(payloads: &[&[u8]]) -> (Vec<u8>, Vec<usize>) {
        let mut file = header(7).to_vec();
        let mut ends = Vec::new();
        for (number, payload) in (7..).zip(payloads) {
            let mut frame = Vec::new();
            begin(&mut frame, number);
            push(&mut frame, payload);
            finish(&mut frame);
            file.extend(frame);
            ends.push(file.len());
        }
        (file, ends)
    }

    fn read(file: &[u8]) -> Vec<Vec<u8>> {
        let frames = scan(file, 7);
        let records = frames.records.iter().map(|range| &file[range.clone()]);
        records.flat_map(payloads).map(|payload| payload.unwrap().to_vec()).collect()
    }

    #[test]
    fn a_file_cut_at_any_byte_keeps_every_whole_frame() {
        let (file, ends) = segment(&[b"one", b"two", b"three"]);
        for cut in HEADER_BYTES..=file.len() {
            for fill in [0, 100] {
                let mut torn = file[..cut].to_vec();
                torn.resize(cut + fill, 0);
                let whole = ends.iter().filter(|&&end| end <= cut).count();
                assert_eq!(read(&torn).len(), whole, "cut at {cut}");
                assert_ne!(scan(&torn, 7).tail, End::Damaged, "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_flipped_bit_is_damage_before_the_last_frame_and_a_torn_tail_in_it() {
        let (file, ends) = segment(&[b"one", b"two", b"three"]);
        for bit in HEADER_BYTES * 8..file.len() * 8 {
            let mut bad = file.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let frames = scan(&bad, 7);
            let hit = ends.iter().filter(|&&end| end <= bit / 8).count();
            assert_eq!(frames.records.len(), hit, "bit {bit}");
            assert_eq!(frames.tail == End::Damaged, hit < 2, "bit {bit}");
        }
    }
}
