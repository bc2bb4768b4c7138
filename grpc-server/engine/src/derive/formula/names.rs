//! Names in formulas: which column or function is meant, and which one may be meant where there is none.
//!
//! Not the names of results. Invariant: the work for a suggestion is bounded, whatever the names.

use super::columns::{FormulaColumn, FormulaError};
use super::function::{Entry, FUNCTIONS};

/// Names that are looked at for a suggestion, and their characters.
const NAMES: usize = 4_096;
const CHARACTERS: usize = 64;

/// The place of the column with a name.
pub(super) fn column(
    at: usize,
    name: &str,
    columns: &[FormulaColumn],
) -> Result<usize, FormulaError> {
    let names = columns.iter().map(|column| &*column.name);
    match &values::named(name, names.clone())[..] {
        [place] => Ok(*place),
        [] => {
            let suggestion = suggested(name, names).map_or_else(String::new, |known| {
                format!("; is it [{}]?", known.replace(']', "]]"))
            });
            Err(FormulaError::new(at, format!("no column has the name [{name}]{suggestion}")))
        }
        several => {
            let count = several.len();
            let rule = format!(
                "{count} columns have the name [{name}]: a formula needs one with a name of its own"
            );
            Err(FormulaError::new(at, rule))
        }
    }
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

/// The name that is the most like another one, if any is.
fn suggested<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = values::fold(wanted).chars().take(CHARACTERS).collect();
    let most = (wanted.len() / 3).max(1);
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
    fn the_nearest_name_is_suggested() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        for (one, other, count) in [("kitten", "sitting", 3), ("", "ab", 2), ("ab", "ab", 0)] {
            assert_eq!(distance(&chars(one), &chars(other)), count);
        }
        let names = ["Price", "Amount", "Total"];
        assert_eq!(suggested("prise", names.into_iter()), Some("Price"));
        assert_eq!(suggested("PRICE", names.into_iter()), Some("Price"));
        assert_eq!(suggested("weight", names.into_iter()), None);
    }
}
