//! Values of a column whose kind changes: each becomes a value of the new kind, or stays as it is.
//!
//! A text becomes what the new rule reads; another value becomes the value of the same meaning, else what its exact text
//! is read as. Not here: which cells a column has. Invariants: a converted value fits the rule, so a second conversion
//! changes nothing; a conversion that loses a part of the value reports it; no text of options means others afterwards
//! without a report.

use ot_engine::Value;

use crate::read::check_kind;
use crate::rule::{Kind, Rule};
use crate::{Locale, Misfit, canonical, choice, fits, read, time};

/// A conversion of values.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// The rule that the column had: it says what a text of options is.
    pub from: Rule,
    /// The rule of the column from now on.
    pub to: Rule,
    /// How texts are read.
    pub locale: Locale,
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
        /// Whether the former value, or its text, can't be had back from this one: `007` became 7.
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
        let unlike = || fits(value, &self.to).err().unwrap_or(Misfit::NotText);
        match (self.to.kind, value) {
            (_, Value::Text(text)) => self.text(text),
            (Kind::Number, Value::Bool(truth)) => Ok((Value::Number(f64::from(*truth)), false)),
            (Kind::DateTime, Value::Instant(micros)) => Ok((Value::LocalDateTime(*micros), false)),
            (Kind::Instant, Value::LocalDateTime(micros)) => Ok((Value::Instant(*micros), false)),
            (Kind::DateTime, Value::Date(days)) => {
                Ok((Value::LocalDateTime(time::beginning_of(*days)), false))
            }
            (Kind::Instant, Value::Date(days)) => {
                Ok((Value::Instant(time::beginning_of(*days)), false))
            }
            (Kind::Date, Value::LocalDateTime(micros) | Value::Instant(micros)) => {
                let (days, is_midnight) = time::day_of(*micros).ok_or(Misfit::NotDate)?;
                match is_midnight || self.drops_times {
                    true => Ok((Value::Date(days), !is_midnight)),
                    false => Err(Misfit::HasTime),
                }
            }
            _ => {
                let text = canonical(value).ok_or_else(unlike)?;
                let reading = read(&text, &self.to, &Locale::PLAIN);
                // A number is no text of the former column's language, and the reason is that of the value.
                reading.misfit.map_or(Ok((reading.value, false)), |_| Err(unlike()))
            }
        }
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
            // A conversion that was stopped has left it in the form of the other kind.
            (Kind::Choices, Kind::Choices) if choice::several(text, options).is_none() => {
                Some((choice::alone(choice::one(text, options)?), true))
            }
            (Kind::Choice, Kind::Choice) if choice::one(text, options).is_none() => {
                let option = choice::one(&choice::single(text)?, options)?;
                Some((String::from(&**option), true))
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
        let reading = read(text, &self.to, &self.locale);
        let is_rewritten = canonical(&reading.value).as_deref() != Some(text);
        reading.misfit.map_or(Ok((reading.value, is_rewritten)), Err)
    }
}

#[cfg(test)]
mod tests;
