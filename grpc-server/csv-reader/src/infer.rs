//! The kind of a column, and the value of a field in it.
//!
//! Not where a field ends: see `records`; not the text of values: see the crate `values`. Invariant: a field whose exact
//! form in the file's locale is another text (`007`, `100.00`, a 20-digit id) stays text. So an export writes each field as it
//! was read, but for the decimal mark and the days of a locale.

mod mix;

use std::sync::Arc;

use super::lookalikes::Lookalikes;
use super::sniff;
pub use mix::Mix;
use ot_engine::{ColumnKind, Value};
use values::{Kind, Locale, Misfit};

/// The kinds of the columns are seen from this many rows ...
const SAMPLE_ROWS: usize = 1_000;
/// ... or from rows that take this much memory together, if those are fewer.
const SAMPLE_BYTES: usize = 4 * 1024 * 1024;
/// The memory of a [`Field`] beside its text. It is a constant, so that servers on all platforms count alike.
const FIELD_BYTES: usize = 32;

/// How much of a file has been seen. An export counts as the import will.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    rows: usize,
    bytes: usize,
}

impl Seen {
    /// Counts the fields of the first line, given the bytes of each text.
    pub(super) fn first(&mut self, fields: impl Iterator<Item = usize>) {
        self.bytes += fields.map(|bytes| FIELD_BYTES + bytes).sum::<usize>();
    }

    /// Counts a row, given the bytes of each text; true when the kinds of the columns are decided behind it.
    pub(super) fn row(&mut self, fields: impl Iterator<Item = usize>) -> bool {
        self.rows += 1;
        self.first(fields);
        self.rows >= SAMPLE_ROWS || self.bytes >= SAMPLE_BYTES
    }
}

/// What the fields of one column have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Guess {
    pub(super) common: Common,
    /// The first text that has the form of another value, but not its exact one: `007` beside numbers shows that all are
    /// codes.
    pub(super) code: Option<String>,
    /// What a person may take its texts for.
    pub(super) lookalikes: Lookalikes,
}

/// The common kind of fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Common {
    /// Nothing seen yet.
    #[default]
    Nothing,
    /// All of this kind.
    All(ColumnKind),
    /// More than one kind, and whether one of them is text.
    Mixed {
        /// Whether there is a text.
        with_text: bool,
    },
}

impl Guess {
    /// Whether a field counts for the kind of its column.
    pub(super) fn counts(field: &str) -> bool {
        mix::counts(field)
    }

    /// Takes one more field into account.
    pub(super) fn see(&mut self, field: &Field, locale: &Locale) {
        if !Self::counts(&field.text) {
            return;
        }
        let kind = field.kind(locale);
        // Quotes around the text of another value say that it is text.
        let is_marked = field.is_text && has_other_form(&field.text);
        if kind == ColumnKind::Text && !is_marked {
            self.lookalikes.see(&field.text, locale);
        } else {
            self.lookalikes = Lookalikes::Others;
        }
        if self.code.is_none() && kind == ColumnKind::Text && is_code(&field.text, locale) {
            self.code = Some(field.text.clone());
        }
        self.common = match self.common {
            Common::Nothing => Common::All(kind),
            Common::All(known) if known == kind => self.common,
            Common::All(known) => {
                Common::Mixed { with_text: [known, kind].contains(&ColumnKind::Text) }
            }
            Common::Mixed { with_text } => {
                Common::Mixed { with_text: with_text || kind == ColumnKind::Text }
            }
        };
    }

    /// Whether each field shows its own kind, without quotes: words beside other values.
    pub(super) fn shows_each(&self) -> bool {
        self.common == Common::Mixed { with_text: true } && self.code.is_none()
    }

    /// Whether the column has codes beside other values.
    pub(super) fn has_codes(&self) -> bool {
        self.common == Common::Mixed { with_text: true } && self.code.is_some()
    }

    /// The column's kind. Codes make all values text, unless quotes distinguish them. If quotes do, the rows that were not
    /// seen (`is_whole`: there are none) may hold any value.
    pub(super) fn kind(&self, has_quotes: bool, is_whole: bool) -> ColumnKind {
        match self.common {
            Common::All(ColumnKind::Text) if has_quotes && !is_whole => ColumnKind::Any,
            Common::All(kind) => kind,
            Common::Mixed { .. } if self.has_codes() && !has_quotes => ColumnKind::Text,
            Common::Nothing | Common::Mixed { .. } => ColumnKind::Any,
        }
    }
}

/// Whether a text has the form of a number or a time, but not the exact one.
pub(super) fn is_code(text: &str, locale: &Locale) -> bool {
    let reads = |kind: Kind, locale: &Locale| {
        let misfit = values::read(text, &kind.into(), locale).misfit;
        matches!(misfit, None | Some(Misfit::Inexact | Misfit::NoZone(_) | Misfit::Skipped))
    };
    // A decimal mark of another file's language shows a number, too.
    let marks = ['.', ','].map(|mark| locale.with_decimal(mark));
    let times = [Kind::Date, Kind::DateTime, Kind::Instant];
    text.bytes().any(|byte| byte.is_ascii_digit())
        && (marks.iter().any(|locale| reads(Kind::Number, locale))
            || times.into_iter().any(|kind| reads(kind, locale)))
}

/// A field of the first rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    pub(super) text: String,
    /// Whether its quotes say that it is text, as those of an own export do.
    pub(super) is_text: bool,
}

impl Field {
    /// The kind of a field that is not empty.
    pub(super) fn kind(&self, locale: &Locale) -> ColumnKind {
        if self.is_text { ColumnKind::Text } else { kind_of(&self.text, locale) }
    }
}

/// Whether a text has the form of another value.
pub(super) fn has_other_form(text: &str) -> bool {
    kind_of(text, &Locale::PLAIN) != ColumnKind::Text
}

/// Whether a text begins as the line with which spreadsheets name the delimiter of a file, or as a file of another format.
pub(super) fn begins_file(text: &str) -> bool {
    let names_delimiter = text.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("sep="));
    names_delimiter || sniff::begins_document(text)
}

fn kind_of(field: &str, locale: &Locale) -> ColumnKind {
    match values::exactly_in(field, locale) {
        None | Some(Value::Empty | Value::Text(_)) => ColumnKind::Text,
        Some(Value::Bool(_)) => ColumnKind::Bool,
        Some(Value::Number(_)) => ColumnKind::Number,
        Some(Value::Instant(_)) => ColumnKind::Instant,
        Some(Value::Date(_)) => ColumnKind::Date,
        Some(Value::LocalDateTime(_)) => ColumnKind::LocalDateTime,
    }
}

/// The value of a field in a column whose kind was inferred. In a column of texts it is text, and where its quotes say so.
/// In other columns a field of another kind is a value of that kind: the kind was not chosen.
pub(super) fn value(field: &str, is_text: bool, kind: ColumnKind, locale: &Locale) -> Value {
    if field.is_empty() {
        return Value::Empty;
    }
    let is_text = is_text || kind == ColumnKind::Text;
    let exact = if is_text { None } else { values::exactly_in(field, locale) };
    exact.unwrap_or_else(|| Value::Text(Arc::from(field)))
}

#[cfg(test)]
mod tests {
    use std::iter::repeat_n;

    use super::*;

    #[test]
    fn empty_fields_count_with_the_memory_that_they_take() {
        assert!(size_of::<Field>() <= FIELD_BYTES);
        let mut seen = Seen::default();
        seen.first(repeat_n(0, 16_383));
        let rows = (1..=SAMPLE_ROWS).find(|_| seen.row(repeat_n(0, 16_383)));
        assert_eq!(rows, Some(8), "{seen:?}");
        let mut narrow = Seen::default();
        assert_eq!((1..=SAMPLE_ROWS).find(|_| narrow.row(repeat_n(10, 90))), Some(SAMPLE_ROWS));
    }
}
