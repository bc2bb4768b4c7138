//! How values, positions and times are written, and where complaints go.

use std::io::{IsTerminal, Write};

use gridloom::v1;
use gridloom::v1::value::Kind;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

/// Says something to the person, on standard error.
pub(crate) fn complain(sentence: &str) {
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "gridctl: {sentence}");
}

/// A bar on standard error over so many bytes; none of it where nobody looks.
pub(crate) fn progress_bar(total: Option<u64>, template: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = match total {
        Some(total) => ProgressBar::new(total),
        None => ProgressBar::no_length(),
    };
    // The templates are constants; a malformed one falls back to the default look.
    bar.with_style(
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}

/// The letters of a column that counts from 0: A, B, ..., Z, AA, ...
pub(crate) fn letters(col: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(col) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

/// A cell as in a spreadsheet, from positions that count from 0.
pub(crate) fn cell_name(row: u32, col: u32) -> String {
    format!("{}{}", letters(col), u64::from(row) + 1)
}

/// A point in time in ISO 8601; a number where it is out of range.
pub(crate) fn time(micros: i64) -> String {
    Timestamp::from_microsecond(micros).map_or_else(|_| micros.to_string(), |it| it.to_string())
}

/// A value for a person.
pub(crate) fn plain(value: &v1::Value) -> String {
    match &value.kind {
        None => String::new(),
        Some(Kind::Bool(truth)) => truth.to_string(),
        Some(Kind::Number(number)) => number.to_string(),
        Some(Kind::Text(text)) => text.clone(),
        Some(Kind::DatetimeMicros(micros)) => time(*micros),
    }
}

/// A value for a program.
pub(crate) fn json(value: &v1::Value) -> Json {
    match &value.kind {
        None => Json::Null,
        Some(Kind::Bool(truth)) => json!(truth),
        Some(Kind::Number(number)) => json!(number),
        Some(Kind::Text(text)) => json!(text),
        Some(Kind::DatetimeMicros(micros)) => json!(time(*micros)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        let names = [0, 25, 26, 51, 52, 701, 702].map(letters);
        assert_eq!(names, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
        assert_eq!(cell_name(6, 1), "B7");
    }
}
