//! The first row of a table whose values have kinds of their own, as those of a worksheet: judged as the first line of CSV is.
//!
//! Not the judgement: see `header`. Invariant: a text is a text, whatever it looks like.

use ot_engine::Value;
use values::Locale;

use super::doubts;
use super::header::{data_field, possible_value};
use super::infer::{Field, Guess};

/// What the first row of a table is, whose values have kinds of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstRow {
    /// Names; with a doubt where they may be values.
    Names(Option<String>),
    /// Values as those below it; one of them.
    Data(String),
}

impl FirstRow {
    /// Judges a row by those below it, as the first line of a file is.
    #[must_use]
    pub fn of(first: &[Value], rows: &[Vec<Value>]) -> Self {
        let field = |value: &Value| Field {
            text: values::exact(value).into_owned(),
            is_text: matches!(value, Value::Text(_)),
        };
        let (first, locale) = (first.iter().map(field).collect::<Vec<_>>(), Locale::PLAIN);
        let mut below = vec![Guess::default(); first.len()];
        for row in rows {
            let cells = below.iter_mut().zip(row);
            cells.for_each(|(guess, value)| guess.see(&field(value), &locale));
        }
        match data_field(&first, &below, &locale) {
            Some(field) => Self::Data(field.to_owned()),
            None => Self::Names(possible_value(&first, &below, &locale).map(doubts::header)),
        }
    }
}
