//! Reads what is typed on the command line: cells, conditions, values, times.
//!
//! It knows no command. Invariant: an error says what to write instead.

pub(crate) mod cell;
pub(crate) mod condition;
pub(crate) mod kind;
pub(crate) mod reader;
pub(crate) mod value;

use client::net::When;
use ot_engine::Revision;

/// Reads a revision or a time.
pub(crate) fn when(text: &str) -> Result<When, String> {
    if let Ok(revision) = text.parse() {
        return Ok(When::Revision(Revision(revision)));
    }
    let time: Result<jiff::Timestamp, _> = text.parse();
    let time = time.map_err(|_| "give a revision, or a time such as 2024-05-01T12:00:00Z")?;
    Ok(When::TimeMicros(time.as_microsecond()))
}

/// Reads the decimal mark of a CSV file.
pub(crate) fn decimal_mark(text: &str) -> Result<char, String> {
    match text {
        "," => Ok(','),
        "." => Ok('.'),
        _ => Err("give a comma or a point".to_owned()),
    }
}

/// Reads the delimiter of a CSV file.
pub(crate) fn delimiter(text: &str) -> Result<char, String> {
    let mut chars = text.chars();
    match (text, chars.next(), chars.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(char), None) => Ok(char),
        _ => Err("give one character, or the word tab".to_owned()),
    }
}
