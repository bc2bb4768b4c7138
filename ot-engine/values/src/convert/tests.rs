//! What values become when the kind of their column changes.

use proptest::prelude::*;

use super::*;
use crate::{Options, exact};

const DAY: i64 = 86_400_000_000;

fn options() -> Options {
    let names = ["Red", "green", "a, b", "7", "true"];
    names.iter().map(|name| (*name).into()).collect::<Vec<_>>().into()
}

fn conversion(from: Kind, to: Kind) -> Conversion {
    let rule = |kind: Kind| Rule { options: options(), ..kind.into() };
    let (from, to) = (rule(from), rule(to));
    Conversion { from, to, locale: Locale::PLAIN, zone: None, drops_times: false }
}

fn to(value: impl Into<Value>) -> Converted {
    Converted::To { value: value.into(), is_rewritten: false }
}

fn rewritten(value: impl Into<Value>) -> Converted {
    Converted::To { value: value.into(), is_rewritten: true }
}

#[test]
fn texts_become_what_the_new_kind_reads() {
    let read = |kind, text: &str| conversion(Kind::Any, kind).of(&text.into());
    assert_eq!(read(Kind::Number, "12.5"), to(12.5));
    assert_eq!(read(Kind::Number, "007"), rewritten(7.0));
    assert_eq!(read(Kind::Number, "1e3"), rewritten(1_000.0));
    assert_eq!(read(Kind::Number, "n/a"), Converted::Stays(Misfit::NotNumber));
    assert_eq!(read(Kind::Number, "9007199254740993"), Converted::Stays(Misfit::Inexact));
    assert_eq!(read(Kind::Bool, "yes"), rewritten(true));
    assert_eq!(read(Kind::Bool, "true"), to(true));
    assert_eq!(read(Kind::Date, "2024-05-01"), to(Value::Date(19_844)));
    assert_eq!(read(Kind::Date, "2024-02-30"), Converted::Stays(Misfit::NoSuchDay));
    assert_eq!(read(Kind::Choice, "RED"), rewritten("Red"));
    assert_eq!(read(Kind::Choice, "blue"), Converted::Stays(Misfit::NotOption));
    assert_eq!(read(Kind::Choices, "Green,red"), rewritten("green, Red"));
    assert_eq!(read(Kind::Choices, "  "), Converted::Stays(Misfit::NotOptions));
    assert_eq!(read(Kind::Link, " https://example.org "), rewritten("https://example.org"));
    assert_eq!(read(Kind::Email, "nobody"), Converted::Stays(Misfit::NotEmail));
    assert_eq!(read(Kind::Text, "12"), Converted::Fits);
    assert_eq!(read(Kind::Number, ""), Converted::Fits);
    assert_eq!(conversion(Kind::Text, Kind::Number).of(&Value::Empty), Converted::Fits);
}

#[test]
fn a_text_is_read_in_the_locale_of_the_column() {
    let mut german = conversion(Kind::Any, Kind::Number);
    german.locale = Locale::from_tag("de").expect("a tag");
    assert_eq!(german.of(&"1.234,5".into()), rewritten(1_234.5));
}

/// Another locale alone changes no number, and reads the texts that did not fit.
#[test]
fn new_settings_of_the_same_kind_read_what_did_not_fit() {
    let mut german = conversion(Kind::Number, Kind::Number);
    german.locale = Locale::from_tag("de").expect("a tag");
    assert_eq!(german.of(&Value::Number(1.5)), Converted::Fits);
    assert_eq!(german.of(&"1,5".into()), to(1.5));
    assert_eq!(german.of(&"1,50".into()), rewritten(1.5));
    assert_eq!(german.of(&"n/a".into()), Converted::Stays(Misfit::NotNumber));
}

#[test]
fn other_values_keep_their_meaning() {
    let of = |value: Value, kind| conversion(Kind::Any, kind).of(&value);
    assert_eq!(of(7.0.into(), Kind::Text), to("7"));
    assert_eq!(of(7.0.into(), Kind::Choice), to("7"));
    assert_eq!(of(true.into(), Kind::Choices), to("true"));
    assert_eq!(of(8.0.into(), Kind::Choice), Converted::Stays(Misfit::NotOption));
    assert_eq!(of(true.into(), Kind::Number), to(1.0));
    assert_eq!(of(0.0.into(), Kind::Bool), rewritten(false));
    assert_eq!(of(2.0.into(), Kind::Bool), Converted::Stays(Misfit::NotBool));
    assert_eq!(of(20_240_501.0.into(), Kind::Date), Converted::Stays(Misfit::NotDate));
    assert_eq!(of(Value::Date(1), Kind::DateTime), to(Value::LocalDateTime(DAY)));
    assert_eq!(of(Value::Date(1), Kind::Instant), to(Value::Instant(DAY)));
    assert_eq!(of(Value::Instant(5), Kind::DateTime), rewritten(Value::LocalDateTime(5)));
    assert_eq!(of(Value::LocalDateTime(5), Kind::Instant), rewritten(Value::Instant(5)));
    assert_eq!(of(Value::Date(0), Kind::Text), to("1970-01-01"));
    assert_eq!(of(Value::Date(0), Kind::Number), Converted::Stays(Misfit::NotNumber));
    assert_eq!(of(7.0.into(), Kind::Any), Converted::Fits);
}

/// The text of a number is read again by the locale that has written it: `1.234` would become a thousand.
#[test]
fn a_number_becomes_the_text_that_the_locale_reads() {
    let german = |from, to| Conversion {
        locale: Locale::from_tag("de").expect("a tag"),
        ..conversion(from, to)
    };
    let texts = german(Kind::Number, Kind::Text);
    for (number, text) in [(1.234, "1,234"), (-0.5, "-0,5"), (1.5e21, "1,5e21")] {
        assert_eq!(texts.of(&Value::Number(number)), rewritten(text));
        assert_eq!(german(Kind::Text, Kind::Number).of(&text.into()), to(number));
    }
    assert_eq!(texts.of(&Value::Number(1_234.0)), to("1234"));
    let mut choice = german(Kind::Number, Kind::Choice);
    choice.to.options = ["1,5", "2.5", "1.234"].map(Into::into).to_vec().into();
    assert_eq!(choice.of(&1.5.into()), rewritten("1,5"));
    assert_eq!(choice.of(&2.5.into()), to("2.5"));
    assert_eq!(choice.of(&1.234.into()), Converted::Stays(Misfit::NotOption));
    choice.to =
        Rule { options: ["1", "5"].map(Into::into).to_vec().into(), ..Kind::Choices.into() };
    assert_eq!(choice.of(&1.5.into()), Converted::Stays(Misfit::NotOptions));
}

#[test]
fn a_number_with_another_decimal_mark_has_that_as_the_reason() {
    let number = conversion(Kind::Text, Kind::Number);
    for text in ["1,5", "1.234,50", "-0,25"] {
        assert_eq!(number.of(&text.into()), Converted::Stays(Misfit::DecimalComma), "{text}");
    }
    let german = Conversion { locale: Locale::from_tag("de").expect("a tag"), ..number.clone() };
    assert_eq!(german.of(&"1.50".into()), Converted::Stays(Misfit::DecimalPoint));
    // A comma that may group digits, and what is no number by any mark.
    for text in ["1,234", "1,5 kg", "n/a", "1,2,3"] {
        assert_eq!(number.of(&text.into()), Converted::Stays(Misfit::NotNumber), "{text}");
    }
}

/// An hour ahead of UTC, and from 1970-01-02 on two; at 01:00 there the clocks skip an hour.
fn east() -> Zone {
    Zone::new(|at| if at < DAY { 3_600_000_000 } else { 7_200_000_000 })
}

#[test]
fn times_without_a_zone_are_those_of_the_zone() {
    const HOUR: i64 = 3_600_000_000;
    let there = |from, to| Conversion { zone: Some(east()), ..conversion(from, to) };
    let instants = there(Kind::DateTime, Kind::Instant);
    assert_eq!(instants.of(&Value::LocalDateTime(3 * HOUR)), to(Value::Instant(2 * HOUR)));
    let skipped = Value::LocalDateTime(DAY + HOUR + HOUR / 2);
    assert_eq!(instants.of(&skipped), Converted::Stays(Misfit::Skipped));
    let read = there(Kind::Text, Kind::Instant);
    assert_eq!(read.of(&"1970-01-01 03:00".into()), rewritten(Value::Instant(2 * HOUR)));
    let times = there(Kind::Instant, Kind::DateTime);
    assert_eq!(times.of(&Value::Instant(2 * HOUR)), to(Value::LocalDateTime(3 * HOUR)));
    let mut days = there(Kind::Instant, Kind::Date);
    assert_eq!(days.of(&Value::Instant(DAY)), rewritten(Value::Date(1)));
    assert_eq!(days.of(&Value::Instant(23 * HOUR)), rewritten(Value::Date(1)));
    assert_eq!(days.of(&Value::Instant(2 * HOUR)), Converted::Stays(Misfit::HasTime));
    days.drops_times = true;
    assert_eq!(days.of(&Value::Instant(23 * HOUR + 1)), rewritten(Value::Date(1)));
    // Five hours behind UTC, the days of all instants are those of the zone.
    days.zone = Some(Zone::new(|_| -5 * HOUR));
    for at in [DAY - HOUR, DAY, DAY + HOUR] {
        assert_eq!(days.of(&Value::Instant(at)), rewritten(Value::Date(0)));
    }
}

#[test]
fn a_time_that_the_clocks_show_twice_is_listed() {
    const HOUR: i64 = 3_600_000_000;
    // From 1970-01-02 on the clocks are one hour ahead, and two before.
    let zone = || Zone::new(|at| if at < DAY { 2 * HOUR } else { HOUR });
    let there = |from| Conversion { zone: Some(zone()), ..conversion(from, Kind::Instant) };
    let (twice, once) = (DAY + HOUR + HOUR / 2, DAY + 3 * HOUR);
    let first = Value::Instant(twice - 2 * HOUR);
    assert_eq!(there(Kind::DateTime).of(&Value::LocalDateTime(twice)), rewritten(first.clone()));
    assert_eq!(there(Kind::Text).of(&"1970-01-02 01:30".into()), rewritten(first));
    let later = to(Value::Instant(once - HOUR));
    assert_eq!(there(Kind::DateTime).of(&Value::LocalDateTime(once)), later);
}

#[test]
fn without_a_zone_a_time_is_one_of_utc_and_listed() {
    let read = conversion(Kind::Text, Kind::Instant);
    assert_eq!(read.of(&"1970-01-02 00:00".into()), rewritten(Value::Instant(DAY)));
    assert_eq!(read.of(&"1970-01-02T00:00:00Z".into()), to(Value::Instant(DAY)));
}

/// As older imports have stored days.
#[test]
fn a_time_becomes_a_day_only_at_its_beginning_or_where_that_is_asked_for() {
    let mut days = conversion(Kind::Instant, Kind::Date);
    assert_eq!(days.of(&Value::Instant(-DAY)), to(Value::Date(-1)));
    assert_eq!(days.of(&Value::LocalDateTime(DAY)), to(Value::Date(1)));
    assert_eq!(days.of(&Value::Instant(1)), Converted::Stays(Misfit::HasTime));
    assert_eq!(days.of(&Value::Instant(i64::MAX)), Converted::Stays(Misfit::NotDate));
    days.drops_times = true;
    assert_eq!(days.of(&Value::Instant(-1)), rewritten(Value::Date(-1)));
}

#[test]
fn one_option_and_several_differ_by_the_former_kind() {
    let several = conversion(Kind::Choice, Kind::Choices);
    assert_eq!(several.of(&"a, b".into()), to("\"a, b\""));
    assert_eq!(several.of(&" RED ".into()), rewritten("Red"));
    let one = conversion(Kind::Choices, Kind::Choice);
    assert_eq!(one.of(&"\"a, b\"".into()), to("a, b"));
    assert_eq!(one.of(&"RED".into()), rewritten("Red"));
    assert_eq!(one.of(&"Red, green".into()), Converted::Stays(Misfit::SeveralOptions));
    assert_eq!(one.of(&"Red, blue".into()), Converted::Stays(Misfit::NotOption));
}

#[test]
fn one_option_stays_one_where_it_reads_as_several() {
    let mut several = conversion(Kind::Choice, Kind::Choices);
    several.to.options = ["a", "b", "a, b"].map(Into::into).to_vec().into();
    assert_eq!(several.of(&"a, b".into()), to("\"a, b\""));
    assert_eq!(several.of(&"a".into()), Converted::Fits);
    several.from = several.to.clone();
    assert_eq!(several.of(&"a, b".into()), Converted::Fits);
}

#[test]
fn several_options_become_no_other_one_that_has_their_text() {
    let mut one = conversion(Kind::Choices, Kind::Choice);
    let all: Options = ["a", "b", "a, b"].map(Into::into).to_vec().into();
    (one.from.options, one.to.options) = (all.clone(), all);
    assert_eq!(one.of(&"a, b".into()), Converted::Stays(Misfit::SeveralOptions));
    assert_eq!(one.of(&"\"a, b\"".into()), to("a, b"));
    assert_eq!(one.of(&"a".into()), Converted::Fits);
    // The text was none of several options.
    one.from.options = ["a, b"].map(Into::into).to_vec().into();
    assert_eq!(one.of(&"a, b".into()), Converted::Fits);
}

#[test]
fn what_a_stopped_conversion_of_options_has_left_is_converted_once() {
    let several = conversion(Kind::Choices, Kind::Choices);
    assert_eq!(several.of(&"a, b".into()), rewritten("\"a, b\""));
    assert_eq!(several.of(&"\"a, b\"".into()), Converted::Fits);
    assert_eq!(several.of(&"Red".into()), Converted::Fits);
    assert_eq!(several.of(&"Red, blue".into()), Converted::Stays(Misfit::NotOptions));
    let one = conversion(Kind::Choice, Kind::Choice);
    assert_eq!(one.of(&"\"a, b\"".into()), rewritten("a, b"));
    assert_eq!(one.of(&"a, b".into()), Converted::Fits);
    assert_eq!(one.of(&"Red, green".into()), Converted::Stays(Misfit::NotOption));
}

fn value() -> impl Strategy<Value = Value> {
    let days = -719_162..=2_932_896_i32;
    let micros = (days.clone(), prop_oneof![Just(0), 0..DAY])
        .prop_map(|(days, time)| i64::from(days) * DAY + time);
    let texts = "( ?(-?[0-9]{1,4}([.,][0-9]{1,3})?|1e[0-9]|yes|true|no|Red|RED|green|7|a, b|\"a, b\"|green, red|\
                 [0-9]{4}-0[1-9]-[0-3][0-9]( 10:30)?|https://a.example|a@b.example|x))?";
    prop_oneof![
        4 => texts.prop_map(|text| Value::from(&*text)),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => prop_oneof![(-3_i32..9).prop_map(f64::from), -1e9..1e9].prop_map(Value::Number),
        1 => days.prop_map(Value::Date),
        1 => micros.clone().prop_map(Value::LocalDateTime),
        1 => micros.prop_map(Value::Instant),
        1 => Just(Value::Empty),
    ]
}

proptest! {
    #[test]
    fn a_second_conversion_changes_nothing(
        value in value(), from in 0..Kind::ALL.len(), kind in 0..Kind::ALL.len(), drops_times: bool,
    ) {
        let conversion = Conversion { drops_times, ..conversion(Kind::ALL[from], Kind::ALL[kind]) };
        match conversion.of(&value) {
            Converted::Fits => {}
            Converted::To { value, .. } => {
                prop_assert!(!value.is_empty(), "no value is lost");
                prop_assert!(fits(&value, &conversion.to).is_ok());
                let again = Conversion { from: conversion.to.clone(), ..conversion };
                prop_assert_eq!(again.of(&value), Converted::Fits);
            }
            Converted::Stays(_) => prop_assert!(fits(&value, &conversion.to).is_err()),
        }
    }

    #[test]
    fn what_is_not_rewritten_comes_back_as_the_same_text(
        value in value(), from in 0..Kind::ALL.len(), kind in 0..Kind::ALL.len(),
    ) {
        let there = conversion(Kind::ALL[from], Kind::ALL[kind]);
        let (Value::Text(text), Converted::To { value: new, is_rewritten }) = (&value, there.of(&value)) else {
            return Ok(());
        };
        let are_options = [from, kind].iter().all(|kind| matches!(Kind::ALL[*kind], Kind::Choice | Kind::Choices));
        let former = if are_options { Kind::ALL[from] } else { Kind::Text };
        let back = match conversion(Kind::ALL[kind], former).of(&new) {
            Converted::To { value, is_rewritten: false } => value,
            Converted::Fits => new.clone(),
            // Several options were kept as one text.
            Converted::Stays(Misfit::NotOption | Misfit::SeveralOptions) if are_options => new.clone(),
            other => return Err(TestCaseError::fail(format!("{new:?} becomes {other:?}"))),
        };
        prop_assert_eq!(back.as_text() == &**text, !is_rewritten, "{:?}", new);
    }

    #[test]
    fn a_value_that_is_not_rewritten_or_has_become_text_comes_back(
        value in value(), kind in 0..Kind::ALL.len(), tag in prop::sample::select(Locale::OFFERED), has_zone: bool,
    ) {
        let own = match &value {
            Value::Empty | Value::Text(_) => return Ok(()),
            Value::Bool(_) => Kind::Bool,
            Value::Number(_) => Kind::Number,
            Value::Date(_) => Kind::Date,
            Value::LocalDateTime(_) => Kind::DateTime,
            Value::Instant(_) => Kind::Instant,
        };
        let locale = Locale::from_tag(tag).expect("a tag");
        let by = |from, to| {
            let zone = has_zone.then(east);
            Conversion { locale, zone, ..conversion(from, to) }
        };
        let Converted::To { value: new, is_rewritten } = by(own, Kind::ALL[kind]).of(&value) else {
            prop_assert!(Kind::ALL[kind] != Kind::Text);
            return Ok(());
        };
        let back = by(Kind::ALL[kind], own).of(&new);
        let is_same = matches!(&back, Converted::To { value: again, .. } if *again == value);
        let is_text = matches!(new, Value::Text(_));
        prop_assert!(is_same || (is_rewritten && !is_text), "{tag}: {value:?}: {new:?}: {back:?}");
    }

    #[test]
    fn every_value_becomes_its_exact_text(value in value()) {
        let text = exact(&value).into_owned();
        match conversion(Kind::Any, Kind::Text).of(&value) {
            Converted::Fits => prop_assert!(value.is_empty() || value.as_text() == text),
            Converted::To { value, is_rewritten } => {
                prop_assert!(!is_rewritten);
                prop_assert_eq!(value.as_text(), text);
            }
            Converted::Stays(misfit) => prop_assert!(false, "{misfit}"),
        }
    }
}
