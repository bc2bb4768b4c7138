//! Reads a typed value, led by the kind of its column.
//!
//! Not how it is read: see `reader`. Invariant: every text is a value, never an error; one that does not fit the kind is text, with the
//! reason.

use gridloom::convert::column_from_wire;
use gridloom::v1;
use gridloom::v1::value::Kind;
use ot_engine::ColumnKind;
use values::{Locale, Misfit, Reading, Rule, Settings};

use super::reader::Reader;
use crate::output::format::plain;

/// The value that holds this text.
pub(crate) fn text(text: String) -> v1::Value {
    v1::Value { kind: Some(Kind::Text(text)) }
}

/// Whether a value is a day or a time without a zone, which a server of an earlier release does not know.
pub(crate) fn is_calendar(value: &v1::Value) -> bool {
    matches!(value.kind, Some(Kind::DateDays(_) | Kind::LocalDatetimeMicros(_)))
}

/// The value of a typed text in a column, and why it does not fit there. An apostrophe at its beginning makes
/// it text.
pub(crate) fn typed(
    text: &str,
    column: &v1::Column,
    reader: &Reader,
) -> (v1::Value, Option<Misfit>) {
    let (rule, locale) = rule(column, reader);
    on_wire(reader.zoned(values::read_typed(text, &rule, &locale)))
}

/// The same, and an apostrophe is a character.
pub(crate) fn read(
    text: &str,
    column: &v1::Column,
    reader: &Reader,
) -> (v1::Value, Option<Misfit>) {
    let (rule, locale) = rule(column, reader);
    on_wire(reader.zoned(values::read(text, &rule, &locale)))
}

/// Whether a number was read of a text that begins with zeros, which are lost.
pub(crate) fn loses_zeros(text: &str, value: &v1::Value) -> bool {
    let number = match value.kind {
        Some(Kind::Number(number)) => ot_engine::Value::Number(number),
        _ => return false,
    };
    values::loses_zeros(text, &number)
}

/// Why a value does not fit its column, with an example as the column or the reader writes it.
pub(crate) fn reason(misfit: Misfit, column: &v1::Column, reader: &Reader) -> String {
    values::reason(misfit, &rule(column, reader).1)
}

/// The name of the zone whose clocks show the time of a typed text twice, in a column of instants.
pub(crate) fn doubled(text: &str, column: &v1::Column, reader: &Reader) -> Option<String> {
    let (rule, locale) = rule(column, reader);
    reader.doubled(&values::read_typed(text, &rule, &locale))
}

/// A note on a text that has another value without the language of the account. `read`: its value for a reader.
pub(crate) fn account_note(
    text: &str,
    reader: &Reader,
    read: impl Fn(&Reader) -> v1::Value,
) -> Option<String> {
    let (tag, without) = reader.without_account()?;
    let (value, plain_value) = (read(reader), read(&without));
    let becomes = |value: &v1::Value| match value.kind {
        Some(Kind::Text(_)) => "a text".to_owned(),
        _ => plain(value),
    };
    (value != plain_value).then(|| {
        format!(
            "{text:?} was read as {} ({tag}, the language of the account); by --locale none it is {}",
            becomes(&value),
            becomes(&plain_value)
        )
    })
}

/// The rule of a column, and the locale of its texts. A kind that this release does not know takes any value.
fn rule(column: &v1::Column, reader: &Reader) -> (Rule, Locale) {
    let (kind, settings) = match column_from_wire(column.clone()) {
        Ok(column) => (column.kind, Settings::known(&column.settings)),
        Err(_) => (ColumnKind::Any, Settings::default()),
    };
    (settings.rule(kind.into()), reader.locale(settings.locale.as_deref()))
}

fn on_wire(read: Reading) -> (v1::Value, Option<Misfit>) {
    (v1::Value::from(&read.value), read.misfit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: v1::ColumnKind) -> v1::Column {
        v1::Column { kind: kind.into(), ..v1::Column::default() }
    }

    #[test]
    fn a_value_is_led_by_the_kind_of_its_column() {
        let plain = Reader::plain();
        let kind = |text: &str, kind| typed(text, &of(kind), &plain).0.kind;
        let any = v1::ColumnKind::Any;
        assert_eq!(kind("", any), None);
        assert_eq!(kind("-1500", any), Some(Kind::Number(-1500.0)));
        assert_eq!(kind("true", any), Some(Kind::Bool(true)));
        assert_eq!(kind("1970-01-02", any), Some(Kind::DateDays(1)));
        assert_eq!(kind("1970-01-01 00:00:01", any), Some(Kind::LocalDatetimeMicros(1_000_000)));
        assert_eq!(kind("1970-01-01T00:00:01Z", any), Some(Kind::DatetimeMicros(1_000_000)));
        for word in ["007", "inf", "1e3", "844197938335842304x", "+4912345", " hi "] {
            assert_eq!(kind(word, any), Some(Kind::Text(word.to_owned())));
        }
        assert_eq!(kind("1e3", v1::ColumnKind::Number), Some(Kind::Number(1000.0)));
        assert_eq!(kind("12", v1::ColumnKind::Text), Some(Kind::Text("12".to_owned())));
        assert_eq!(
            typed("9007199254740993", &of(v1::ColumnKind::Number), &plain),
            (text("9007199254740993".to_owned()), Some(Misfit::Inexact))
        );
        let seven = typed("007", &of(v1::ColumnKind::Number), &plain).0;
        assert!(loses_zeros("007", &seven) && !loses_zeros("7", &seven));
    }

    #[test]
    fn a_value_that_the_language_of_the_account_changes_has_a_note() {
        let number = of(v1::ColumnKind::Number);
        let note = |text: &str, reader: &Reader| {
            account_note(text, reader, |reader| typed(text, &number, reader).0)
        };
        let german = Reader::of("de", None);
        assert_eq!(
            note("1.500", &german).expect("a note"),
            "\"1.500\" was read as 1500 (de, the language of the account); by --locale none it is 1.5"
        );
        let text = note("1,5", &german).expect("a note");
        assert!(text.ends_with("by --locale none it is a text"), "{text}");
        assert_eq!(note("1500", &german), None);
        assert_eq!(note("'1.500", &german), None);
        assert_eq!(note("1.500", &Reader::plain()), None);
    }

    #[test]
    fn a_time_that_the_clocks_show_twice_has_its_zone_as_a_note() {
        let berlin = Reader::of("de", Some("Europe/Berlin"));
        let instants = of(v1::ColumnKind::Datetime);
        let zone = |text: &str| doubled(text, &instants, &berlin);
        assert_eq!(zone("2024-10-27 02:30").as_deref(), Some("Europe/Berlin"));
        assert_eq!(zone("27.10.2024 02:30").as_deref(), Some("Europe/Berlin"));
        for text in ["2024-10-27 02:30+01:00", "2024-10-27 03:30", "2024-10-27", "soon"] {
            assert_eq!(zone(text), None, "{text}");
        }
        assert_eq!(doubled("2024-10-27 02:30", &of(v1::ColumnKind::LocalDatetime), &berlin), None);
    }

    #[test]
    fn a_reason_has_its_example_in_the_locale_of_the_column_or_the_reader() {
        let number = of(v1::ColumnKind::Number);
        let reader = Reader::of("de", None);
        let like = |column: &v1::Column| reason(Misfit::NotNumber, column, &reader);
        assert!(like(&number).ends_with("written like 1.234,5"));
        let settings = v1::ColumnSettings { locale: "en-US".into(), ..Default::default() };
        let american = v1::Column { settings: Some(settings), ..number };
        assert!(like(&american).ends_with("written like 1,234.5"));
    }

    #[test]
    fn a_value_is_read_by_the_locale_and_in_the_zone_of_its_reader() {
        let german = Reader::of("de", Some("Europe/Berlin"));
        let kind = |text: &str, kind| typed(text, &of(kind), &german).0.kind;
        assert_eq!(kind("1.234,5", v1::ColumnKind::Number), Some(Kind::Number(1234.5)));
        assert_eq!(kind("2.1.1970", v1::ColumnKind::Date), Some(Kind::DateDays(1)));
        let begun = Some(Kind::DatetimeMicros(0));
        assert_eq!(kind("1970-01-01 01:00", v1::ColumnKind::Datetime), begun);
        assert_eq!(kind("1,5", v1::ColumnKind::Any), Some(Kind::Text("1,5".to_owned())));
        let settings = v1::ColumnSettings { locale: "en-US".into(), ..Default::default() };
        let american = v1::Column { settings: Some(settings), ..of(v1::ColumnKind::Number) };
        assert_eq!(typed("1,234.5", &american, &german).0.kind, Some(Kind::Number(1234.5)));
        let nowhere = Reader::of("de", None);
        let (value, misfit) = typed("1970-01-01 01:00", &of(v1::ColumnKind::Datetime), &nowhere);
        assert_eq!(value, text("1970-01-01 01:00".to_owned()));
        assert_eq!(misfit, Some(Misfit::NoZone(3_600_000_000)));
    }
}
