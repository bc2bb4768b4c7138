//! The first line: whether it is a header, and the names of the columns.
//!
//! Not the kinds of the columns: see `infer`. Invariant: each column has a name of its own, also in normal form C.

use std::collections::{HashMap, HashSet};

use super::infer::{Common, Field, Guess};
use ot_engine::ColumnKind;
use values::Locale;

/// Whole numbers in this range are taken for years, which are common as headers.
const YEARS: std::ops::RangeInclusive<i64> = 1500..=2500;

/// A field of the first line that shows that it is data: one that is a number, a time or a truth
/// value in a column of just such values. Years and counted columns (1, 2, 3, ...) are headers.
pub(super) fn data_field<'a>(
    first: &'a [Field],
    below: &[Guess],
    locale: &Locale,
) -> Option<&'a str> {
    let suspects: Vec<&str> = first
        .iter()
        .zip(below)
        .filter(|(field, guess)| {
            let kind = field.kind(locale);
            kind != ColumnKind::Text && guess.common == Common::All(kind)
        })
        .map(|(field, _)| field.text.as_str())
        .collect();
    if counted(&suspects) { None } else { suspects.first().copied() }
}

/// True for years, and for at least two numbers that count up by one.
fn counted(fields: &[&str]) -> bool {
    let numbers: Option<Vec<i64>> = fields.iter().map(|field| field.trim().parse().ok()).collect();
    numbers.is_some_and(|numbers| {
        let years = numbers.iter().all(|number| YEARS.contains(number));
        let consecutive = numbers.windows(2).all(|pair| pair[1].checked_sub(pair[0]) == Some(1));
        years || (numbers.len() > 1 && consecutive)
    })
}

/// Names for the columns: an empty one gets its letter, a repeated one a number, so that each
/// column has a name of its own. Names that differ only in how accents are encoded are the same.
/// White space around a name stays in quotes that an export has made.
pub(super) fn names(first: &[Field]) -> Vec<String> {
    let normal = |name: &str| values::normal(name).into_owned();
    let mut taken: HashSet<String> = first.iter().map(|field| normal(trimmed(field))).collect();
    let mut used = HashSet::new();
    // The last number of each name: a search from 2 on for each field is quadratic where all names are equal.
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut name_of = |(at, field): (usize, &Field)| {
        let wanted = match trimmed(field) {
            "" => letters(at),
            name => name.to_owned(),
        };
        let known = normal(&wanted);
        if used.insert(known.clone()) {
            taken.insert(known);
            return wanted;
        }
        let number = numbers.entry(known).or_insert(2);
        let mut free = format!("{wanted} ({number})");
        while taken.contains(&*values::normal(&free)) {
            *number += 1;
            free = format!("{wanted} ({number})");
        }
        used.insert(normal(&free));
        taken.insert(normal(&free));
        free
    };
    first.iter().enumerate().map(&mut name_of).collect()
}

fn trimmed(name: &Field) -> &str {
    if name.is_text { &name.text } else { name.text.trim() }
}

/// The columns, counted from 1, whose name is another one than the file has, and that name.
pub(super) fn renamed(first: &[Field], names: &[String]) -> Vec<(usize, String)> {
    let pairs = first.iter().zip(names).zip(1..);
    let renamed = pairs.filter(|((field, name), _)| trimmed(field) != **name);
    renamed.map(|((_, name), at)| (at, name.clone())).collect()
}

/// A, B, ..., Z, AA, AB, ...: what a column without a name is called.
pub(crate) fn letters(at: usize) -> String {
    let (mut rest, mut name) = (at + 1, Vec::new());
    while rest > 0 {
        rest -= 1;
        // `rest % 26` is below 26, so it fits a byte.
        name.push(b'A' + u8::try_from(rest % 26).unwrap_or_default());
        rest /= 26;
    }
    name.reverse();
    name.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_of_the_widest_header_are_numbered_in_one_pass() {
        let field = |text: &str| Field { text: text.to_owned(), is_text: false };
        let mut first = vec![field("a"); 16_383];
        first.push(field("a (3)"));
        let names = names(&first);
        assert_eq!(names[..4], ["a", "a (2)", "a (4)", "a (5)"]);
        assert_eq!(names[16_382..], ["a (16384)", "a (3)"]);
    }

    #[test]
    fn names_that_differ_in_the_encoding_of_accents_are_the_same() {
        let field = |text: &str| Field { text: text.to_owned(), is_text: false };
        let first = ["caf\u{e9}", "cafe\u{301}", "CAF\u{c9}"].map(field);
        let names = names(&first);
        assert_eq!(names, ["caf\u{e9}", "cafe\u{301} (2)", "CAF\u{c9}"]);
        assert_eq!(renamed(&first, &names), [(2, "cafe\u{301} (2)".to_owned())]);
    }
}
