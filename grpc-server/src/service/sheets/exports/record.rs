//! The lines of an export.
//!
//! Not their order, and no pieces. Invariant: what is written for programs is imported as the same values; see
//! `import::infer`.

use std::borrow::Cow;

use gridloom::v1::ExportForm;
use model::{ColumnRecord, RowBody};
use ot_engine::Value;

use crate::import::{Quoting, has_other_form, is_special};

/// Where a file for spreadsheets begins, so that they read it as UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// The first characters of a text that spreadsheets run as a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A field, and whether its quotes say that it is text.
struct Field<'a> {
    text: Cow<'a, str>,
    is_quoted: bool,
}

impl<'a> Field<'a> {
    fn text(text: &'a str, form: ExportForm, is_quoted: bool) -> Self {
        match form {
            ExportForm::Spreadsheets if text.starts_with(FORMULA) => {
                Self { text: Cow::Owned(format!("'{text}")), is_quoted: false }
            }
            ExportForm::Spreadsheets => Self { text: Cow::Borrowed(text), is_quoted: false },
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
