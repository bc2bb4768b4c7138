//! UTF-16 and UTF-32 without a mark: whether bytes are of them, and the byte order.
//!
//! Not the decoding: see `encoding`. Invariant: bytes without a zero are never taken for one of them, so no text in UTF-8 is that
//! has no NUL character.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use super::records::END_MARK;

/// Fewer bytes show no encoding.
const FEWEST_BYTES: usize = 8;
/// Fewer ASCII characters show none, either.
const FEWEST_ASCII: usize = 2;
/// Bytes are not those of ASCII where one of so many is a control character.
const CONTROLS: usize = 64;
const LINE_ENDS: [u8; 2] = [b'\n', b'\r'];
/// Characters from here on stand in hardly any text; two characters of UTF-16 look like one of them in UTF-32.
const RARE: u32 = 0x3_0000;

/// The encoding of a file that begins with these bytes, if they look like UTF-16.
pub(super) fn of(begin: &[u8]) -> Option<&'static Encoding> {
    if begin.len() < FEWEST_BYTES || !begin.len().is_multiple_of(2) {
        return None;
    }
    of_latin(begin)
        .or_else(|| has_lines(begin, u16::from_le_bytes).then_some(UTF_16LE))
        .or_else(|| has_lines(begin, u16::from_be_bytes).then_some(UTF_16BE))
}

/// Whether the bytes look like UTF-32: each four of them are a character, in one of the byte orders.
pub(super) fn is_utf_32(begin: &[u8]) -> bool {
    let are_characters = |character: fn([u8; 4]) -> u32| {
        let characters =
            || begin.chunks_exact(4).map(|four| character([four[0], four[1], four[2], four[3]]));
        characters().filter(|it| *it < 0x80).count() >= FEWEST_ASCII
            && characters().all(|it| it > 0 && it < RARE && char::from_u32(it).is_some())
    };
    begin.len() >= FEWEST_BYTES
        && (are_characters(u32::from_le_bytes) || are_characters(u32::from_be_bytes))
}

/// The byte order of Latin text: every second byte is zero. Here at least half of those are, and nearly no others.
fn of_latin(begin: &[u8]) -> Option<&'static Encoding> {
    let zeros = |odd: usize| begin.iter().skip(odd).step_by(2).filter(|byte| **byte == 0);
    let (even, odd) = (zeros(0).count(), zeros(1).count());
    let (few, many) = (even.min(odd), even.max(odd));
    let order = if odd > even { UTF_16LE } else { UTF_16BE };
    (many * 4 >= begin.len() && few * 10 <= many).then_some(order)
}

/// Whether the bytes are lines of text in this byte order: none is damaged, and of the bytes of line ends that show whether
/// these are bytes of ASCII, most are halves of line ends.
fn has_lines(begin: &[u8], unit: fn([u8; 2]) -> u16) -> bool {
    let units: Vec<u16> = begin.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    // The bytes may end within a character.
    let complete = match units.split_last() {
        Some((0xd800..=0xdbff, rest)) => rest,
        _ => &units[..],
    };
    let is_text = char::decode_utf16(complete.iter().copied())
        .all(|mark| mark.is_ok_and(|mark| mark != '\0'));
    let halves = || units.iter().map(|unit| unit.to_be_bytes());
    let controls = begin.iter().filter(|byte| is_control(**byte)).count();
    let ends_lines = |end: u8| {
        let whole = halves().filter(|both| *both == [0, end]).count();
        let low = halves().filter(|[high, low]| *high != 0 && *low == end).count();
        let high = halves().filter(|[high, _]| *high == end).count();
        let against = if controls * CONTROLS >= begin.len() {
            0
        } else if high * 3 > units.len() {
            // The letters of a script: U+0Axx are Gurmukhi and Gujarati, U+0Dxx Malayalam and Sinhala.
            low
        } else {
            low + high
        };
        whole > against
    };
    let ascii = units.iter().filter(|unit| **unit < 0x80).count();
    is_text && ascii >= FEWEST_ASCII && LINE_ENDS.into_iter().any(ends_lines)
}

/// Whether no text in ASCII has this byte. Zero is left out: it is a half of each ASCII character.
fn is_control(byte: u8) -> bool {
    let is_in_texts = matches!(byte, 0 | b'\t' | b'\n' | 0x0b | 0x0c | b'\r' | END_MARK);
    byte < b' ' && !is_in_texts
}
