//! Days, times and instants as texts, and back.

use super::*;
use proptest::prelude::*;

const PLAIN: Locale = Locale::PLAIN;
const DAY: i64 = 86_400_000_000;
/// 2024-05-01.
const MAY: i32 = 19_844;

fn locale(tag: &str) -> Locale {
    Locale::from_tag(tag).expect("a tag")
}

#[test]
fn a_day_is_read_as_iso_writes_it_and_in_the_order_of_the_locale() {
    assert_eq!(read_date("2024-05-01", &PLAIN), Some(MAY));
    assert_eq!(read_date("2024-05-01", &locale("de")), Some(MAY));
    assert_eq!(read_date("1.5.2024", &locale("de")), Some(MAY));
    assert_eq!(read_date("01/05/2024", &locale("en-GB")), Some(MAY));
    assert_eq!(read_date("05/01/2024", &locale("en-US")), Some(MAY));
    assert_eq!(read_date("2024/5/1", &locale("ja")), Some(MAY));
    assert_eq!(read_date("0001-01-01", &PLAIN), Some(-719_162));
    assert_eq!(read_date("9999-12-31", &PLAIN), Some(2_932_896));
}

#[test]
fn a_year_of_another_era_is_not_taken_for_one_of_the_calendar() {
    let thai = locale("th");
    for text in ["01/05/2567", "1/5/2567", "2567/05/01", "01/05/2024", "1.5.2567"] {
        assert_eq!(read_date(text, &thai), None, "{text}");
        assert_eq!(read_date_time(&format!("{text} 12:00"), &thai), None, "{text}");
        assert_eq!(crate::exactly_in(text, &thai), None, "{text}");
    }
    assert_eq!(read_date("2024-05-01", &thai), Some(MAY));
    assert_eq!(local(MAY, &thai).as_deref(), Some("2024-05-01"));
}

/// Another mark shows another order: 01.10.2026 is of October, whatever the language of its reader.
#[test]
fn a_day_is_read_by_the_mark_of_the_locale_alone() {
    for (tag, text) in [
        ("de", "5/1/2026"),
        ("de", "05-01-2026"),
        ("en-US", "01.10.2026"),
        ("en-US", "01-10-2026"),
        ("en-GB", "01-10-2026"),
        ("nl", "01/10/2026"),
    ] {
        assert_eq!(read_date(text, &locale(tag)), None, "{tag}: {text}");
        assert_eq!(read_date_time(&format!("{text} 12:00"), &locale(tag)), None, "{tag}: {text}");
        assert_eq!(crate::exactly_in(text, &locale(tag)), None, "{tag}: {text}");
    }
    for (tag, text) in [
        ("en-GB", "1.5.2024"),
        ("fr", "01.05.2024"),
        ("nl", "1.5.2024"),
        ("nl", "01-05-2024"),
        ("ja", "2024.5.1"),
        ("en-CA", "2024/05/01"),
    ] {
        assert_eq!(read_date(text, &locale(tag)), Some(MAY), "{tag}: {text}");
    }
}

#[test]
fn a_text_that_is_no_day_has_a_reason() {
    let why = |text, tag| no_day(text, &locale(tag));
    assert_eq!(why("31.04.1980", "de"), NoDay::Missing);
    assert_eq!(why("2026-13-01", "de"), NoDay::Missing);
    assert_eq!(why("2026-02-30 10:00", "en-US"), NoDay::Missing);
    assert_eq!(why("05.10.26", "de"), NoDay::ShortYear);
    assert_eq!(why("24/5/1 10:00", "ja"), NoDay::ShortYear);
    for text in ["soon", "31/04/1980", "1.2.3", "1.2", "", "2024-05-01"] {
        assert_eq!(why(text, "de"), NoDay::Form, "{text}");
    }
}

#[test]
fn what_the_calendar_does_not_hold_is_no_day() {
    for text in ["0000-01-01", "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "20240501"] {
        assert_eq!(read_date(text, &PLAIN), None, "{text}");
    }
    for text in ["1/5/24", "2024-5", "2024-05-01T00:00", "+2024-05-01", "10000-01-01", "", "1.5"] {
        assert_eq!(read_date(text, &locale("de")), None, "{text}");
    }
}

#[test]
fn times_have_a_day_a_clock_and_for_instants_a_zone() {
    let noon = i64::from(MAY) * DAY + DAY / 2;
    for text in ["2024-05-01 12:00", "2024-05-01T12:00:00", "2024-05-01 12:00:00.000000000"] {
        assert_eq!(read_date_time(text, &PLAIN), Some(noon), "{text}");
        assert_eq!(read_instant(text, &PLAIN), Some(Moment::Local(noon)), "{text}");
    }
    let noon_utc = Some(Moment::Instant(noon));
    for text in ["2024-05-01T14:00:00+02:00", "2024-05-01 14:00 +0200", "2024-05-01T12:00Z"] {
        assert_eq!(read_instant(text, &PLAIN), noon_utc, "{text}");
        assert_eq!(read_date_time(text, &PLAIN), None, "{text}");
    }
    assert_eq!(read_instant("2024-05-01T07:00:00-05", &PLAIN), noon_utc);
    assert_eq!(read_date_time("1.5.2024 12:00", &locale("de")), Some(noon));
    assert_eq!(read_date_time("2024-05-01", &PLAIN), Some(noon - DAY / 2));
    assert_eq!(read_date_time("2024-05-01 12:00:00.25", &PLAIN), Some(noon + 250_000));
}

#[test]
fn an_hour_may_have_one_digit() {
    let half_past_nine = i64::from(MAY) * DAY + DAY * 19 / 48;
    for text in ["2024-05-01 9:30", "2024-05-01T9:30:00", "2024-05-01 9:30:00.0"] {
        assert_eq!(read_date_time(text, &PLAIN), Some(half_past_nine), "{text}");
        assert_eq!(read_instant(text, &PLAIN), Some(Moment::Local(half_past_nine)), "{text}");
    }
    let instant = read_instant("2024-05-01 9:30+00:00", &PLAIN);
    assert_eq!(instant, Some(Moment::Instant(half_past_nine)));
    // Without a chosen kind a time is read only from its exact form.
    for text in ["2024-05-01 9:30", "2024-05-01 9:30:00"] {
        assert_eq!(crate::exactly(text), None, "{text}");
        assert_eq!(crate::exactly_in(text, &locale("de")), None, "{text}");
    }
}

#[test]
fn what_a_microsecond_or_a_clock_does_not_hold_is_no_time() {
    let wrong = [
        "2024-05-01 24:00",
        "2024-05-01 12:60",
        "2024-05-01 23:59:60",
        "2024-05-01 12:00:00.1234567",
        "2024-05-01 12",
        "2024-05-01 001:00",
        "2024-05-01 :00",
        "2024-05-01 9:3",
        "2024-05-01 9:30:00:00",
        "2024-05-01 ",
        "2024-05-01T",
        "2024-05-01 12:00:00.",
        "2024-05-01 12:00.5",
        "2024-05-01 12:00:00,5",
        "2024-05-01 12:00:0",
        "12:00",
    ];
    for text in wrong {
        assert_eq!(read_instant(text, &PLAIN), None.or(trimmed(text)), "{text}");
    }
    for text in [
        "2024-05-01T12:00+24:00",
        "2024-05-01T12:00+2",
        "2024-05-01T12:00 CET",
        "2024-05-01T12:00:00Z0200",
        "2024-05-01T12:00:00z02:00",
        "2024-05-01T12:00:00Zé",
    ] {
        assert_eq!(read_instant(text, &PLAIN), None, "{text}");
    }
    // An offset leads out of the years that are held, at both ends.
    assert_eq!(read_instant("0001-01-01T00:00+01:00", &PLAIN), None);
    assert_eq!(read_instant("9999-12-31T23:59-01:00", &PLAIN), None);
    assert!(read_instant("9999-12-31T23:59:59.999999Z", &PLAIN).is_some());
}

/// White space around a day is none of it.
fn trimmed(text: &str) -> Option<Moment> {
    text.ends_with(' ').then(|| Moment::Instant(i64::from(MAY) * DAY))
}

#[test]
fn times_are_written_in_one_form() {
    let at = i64::from(MAY) * DAY + DAY / 2;
    assert_eq!(exact_date(MAY).as_deref(), Some("2024-05-01"));
    assert_eq!(exact_date_time(at).as_deref(), Some("2024-05-01 12:00:00"));
    assert_eq!(exact_instant(at + 1_500).as_deref(), Some("2024-05-01T12:00:00.0015Z"));
    assert_eq!(local(MAY, &locale("en-US")).as_deref(), Some("05/01/2024"));
    assert_eq!(local_time(at, &locale("de")).as_deref(), Some("01.05.2024 12:00"));
    for beyond in [i64::MIN, i64::MAX, -62_135_596_800_000_001, 253_402_300_800_000_000] {
        assert_eq!(exact_instant(beyond), None);
    }
    for beyond in [i32::MIN, i32::MAX, -719_163, 2_932_897] {
        assert_eq!(exact_date(beyond), None);
    }
}

proptest! {
    #[test]
    fn every_time_comes_back(
        day in -719_162..=2_932_896_i32,
        at in -62_135_596_800_000_000..=253_402_300_799_999_999_i64,
        tag in prop::sample::select(Locale::OFFERED),
    ) {
        let locale = locale(tag);
        let date = exact_date(day).expect("in the calendar");
        prop_assert_eq!(read_date(&date, &locale), Some(day));
        let date = local(day, &locale).expect("in the calendar");
        prop_assert_eq!(read_date(&date, &locale), Some(day), "{}", date);
        let time = exact_date_time(at).expect("in the calendar");
        prop_assert_eq!(read_date_time(&time, &locale), Some(at), "{}", time);
        let short = time.replace(" 0", " ");
        prop_assert_eq!(read_date_time(&short, &locale), Some(at), "{}", short);
        let time = local_time(at, &locale).expect("in the calendar");
        prop_assert_eq!(read_date_time(&time, &locale), Some(at), "{}", time);
        let time = exact_instant(at).expect("in the calendar");
        prop_assert_eq!(read_instant(&time, &locale), Some(Moment::Instant(at)), "{}", time);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,30}|[0-9TZ:. +/-]{0,30}") {
        let _ = (read_date(&text, &PLAIN), read_date_time(&text, &PLAIN));
        let _ = read_instant(&text, &PLAIN);
    }
}
