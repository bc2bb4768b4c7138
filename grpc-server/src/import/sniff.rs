//! The begin of a file: whether it is text, where its first line ends, and which delimiter separates its fields.
//!
//! Not the fields themselves: see `records`. Invariant: quoted delimiters and line ends do not count.

use super::Problem;

/// The delimiters, the most common first: it wins a tie.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";
/// The first bytes of files that are no CSV, though people upload them as such.
const NOT_TEXT: [(&[u8], &str); 5] = [
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"\x1f\x8b", "a gzip file"),
    (b"PK\x03\x04", "a zip archive or spreadsheet file"),
    (b"PAR1", "a Parquet file"),
];

/// Takes the byte order mark away; refuses what is not text.
pub(super) fn text(head: &[u8]) -> Result<&[u8], Problem> {
    match NOT_TEXT.iter().find(|(magic, _)| head.starts_with(magic)) {
        Some((_, what)) => Err(Problem::NotText(what)),
        None => Ok(head.strip_prefix(UTF8_BOM).unwrap_or(head)),
    }
}

/// The first line that is not blank; `None` when its end is not in `head`.
pub(super) fn first_line(head: &[u8]) -> Option<&[u8]> {
    let start = head.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
    let mut quoted = false;
    let end = head[start..].iter().position(|&byte| {
        quoted ^= byte == b'"';
        !quoted && matches!(byte, b'\r' | b'\n')
    })?;
    Some(&head[start..start + end])
}

/// The most frequent delimiter outside of quotes.
pub(super) fn delimiter(first_line: &[u8]) -> u8 {
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    for byte in first_line {
        quoted ^= *byte == b'"';
        if let (false, Some(at)) = (quoted, DELIMITERS.iter().position(|known| known == byte)) {
            counts[at] += 1;
        }
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    let at = counts.iter().position(|count| *count == most).unwrap_or(0);
    DELIMITERS[at]
}
