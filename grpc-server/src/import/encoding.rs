//! The bytes of a file as UTF-8: files in UTF-16 are decoded.
//!
//! Other encodings are left: see `StartImportRequest.repair`. Invariant: the result does not depend on the sizes of the
//! pieces.

use std::borrow::Cow;

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE};

use super::Problem;

/// UTF-16 without a mark is seen from this many bytes, or from the whole file.
const SEEN: usize = 4096;
/// Fewer bytes show no encoding.
const FEWEST: usize = 8;
/// In place of half of a character, since UTF-8 has no such byte.
const DAMAGED: u8 = 0xff;
/// Room for decoded text that is made at once.
const ROOM: usize = 64 * 1024;

/// Decodes a file, piece by piece.
pub(super) enum Encoding {
    /// The first bytes: there are too few of them.
    Unknown(Vec<u8>),
    /// Bytes that are passed on as they are.
    Bytes,
    /// Another encoding than UTF-8.
    Wide {
        decoder: Box<Decoder>,
        /// Whether the file has no mark of it.
        is_guess: bool,
    },
}

impl Encoding {
    /// Before the first byte of a file in this encoding, or in one that its begin shows.
    pub(super) fn new(given: Option<&'static encoding_rs::Encoding>) -> Self {
        match given {
            None => Self::Unknown(Vec::new()),
            Some(given) if given == UTF_8 => Self::Bytes,
            Some(given) => {
                let decoder = Box::new(given.new_decoder_with_bom_removal());
                Self::Wide { decoder, is_guess: false }
            }
        }
    }

    /// The encoding as far as it is known.
    pub(super) fn name(&self) -> String {
        let encoding =
            if let Self::Wide { decoder, .. } = self { decoder.encoding() } else { UTF_8 };
        encoding.name().to_ascii_lowercase()
    }

    /// The next piece; `is_last` at the end of the file. `repair` reads UTF-16 that has no mark. Halves of characters become
    /// bytes that are not UTF-8.
    pub(super) fn decode<'a>(
        &mut self,
        bytes: &'a [u8],
        is_last: bool,
        repair: bool,
    ) -> Result<Cow<'a, [u8]>, Problem> {
        let bytes = match self {
            Self::Unknown(begin) => {
                begin.extend_from_slice(bytes);
                if begin.len() < SEEN && !is_last {
                    return Ok(Cow::Borrowed(&[]));
                }
                let begin = std::mem::take(begin);
                *self = Self::of(&begin[..begin.len().min(SEEN)], repair)?;
                Cow::Owned(begin)
            }
            Self::Bytes | Self::Wide { .. } => Cow::Borrowed(bytes),
        };
        match self {
            Self::Wide { decoder, .. } => Ok(Cow::Owned(decoded(decoder, &bytes, is_last))),
            _ => Ok(bytes),
        }
    }

    /// Whether the file has another encoding than UTF-8.
    pub(super) fn is_wide(&self) -> bool {
        matches!(self, Self::Wide { .. })
    }

    /// Whether the file is read as UTF-16 without a mark of it.
    pub(super) fn is_guess(&self) -> bool {
        matches!(self, Self::Wide { is_guess: true, .. })
    }

    fn of(begin: &[u8], repair: bool) -> Result<Self, Problem> {
        let wide = |encoding: &'static encoding_rs::Encoding, is_guess| Self::Wide {
            decoder: Box::new(encoding.new_decoder_with_bom_removal()),
            is_guess,
        };
        let zeros = |odd: usize| begin.iter().skip(odd).step_by(2).filter(|byte| **byte == 0);
        // Of Latin marks in UTF-16, every second byte is zero: here at least half of those, and nearly no others.
        let (even, odd) = (zeros(0).count(), zeros(1).count());
        let (few, many) = (even.min(odd), even.max(odd));
        let is_even = begin.len().is_multiple_of(2) && begin.len() >= FEWEST;
        let looks_wide = is_even && many * 4 >= begin.len() && few * 10 <= many;
        match begin {
            // First, since the mark of UTF-32 begins as that of UTF-16 does.
            [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Err(Problem::Utf32),
            [0xff, 0xfe, ..] => Ok(wide(UTF_16LE, false)),
            [0xfe, 0xff, ..] => Ok(wide(UTF_16BE, false)),
            _ if looks_wide && repair => {
                Ok(wide(if odd > even { UTF_16LE } else { UTF_16BE }, true))
            }
            _ if looks_wide => Err(Problem::WideWithoutMark { big_endian: even > odd }),
            _ => Ok(Self::Bytes),
        }
    }
}

fn decoded(decoder: &mut Decoder, mut bytes: &[u8], is_last: bool) -> Vec<u8> {
    let mut text = Vec::new();
    loop {
        let begin = text.len();
        text.resize(begin + ROOM.min(bytes.len() * 3 + 16), 0);
        let room = &mut text[begin..];
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(bytes, room, is_last);
        text.truncate(begin + written);
        bytes = &bytes[read..];
        match result {
            DecoderResult::InputEmpty => return text,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => text.push(DAMAGED),
        }
    }
}
