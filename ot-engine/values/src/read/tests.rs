//! What texts become, by kind and locale.

use super::*;
use crate::{NumberFormat, Options, edited, exact, shown};
use proptest::prelude::*;

fn plain(text: &str, kind: Kind) -> Reading {
    read(text, &kind.into(), &Locale::PLAIN)
}

fn with_unit(unit: Unit) -> Rule {
    Rule { format: NumberFormat { unit, ..NumberFormat::default() }, ..Kind::Number.into() }
}

fn options(names: &[&str]) -> Options {
    names.iter().map(|name| Arc::from(*name)).collect::<Vec<_>>().into()
}

#[test]
fn without_a_kind_only_exact_forms_are_more_than_text() {
    let typed = [
        ("true", Value::Bool(true)),
        ("12.5", Value::Number(12.5)),
        ("2024-05-01", Value::Date(19_844)),
        ("1970-01-01 00:00:01", Value::LocalDateTime(1_000_000)),
        ("1970-01-01T00:00:01Z", Value::Instant(1_000_000)),
    ];
    for (text, value) in typed {
        assert_eq!(plain(text, Kind::Any), Reading { value, misfit: None });
    }
    let texts = [
        "007",
        "1.0",
        "12E3",
        "100.00",
        "+49123",
        "12345678901234567890",
        "TRUE",
        "yes",
        " 5",
        "5 ",
        "1,000",
        "2024-5-1",
        "2024-05-01T10:30",
        "2024-05-01 10:30",
        "0000-01-01",
        "2024-02-30",
        "1970-01-01T00:00:01+00:00",
        "23:59",
        "'5",
        "=1+1",
        "inf",
        "NaN",
        "-",
        "",
    ];
    for text in texts {
        let value = if text.is_empty() { Value::Empty } else { Value::from(text) };
        assert_eq!(plain(text, Kind::Any), Reading { value, misfit: None });
    }
}

#[test]
fn what_does_not_fit_the_kind_stays_as_it_was_written() {
    for (kind, text, misfit) in [
        (Kind::Number, "12 pieces", Misfit::NotNumber),
        (Kind::Number, "12345678901234567890", Misfit::Inexact),
        (Kind::Bool, "maybe", Misfit::NotBool),
        (Kind::Date, "2024-02-30", Misfit::NoSuchDay),
        (Kind::Date, "05.10.26", Misfit::ShortYear),
        (Kind::Date, "soon", Misfit::NotDate),
        (Kind::DateTime, "2024-13-01 10:00", Misfit::NoSuchDay),
        (Kind::DateTime, "2024-05-01T10:00Z", Misfit::NotDateTime),
        (Kind::Instant, "2016-12-31T23:59:60Z", Misfit::NotInstant),
        (Kind::Choice, "other", Misfit::NotOption),
        (Kind::Link, "javascript:alert(1)", Misfit::NotLink),
        (Kind::Email, "ada", Misfit::NotEmail),
    ] {
        assert_eq!(plain(text, kind), Reading { value: text.into(), misfit: Some(misfit) });
        assert_eq!(fits(&Value::from(text), &kind.into()), Err(misfit));
    }
}

#[test]
fn a_text_that_reads_as_another_value_is_entered_again() {
    for (kind, text) in [
        (Kind::Number, "12"),
        (Kind::Bool, "yes"),
        (Kind::Date, "2024-05-01"),
        (Kind::DateTime, "2024-05-01 14:30"),
        (Kind::Instant, "2024-05-01T14:30:00Z"),
    ] {
        assert_eq!(fits(&Value::from(text), &kind.into()), Err(Misfit::Text(kind)));
    }
    let sentence = "a text; enter it without an apostrophe to make it a number";
    assert_eq!(Misfit::Text(Kind::Number).to_string(), sentence);
    let day = fits(&Value::Number(12.0), &Kind::Date.into());
    assert_eq!(day, Err(Misfit::NotDate));
    assert_eq!(Misfit::NotDate.to_string(), "expected a date, written like 2024-05-01");
}

#[test]
fn yes_and_no_are_read_in_the_language_of_a_locale() {
    let bool_in = |text: &str, tag: &str| {
        let locale = Locale::from_tag(tag).expect("a tag");
        read(text, &Kind::Bool.into(), &locale).value
    };
    for (tag, yes, no) in [
        ("de", "Ja", "nein"),
        ("de-CH", "WAHR", "Falsch"),
        ("fr", "oui", "Non"),
        ("fr-CA", "vrai", "faux"),
        ("es", "sí", "no"),
        ("es-MX", "verdadero", "falso"),
        ("pt-BR", "Sim", "não"),
        ("it", "vero", "falso"),
        ("ru", "Да", "нет"),
        // As spreadsheets write them.
        ("ru", "ИСТИНА", "ЛОЖЬ"),
        ("pl", "PRAWDA", "FAŁSZ"),
        ("fi", "TOSI", "EPÄTOSI"),
        ("tr", "DOĞRU", "YANLIŞ"),
        ("tr", "EVET", "HAYIR"),
        ("cs", "PRAVDA", "NEPRAVDA"),
    ] {
        assert_eq!(bool_in(yes, tag), Value::Bool(true), "{tag}");
        assert_eq!(bool_in(no, tag), Value::Bool(false), "{tag}");
        assert_eq!(bool_in("yes", tag), Value::Bool(true), "{tag}");
    }
    assert_eq!(bool_in("ja", "en-US"), Value::from("ja"));
    assert_eq!(plain("ja", Kind::Bool).misfit, Some(Misfit::NotBool));
    for tag in Locale::OFFERED {
        let locale = Locale::from_tag(tag).expect(tag);
        let (yes, no) = locale.truth;
        assert!(yes.split(' ').all(|word| word.is_empty() || !truth::is_word(word, no)), "{tag}");
        assert!(tag.starts_with("en") || !yes.is_empty(), "{tag}");
        assert_eq!(read("Ja", &Rule::default(), &locale).value, Value::from("Ja"), "{tag}");
        assert_eq!(bool_in("true", tag), Value::Bool(true), "{tag}");
        assert_eq!(bool_in("no", tag), Value::Bool(false), "{tag}");
    }
}

#[test]
fn a_unit_belongs_to_its_format() {
    let number = |text: &str, unit: Unit| read(text, &with_unit(unit), &Locale::PLAIN).value;
    assert_eq!(number("12.5 %", Unit::Percent), Value::Number(0.125));
    assert_eq!(number("0.5", Unit::Percent), Value::Number(0.5));
    assert_eq!(number("12.5%", Unit::None), Value::from("12.5%"));
    assert_eq!(number("€1250.50", Unit::Currency("€".into())), Value::Number(1250.5));
    assert_eq!(number("1250.5 EUR", Unit::Currency("EUR".into())), Value::Number(1250.5));
    assert_eq!(number("$5", Unit::Currency("€".into())), Value::from("$5"));
    let percent = with_unit(Unit::Percent);
    assert_eq!(read_typed("50", &percent, &Locale::PLAIN).value, Value::Number(0.5));
    assert_eq!(read_typed("50%", &percent, &Locale::PLAIN).value, Value::Number(0.5));
}

#[test]
fn an_apostrophe_makes_text_where_it_is_typed_and_nowhere_else() {
    let number = Rule::from(Kind::Number);
    let typed = read_typed("'5", &number, &Locale::PLAIN);
    assert_eq!(typed, Reading { value: "5".into(), misfit: Some(Misfit::Text(Kind::Number)) });
    assert_eq!(read("'5", &Rule::default(), &Locale::PLAIN).value, Value::from("'5"));
    assert_eq!(read_typed("'", &Rule::default(), &Locale::PLAIN).value, Value::Empty);
    let text = Value::from("'5");
    assert_eq!(edited(&text, &Rule::default(), &Locale::PLAIN), "''5");
}

#[test]
fn in_a_file_of_a_locale_only_its_exact_forms_are_more_than_text() {
    let in_german = |text| exactly_in(text, &Locale::from_tag("de").expect("a tag"));
    for (text, value) in [
        ("1,5", Value::Number(1.5)),
        ("-1234,5", Value::Number(-1234.5)),
        ("12", Value::Number(12.0)),
        ("01.05.2024", Value::Date(19_844)),
        ("2024-05-01", Value::Date(19_844)),
        ("01.05.2024 00:01", Value::LocalDateTime(1_714_521_660_000_000)),
        ("2024-05-01 00:01:00", Value::LocalDateTime(1_714_521_660_000_000)),
        ("true", Value::Bool(true)),
    ] {
        assert_eq!(in_german(text), Some(value), "{text}");
    }
    for text in ["1.5", "1,50", "1.234,5", "1.234", "007", "1.5.2024", "05/01/2024", "", "ja"] {
        assert_eq!(in_german(text), None, "{text}");
    }
}

#[test]
fn a_number_that_was_a_code_is_noticed() {
    let lost = |text| loses_zeros(text, &plain(text, Kind::Number).value);
    for text in ["007", "00", "-01", " 01.5"] {
        assert!(lost(text), "{text}");
    }
    for text in ["0", "0.5", "-0", "10", "1.50", "x07", "007x"] {
        assert!(!lost(text), "{text}");
    }
}

#[test]
fn a_text_without_characters_fits_every_kind() {
    for kind in Kind::ALL {
        assert_eq!(fits(&Value::Text("".into()), &Rule::from(kind)), Ok(()), "{kind:?}");
    }
}

fn values() -> impl Strategy<Value = Value> {
    let text = "\\PC{1,12}|'?[0-9.,eE+-]{1,8}|true|false|[0-9]{4}-[01][0-9]-[0-3][0-9]";
    prop_oneof![
        Just(Value::Empty),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(|number| {
            // The engine has one zero.
            Value::Number(if number == 0.0 { 0.0 } else { number })
        }),
        text.prop_map(|text| Value::from(&*text)),
        (-719_162..=2_932_896_i32).prop_map(Value::Date),
        (-62_135_596_800_000_000..=253_402_300_799_999_999_i64).prop_map(Value::LocalDateTime),
        (-62_135_596_800_000_000..=253_402_300_799_999_999_i64).prop_map(Value::Instant),
    ]
}

fn rules() -> impl Strategy<Value = Rule> {
    let kind = prop::sample::select(Kind::ALL.to_vec());
    let unit = prop_oneof![
        Just(Unit::None),
        Just(Unit::Percent),
        "€|EUR|kr".prop_map(|unit| Unit::Currency(unit.into())),
    ];
    let format = (prop::option::of(0..4_u8), any::<bool>(), unit)
        .prop_map(|(decimals, thousands, unit)| NumberFormat { decimals, thousands, unit });
    (kind, format).prop_map(|(kind, format)| Rule {
        kind,
        options: options(&["Open", "a, b", "true", "12"]),
        format,
    })
}

/// The rule, with the value's own kind in place of one that it does not fit.
fn fitting(rule: Rule, value: &Value) -> Rule {
    let kind = match value {
        _ if rule.kind != Kind::Any && fits(value, &rule).is_ok() => rule.kind,
        Value::Empty | Value::Text(_) => Kind::Text,
        Value::Bool(_) => Kind::Bool,
        Value::Number(_) => Kind::Number,
        Value::Date(_) => Kind::Date,
        Value::LocalDateTime(_) => Kind::DateTime,
        Value::Instant(_) => Kind::Instant,
    };
    Rule { kind, ..rule }
}

fn locales() -> impl Strategy<Value = Locale> {
    let tags = prop::sample::select(Locale::OFFERED);
    tags.prop_map(|tag| Locale::from_tag(tag).expect("a tag"))
}

proptest! {
    #[test]
    fn reading_alters_nothing_without_a_kind(text: String, locale in locales()) {
        let reading = read(&text, &Rule::default(), &locale);
        prop_assert_eq!(exact(&reading.value), text);
        prop_assert_eq!(reading.misfit, None);
    }

    #[test]
    fn a_text_that_does_not_fit_is_kept(text: String, rule in rules(), locale in locales()) {
        let reading = read(&text, &rule, &locale);
        match reading.misfit {
            Some(_) => prop_assert_eq!(reading.value, Value::from(&*text)),
            None => prop_assert_eq!(fits(&reading.value, &rule), Ok(())),
        }
    }

    #[test]
    fn in_a_file_of_any_locale_a_value_is_written_as_its_text(text in "[0-9.,/-]{1,12}", locale in locales()) {
        let rule = |kind: Kind| Rule::from(kind);
        if let Some(value) = exactly_in(&text, &locale) {
            let kind = match value {
                Value::Number(_) => Kind::Number,
                _ => Kind::Date,
            };
            let written = shown(&value, &rule(kind), &locale).into_owned();
            prop_assert!(written == text || exact(&value) == text, "{text}: {written}");
            prop_assert_eq!(read(&text, &rule(kind), &locale).value, value);
        }
    }

    #[test]
    fn typed_values_come_back_from_their_exact_text(value in values()) {
        let text = exact(&value);
        let same = read(&text, &Rule::default(), &Locale::PLAIN).value;
        match &value {
            // A text in the form of another value: its column is a column of text.
            Value::Text(text) => {
                let as_text = read(text, &Kind::Text.into(), &Locale::PLAIN).value;
                prop_assert_eq!(as_text, value);
            }
            _ => prop_assert_eq!(same, value),
        }
    }

    #[test]
    fn saving_an_editor_unchanged_changes_nothing(
        value in values(),
        rule in rules(),
        locale in locales(),
    ) {
        let rule = if rule.kind == Kind::Any { rule } else { fitting(rule, &value) };
        let text = edited(&value, &rule, &locale).into_owned();
        prop_assert_eq!(read_typed(&text, &rule, &locale).value, value, "{}", text);
    }

    #[test]
    fn a_text_among_instants_stays_text_in_every_zone(
        text in "[12][0-9]{3}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]|\\PC{1,12}",
        hours in -12..=14_i64,
        locale in locales(),
    ) {
        let (value, rule) = (Value::from(&*text), Rule::from(Kind::Instant));
        let typed = edited(&value, &rule, &locale).into_owned();
        let read = read_typed(&typed, &rule, &locale).in_zone(|_| hours * 3_600_000_000);
        prop_assert_eq!(read.value, value, "{}", typed);
    }

    #[test]
    fn what_is_shown_without_rounding_is_read_again(
        value in values(),
        rule in rules(),
        locale in locales(),
    ) {
        let rule = fitting(rule, &value);
        let format = NumberFormat { decimals: None, ..rule.format };
        let rule = Rule { format, ..rule };
        let text = shown(&value, &rule, &locale).into_owned();
        prop_assert_eq!(read(&text, &rule, &locale).value, value, "{}", text);
    }
}
