//! Values of a column whose kind changes: each becomes a value of the new kind, or stays as it is.
//!
//! A text becomes what the new rule reads; another value becomes the value of the same meaning, else what its text is read
//! as. Not here: which cells a column has. Invariants: a converted value fits the rule, so a second conversion changes
//! nothing; a conversion that loses a part of the value reports it; a value that has become text is the same value again
//! by the same locale; no text of options means others afterwards without a report.

use std::borrow::Cow;

use ot_engine::Value;

use crate::read::check_kind;
use crate::rule::{Kind, Rule};
use crate::zone::is_doubled;
use crate::{Locale, Misfit, Zone, canonical, choice, fits, number, read, time};

/// A conversion of values.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// The rule that the column had: it says what a text of options is.
    pub from: Rule,
    /// The rule of the column from now on.
    pub to: Rule,
    /// How texts are read, and numbers become texts.
    pub locale: Locale,
    /// The zone of times without one; `None`: UTC, and each such value counts as rewritten.
    pub zone: Option<Zone>,
    /// Whether a day and a time of day may become a day.
    pub drops_times: bool,
}

/// What a value becomes.
#[derive(Clone, Debug, PartialEq)]
pub enum Converted {
    /// It fits the rule as it is.
    Fits,
    /// This value.
    To {
        /// The value.
        value: Value,
        /// Whether a person should look at it: the former value, or its text, can't be had back from this one (`007` became
        /// 7), it was read in a zone that was not chosen, or a number has another decimal mark now.
        is_rewritten: bool,
    },
    /// It stays as it is, and does not fit, or has the text of another option.
    Stays(Misfit),
}

impl Conversion {
    /// What a value becomes.
    #[must_use]
    pub fn of(&self, value: &Value) -> Converted {
        let fitting = |value: &Value| check_kind(value, &self.to).is_ok();
        let is_empty = value.clone().normalized().is_empty();
        if is_empty || (fitting(value) && !self.means_others(value)) {
            return Converted::Fits;
        }
        match self.convert(value) {
            Ok((value, is_rewritten)) if fitting(&value) && !value.is_empty() => {
                Converted::To { value, is_rewritten }
            }
            // Of all texts, only a list without items is read as no value.
            Ok(_) => Converted::Stays(Misfit::NotOptions),
            Err(misfit) => Converted::Stays(misfit),
        }
    }

    /// The new value, and whether it lacks a part of the former one.
    fn convert(&self, value: &Value) -> Result<(Value, bool), Misfit> {
        match (self.to.kind, value) {
            (_, Value::Text(text)) => self.text(text),
            (Kind::Number, Value::Bool(truth)) => Ok((Value::Number(f64::from(*truth)), false)),
            (Kind::DateTime, Value::Instant(micros)) => self.local(*micros),
            (Kind::Instant, Value::LocalDateTime(micros)) => self.instant(*micros),
            (Kind::DateTime, Value::Date(days)) => {
                Ok((Value::LocalDateTime(time::beginning_of(*days)), false))
            }
            (Kind::Instant, Value::Date(days)) => {
                Ok((Value::Instant(time::beginning_of(*days)), false))
            }
            (Kind::Date, Value::LocalDateTime(micros)) => self.day(*micros),
            (Kind::Date, Value::Instant(micros)) => self.day_of_instant(*micros),
            _ => self.by_text(value),
        }
    }

    /// The time that the clocks of the zone show at an instant.
    fn local(&self, at: i64) -> Result<(Value, bool), Misfit> {
        let Some(zone) = &self.zone else { return Ok((Value::LocalDateTime(at), true)) };
        let local = zone.local(at).ok_or(Misfit::NotDateTime)?;
        Ok((Value::LocalDateTime(local), zone.instant(local) != Some(at)))
    }

    /// The instant at which the clocks of the zone show a time.
    fn instant(&self, local: i64) -> Result<(Value, bool), Misfit> {
        let Some(zone) = &self.zone else { return Ok((Value::Instant(local), true)) };
        let at = zone.instant(local).ok_or(Misfit::Skipped)?;
        Ok((Value::Instant(at), is_doubled(local, |at| zone.ahead(at))))
    }

    /// The day of an instant. A day of an earlier release is its beginning in UTC, and stays this day in each zone, but where
    /// the instants of a column lose their times.
    fn day_of_instant(&self, at: i64) -> Result<(Value, bool), Misfit> {
        let zone = self.zone.as_ref();
        let local = zone.map_or(Some(at), |zone| zone.local(at));
        match time::day_of(at) {
            Some((days, true)) if zone.is_none() || !self.drops_times => {
                Ok((Value::Date(days), local != Some(at)))
            }
            _ => {
                let (day, _) = self.day(local.ok_or(Misfit::NotDate)?)?;
                Ok((day, true))
            }
        }
    }

    /// The day of a time.
    fn day(&self, local: i64) -> Result<(Value, bool), Misfit> {
        let (days, is_midnight) = time::day_of(local).ok_or(Misfit::NotDate)?;
        match is_midnight || self.drops_times {
            true => Ok((Value::Date(days), !is_midnight)),
            false => Err(Misfit::HasTime),
        }
    }

    /// What the text of a value is read as: the one in the form of the locale, else the exact one.
    fn by_text(&self, value: &Value) -> Result<(Value, bool), Misfit> {
        // The reason is that of the value, not of its text.
        let unlike = || fits(value, &self.to).err().unwrap_or(Misfit::NotText);
        let becomes = |text: &str| {
            let reading = read(text, &self.to, &Locale::PLAIN);
            reading.misfit.is_none().then_some(reading.value)
        };
        let exact = canonical(value).ok_or_else(unlike)?;
        let written = self.written(value).filter(|written| *written != exact);
        if let Some(written) = written {
            // A decimal comma would divide several options.
            let is_one_text = matches!(self.to.kind, Kind::Text | Kind::Choice);
            if let Some(new) = becomes(&written).filter(|_| is_one_text) {
                return Ok((new, true));
            }
            if self.misreads(&exact, value) {
                return Err(unlike());
            }
        }
        let new = becomes(&exact).ok_or_else(unlike)?;
        Ok((new, self.to.kind == Kind::Bool))
    }

    /// The text of a value that the locale reads as this value; `None` for a time that no calendar holds.
    fn written<'a>(&self, value: &'a Value) -> Option<Cow<'a, str>> {
        match value {
            Value::Number(number) => Some(Cow::Owned(number::localized(*number, &self.locale))),
            value => canonical(value),
        }
    }

    /// Whether the locale reads the exact text of a number as another one: `1.234` is a thousand with a decimal comma.
    fn misreads(&self, exact: &str, value: &Value) -> bool {
        let reading = read(exact, &Kind::Number.into(), &self.locale);
        reading.misfit.is_none() && reading.value != *value
    }

    /// Whether a text of one kind of options names others in the other kind: `a, b` is one option, or `a` and `b`.
    fn means_others(&self, value: &Value) -> bool {
        let Value::Text(text) = value else { return false };
        let kinds = (self.from.kind, self.to.kind);
        let changes_form =
            matches!(kinds, (Kind::Choice, Kind::Choices) | (Kind::Choices, Kind::Choice));
        let is_other = || self.option(text).is_some_and(|(new, _)| new != **text);
        changes_form
            && check_kind(value, &self.from).is_ok()
            && (self.are_several(text) || is_other())
    }

    /// Whether a text has several options, and becomes one.
    fn are_several(&self, text: &str) -> bool {
        (self.from.kind, self.to.kind) == (Kind::Choices, Kind::Choice)
            && choice::are_options(text, &self.from.options)
            && choice::single(text).is_none()
    }

    /// The option that a text of one kind of options is in the other one, and whether the text can't be had back from it.
    fn option(&self, text: &str) -> Option<(String, bool)> {
        let options = &self.to.options;
        match (self.from.kind, self.to.kind) {
            // The whole text is one option, also where that has a comma.
            (Kind::Choice, Kind::Choices) => {
                let option = choice::one(text, options)?;
                Some((choice::alone(option), **option != *text))
            }
            (Kind::Choices, Kind::Choice) => {
                let option = choice::one(&choice::single(text)?, options)?;
                Some((String::from(&**option), choice::alone(option) != text))
            }
            _ => None,
        }
    }

    fn text(&self, text: &str) -> Result<(Value, bool), Misfit> {
        if self.are_several(text) {
            return Err(Misfit::SeveralOptions);
        }
        if let Some((option, is_rewritten)) = self.option(text) {
            return Ok((Value::from(&*option), is_rewritten));
        }
        let zone = self.zone.as_ref();
        let reading = read(text, &self.to, &self.locale);
        let is_doubled = matches!(reading.misfit, Some(Misfit::NoZone(local))
            if zone.is_some_and(|zone| is_doubled(local, |at| zone.ahead(at))));
        let reading = reading.in_zone(|at| zone.map_or(0, |zone| zone.ahead(at)));
        let is_rewritten = is_doubled || self.written(&reading.value).as_deref() != Some(text);
        match reading.misfit {
            None => Ok((reading.value, is_rewritten)),
            Some(Misfit::NotNumber) => Err(self.other_mark(text).unwrap_or(Misfit::NotNumber)),
            Some(misfit) => Err(misfit),
        }
    }

    /// The decimal mark with which a text would be a number, where it can't be a group mark.
    fn other_mark(&self, text: &str) -> Option<Misfit> {
        let (mark, misfit) = match self.locale.decimal {
            ',' => ('.', Misfit::DecimalPoint),
            _ => (',', Misfit::DecimalComma),
        };
        let reads = |locale: &Locale| read(text, &self.to, locale).misfit.is_none();
        let grouped = Locale { group: Some(mark), ..self.locale };
        let is_other = reads(&self.locale.with_decimal(mark)) && !reads(&grouped);
        (text.contains(mark) && is_other).then_some(misfit)
    }
}

#[cfg(test)]
mod tests;
