//! One or several of a column's options.
//!
//! Several are written with commas between them; one with a comma, a quote or space at an end stands in quotes, as a
//! field of CSV does. Invariant: what is read are options as the rule has them, each at most once.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::fold::fold;

/// The options of a column, in the order in which they are offered. A lookup costs the bytes of the text; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Options(Option<Arc<Table>>);

#[derive(Debug)]
struct Table {
    names: Vec<Arc<str>>,
    exact: HashMap<Arc<str>, usize>,
    folded: HashMap<String, usize>,
}

impl From<Vec<Arc<str>>> for Options {
    fn from(names: Vec<Arc<str>>) -> Self {
        let (mut exact, mut folded) = (HashMap::new(), HashMap::new());
        for (at, name) in names.iter().enumerate() {
            exact.entry(Arc::clone(name)).or_insert(at);
            folded.entry(fold(name.trim())).or_insert(at);
        }
        Self(Some(Arc::new(Table { names, exact, folded })))
    }
}

impl PartialEq for Options {
    fn eq(&self, other: &Self) -> bool {
        self.names() == other.names()
    }
}

impl Eq for Options {}

impl Options {
    /// The options, in their order.
    #[must_use]
    pub fn names(&self) -> &[Arc<str>] {
        self.0.as_ref().map_or(&[], |table| &table.names)
    }

    /// Whether a text is exactly one of the options.
    pub(crate) fn contains(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|table| table.exact.contains_key(text))
    }
}

/// The place of the option that a text names, with or without the space at its ends; letter case does not matter where
/// no option has exactly this text.
fn place(text: &str, Options(table): &Options) -> Option<usize> {
    let table = table.as_ref()?;
    let trimmed = text.trim();
    let exact = table.exact.get(text).or_else(|| table.exact.get(trimmed));
    exact.or_else(|| table.folded.get(&fold(trimmed))).copied()
}

/// The option that a text names; letter case does not matter where no option has exactly this text.
pub(crate) fn one<'a>(text: &str, options: &'a Options) -> Option<&'a Arc<str>> {
    options.names().get(place(text, options)?)
}

/// The option that a text names, also in the quotes that it has among several.
pub(crate) fn one_in_quotes<'a>(text: &str, options: &'a Options) -> Option<&'a Arc<str>> {
    let is_quoted = || {
        let text = text.trim();
        text.starts_with('"') && text.ends_with('"')
    };
    one(text, options)
        .or_else(|| single(text).filter(|_| is_quoted()).and_then(|text| one(&text, options)))
}

/// The options that a text names, as [`join_options`] writes them. Where its items are not all options, the whole text may be
/// one, with its commas.
pub(crate) fn several(text: &str, options: &Options) -> Option<String> {
    let (mut found, mut order) = (HashSet::new(), Vec::new());
    let are_options = each_item(text, |item| {
        let at = place(&item, options)?;
        if found.insert(at) {
            order.push(at);
        }
        Some(())
    });
    match are_options {
        Some(()) => Some(join_options(
            order.into_iter().filter_map(|at| options.names().get(at)).map(|option| &**option),
        )),
        None => one(text, options).map(|option| alone(option)),
    }
}

/// Whether a text is what [`join_options`] writes of options, each at most once. Cost: at most one item more than there
/// are options, whatever the length of the text.
pub(crate) fn are_options(text: &str, options: &Options) -> bool {
    let Options(Some(table)) = options else { return text.is_empty() };
    let (mut found, mut written) = (HashSet::new(), String::new());
    let mut rest = text;
    while !rest.is_empty() {
        let Some((item, _)) = item(rest) else { return false };
        let Some(at) = table.exact.get(&*item) else { return false };
        if !found.insert(*at) {
            return false;
        }
        written.clear();
        write_option(&item, &mut written);
        let Some(after) = rest.strip_prefix(&*written) else { return false };
        rest = match after.strip_prefix(", ") {
            Some(next) if !next.is_empty() => next,
            None if after.is_empty() => after,
            _ => return false,
        };
    }
    true
}

/// The text of one option alone, as [`join_options`] writes it.
pub(crate) fn alone(option: &str) -> String {
    join_options(std::iter::once(option))
}

/// The option that a text names, as [`join_options`] writes it, where that is one alone.
pub(crate) fn single(text: &str) -> Option<String> {
    let mut items = split_options(text)?;
    items.pop().filter(|_| items.is_empty())
}

/// The options as one text, which [`split_options`] splits.
#[must_use]
pub fn join_options<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for item in items {
        if !out.is_empty() {
            out += ", ";
        }
        write_option(item, &mut out);
    }
    out
}

/// One option, in quotes where it needs them.
fn write_option(item: &str, out: &mut String) {
    let is_plain = !item.contains([',', '"', '\n']) && item.trim() == item && !item.is_empty();
    if is_plain {
        *out += item;
    } else {
        out.push('"');
        *out += &item.replace('"', "\"\"");
        out.push('"');
    }
}

/// The items of a text between commas or line breaks, whatever the options are; `None` for a quote that does not end.
#[must_use]
pub fn split_options(text: &str) -> Option<Vec<String>> {
    let mut items = Vec::new();
    each_item(text, |item| {
        items.push(item.into_owned());
        Some(())
    })?;
    Some(items)
}

/// Passes the items one after the other, as far as each is found; `None` where one is not, or where a quote does not end.
fn each_item(text: &str, mut found: impl FnMut(Cow<'_, str>) -> Option<()>) -> Option<()> {
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (item, after) = item(rest)?;
        found(item)?;
        let after = after.trim_start_matches([' ', '\t']);
        rest = match after.strip_prefix([',', '\n']) {
            Some(after) => after.trim_start(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(())
}

/// The first item, and what follows it.
fn item(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let Some(mut quoted) = text.strip_prefix('"') else {
        let end = text.find([',', '\n']).unwrap_or(text.len());
        return Some((Cow::Borrowed(text[..end].trim_end()), &text[end..]));
    };
    let mut item = String::new();
    loop {
        let (part, after) = quoted.split_once('"')?;
        item += part;
        match after.strip_prefix('"') {
            Some(after) => {
                item.push('"');
                quoted = after;
            }
            None => return Some((Cow::Owned(item), after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn options(names: &[&str]) -> Options {
        names.iter().map(|name| Arc::from(*name)).collect::<Vec<_>>().into()
    }

    #[test]
    fn an_option_is_found_by_its_text_and_then_in_any_letter_case() {
        let options = options(&["Open", "open", "Größe"]);
        assert_eq!(one("open", &options).map(|it| &**it), Some("open"));
        assert_eq!(one("OPEN ", &options).map(|it| &**it), Some("Open"));
        assert_eq!(one("GRÖSSE", &options).map(|it| &**it), Some("Größe"));
        assert_eq!(one("closed", &options), None);
    }

    #[test]
    fn space_at_an_end_does_not_change_the_letter_case_of_what_is_found() {
        let options = options(&["a", "A"]);
        for (text, option) in [("A ", "A"), (" A", "A"), ("a ", "a"), ("A\u{a0}", "A")] {
            assert_eq!(one(text, &options).map(|it| &**it), Some(option), "{text:?}");
        }
        assert_eq!(several("\"A \", a", &options).as_deref(), Some("A, a"));
    }

    #[test]
    fn several_options_have_commas_between_them() {
        let options = options(&["red", "green", "a, b", "say \"x\""]);
        let read = |text| several(text, &options);
        assert_eq!(read("Green,red , green").as_deref(), Some("green, red"));
        assert_eq!(read("\"a, b\"\nred").as_deref(), Some("\"a, b\", red"));
        assert_eq!(read("\"say \"\"x\"\"\"").as_deref(), Some("\"say \"\"x\"\"\""));
        for text in
            ["blue", "red, blue", "\"red", "\"red\" green", ",red", "red,,green", "a, b, red"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn an_option_with_a_comma_needs_no_quotes_where_it_stands_alone() {
        let options = options(&["a", "a, b", "b, c", "c", "1,5"]);
        let read = |text| several(text, &options);
        for (text, option) in [("A, B ", "\"a, b\""), ("1,5", "\"1,5\""), ("b, c", "\"b, c\"")] {
            assert_eq!(read(text).as_deref(), Some(option), "{text}");
        }
        // Each item is an option.
        assert_eq!(read("a, c").as_deref(), Some("a, c"));
        assert_eq!(read("a,c,a"), Some("a, c".to_owned()));
        assert_eq!(read("a, b, c"), None);
    }

    #[test]
    fn one_option_may_stand_in_quotes() {
        let options = options(&["a", "a, b", "\"c\""]);
        let read = |text| one_in_quotes(text, &options).map(|it| &**it);
        for (text, option) in [("\"a, b\"", "a, b"), (" \"A\" ", "a"), ("\"c\"", "\"c\"")] {
            assert_eq!(read(text), Some(option), "{text}");
        }
        for text in ["\"a", "a,", "\"a\",", "\"a\", \"a\"", "\"a\" b\"", "\"\"", "x"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_text_of_more_items_than_options_is_none_of_them() {
        let options = options(&["a", "b, c"]);
        for text in ["", "a", "\"b, c\"", "a, \"b, c\"", "\"b, c\", a"] {
            assert!(are_options(text, &options), "{text}");
        }
        let long = "a, ".repeat(100_000) + "a";
        for text in
            [&*long, "a, a", "a,", "a, ", "a ", " a", "a,\"b, c\"", "\"a\"", "A", "a\nb", "\"b, c"]
        {
            assert!(!are_options(text, &options), "{text:.20}");
        }
        assert!(are_options("", &Options::default()) && !are_options("a", &Options::default()));
    }

    proptest! {
        #[test]
        fn what_is_compared_in_place_is_what_is_read_and_written_again(
            names in prop::collection::vec("[ ,\"\na-cA]{0,3}", 0..4), text in "[ ,\"\na-cA]{0,9}",
            chosen in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        ) {
            let options: Vec<Arc<str>> = names.iter().map(|name| Arc::from(&**name)).collect();
            let options = Options::from(options);
            let chosen = chosen.iter().filter(|_| !names.is_empty()).map(|index| &**index.get(&names));
            for text in [text, join_options(chosen)] {
                let is_same = several(&text, &options).as_deref() == Some(&*text);
                prop_assert_eq!(are_options(&text, &options), is_same, "{:?}", text);
            }
        }

        #[test]
        fn any_options_come_back(
            names in prop::collection::vec("[ ,\"\\na-c]{1,5}", 1..5),
            chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..5),
        ) {
            let options: Vec<Arc<str>> = names.iter().map(|name| Arc::from(&**name)).collect();
            let options = Options::from(options);
            let mut items: Vec<&str> = Vec::new();
            for index in chosen {
                let item = &**index.get(&names);
                if !items.contains(&item) {
                    items.push(item);
                }
            }
            let text = join_options(items.iter().copied());
            let split = split_options(&text);
            prop_assert_eq!(split, Some(items.iter().map(ToString::to_string).collect()));
            prop_assert_eq!(several(&text, &options), Some(text));
        }
    }
}
