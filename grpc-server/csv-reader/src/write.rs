//! The lines of a file that is written.
//!
//! Not their order, and no pieces. Invariant: what is written for programs is imported as the same values; see
//! [`Quoting`].

use std::borrow::Cow;

use ot_engine::Value;
use values::defused;

use super::infer::has_other_form;
use super::quoting::{Quoting, is_special};

/// Where a file for spreadsheets begins, so that they read it as UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// For whom a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenFor {
    /// Programs: quotes show which fields are texts.
    Programs,
    /// Programs for spreadsheets: a mark of UTF-8 at the begin, and an apostrophe before each formula.
    Spreadsheets,
}

/// The form of a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsvForm {
    /// For whom it is.
    pub written_for: WrittenFor,
    /// The character between fields: a comma or a tab. An import takes quotes for a sign of texts between commas alone.
    pub delimiter: u8,
}

/// A field, and whether its quotes say that it is text.
struct Field<'a> {
    text: Cow<'a, str>,
    is_quoted: bool,
}

impl<'a> Field<'a> {
    fn text(text: &'a str, form: CsvForm, is_quoted: bool) -> Self {
        match form.written_for {
            WrittenFor::Spreadsheets => Self { text: defused(text), is_quoted: false },
            WrittenFor::Programs => Self { text: Cow::Borrowed(text), is_quoted },
        }
    }

    fn value(value: &'a Value, form: CsvForm, quotes: bool) -> Self {
        match value {
            Value::Text(text) => Self::text(text, form, quotes && has_other_form(text)),
            value => Self { text: values::exact(value), is_quoted: false },
        }
    }
}

/// Writes the names of the columns.
pub fn write_names<'a>(
    out: &mut Vec<u8>,
    names: impl ExactSizeIterator<Item = &'a str>,
    form: CsvForm,
    quoting: &Quoting,
) {
    if form.written_for == WrittenFor::Spreadsheets {
        out.extend_from_slice(MARK);
    }
    let names = names.zip(&quoting.names);
    write_record(out, form, names.map(|(name, quoted)| Field::text(name, form, *quoted)));
}

/// Writes a row: a value for each column.
pub fn write_row<'a>(
    out: &mut Vec<u8>,
    values: impl ExactSizeIterator<Item = &'a Value>,
    form: CsvForm,
    quoting: &Quoting,
) {
    let quoted = values.zip(&quoting.columns);
    write_record(out, form, quoted.map(|(value, quotes)| Field::value(value, form, *quotes)));
}

/// Writes a line as RFC 4180 quotes it. A lone empty field is quoted, too: a blank line is a row in our import alone.
fn write_record<'a>(
    out: &mut Vec<u8>,
    form: CsvForm,
    fields: impl ExactSizeIterator<Item = Field<'a>>,
) {
    let lone = fields.len() == 1;
    for (at, Field { text, is_quoted }) in fields.enumerate() {
        if at > 0 {
            out.push(form.delimiter);
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
