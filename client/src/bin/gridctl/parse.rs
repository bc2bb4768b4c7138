//! Reads what is typed on the command line: cells, conditions, values, times.
//!
//! It knows no command. Invariant: an error says what to write instead.

pub(crate) mod cell;
pub(crate) mod column_list;
pub(crate) mod condition;
pub(crate) mod derived;
pub(crate) mod enriched;
pub(crate) mod file_format;
pub(crate) mod file_sort;
pub(crate) mod kind;
pub(crate) mod reader;
pub(crate) mod reading;
pub(crate) mod saved_format;
pub(crate) mod value;

use client::net::When;
use ot_engine::{Revision, Value};
use values::{Kind, Reading};

use self::reader::Reader;

/// Reads a revision.
pub(crate) fn revision(text: &str) -> Option<When> {
    text.parse().ok().map(|revision| When::Revision(Revision(revision)))
}

/// Reads a time, as in a column of instants.
pub(crate) fn time(text: &str, reader: &Reader) -> Result<When, String> {
    let reading = values::read(text, &Kind::Instant.into(), &reader.locale(None));
    match reader.zoned(reading) {
        Reading { value: Value::Instant(micros), .. } => Ok(When::TimeMicros(micros)),
        Reading { misfit, .. } => {
            let why = misfit.map(|misfit| format!(": {misfit}")).unwrap_or_default();
            Err(format!(
                "{text:?} is no time{why}; give a revision, or a time such as 2024-05-01T12:00:00Z"
            ))
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_in_a_column_of_instants() {
        let berlin = Reader::of("de", Some("Europe/Berlin"));
        for (text, micros) in [
            ("1970-01-02", Some(86_400_000_000)),
            ("1970-01-02T00:00:00Z", Some(86_400_000_000)),
            ("1970-01-01 02:00", Some(3_600_000_000)),
            ("01.01.1970 02:00", Some(3_600_000_000)),
            ("2016-12-31T23:59:60Z", None),
            ("2024-03-31 02:30", None),
            ("yesterday", None),
        ] {
            assert_eq!(time(text, &berlin).ok(), micros.map(When::TimeMicros), "{text}");
        }
        assert!(time("1970-01-01 02:00", &Reader::of("de", None)).is_err());
        assert_eq!(revision("12"), Some(When::Revision(Revision(12))));
        assert_eq!(revision("1970-01-02"), None);
    }
}
