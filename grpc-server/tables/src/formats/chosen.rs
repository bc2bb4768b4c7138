//! Values of a column whose kind was chosen: a text is read by that kind, and what does not fit stays what it is.
//!
//! Not for CSV, whose reader does the same. Invariant: a value that fits is never changed.

use csv_reader::Notation;
use ot_engine::{ColumnKind, Value};
use values::{Locale, Rule};

use crate::error::short;

/// A chosen kind, and how many values did not fit it.
pub(crate) struct Chosen {
    kind: ColumnKind,
    rule: Rule,
    locale: Locale,
    notation: Notation,
    misfits: u64,
}

impl Chosen {
    /// For values in texts that are written so.
    pub(crate) fn new(kind: ColumnKind, notation: &Notation) -> Self {
        let locale = notation.file.unwrap_or(notation.account);
        let locale = notation.decimal.map_or(locale, |mark| locale.with_decimal(mark));
        Self { kind, rule: kind.into(), locale, notation: notation.clone(), misfits: 0 }
    }

    pub(crate) fn kind(&self) -> ColumnKind {
        self.kind
    }

    /// A value as one of the kind.
    pub(crate) fn read(&mut self, value: Value) -> Value {
        if self.kind == ColumnKind::Any || values::fits(&value, &self.rule).is_ok() {
            return value;
        }
        let text = values::exact(&value);
        // A text is written as the file is; another value has but one form.
        let locale = if matches!(value, Value::Text(_)) { &self.locale } else { &Locale::PLAIN };
        let read = self.notation.zoned(values::read(&text, &self.rule, locale));
        match read.misfit {
            None => read.value,
            Some(_) => {
                self.misfits += 1;
                value
            }
        }
    }

    /// A sentence about the values that did not fit.
    pub(crate) fn doubt(&self, name: &str) -> Option<String> {
        match self.misfits {
            0 => None,
            1 => Some(format!("1 value of {:?} does not fit its kind and stays text", short(name))),
            count => Some(format!(
                "{count} values of {:?} do not fit their kind and stay text",
                short(name)
            )),
        }
    }
}
