//! Cells of a worksheet as values.
//!
//! Not their places: see `rows`. Days are counted by the epoch of the workbook; that of 1900 has a day that no calendar has,
//! 1900-02-29. Invariant: a time has whole milliseconds, as the program that wrote it shows; what is no day of a calendar is its
//! text.

use calamine::{DataRef, ExcelDateTime};
use ot_engine::Value;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Days from the beginning of the count to 1970-01-01, from 1900-03-01 on.
const EPOCH_1900: i64 = 25_569;
/// The same where days are counted from 1904-01-01.
const EPOCH_1904: i64 = 24_107;
/// The day of the epoch of 1900 that no calendar has.
const NO_DAY: i64 = 60;
/// The days that a program for workbooks shows: up to 9999-12-31.
const DAYS: std::ops::Range<f64> = 0.0..2_958_466.0;

/// The value of a cell. `is_1904`: whether days are counted from 1904 on.
pub(super) fn value(cell: DataRef<'_>, is_1904: bool) -> Value {
    match cell {
        DataRef::Empty => Value::Empty,
        DataRef::Int(number) => text_of_int(number),
        DataRef::Float(number) => finite(number),
        DataRef::Bool(truth) => Value::Bool(truth),
        DataRef::String(text) => of_text(&text),
        DataRef::SharedString(text) => of_text(text),
        DataRef::Error(error) => Value::from(&*error.to_string()),
        DataRef::DurationIso(text) => of_text(&text),
        DataRef::DateTimeIso(text) => iso(&text),
        DataRef::DateTime(time) if time.is_duration() => duration(time.as_f64()),
        DataRef::DateTime(time) => date_time(time, is_1904),
    }
}

fn text_of_int(number: i64) -> Value {
    let text = number.to_string();
    crate::table::number_of(&text).map_or_else(|| Value::from(&*text), Value::from)
}

fn finite(number: f64) -> Value {
    if number.is_finite() { Value::from(number) } else { Value::from(&*number.to_string()) }
}

fn of_text(text: &str) -> Value {
    match text.contains('\0') {
        true => Value::from(&*text.replace('\0', "\u{fffd}")),
        false => Value::from(text).normalized(),
    }
}

/// A day or a time in the form of ISO 8601.
fn iso(text: &str) -> Value {
    let kinds = [values::Kind::Date, values::Kind::DateTime, values::Kind::Instant];
    let read = |kind: values::Kind| values::read(text, &kind.into(), &values::Locale::PLAIN);
    let found = kinds.into_iter().map(read).find(|reading| reading.misfit.is_none());
    found.map_or_else(|| of_text(text), |reading| reading.value)
}

/// Hours, minutes and seconds; hours may be more than a day has.
fn duration(days: f64) -> Value {
    let Some(millis) = millis(days.abs()) else { return finite(days) };
    let sign = if days < 0.0 { "-" } else { "" };
    Value::from(&*format!("{sign}{}", clock(millis)))
}

/// Whole milliseconds of days; none beyond what a program for workbooks shows.
fn millis(days: f64) -> Option<i64> {
    // Within the range of days it is far from the ends of an `i64`.
    DAYS.contains(&days).then(|| (days * DAY as f64).round() as i64)
}

fn clock(millis: i64) -> String {
    let (seconds, rest) = (millis / 1000, millis % 1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{hours:02}:{minutes:02}:{seconds:02}");
    if rest != 0 {
        text += format!(".{rest:03}").trim_end_matches('0');
    }
    text
}

fn date_time(time: ExcelDateTime, is_1904: bool) -> Value {
    let Some(millis) = millis(time.as_f64()) else { return finite(time.as_f64()) };
    let (day, rest) = (millis / DAY, millis % DAY);
    // Without a day it is a time of day; where days are counted from 1904, day 0 is one.
    if day == 0 && !is_1904 {
        return Value::from(&*clock(rest));
    }
    let since_1970 = match (is_1904, day) {
        (true, day) => day - EPOCH_1904,
        (false, NO_DAY) => {
            let time = if rest == 0 { String::new() } else { format!(" {}", clock(rest)) };
            return Value::from(&*format!("1900-02-29{time}"));
        }
        (false, day) if day < NO_DAY => day + 1 - EPOCH_1900,
        (false, day) => day - EPOCH_1900,
    };
    match (rest, i32::try_from(since_1970)) {
        (0, Ok(days)) => Value::Date(days),
        _ => Value::LocalDateTime((since_1970 * DAY + rest) * 1000),
    }
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    fn at(serial: f64, is_1904: bool) -> String {
        let time = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, is_1904);
        values::exact(&value(DataRef::DateTime(time), is_1904)).into_owned()
    }

    #[test]
    fn both_epochs_have_their_days() {
        let days = [
            (1.0, "1900-01-01"),
            (59.0, "1900-02-28"),
            (60.0, "1900-02-29"),
            (61.0, "1900-03-01"),
            (45_943.541, "2025-10-13 12:59:02.4"),
            (2_958_465.0, "9999-12-31"),
            (0.5, "12:00:00"),
            (2_958_466.0, "2958466"),
            (-1.0, "-1"),
        ];
        for (serial, day) in days {
            assert_eq!(at(serial, false), day);
        }
        assert_eq!([at(0.0, true), at(1.0, true)], ["1904-01-01", "1904-01-02"]);
        assert_eq!(at(2_957_003.0, true), "9999-12-31");
    }

    #[test]
    fn durations_have_more_hours_than_a_day() {
        let time = ExcelDateTime::new(1.1, ExcelDateTimeType::TimeDelta, false);
        assert_eq!(value(DataRef::DateTime(time), false), Value::from("26:24:00"));
    }
}
