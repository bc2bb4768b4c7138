//! Values into text: exactly, for an editor, and as people see them.

use std::borrow::Cow;

use ot_engine::Value;

use crate::rule::{Kind, Rule, Unit};
use crate::scale::Scaled;
use crate::{Locale, Misfit, number, read_typed, time};

/// The text of a value for programs, as [`exact`] writes it; `None` for a time outside of the years 1 to 9999.
#[must_use]
pub fn canonical(value: &Value) -> Option<Cow<'_, str>> {
    Some(match value {
        Value::Empty => Cow::Borrowed(""),
        Value::Bool(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
        Value::Number(number) => Cow::Owned(number::exact(*number)),
        Value::Text(text) => Cow::Borrowed(text),
        Value::Date(days) => Cow::Owned(time::exact_date(*days)?),
        Value::LocalDateTime(micros) => Cow::Owned(time::exact_date_time(*micros)?),
        Value::Instant(micros) => Cow::Owned(time::exact_instant(*micros)?),
    })
}

/// The text of a value for programs: one form for each value, whatever the column. Read without a kind it is the same
/// value, but for a text that has the form of another value.
#[must_use]
pub fn exact(value: &Value) -> Cow<'_, str> {
    canonical(value).unwrap_or(Cow::Borrowed(BEYOND))
}

/// In place of a time outside of the years 1 to 9999, which the engine refuses.
const BEYOND: &str = "(no date)";

/// The text with which an editor begins. A value that fits the rule is the same when this text is typed.
#[must_use]
pub fn edited<'a>(value: &'a Value, rule: &Rule, locale: &Locale) -> Cow<'a, str> {
    match value {
        Value::Number(number) if rule.kind == Kind::Number => {
            Cow::Owned(if rule.format.unit == Unit::Percent {
                format!("{}%", percentage(*number, locale))
            } else {
                number::localized(*number, locale)
            })
        }
        Value::Text(text) => {
            let read = read_typed(text, rule, locale);
            // In the zone of its reader, a time without one is another value: an instant.
            let same = read.value == *value && !matches!(read.misfit, Some(Misfit::NoZone(_)));
            if same { Cow::Borrowed(text) } else { Cow::Owned(format!("'{text}")) }
        }
        value => exact(value),
    }
}

/// The text that people see in a cell: in a column of the value's kind a form that such a column reads, else the exact
/// form, which a column of any kind reads as the same value.
#[must_use]
pub fn shown<'a>(value: &'a Value, rule: &Rule, locale: &Locale) -> Cow<'a, str> {
    let text = match (rule.kind, value) {
        (Kind::Number, Value::Number(number)) => Some(amount(*number, rule, locale)),
        (Kind::Date, Value::Date(days)) => time::local(*days, locale),
        (Kind::DateTime, Value::LocalDateTime(micros)) => time::local_time(*micros, locale),
        (Kind::Instant, Value::Instant(micros)) => {
            time::local_time(*micros, locale).map(|text| text + " UTC")
        }
        _ => None,
    };
    text.map_or_else(|| exact(value), Cow::Owned)
}

/// How a locale writes the number 1234.5 and the last day of 2024, for a person who chooses one. It contains no writer of
/// numbers, which would be a large part of what the page loads for values.
#[must_use]
pub fn example(locale: &Locale) -> (String, String) {
    let group = locale.group.map(String::from).unwrap_or_default();
    let number = format!("1{group}234{}5", locale.decimal);
    (number, time::local(LAST_OF_2024, locale).unwrap_or_default())
}

/// Why a value does not fit, for a reader of this locale: an example is written as the locale writes it.
#[must_use]
pub fn reason(misfit: Misfit, locale: &Locale) -> String {
    let (number, day) = example(locale);
    match misfit {
        Misfit::NotNumber => format!("expected a number, written like {number}"),
        Misfit::NotDate => format!("expected a date, written like {day}"),
        Misfit::NotDateTime => {
            format!("expected a date and time without a zone, written like {day} 14:30")
        }
        misfit => misfit.to_string(),
    }
}

/// In days since 1970-01-01.
const LAST_OF_2024: i32 = 20_088;

fn amount(number: f64, rule: &Rule, locale: &Locale) -> String {
    let format = &rule.format;
    let fixed = |number| number::fixed(number, format.decimals, format.thousands, locale);
    match &format.unit {
        Unit::None => fixed(number),
        Unit::Percent => match Scaled::of(number).times(2).to_double() {
            Some(hundredths) => format!("{}%", fixed(hundredths)),
            None => format!("{}%", percentage(number, locale)),
        },
        Unit::Currency(unit) if locale.currency_first => format!("{unit}\u{a0}{}", fixed(number)),
        Unit::Currency(unit) => format!("{}\u{a0}{unit}", fixed(number)),
    }
}

/// The exact decimal form of a hundred times a number, which may be no double.
fn percentage(number: f64, locale: &Locale) -> String {
    Scaled::of(number).times(2).text(locale.decimal)
}

#[cfg(test)]
mod tests;
