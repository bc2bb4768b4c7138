//! Names in formulas: which column or function is meant, and which one may be meant where there is none.
//!
//! Not the names of results. Invariant: the work for a suggestion is bounded, whatever the names.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use super::columns::{FormulaColumn, FormulaError};
use super::function::{Entry, FUNCTIONS};

/// Names that are looked at for a suggestion, and their characters.
const NAMES: usize = 4_096;
const CHARACTERS: usize = 64;

/// The columns that a formula may use, by their names: it may name thousands of times one of thousands.
pub(super) struct Known<'a> {
    columns: &'a [FormulaColumn],
    /// The names of columns that the table has beside them.
    left_out: &'a [Arc<str>],
    exact: HashMap<&'a str, Places>,
    /// By their names in normal form C, once one is looked for.
    normal: OnceCell<HashMap<Cow<'a, str>, Places>>,
}

/// The first column with a name, and how many there are.
#[derive(Clone, Copy)]
struct Places {
    first: usize,
    count: usize,
}

impl<'a> Known<'a> {
    pub(super) fn new(columns: &'a [FormulaColumn], left_out: &'a [Arc<str>]) -> Self {
        Self { columns, left_out, exact: placed(columns, |name| name), normal: OnceCell::new() }
    }

    /// The column with a name, and its place. Names that are the same in normal form C are alike where none is the same.
    pub(super) fn column(
        &self,
        at: usize,
        name: &str,
    ) -> Result<(usize, &'a FormulaColumn), FormulaError> {
        let rule = match self.places(name) {
            Some(Places { first, count: 1 }) => match self.columns.get(first) {
                Some(column) => return Ok((first, column)),
                None => "this column is not known".to_owned(),
            },
            Some(Places { count, .. }) => format!(
                "{count} columns have the name [{name}]: a formula needs one with a name of its own"
            ),
            None if self.is_left_out(name) => {
                format!("[{name}] is not among the chosen columns of the source")
            }
            None => {
                let names = self.columns.iter().map(|column| &*column.name);
                let suggestion = suggested(name, names).map_or_else(String::new, |known| {
                    format!("; is it [{}]?", known.replace(']', "]]"))
                });
                format!("no column has the name [{name}]{suggestion}")
            }
        };
        Err(FormulaError::new(at, rule))
    }

    /// The column with a name that stands without brackets: it may be that of a function.
    pub(super) fn bare(
        &self,
        at: usize,
        name: &str,
    ) -> Result<(usize, &'a FormulaColumn), FormulaError> {
        let entry = FUNCTIONS.iter().find(|entry| entry.name.eq_ignore_ascii_case(name));
        match entry {
            Some(entry) if self.places(name).is_none() && !self.is_left_out(name) => {
                let rule = format!(
                    "{0} is a function, whose arguments stand in parentheses: {0}( )",
                    entry.name
                );
                Err(FormulaError::new(at, rule))
            }
            _ => self.column(at, name),
        }
    }

    fn places(&self, name: &str) -> Option<Places> {
        self.exact.get(name).copied().or_else(|| {
            let normal = self.normal.get_or_init(|| placed(self.columns, values::normal));
            normal.get(&*values::normal(name)).copied()
        })
    }

    fn is_left_out(&self, name: &str) -> bool {
        let wanted = values::normal(name);
        self.left_out.iter().any(|known| values::normal(known) == wanted)
    }
}

/// The places of columns by a form of their names.
fn placed<'a, Name: Eq + Hash>(
    columns: &'a [FormulaColumn],
    form: impl Fn(&'a str) -> Name,
) -> HashMap<Name, Places> {
    let mut places = HashMap::with_capacity(columns.len());
    for (first, column) in columns.iter().enumerate() {
        places.entry(form(&column.name)).or_insert(Places { first, count: 0 }).count += 1;
    }
    places
}

/// The function with a name, in any letter case.
pub(super) fn function(at: usize, name: &str) -> Result<&'static Entry, FormulaError> {
    let found = FUNCTIONS.iter().find(|entry| entry.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        let suggestion = suggested(name, FUNCTIONS.iter().map(|entry| entry.name))
            .map_or_else(String::new, |known| format!("; is it {known}?"));
        FormulaError::new(at, format!("there is no function {name}{suggestion}"))
    })
}

/// The name that is the most like another one, if any is. One of one or two characters is like that of another letter case alone.
fn suggested<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = values::fold(wanted).chars().take(CHARACTERS).collect();
    let most = wanted.len() / 3;
    let near = names.take(NAMES).filter_map(|name| {
        let known: Vec<char> = name.chars().take(CHARACTERS).flat_map(char::to_lowercase).collect();
        if known.is_empty() || known.len().abs_diff(wanted.len()) > most {
            return None;
        }
        let distance = distance(&wanted, &known);
        (distance <= most).then_some((distance, name))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// How many characters are added, left out or changed. Source: V. Levenshtein, 1966; R. Wagner and M. Fischer, "The
/// String-to-String Correction Problem", 1974.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, char) in one.iter().enumerate() {
        let mut diagonal = at;
        let mut left = at + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, known) in row.iter_mut().skip(1).zip(other) {
            let changed = diagonal + usize::from(char != known);
            diagonal = *cell;
            left = changed.min(diagonal + 1).min(left + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_as_it_is_and_then_in_normal_form() {
        let columns = ["e\u{301}", "\u{e9}", "o\u{308}", "a", "a"].map(|name| FormulaColumn {
            name: name.into(),
            kind: ot_engine::ColumnKind::Any,
            is_exact: false,
        });
        let known = Known::new(&columns, &[]);
        let place = |name: &str| known.column(1, name).map(|(place, _)| place).ok();
        assert_eq!(
            [place("e\u{301}"), place("\u{e9}"), place("\u{f6}")],
            [Some(0), Some(1), Some(2)]
        );
        assert_eq!([place("a"), place("b")], [None, None]);
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        for (one, other, count) in [("kitten", "sitting", 3), ("", "ab", 2), ("ab", "ab", 0)] {
            assert_eq!(distance(&chars(one), &chars(other)), count);
        }
        let names = ["Price", "Amount", "Total"];
        assert_eq!(suggested("prise", names.into_iter()), Some("Price"));
        assert_eq!(suggested("PRICE", names.into_iter()), Some("Price"));
        assert_eq!(suggested("weight", names.into_iter()), None);
        let short = ["v", "ab"];
        for (wanted, found) in [("a", None), ("V", Some("v")), ("ac", None), ("abc", Some("ab"))] {
            assert_eq!(suggested(wanted, short.into_iter()), found, "{wanted}");
        }
    }
}
