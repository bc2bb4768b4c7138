//! Which parts of which pieces a range of the bytes of a content is.
//!
//! Not the reading of pieces. Invariant: the parts, one after the other, are the range.

use std::ops::Range;

use model::Pieces;

/// A part of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The number of the piece.
    pub(super) number: u32,
    /// The bytes of the piece.
    pub(super) piece_bytes: u32,
    /// Those of the part, within the piece.
    pub(super) within: Range<usize>,
}

/// The bytes that a request for `length` bytes from `offset` on means, all where `length` is 0; `None`: it begins after the
/// end of the content.
pub(super) fn range(bytes: u64, offset: u64, length: u64) -> Option<Range<u64>> {
    let length = if length == 0 { u64::MAX } else { length };
    (offset <= bytes).then(|| offset..offset.saturating_add(length).min(bytes))
}

/// The parts of the pieces of a content that are a range of its bytes.
pub(super) fn parts(pieces: Pieces, range: Range<u64>) -> impl Iterator<Item = Part> + Send {
    let size = u64::from(pieces.piece_bytes.max(1));
    let first = u32::try_from(range.start / size).unwrap_or(u32::MAX);
    (first..=u32::MAX).map_while(move |number| {
        let begin = u64::from(number) * size;
        let is_in_range = !range.is_empty() && begin < range.end;
        let piece_bytes = pieces.bytes_of(number).filter(|_| is_in_range)?;
        let within = |at: u64| {
            let at = usize::try_from(at.saturating_sub(begin)).unwrap_or(usize::MAX);
            at.min(piece_bytes as usize)
        };
        Some(Part { number, piece_bytes, within: within(range.start)..within(range.end) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content whose bytes are their places.
    fn content(bytes: u64) -> Vec<u8> {
        (0..bytes).map(|at| u8::try_from(at).expect("is small")).collect()
    }

    #[test]
    fn the_parts_of_each_range_are_its_bytes() {
        for (bytes, piece_bytes) in (0..13).flat_map(|bytes| (1..6).map(move |it| (bytes, it))) {
            let (pieces, content) = (Pieces { bytes, piece_bytes }, content(bytes));
            let stored: Vec<&[u8]> = content.chunks(piece_bytes as usize).collect();
            for (offset, length) in (0..15).flat_map(|offset| (0..15).map(move |it| (offset, it))) {
                let found = range(bytes, offset, length);
                assert_eq!(found.is_none(), offset > bytes);
                let Some(range) = found else { continue };
                let most = if length == 0 { usize::MAX } else { length as usize };
                let naive: Vec<u8> =
                    content.iter().skip(offset as usize).take(most).copied().collect();
                let parts: Vec<Part> = parts(pieces, range).collect();
                let whole: Vec<u8> = parts
                    .iter()
                    .flat_map(|part| &stored[part.number as usize][part.within.clone()])
                    .copied()
                    .collect();
                assert_eq!(whole, naive, "{bytes} {piece_bytes} {offset} {length}");
                assert!(
                    parts.iter().all(|part| !part.within.is_empty()),
                    "no piece is read for nothing"
                );
                assert!(
                    parts
                        .iter()
                        .all(|it| it.piece_bytes as usize == stored[it.number as usize].len())
                );
            }
        }
    }

    #[test]
    fn no_number_overflows() {
        assert_eq!(range(7, 1, u64::MAX), Some(1..7));
        let pieces = Pieces { bytes: u64::MAX, piece_bytes: u32::MAX };
        let last = u64::MAX - 1;
        assert!(parts(pieces, last..u64::MAX).count() <= 1);
    }
}
