//! What values are shown and edited as.

use super::*;
use crate::NumberFormat;

fn locale(tag: &str) -> Locale {
    Locale::from_tag(tag).expect("a tag")
}

fn numbers(decimals: Option<u8>, thousands: bool, unit: Unit) -> Rule {
    Rule { format: NumberFormat { decimals, thousands, unit }, ..Kind::Number.into() }
}

#[test]
fn a_value_is_shown_in_the_form_of_its_column_and_locale() {
    let number = Value::Number(1234.5);
    let (en, de) = (locale("en-US"), locale("de"));
    assert_eq!(shown(&number, &Rule::default(), &de), "1234.5");
    assert_eq!(shown(&number, &numbers(Some(2), true, Unit::None), &de), "1.234,50");
    let euro = numbers(Some(2), true, Unit::Currency("€".into()));
    assert_eq!(shown(&number, &euro, &de), "1.234,50\u{a0}€");
    assert_eq!(shown(&number, &euro, &en), "€\u{a0}1,234.50");
    let percent = numbers(None, false, Unit::Percent);
    assert_eq!(shown(&Value::Number(0.07), &percent, &en), "7%");
    assert_eq!(shown(&Value::Number(-0.125), &percent, &de), "-12,5%");
    assert_eq!(shown(&Value::Date(19_844), &Kind::Date.into(), &de), "01.05.2024");
    assert_eq!(shown(&Value::LocalDateTime(0), &Kind::DateTime.into(), &en), "01/01/1970 00:00");
    assert_eq!(shown(&Value::Instant(0), &Kind::Instant.into(), &en), "01/01/1970 00:00 UTC");
    for kind in [Kind::Any, Kind::Text, Kind::Date, Kind::Number] {
        assert_eq!(shown(&Value::LocalDateTime(0), &kind.into(), &en), "1970-01-01 00:00:00");
        assert_eq!(shown(&Value::Instant(0), &kind.into(), &en), "1970-01-01T00:00:00Z");
    }
}

#[test]
fn what_a_cell_shows_is_the_same_value_when_it_is_typed() {
    let values = [
        Value::Bool(true),
        Value::Number(-1234.5),
        Value::Date(19_844),
        Value::LocalDateTime(60_000_000),
        Value::LocalDateTime(1_500_000),
        Value::Instant(-60_000_000),
    ];
    let kinds = [Kind::Number, Kind::Bool, Kind::Date, Kind::DateTime, Kind::Instant];
    for value in &values {
        for kind in kinds.into_iter().chain([Kind::Any]) {
            for locale in [Locale::PLAIN, locale("de"), locale("en-US"), locale("fr")] {
                let rule = kind.into();
                let text = shown(value, &rule, &locale);
                if crate::fits(value, &rule).is_ok() {
                    assert_eq!(read_typed(&text, &rule, &locale).value, *value, "{kind:?} {text}");
                }
            }
        }
    }
}

#[test]
fn an_amount_has_its_sign_before_its_currency_or_behind_it() {
    let dollars = numbers(Some(2), true, Unit::Currency("$".into()));
    let read = |text: &str| crate::read(text, &dollars, &locale("en-US")).value;
    for text in ["-$5.00", "−$5.00", "-$ 5.00", "$-5", "$ -5", "-5$", "−5 $", "-5.00 $"] {
        assert_eq!(read(text), Value::Number(-5.0), "{text}");
    }
    for text in ["+$5.00", "$+5", "$5", "5 $", "+5 $"] {
        assert_eq!(read(text), Value::Number(5.0), "{text}");
    }
    for text in ["-$-5", "-$+5", "+-$5", "--$5", "- $5", "-$5$", "$5-", "($5.00)", "(5.00)", "-$"] {
        assert_eq!(read(text), Value::from(text), "{text}");
    }
    for tag in Locale::OFFERED {
        let locale = locale(tag);
        for unit in ["€", "kr", "EUR"] {
            let rule = numbers(None, true, Unit::Currency(unit.into()));
            let value = Value::Number(-1234.5);
            let text = shown(&value, &rule, &locale).into_owned();
            let signed_first = format!("-{}", text.replace('-', ""));
            for text in [text, signed_first] {
                assert_eq!(crate::read(&text, &rule, &locale).value, value, "{tag}: {text}");
            }
        }
    }
}

#[test]
fn an_editor_begins_with_a_text_that_gives_the_same_value() {
    let de = locale("de");
    assert_eq!(edited(&Value::Number(0.5), &Kind::Number.into(), &de), "0,5");
    assert_eq!(edited(&Value::Number(0.5), &Rule::default(), &de), "0.5");
    assert_eq!(edited(&Value::from("12"), &Rule::default(), &de), "'12");
    assert_eq!(edited(&Value::from("12"), &Kind::Text.into(), &de), "12");
    let local = Value::from("2024-05-01 14:30");
    assert_eq!(edited(&local, &Kind::Instant.into(), &de), "'2024-05-01 14:30");
    let percent = numbers(Some(0), false, Unit::Percent);
    assert_eq!(edited(&Value::Number(0.125), &percent, &de), "12,5%");
}

#[test]
fn a_time_that_no_calendar_holds_is_never_written_as_a_number() {
    for value in [Value::Date(i32::MAX), Value::Instant(i64::MIN), Value::LocalDateTime(i64::MAX)] {
        assert_eq!(exact(&value), BEYOND);
        assert_eq!(shown(&value, &Rule::default(), &Locale::PLAIN), BEYOND);
    }
}

#[test]
fn a_reason_has_its_example_in_the_locale_of_its_reader() {
    let in_german = |misfit: Misfit| reason(misfit, &locale("de"));
    assert_eq!(in_german(Misfit::NotNumber), "expected a number, written like 1.234,5");
    assert_eq!(in_german(Misfit::NotDate), "expected a date, written like 31.12.2024");
    assert!(in_german(Misfit::NotDateTime).ends_with("written like 31.12.2024 14:30"));
    assert_eq!(in_german(Misfit::NotBool), Misfit::NotBool.to_string());
    let plain = reason(Misfit::NotNumber, &Locale::PLAIN);
    assert_eq!(plain, "expected a number, written like 1234.5");
}

#[test]
fn what_is_offered_is_known_and_read_as_its_example() {
    let grouped = NumberFormat { thousands: true, ..NumberFormat::default() };
    let number = Rule { format: grouped, ..Kind::Number.into() };
    for tag in Locale::OFFERED {
        let locale = Locale::from_tag(tag).expect(tag);
        let examples = <[String; 2]>::from(example(&locale));
        for (text, rule) in examples.iter().zip([number.clone(), Kind::Date.into()]) {
            let reading = crate::read(text, &rule, &locale);
            assert_eq!(reading.misfit, None, "{tag}: {text}");
            assert_eq!(&shown(&reading.value, &rule, &locale), text, "{tag}");
        }
    }
}
