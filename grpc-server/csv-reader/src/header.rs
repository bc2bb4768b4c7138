//! The first line: whether it is a header, and the names of the columns.
//!
//! Not the kinds of the columns: see `infer`. Invariant: a name is the one that the file has, so those of an own export come
//! back.

use std::collections::HashMap;

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

/// A field of a first line that may be data though it is taken for a header: each of its fields is a value of another kind than
/// text, and of the kind of the values below it, if there are any.
pub(super) fn possible_value<'a>(
    first: &'a [Field],
    below: &[Guess],
    locale: &Locale,
) -> Option<&'a str> {
    let fields = || first.iter().zip(below).filter(|(field, _)| !field.text.trim().is_empty());
    let may_be_data = |(field, guess): (&Field, &Guess)| {
        let kind = field.kind(locale);
        let fits = matches!(guess.common, Common::Nothing) || guess.common == Common::All(kind);
        kind != ColumnKind::Text && fits
    };
    let field = fields().next()?.0;
    fields().all(may_be_data).then_some(&*field.text)
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

/// The names of the columns as the file has them, equal and empty ones, too. White space around a name stays in quotes that an
/// export has made.
pub(super) fn names(first: &[Field]) -> Vec<String> {
    let name = |field: &Field| match field.is_text {
        true => field.text.clone(),
        false => field.text.trim().to_owned(),
    };
    first.iter().map(name).collect()
}

/// The names that several columns have, and how many. Names that differ only in how accents are encoded are the same; columns
/// without a name have none.
pub(super) fn shared(names: &[String]) -> Vec<(&str, usize)> {
    let (mut found, mut places) = (Vec::<(&str, usize)>::new(), HashMap::new());
    for name in names.iter().filter(|name| !name.is_empty()) {
        let place = *places.entry(values::normal(name)).or_insert(found.len());
        match found.get_mut(place) {
            Some((_, count)) => *count += 1,
            None => found.push((name.as_str(), 1)),
        }
    }
    found.retain(|(_, count)| *count > 1);
    found
}

/// What a column at this place is called in a sentence: its name, or its letters where it has none.
pub(super) fn title(at: usize, name: &str) -> String {
    if name.is_empty() { letters(at) } else { name.to_owned() }
}

/// A, B, ..., Z, AA, AB, ...: what the columns of a file without a header are called.
#[must_use]
pub fn letters(at: usize) -> String {
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

    fn named(names: &[&str]) -> Vec<String> {
        let field = |text: &&str| Field { text: (*text).to_owned(), is_text: false };
        super::names(&names.iter().map(field).collect::<Vec<_>>())
    }

    #[test]
    fn names_are_kept_and_shared_ones_counted() {
        let names = named(&["a", "", " a ", "b", "", "a"]);
        assert_eq!(names, ["a", "", "a", "b", "", "a"]);
        assert_eq!(shared(&names), [("a", 3)]);
        let all = vec!["a".to_owned(); 16_384];
        assert_eq!(shared(&all), [("a", 16_384)]);
    }

    #[test]
    fn names_that_differ_in_the_encoding_of_accents_are_shared() {
        let names = named(&["caf\u{e9}", "cafe\u{301}", "CAF\u{c9}"]);
        assert_eq!(names, ["caf\u{e9}", "cafe\u{301}", "CAF\u{c9}"]);
        assert_eq!(shared(&names), [("caf\u{e9}", 2)]);
    }

    #[test]
    fn a_column_without_a_name_is_called_by_its_letters() {
        assert_eq!([title(0, ""), title(26, ""), title(1, "x")], ["A", "AA", "x"]);
    }
}
