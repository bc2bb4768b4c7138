//! The path to a member of an answer: names and places with dots between them, such as `price.amount` or `tags.0`.
//!
//! Not the members (`json`). Invariant: an empty path leads to the whole.

use serde_json::value::RawValue;

use super::json;
use model::limits::outbound::ENRICH_PATH_CHARACTERS;

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
        if text.contains('\0') || text.split('.').any(str::is_empty) {
            return Err("must be names with dots between them, such as `price.amount`".to_owned());
        }
        Ok(Self(text.split('.').map(str::to_owned).collect()))
    }

    /// Whether it leads to the whole.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The member that it leads to.
    pub(super) fn find<'a>(&self, raw: &'a RawValue) -> Option<&'a RawValue> {
        self.0.iter().try_fold(raw, |raw, name| json::member(raw, name))
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
        for bad in [".", "a.", ".a", "a..b", &"x".repeat(ENRICH_PATH_CHARACTERS + 1)] {
            assert!(Path::of(bad).is_err(), "{bad}");
        }
    }
}
