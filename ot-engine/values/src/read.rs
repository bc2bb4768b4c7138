//! Text into values, and whether a value fits a rule.

use std::borrow::Cow;
use std::sync::Arc;

use ot_engine::Value;

use crate::rule::{Kind, NumberFormat, Rule, Unit};
use crate::{Locale, choice, number, time, truth, web};

/// What a text is.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The value; the text itself where it does not fit.
    pub value: Value,
    /// Why the text does not fit the rule.
    pub misfit: Option<Misfit>,
}

/// Why a value does not fit the rule of its column. The text of each is for a person, without a subject and a full stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misfit {
    /// A text that the rule reads as another value. It stays text until it is entered again.
    #[error("a text; enter it without an apostrophe to make it {}", noun(*.0))]
    Text(Kind),
    /// Not text.
    #[error("expected a text")]
    NotText,
    /// Not a number.
    #[error("expected a number")]
    NotNumber,
    /// A number with more digits than a cell can hold.
    #[error("a number with more digits than a number cell holds exactly")]
    Inexact,
    /// Neither yes nor no.
    #[error("expected yes or no")]
    NotBool,
    /// Not a day of the years 1 to 9999.
    #[error("expected a date, written like 2024-05-01")]
    NotDate,
    /// A day that the calendar has not: 31 April.
    #[error("no such day in the calendar")]
    NoSuchDay,
    /// A day whose year has two digits.
    #[error("a year of two digits; write all four")]
    ShortYear,
    /// A number with a decimal comma, where its locale has another mark.
    #[error("written with a decimal comma; choose a language that has one, such as de (--locale)")]
    DecimalComma,
    /// A number with a decimal point, where its locale has another mark.
    #[error(
        "written with a decimal point; choose a language that has one, such as en-US (--locale)"
    )]
    DecimalPoint,
    /// A day with a time of day, which a day alone lacks.
    #[error("a time of day, which a date would lose")]
    HasTime,
    /// Not a day and a time of day.
    #[error("expected a date and time without a zone, written like 2024-05-01 14:30")]
    NotDateTime,
    /// Not an instant.
    #[error("expected an instant, written like 2024-05-01T14:30:00Z")]
    NotInstant,
    /// A day and a time of day without a zone, in microseconds since 1970-01-01 00:00 there; see [`Reading::in_zone`].
    #[error("a time without a zone; add one, as in 2024-05-01T14:30:00Z or 2024-05-01 14:30+02:00")]
    NoZone(i64),
    /// A time of day that its zone has not.
    #[error("a time that the clocks of its zone skip")]
    Skipped,
    /// None of the options.
    #[error("expected one of the column's options")]
    NotOption,
    /// Not only options.
    #[error("expected options of the column, with commas between them")]
    NotOptions,
    /// Several options, in a column of one.
    #[error("several options, of which the column takes one")]
    SeveralOptions,
    /// Not the address of a page.
    #[error("expected a link, written like https://example.org")]
    NotLink,
    /// Not an e-mail address.
    #[error("expected an e-mail address")]
    NotEmail,
}

/// Words that stand for yes and no in each locale, beside those of its language.
const YES: &str = "true yes y 1";
const NO: &str = "false no n 0";

/// The value of a text that was pasted, imported or sent. An empty text is no value.
#[must_use]
pub fn read(text: &str, rule: &Rule, locale: &Locale) -> Reading {
    if text.is_empty() {
        return Reading { value: Value::Empty, misfit: None };
    }
    match of_kind(text, rule, locale) {
        Ok(value) => Reading { value, misfit: None },
        Err(misfit) => Reading { value: Value::from(text), misfit: Some(misfit) },
    }
}

/// The value of a text that a person has typed: an apostrophe at its beginning makes it text, and a number in a column
/// of percentages is one.
#[must_use]
pub fn read_typed(text: &str, rule: &Rule, locale: &Locale) -> Reading {
    if let Some(text) = text.strip_prefix('\'') {
        let value = if text.is_empty() { Value::Empty } else { Value::from(text) };
        let misfit = fits(&value, rule).err().map(|misfit| match misfit {
            // An apostrophe makes text, whatever the zone of the reader.
            Misfit::NoZone(_) => Misfit::Text(rule.kind),
            misfit => misfit,
        });
        return Reading { value, misfit };
    }
    let is_percentage = rule.kind == Kind::Number && rule.format.unit == Unit::Percent;
    if is_percentage && number::read(text, locale).is_ok() {
        return read(&format!("{text}%"), rule, locale);
    }
    read(text, rule, locale)
}

/// Whether a value fits the rule of its column. No value fits every rule.
///
/// # Errors
/// Why it does not: for a text what [`read`] says of it, and [`Misfit::Text`] where it would read another value.
pub fn fits(value: &Value, rule: &Rule) -> Result<(), Misfit> {
    let Err(misfit) = check_kind(value, rule) else { return Ok(()) };
    let Value::Text(text) = value else { return Err(misfit) };
    Err(of_kind(text, rule, &Locale::PLAIN).err().unwrap_or(Misfit::Text(rule.kind)))
}

pub(crate) fn check_kind(value: &Value, rule: &Rule) -> Result<(), Misfit> {
    let check = |fits, misfit| if fits { Ok(()) } else { Err(misfit) };
    let text = if let Value::Text(text) = value { Some(&**text) } else { None };
    match (rule.kind, value) {
        (Kind::Any, _) | (_, Value::Empty) => Ok(()),
        // An edit inside a text may leave no character of it: then the cell is empty.
        _ if text.is_some_and(str::is_empty) => Ok(()),
        (Kind::Text, _) => check(text.is_some(), Misfit::NotText),
        (Kind::Number, value) => check(matches!(value, Value::Number(_)), Misfit::NotNumber),
        (Kind::Bool, value) => check(matches!(value, Value::Bool(_)), Misfit::NotBool),
        (Kind::Date, value) => check(matches!(value, Value::Date(_)), Misfit::NotDate),
        (Kind::DateTime, value) => {
            check(matches!(value, Value::LocalDateTime(_)), Misfit::NotDateTime)
        }
        (Kind::Instant, value) => check(matches!(value, Value::Instant(_)), Misfit::NotInstant),
        (Kind::Choice, _) => {
            check(text.is_some_and(|text| rule.options.contains(text)), Misfit::NotOption)
        }
        (Kind::Choices, _) => {
            let are_options = |text: &str| choice::are_options(text, &rule.options);
            check(text.is_some_and(are_options), Misfit::NotOptions)
        }
        (Kind::Link, _) => check(text.is_some_and(web::is_link), Misfit::NotLink),
        (Kind::Email, _) => check(text.is_some_and(web::is_email), Misfit::NotEmail),
    }
}

fn of_kind(text: &str, rule: &Rule, locale: &Locale) -> Result<Value, Misfit> {
    match rule.kind {
        Kind::Any => Ok(exactly(text).unwrap_or_else(|| Value::from(text))),
        Kind::Text => Ok(Value::from(text)),
        Kind::Number => amount(text, &rule.format, locale).map(Value::Number),
        Kind::Bool => yes_or_no(text, locale).map(Value::Bool).ok_or(Misfit::NotBool),
        Kind::Date => {
            let read = time::read_date(text, locale).map(Value::Date);
            read.ok_or_else(|| no_day(text, locale, Misfit::NotDate))
        }
        Kind::DateTime => {
            let read = time::read_date_time(text, locale).map(Value::LocalDateTime);
            read.ok_or_else(|| no_day(text, locale, Misfit::NotDateTime))
        }
        Kind::Instant => match time::read_instant(text, locale) {
            Some(time::Moment::Instant(micros)) => Ok(Value::Instant(micros)),
            Some(time::Moment::Local(micros)) => Err(Misfit::NoZone(micros)),
            None => Err(no_day(text, locale, Misfit::NotInstant)),
        },
        Kind::Choice => {
            let option = choice::one_in_quotes(text, &rule.options).ok_or(Misfit::NotOption)?;
            Ok(Value::Text(Arc::clone(option)))
        }
        Kind::Choices => {
            let options = choice::several(text, &rule.options).ok_or(Misfit::NotOptions)?;
            Ok(if options.is_empty() { Value::Empty } else { Value::from(&*options) })
        }
        Kind::Link => trimmed(text, web::is_link).ok_or(Misfit::NotLink),
        Kind::Email => trimmed(text, web::is_email).ok_or(Misfit::NotEmail),
    }
}

/// The value other than text that [`exact`](crate::exact) writes as this text; `None` for an empty text, too.
#[must_use]
pub fn exactly(text: &str) -> Option<Value> {
    let same = |written: Option<String>| written.as_deref() == Some(text);
    match text {
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ if !text.starts_with(|char: char| char.is_ascii_digit() || char == '-') => return None,
        _ => {}
    }
    let plain = &Locale::PLAIN;
    number::read_exact(text)
        .map(Value::Number)
        .or_else(|| {
            let days = time::read_date(text, plain)?;
            same(time::exact_date(days)).then_some(Value::Date(days))
        })
        .or_else(|| {
            let micros = time::read_date_time(text, plain)?;
            same(time::exact_date_time(micros)).then_some(Value::LocalDateTime(micros))
        })
        .or_else(|| {
            let Some(time::Moment::Instant(micros)) = time::read_instant(text, plain) else {
                return None;
            };
            same(time::exact_instant(micros)).then_some(Value::Instant(micros))
        })
}

/// The same in a file with this locale: numbers have its decimal mark and no group marks, days its form or that of ISO 8601.
#[must_use]
pub fn exactly_in(text: &str, locale: &Locale) -> Option<Value> {
    if *locale == Locale::PLAIN {
        return exactly(text);
    }
    if !text.starts_with(|char: char| char.is_ascii_digit() || char == '-') {
        return exactly(text);
    }
    let same = |written: Option<String>| written.as_deref() == Some(text);
    let number = || {
        let number = number::read(text, locale).ok()?;
        (number::localized(number, locale) == text).then_some(Value::Number(number))
    };
    let day = || {
        let days = time::read_date(text, locale)?;
        same(time::local(days, locale)).then_some(Value::Date(days))
    };
    let time = || {
        let micros = time::read_date_time(text, locale)?;
        same(time::local_time(micros, locale)).then_some(Value::LocalDateTime(micros))
    };
    let plain = || exactly(text).filter(|value| !matches!(value, Value::Number(_)));
    number().or_else(day).or_else(time).or_else(plain)
}

/// Whether a number was read of a text that begins with zeros, as codes do: `007`. The number has lost them.
#[must_use]
pub fn loses_zeros(text: &str, value: &Value) -> bool {
    let digits = text.trim().trim_start_matches(['+', '-', '−']);
    matches!(value, Value::Number(_))
        && digits
            .strip_prefix('0')
            .is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()))
}

/// A number, with the unit of its format before or behind it.
fn amount(text: &str, format: &NumberFormat, locale: &Locale) -> Result<f64, Misfit> {
    let text = text.trim();
    let (bare, power) = match &format.unit {
        Unit::None => (Cow::Borrowed(text), 0),
        Unit::Percent => {
            let bare = text.strip_suffix('%').map(|bare| (bare.trim_end(), -2));
            let (bare, power) = bare.unwrap_or((text, 0));
            (Cow::Borrowed(bare), power)
        }
        Unit::Currency(unit) => (without(text, unit), 0),
    };
    number::read_scaled(&bare, locale, power).map_err(|error| match error {
        number::NoNumber::Form => Misfit::NotNumber,
        number::NoNumber::Inexact => Misfit::Inexact,
    })
}

/// An amount without its currency, which stands before it or behind it. A sign may precede the currency: then a second one
/// makes it no number.
fn without<'a>(text: &'a str, unit: &str) -> Cow<'a, str> {
    if let Some(bare) = text.strip_prefix(unit).or_else(|| text.strip_suffix(unit)) {
        return Cow::Borrowed(bare.trim());
    }
    let signed = |sign: char| {
        let bare = text.strip_prefix(sign)?.strip_prefix(unit)?;
        Some(format!("{sign}{}", bare.trim_start()))
    };
    number::SIGNS.into_iter().find_map(signed).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Why a text is no day or time: what its day shows, else what is expected.
fn no_day(text: &str, locale: &Locale, expected: Misfit) -> Misfit {
    match time::no_day(text, locale) {
        time::NoDay::Form => expected,
        time::NoDay::ShortYear => Misfit::ShortYear,
        time::NoDay::Missing => Misfit::NoSuchDay,
    }
}

fn yes_or_no(text: &str, locale: &Locale) -> Option<bool> {
    let (word, (yes, no)) = (text.trim(), locale.truth);
    let is_one = |words| truth::is_word(word, words);
    match () {
        () if is_one(YES) || is_one(yes) => Some(true),
        () if is_one(NO) || is_one(no) => Some(false),
        () => None,
    }
}

/// What a text becomes in a column of this kind.
const fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "a number",
        Kind::Bool => "yes or no",
        Kind::Date => "a date",
        Kind::DateTime => "a date and time",
        Kind::Instant => "an instant",
        _ => "one that fits",
    }
}

fn trimmed(text: &str, is_valid: fn(&str) -> bool) -> Option<Value> {
    let text = text.trim();
    is_valid(text).then(|| Value::from(text))
}

#[cfg(test)]
mod tests;
