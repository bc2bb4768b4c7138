//! The bytes of a file as UTF-8: files in UTF-16 are decoded.
//!
//! Other encodings are left: see `StartImportRequest.repair`. Invariant: the result does not depend on the sizes of the
//! pieces.

use std::borrow::Cow;

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE};

use super::{Problem, byte_order, magic};

/// UTF-16 without a mark is seen from this many bytes, or from the whole file.
const SEEN: usize = 4096;
/// The bytes of the longest byte order mark that a chosen encoding may contradict.
const MARK: usize = 3;
/// In place of half of a character, since UTF-8 has no such byte.
const DAMAGED: u8 = 0xff;
/// Room for decoded text that is made at once.
const ROOM: usize = 64 * 1024;

/// Decodes a file, piece by piece.
pub(super) enum Encoding {
    /// The first bytes: there are too few of them.
    Unknown(Vec<u8>),
    /// The first bytes of a file with a chosen encoding, which its mark may contradict.
    Chosen { encoding: &'static encoding_rs::Encoding, begin: Vec<u8> },
    /// Bytes that are passed on as they are.
    Bytes,
    /// Another encoding than UTF-8.
    Wide {
        decoder: Box<Decoder>,
        /// Whether the file has no mark of it.
        is_guess: bool,
        /// Whether the bytes so far are an odd number.
        is_odd: bool,
    },
}

impl Encoding {
    /// Before the first byte of a file in this encoding, or in one that its begin shows.
    pub(super) fn new(given: Option<&'static encoding_rs::Encoding>) -> Self {
        match given {
            None => Self::Unknown(Vec::new()),
            Some(encoding) => Self::Chosen { encoding, begin: Vec::new() },
        }
    }

    /// The encoding as far as it is known.
    pub(super) fn name(&self) -> String {
        let encoding = match self {
            Self::Wide { decoder, .. } => decoder.encoding(),
            Self::Chosen { encoding, .. } => encoding,
            Self::Unknown(_) | Self::Bytes => UTF_8,
        };
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
            Self::Chosen { encoding, begin } => {
                begin.extend_from_slice(bytes);
                if begin.len() < MARK && !is_last {
                    return Ok(Cow::Borrowed(&[]));
                }
                let (encoding, begin) = (*encoding, std::mem::take(begin));
                *self = Self::chosen(encoding, &begin)?;
                Cow::Owned(begin)
            }
            Self::Bytes | Self::Wide { .. } => Cow::Borrowed(bytes),
        };
        match self {
            Self::Wide { decoder, is_odd, .. } => {
                *is_odd ^= !bytes.len().is_multiple_of(2);
                let mut text = decoded(decoder, &bytes, is_last);
                if is_last && *is_odd && is_utf_16(decoder) && text.last() == Some(&DAMAGED) {
                    text.pop();
                }
                Ok(Cow::Owned(text))
            }
            _ => Ok(bytes),
        }
    }

    /// Whether the bytes so far end with half of a unit of UTF-16. At the end of the file it is left out of the text.
    pub(super) fn ends_within_unit(&self) -> bool {
        matches!(self, Self::Wide { decoder, is_odd: true, .. } if is_utf_16(decoder))
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
        match begin {
            // First, since the mark of UTF-32 begins as that of UTF-16 does.
            [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Err(Problem::Utf32),
            [0xff, 0xfe, ..] => Ok(Self::wide(UTF_16LE, false)),
            [0xfe, 0xff, ..] => Ok(Self::wide(UTF_16BE, false)),
            _ if byte_order::is_utf_32(begin) => Err(Problem::Utf32),
            _ => match (magic::of(begin), byte_order::of(begin)) {
                // Its zeros are not those of UTF-16.
                (Some(what), _) => Err(Problem::NotText(what)),
                (None, Some(order)) if repair => Ok(Self::wide(order, true)),
                (None, Some(order)) => {
                    Err(Problem::WideWithoutMark { big_endian: order == UTF_16BE })
                }
                (None, None) => Ok(Self::Bytes),
            },
        }
    }

    /// A chosen encoding; the mark at the begin of the file may be one of it.
    fn chosen(encoding: &'static encoding_rs::Encoding, begin: &[u8]) -> Result<Self, Problem> {
        match encoding_rs::Encoding::for_bom(begin) {
            Some((marked, _)) if marked != encoding => {
                Err(Problem::OtherMark { marked: marked.name() })
            }
            _ if encoding == UTF_8 => Ok(Self::Bytes),
            _ => Ok(Self::wide(encoding, false)),
        }
    }

    fn wide(encoding: &'static encoding_rs::Encoding, is_guess: bool) -> Self {
        let decoder = Box::new(encoding.new_decoder_with_bom_removal());
        Self::Wide { decoder, is_guess, is_odd: false }
    }
}

fn is_utf_16(decoder: &Decoder) -> bool {
    [UTF_16LE, UTF_16BE].contains(&decoder.encoding())
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
