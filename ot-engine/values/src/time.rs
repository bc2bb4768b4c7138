//! Reads and writes days, times of day without a zone, and instants.
//!
//! The calendar is the proleptic Gregorian one of ISO 8601, years 1 to 9999. Not a clock. Invariant: what a microsecond
//! or the calendar can't hold (year 0, second 60, 31 April, nanoseconds) is no time, and nothing is rounded.

use crate::civil::Day;
use crate::locale::{DateOrder, Locale};

const SECOND: Micros = 1_000_000;
const DAY: Micros = 86_400 * SECOND;
/// Digits of a fraction of a second.
const FRACTION: usize = 6;

/// Days since 1970-01-01.
type Days = i32;
/// Microseconds since 1970-01-01 00:00:00.
type Micros = i64;

/// A day in the form of ISO 8601, or of the locale with the year in four digits.
pub(crate) fn read_date(text: &str, locale: &Locale) -> Option<Days> {
    date(text.trim(), locale).map(Day::since_epoch)
}

/// Why the day of a text is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoDay {
    /// Its form is another one.
    Form,
    /// Its year has two digits.
    ShortYear,
    /// The calendar has no such day.
    Missing,
}

/// Why the day at the beginning of a text is none; for a day it is [`NoDay::Form`].
pub(crate) fn no_day(text: &str, locale: &Locale) -> NoDay {
    let text = text.trim();
    let day = text.split(['T', 't', ' ']).next().unwrap_or(text);
    let parts: Vec<&str> = day.split(['.', '/', '-']).collect();
    let is_short = |part: &&str| (1..=2).contains(&part.len()) && digits(part).is_some();
    match (written(day, locale), &parts[..]) {
        (Some(written), _) if written.day().is_none() => NoDay::Missing,
        (None, [first, middle, last])
            if [first, middle, last].into_iter().all(is_short)
                && (first.len() == 2 || last.len() == 2) =>
        {
            NoDay::ShortYear
        }
        _ => NoDay::Form,
    }
}

/// A day and a time of day; without a time of day, the day's beginning.
pub(crate) fn read_date_time(text: &str, locale: &Locale) -> Option<Micros> {
    let (date, rest) = date_and_rest(text.trim(), locale)?;
    Some(beginning(date) + if rest.is_empty() { 0 } else { time_of_day(rest)? })
}

/// A day and a time of day, with its zone or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The same moment everywhere.
    Instant(Micros),
    /// A time of day without a zone.
    Local(Micros),
}

/// A day, a time of day and a zone. A day alone is its beginning in UTC, as in ECMAScript: columns of instants of earlier
/// releases hold days so.
pub(crate) fn read_instant(text: &str, locale: &Locale) -> Option<Moment> {
    let (date, rest) = date_and_rest(text.trim(), locale)?;
    if rest.is_empty() {
        return Some(Moment::Instant(beginning(date)));
    }
    let (time, ahead) = match (rest.find(['Z', 'z', '+', '-']), rest.strip_suffix(" UTC")) {
        (Some(at), _) => (rest[..at].trim_end(), offset(&rest[at..])?),
        (None, Some(time)) => (time, 0),
        (None, None) => return Some(Moment::Local(beginning(date) + time_of_day(rest)?)),
    };
    // An offset may lead out of the calendar.
    let micros = beginning(date) + time_of_day(time)? - ahead;
    moment(micros).map(|_| Moment::Instant(micros))
}

/// Whether the calendar has an instant.
pub(crate) fn is_moment(micros: Micros) -> bool {
    moment(micros).is_some()
}

/// The beginning of a day.
pub(crate) fn beginning_of(days: Days) -> Micros {
    Micros::from(days) * DAY
}

/// The day of a time, and whether the time is its beginning.
pub(crate) fn day_of(micros: Micros) -> Option<(Days, bool)> {
    let (day, time) = moment(micros)?;
    Some((day.since_epoch(), time == 0))
}

/// A day as ISO 8601 writes it.
pub(crate) fn exact_date(days: Days) -> Option<String> {
    Some(iso(Day::of(days)?))
}

/// A day and a time of day, with seconds, and a space between them.
pub(crate) fn exact_date_time(micros: Micros) -> Option<String> {
    let (day, time) = moment(micros)?;
    Some(format!("{} {}", iso(day), clock(time, true)))
}

/// An instant as RFC 3339 writes it, in UTC.
pub(crate) fn exact_instant(micros: Micros) -> Option<String> {
    let (day, time) = moment(micros)?;
    Some(format!("{}T{}Z", iso(day), clock(time, true)))
}

/// A day in the form of a locale.
pub(crate) fn local(days: Days, locale: &Locale) -> Option<String> {
    Some(localized(Day::of(days)?, locale))
}

/// A day in the form of a locale, and a time of day without seconds that are zero.
pub(crate) fn local_time(micros: Micros, locale: &Locale) -> Option<String> {
    let (day, time) = moment(micros)?;
    Some(format!("{} {}", localized(day, locale), clock(time, false)))
}

/// The year, the month and the day of a text, which may be those of no day.
struct Written(u32, u32, u32);

impl Written {
    fn day(&self) -> Option<Day> {
        Day::new(self.0, self.1, self.2)
    }
}

fn date(text: &str, locale: &Locale) -> Option<Day> {
    written(text, locale)?.day()
}

fn written(text: &str, locale: &Locale) -> Option<Written> {
    iso_date(text).or_else(|| local_date(text, locale))
}

fn iso_date(text: &str) -> Option<Written> {
    let mut parts = text.splitn(3, '-');
    let mut part = |length| parts.next().filter(|part| part.len() == length).and_then(digits);
    Some(Written(part(4)?, part(2)?, part(2)?))
}

/// Whether a mark shows the order of a locale: its own one does. Points stand between the parts of a day where the day is
/// first, and a year that is first has its month behind it, whatever the mark.
fn shows_order(mark: char, locale: &Locale) -> bool {
    match locale.date {
        DateOrder::Iso => false,
        DateOrder::YearMonthDay => matches!(mark, '.' | '/' | '-'),
        DateOrder::DayMonthYear => mark == '.' || mark == locale.date_mark,
        DateOrder::MonthDayYear => mark == locale.date_mark,
    }
}

fn local_date(text: &str, locale: &Locale) -> Option<Written> {
    let mark = text.chars().find(|char| !char.is_ascii_digit())?;
    if !shows_order(mark, locale) {
        return None;
    }
    let mut parts = text.split(mark);
    let [one, two, three] = [parts.next()?, parts.next()?, parts.next()?];
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = match locale.date {
        DateOrder::Iso => return None,
        DateOrder::YearMonthDay => (one, two, three),
        DateOrder::DayMonthYear => (three, two, one),
        DateOrder::MonthDayYear => (three, one, two),
    };
    let is_short = |part: &str| (1..=2).contains(&part.len());
    if year.len() != 4 || !is_short(month) || !is_short(day) {
        return None;
    }
    Some(Written(digits(year)?, digits(month)?, digits(day)?))
}

/// The day at the beginning of a text, and the text after the `T` or the space that follows it.
fn date_and_rest<'a>(text: &'a str, locale: &Locale) -> Option<(Day, &'a str)> {
    let (day, rest) = text.split_once(['T', 't', ' ']).unwrap_or((text, ""));
    let is_complete = rest.is_empty() == (day.len() == text.len());
    let date = date(day, locale)?;
    is_complete.then(|| (date, rest.trim_start()))
}

/// Microseconds since the day's beginning. The hour may have one digit.
fn time_of_day(text: &str) -> Option<Micros> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let two = |part: &str| if part.len() == 2 { digits(part) } else { None };
    let mut parts = clock.splitn(3, ':');
    let hour = parts.next().filter(|hour| hour.len() <= 2).and_then(digits)?;
    let minute = parts.next().and_then(two)?;
    let seconds = parts.next();
    let second = seconds.map_or(Some(0), two)?;
    let has_fraction = clock.len() < text.len();
    if has_fraction && (seconds.is_none() || fraction.is_empty()) {
        return None;
    }
    // Second 60 is of no day that has 86,400 seconds.
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(Micros::from(hour * 3600 + minute * 60 + second) * SECOND + fraction_of(fraction)?)
}

/// A fraction of a second; digits that a microsecond does not hold must be zeros.
fn fraction_of(text: &str) -> Option<Micros> {
    let (kept, rest) = text.split_at_checked(FRACTION).unwrap_or((text, ""));
    if kept.is_empty() {
        return Some(0);
    }
    let micros = digits(kept)? * 10_u32.pow(u32::try_from(FRACTION - kept.len()).ok()?);
    rest.bytes().all(|byte| byte == b'0').then(|| micros.into())
}

/// How far a zone is ahead of UTC: `Z`, `+02:00`, `+0200` or `+02`.
fn offset(text: &str) -> Option<Micros> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let negative = text.starts_with('-');
    let rest = text.strip_prefix(['+', '-'])?;
    let (hours, minutes) = match rest.len() {
        2 => (rest, "00"),
        4 => rest.split_at_checked(2)?,
        _ => rest.split_once(':').filter(|(hours, minutes)| hours.len() + minutes.len() == 4)?,
    };
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let ahead = Micros::from(hours * 3600 + minutes * 60) * SECOND;
    Some(if negative { -ahead } else { ahead })
}

fn digits(text: &str) -> Option<u32> {
    let are_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits.then(|| text.parse().ok()).flatten()
}

fn beginning(day: Day) -> Micros {
    Micros::from(day.since_epoch()) * DAY
}

/// A day, and the microseconds since its beginning.
fn moment(micros: Micros) -> Option<(Day, Micros)> {
    let day = Day::of(Days::try_from(micros.div_euclid(DAY)).ok()?)?;
    Some((day, micros.rem_euclid(DAY)))
}

fn iso(Day { year, month, day }: Day) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}

fn localized(Day { year, month, day }: Day, locale: &Locale) -> String {
    let mark = locale.date_mark;
    match locale.date {
        DateOrder::YearMonthDay | DateOrder::Iso => {
            format!("{year:04}{mark}{month:02}{mark}{day:02}")
        }
        DateOrder::DayMonthYear => format!("{day:02}{mark}{month:02}{mark}{year:04}"),
        DateOrder::MonthDayYear => format!("{month:02}{mark}{day:02}{mark}{year:04}"),
    }
}

/// A time of day, from the microseconds since its beginning.
fn clock(time: Micros, with_seconds: bool) -> String {
    let (seconds, micros) = (time / SECOND, time % SECOND);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{hour:02}:{minute:02}");
    if with_seconds || second != 0 || micros != 0 {
        text += &format!(":{second:02}");
    }
    if micros != 0 {
        text += format!(".{micros:06}").trim_end_matches('0');
    }
    text
}

#[cfg(test)]
mod tests;
