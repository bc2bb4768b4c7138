//! The lines of an export.
//!
//! Not their order, and no pieces. Invariant: what is written for programs is imported as the same values; see
//! `csv_reader`.

use std::borrow::Cow;

use gridloom::v1::ExportForm;
use model::{ColumnRecord, RowBody};
use ot_engine::Value;

use csv_reader::{Quoting, has_other_form, is_special};

/// Where a file for spreadsheets begins, so that they read it as UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// The first characters of a text that spreadsheets run as a formula, the full-width ones among them.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// Where a field ends for a spreadsheet that reads the file with another delimiter, or that passes over the quotes.
const SEPARATORS: [char; 5] = [';', ',', '\t', '\r', '\n'];
/// Separators that spreadsheets pass over at the begin of a text.
const BLANKS: [char; 3] = ['\t', '\r', '\n'];

/// A field, and whether its quotes say that it is text.
struct Field<'a> {
    text: Cow<'a, str>,
    is_quoted: bool,
}

impl<'a> Field<'a> {
    fn text(text: &'a str, form: ExportForm, is_quoted: bool) -> Self {
        match form {
            ExportForm::Spreadsheets => Self { text: defused(text), is_quoted: false },
            ExportForm::Programs | ExportForm::Unspecified => {
                Self { text: Cow::Borrowed(text), is_quoted }
            }
        }
    }

    fn value(value: &'a Value, form: ExportForm, quotes: bool) -> Self {
        match value {
            Value::Text(text) => Self::text(text, form, quotes && has_other_form(text)),
            value => Self { text: values::exact(value), is_quoted: false },
        }
    }
}

/// A text with an apostrophe before each formula that a spreadsheet would run.
fn defused(text: &str) -> Cow<'_, str> {
    let mut places: Vec<usize> = text.starts_with(BLANKS).then_some(0).into_iter().collect();
    // Where a formula may begin: at the begin or behind a separator, as long as only what is passed over has followed.
    let mut begin = Some(0);
    for (at, mark) in text.char_indices() {
        if SEPARATORS.contains(&mark) {
            begin = Some(at + 1);
        } else if SIGNS.contains(&mark) {
            places.extend(begin.take());
        } else if !is_passed_over(mark) {
            begin = None;
        }
    }
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut defused = String::with_capacity(text.len() + places.len());
    let mut done = 0;
    for place in places {
        defused.push_str(&text[done..place]);
        defused.push('\'');
        done = place;
    }
    defused.push_str(&text[done..]);
    Cow::Owned(defused)
}

/// Whether a spreadsheet may pass over a character before it looks for a formula: quotes, white space, and what is invisible.
fn is_passed_over(mark: char) -> bool {
    let is_invisible = matches!(
        mark,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    );
    mark == '"' || mark.is_whitespace() || mark.is_control() || is_invisible
}

/// Writes the names of the columns.
pub(super) fn write_names(
    out: &mut Vec<u8>,
    columns: &[ColumnRecord],
    form: ExportForm,
    quoting: &Quoting,
) {
    if form == ExportForm::Spreadsheets {
        out.extend_from_slice(MARK);
    }
    let names = columns.iter().zip(&quoting.names);
    write_record(out, names.map(|(column, quoted)| Field::text(&column.name, form, *quoted)));
}

/// Writes a row.
pub(super) fn write_row(
    out: &mut Vec<u8>,
    columns: &[ColumnRecord],
    body: &RowBody,
    form: ExportForm,
    quoting: &Quoting,
) {
    let quoted = columns.iter().zip(&quoting.columns);
    let field = |(column, quotes): (&'_ ColumnRecord, &bool)| {
        Field::value(body.get(column.id), form, *quotes)
    };
    write_record(out, quoted.map(field));
}

/// Writes a line as RFC 4180 quotes it. A lone empty field is quoted, too: a blank line is a row in our import alone.
fn write_record<'a>(out: &mut Vec<u8>, fields: impl ExactSizeIterator<Item = Field<'a>>) {
    let lone = fields.len() == 1;
    for (at, Field { text, is_quoted }) in fields.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        if is_quoted || is_special(&text) || (lone && text.is_empty()) {
            out.push(b'"');
            out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
            out.push(b'"');
        } else {
            out.extend_from_slice(text.as_bytes());
        }
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests;
