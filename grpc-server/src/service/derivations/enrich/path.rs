//! The path to a member of an answer: names and places with dots between them, such as `price.amount` or `tags.0`.
//!
//! Not the members (`json`). Invariants: an empty path leads to the whole; an object is read once for all paths that lead through it.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::json;
use model::limits::outbound::{ENRICH_PATH_CHARACTERS, ENRICH_PATH_NAMES};

/// A path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path(Vec<String>);

impl Path {
    /// Reads a path. The error is the rule, as the rest of a sentence that begins with the field.
    pub(super) fn of(text: &str) -> Result<Self, String> {
        if text.chars().count() > ENRICH_PATH_CHARACTERS {
            return Err(format!("must have at most {ENRICH_PATH_CHARACTERS} characters"));
        }
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        if text.contains(char::is_control) || text.split('.').any(str::is_empty) {
            return Err("must be names with dots between them, such as `price.amount`".to_owned());
        }
        if text.split('.').count() > ENRICH_PATH_NAMES {
            return Err(format!("must have at most {ENRICH_PATH_NAMES} names"));
        }
        Ok(Self(text.split('.').map(str::to_owned).collect()))
    }

    /// Whether it leads to the whole.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The member that it leads to.
    pub(super) fn find<'a>(&self, raw: &'a RawValue) -> Option<&'a RawValue> {
        self.0.iter().try_fold(raw, |raw, name| json::members(raw, &[name.as_str()]).pop()?)
    }
}

/// The rest of paths, each with its place among all.
type Rest<'p> = Vec<(usize, &'p [String])>;

/// The members that paths lead to, in their order.
pub(super) fn find_all<'a>(paths: &[Path], raw: &'a RawValue) -> Vec<Option<&'a RawValue>> {
    let mut found = vec![None; paths.len()];
    let all = paths.iter().map(|path| path.0.as_slice()).enumerate().collect();
    walk(raw, all, &mut found);
    found
}

/// Follows paths by one name. Its depth is the number of names at most.
fn walk<'a>(raw: &'a RawValue, paths: Rest<'_>, found: &mut [Option<&'a RawValue>]) {
    let mut below: BTreeMap<&str, Rest<'_>> = BTreeMap::new();
    for (at, path) in paths {
        match (path.split_first(), found.get_mut(at)) {
            (Some((name, rest)), _) => below.entry(name).or_default().push((at, rest)),
            (None, Some(place)) => *place = Some(raw),
            (None, None) => {}
        }
    }
    if below.is_empty() {
        return;
    }
    let names: Vec<&str> = below.keys().copied().collect();
    for (member, rest) in json::members(raw, &names).into_iter().zip(below.into_values()) {
        if let Some(member) = member {
            walk(member, rest, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_through_objects_and_lists() {
        let raw = RawValue::from_string("{\"a\":[{\"b\":1},{\"b\":2}],\"c\":3}".to_owned());
        let raw = raw.expect("is JSON");
        let find = |text: &str| Path::of(text).expect(text).find(&raw).map(RawValue::get);
        assert_eq!(find("a.1.b"), Some("2"));
        assert_eq!(find("c"), Some("3"));
        assert_eq!(find(""), Some(raw.get()));
        for none in ["a.2.b", "a.b", "c.d", "d", "A"] {
            assert_eq!(find(none), None, "{none}");
        }
        let deep = ["x"; ENRICH_PATH_NAMES + 1].join(".");
        let long = "x".repeat(ENRICH_PATH_CHARACTERS + 1);
        for bad in [".", "a.", ".a", "a..b", "a\nb", &long, &deep] {
            assert!(Path::of(bad).is_err(), "{bad}");
        }
        let paths = ["a.1.b", "c", "", "a", "a.0.b", "c.d", "a.1.b"];
        let all = paths.map(|text| Path::of(text).expect(text));
        for (found, text) in find_all(&all, &raw).into_iter().zip(paths) {
            assert_eq!(found.map(RawValue::get), find(text), "{text}");
        }
    }
}
