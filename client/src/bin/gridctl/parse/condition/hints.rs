//! Notes on numbers, days and times of a condition whose text is another value in the column than it seems.
//!
//! Not values that do not fit a column: see the parent. Invariant: a note has the text that finds the other value.

use gridloom::v1;

use crate::output::format::plain;
use crate::parse::reader::Reader;
use crate::parse::value::{loses_zeros, read};

/// A note on a number whose text begins with zeros, as codes do: only the number is found.
pub(super) fn zeros(typed: &str, value: &v1::Value, column: &str) -> Option<String> {
    loses_zeros(typed, value).then(|| {
        format!(
            "{typed:?} is the number {} in the column {column:?}; write it in quotes to find the text",
            plain(value)
        )
    })
}

/// A note on a number, a day or a time in a form that a column of any kind does not read: only a text is found.
pub(super) fn other_form(typed: &str, column: &v1::Column, reader: &Reader) -> Option<String> {
    if column.kind() != v1::ColumnKind::Any {
        return None;
    }
    let kinds = [
        ("number", v1::ColumnKind::Number),
        ("date", v1::ColumnKind::Date),
        ("time", v1::ColumnKind::LocalDatetime),
        ("instant", v1::ColumnKind::Datetime),
    ];
    kinds.into_iter().find_map(|(noun, kind)| {
        let of_kind = v1::Column { kind: kind.into(), ..column.clone() };
        let (value, misfit) = read(typed, &of_kind, reader);
        // Codes are texts.
        let is_other = misfit.is_none() && !loses_zeros(typed, &value);
        is_other.then(|| {
            format!(
                "the column {:?} takes any value, so {typed:?} is a text there; for the {noun} write {}",
                column.name,
                plain(&value)
            )
        })
    })
}
