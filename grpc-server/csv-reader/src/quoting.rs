//! Which texts of an export stand in quotes, so that an import reads the same values.
//!
//! It sees the rows from which the import infers the kinds of the columns, and of the rows behind them whether a column has
//! other values than texts. The import's part is in `quotes`. Invariant: both take the same rows for the sample ([`Seen`]).

use ot_engine::Value;
use values::Locale;

use super::header;
use super::infer::{Field, Guess, Seen, begins_file, has_other_form, is_code};
use super::sniff::DELIMITERS;

/// Where texts stand in quotes that RFC 4180 does not ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoting {
    /// The names that do: those that an import would take for data, and those of columns with both texts and other values.
    pub names: Vec<bool>,
    /// The columns whose texts do, where they have the form of another value. In the others, codes show that all values are
    /// texts.
    pub columns: Vec<bool>,
}

impl Quoting {
    /// The quotes of a sheet with these columns and first rows, as many as [`sampled`] has counted. `later`: the columns
    /// that have other values than texts behind these rows; those count that [`are_texts`] names.
    pub fn of(names: &[&str], sample: &[Vec<&Value>], later: &[bool]) -> Self {
        let contents: Vec<Content> = contents(names.len(), sample)
            .zip(later)
            .map(|(it, later)| Content { has_other: it.has_other || *later, ..it })
            .collect();
        let columns: Vec<bool> = names
            .iter()
            .zip(&contents)
            .map(|(name, it)| {
                // A name in quotes marks its column, whatever it has them for.
                let is_lone = names.len() == 1 && name.is_empty();
                let may_be_quoted =
                    is_lone || is_special(name) || has_other_form(name) || begins_file(name);
                it.has_other || !it.has_codes || may_be_quoted
            })
            .collect();
        let mut guesses = vec![Guess::default(); names.len()];
        for row in sample {
            for ((guess, value), quoted) in guesses.iter_mut().zip(row).zip(&columns) {
                guess.see(&field(value, *quoted), &Locale::PLAIN);
            }
        }
        let plain = |name: &&str| Field { text: (*name).to_owned(), is_text: false };
        let first: Vec<Field> = names.iter().map(plain).collect();
        let is_data = header::data_field(&first, &guesses, &Locale::PLAIN).is_some();
        let names = names.iter().zip(contents.iter().zip(&guesses)).map(|(name, (it, guess))| {
            let is_mark = it.has_plain && it.has_other && !guess.shows_each();
            is_mark || begins_file(name) || (is_data && has_other_form(name))
        });
        Self { names: names.collect(), columns }
    }
}

/// Counts the rows that an import sees before it decides on the kinds of the columns.
#[derive(Debug, Default)]
pub struct Sampled(Seen);

impl Sampled {
    /// Begins behind the line of these names.
    #[must_use]
    pub fn new(names: &[&str]) -> Self {
        let mut seen = Seen::default();
        seen.first(names.iter().map(|name| name.len()));
        Self(seen)
    }

    /// Counts a row; true for the last one that the import sees.
    pub fn row<'a>(&mut self, row: impl IntoIterator<Item = &'a Value>) -> bool {
        self.0.row(row.into_iter().map(|value| values::exact(value).len()))
    }
}

/// How many of the rows an import sees before it decides on the kinds of the columns; `None`: all, and it would see more.
pub fn sampled<'a, R: IntoIterator<Item = &'a Value>>(
    names: &[&str],
    mut rows: impl Iterator<Item = R>,
) -> Option<usize> {
    let mut sampled = Sampled::new(names);
    rows.position(|row| sampled.row(row)).map(|at| at + 1)
}

/// The columns that an import takes for columns of texts: it must be shown that rows behind the sample have other values.
pub fn are_texts(width: usize, sample: &[Vec<&Value>]) -> Vec<bool> {
    contents(width, sample).map(|it| it.has_plain && !it.has_other).collect()
}

/// Whether RFC 4180, or a reader that looks for the begin of a file, another delimiter, or white space around a field, needs
/// quotes around a text.
pub(super) fn is_special(text: &str) -> bool {
    text.bytes().any(|byte| byte < b' ' || byte == b'"' || DELIMITERS.contains(&byte))
        || text.starts_with('\u{feff}')
        || text.trim().len() < text.len()
}

fn contents(width: usize, sample: &[Vec<&Value>]) -> impl Iterator<Item = Content> {
    (0..width).map(|col| Content::of(sample.iter().filter_map(|row| row.get(col).copied())))
}

/// What the fields of a column are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Content {
    /// Whether there is a text that has no other form.
    pub(super) has_plain: bool,
    /// Whether one of these texts is a code.
    has_codes: bool,
    /// Whether there is a value that is no text.
    pub(super) has_other: bool,
}

impl Content {
    fn of<'a>(values: impl Iterator<Item = &'a Value>) -> Self {
        let mut this = Self::default();
        for value in values {
            match value {
                Value::Empty => {}
                Value::Text(text) if !has_other_form(text) && Guess::counts(text) => {
                    this.has_plain = true;
                    this.has_codes = this.has_codes || is_code(text, &Locale::PLAIN);
                }
                Value::Text(_) => {}
                _ => this.has_other = true,
            }
        }
        this
    }

    /// That of the fields of a file.
    pub(super) fn of_fields<'a>(fields: impl Iterator<Item = &'a Field>) -> Self {
        let mut this = Self::default();
        for Field { text, is_text } in fields.filter(|field| Guess::counts(&field.text)) {
            match (has_other_form(text), is_text) {
                (false, _) => this.has_plain = true,
                (true, false) => this.has_other = true,
                (true, true) => {}
            }
        }
        this
    }
}

fn field(value: &Value, quoted: bool) -> Field {
    let text = values::exact(value).into_owned();
    let is_text = quoted && matches!(value, Value::Text(_)) && has_other_form(&text);
    Field { text, is_text }
}
