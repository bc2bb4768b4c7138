//! Members of JSON, found in the text, and as values.
//!
//! Not the paths that lead to them (`path`). A member stays the text that the API has sent, until it is a value: so a number has all
//! of its digits. Invariants: a number is one only if a double has the digits that are written, else it is a text; half of a character,
//! which a text of JSON may have, and a NUL become U+FFFD, in names as in values.

use std::collections::BTreeMap;
use std::fmt;

use ot_engine::Value;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use tables::{ReadLimits, exact_number};

/// A value is longer than a cell may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// The JSON of a content, or why it is none.
pub(super) fn of(content: &[u8]) -> Result<&RawValue, String> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    serde_json::from_slice(content).map_err(|error| error.to_string())
}

/// The members of a list or an object with these names, or at these places. The others are passed over, and not kept.
pub(super) fn members<'a>(raw: &'a RawValue, names: &[&str]) -> Vec<Option<&'a RawValue>> {
    let text = &mut serde_json::Deserializer::from_str(raw.get());
    let found = match raw.get().as_bytes() {
        [b'{' | b'[', ..] => text.deserialize_any(Wanted(names)).ok(),
        _ => None,
    };
    found.unwrap_or_else(|| vec![None; names.len()])
}

/// Reads the members with these names.
struct Wanted<'n>(&'n [&'n str]);

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = Vec<Option<&'de RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = vec![None; self.0.len()];
        while let Some(name) = map.next_key::<Text>()? {
            let at = self.0.iter().position(|wanted| *wanted == name.text);
            match at.and_then(|at| found.get_mut(at)) {
                // Of several members with one name it is the last.
                Some(place) => *place = Some(map.next_value()?),
                None => {
                    let _: IgnoredAny = map.next_value()?;
                }
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let places: Vec<Option<usize>> = self.0.iter().map(|name| name.parse().ok()).collect();
        let (mut found, mut at) = (vec![None; places.len()], 0);
        while let Some(member) = list.next_element::<&RawValue>()? {
            for (place, wanted) in found.iter_mut().zip(&places) {
                if *wanted == Some(at) {
                    *place = Some(member);
                }
            }
            at += 1;
        }
        Ok(found)
    }
}

/// The members of a list; `None`: it is no list.
pub(super) fn list(raw: &RawValue) -> Option<Vec<&RawValue>> {
    raw.get().starts_with('[').then(|| serde_json::from_str(raw.get()).ok())?
}

/// The names of the members of an object, in their order, as a person reads them.
pub(super) fn names(raw: &RawValue) -> Vec<String> {
    let members: Option<BTreeMap<Text, &RawValue>> = serde_json::from_str(raw.get()).ok();
    members.unwrap_or_default().into_keys().map(|name| name.text).collect()
}

/// Whether it is `null`.
pub(super) fn is_null(raw: &RawValue) -> bool {
    raw.get() == "null"
}

/// As a value. A list or an object is its JSON text.
pub(super) fn value(raw: &RawValue) -> Result<Value, TooLong> {
    let value = match raw.get().as_bytes() {
        b"null" => Value::Empty,
        b"true" => Value::Bool(true),
        b"false" => Value::Bool(false),
        [b'"', ..] => Value::from(&*text(raw).text).normalized(),
        [b'{' | b'[', ..] => Value::from(raw.get()),
        _ => exact_number(raw.get()).map_or_else(|| Value::from(raw.get()), Value::from),
    };
    match value.as_text().len() > ReadLimits::DEFAULT.cell_bytes {
        true => Err(TooLong),
        false => Ok(value),
    }
}

/// Whether a text is other than the API has sent it.
pub(super) fn is_changed(raw: &RawValue) -> bool {
    // What is changed stands there as an escape.
    raw.get().starts_with('"') && raw.get().contains("\\u") && text(raw).is_changed
}

fn text(raw: &RawValue) -> Text {
    let text = serde_json::from_str(raw.get());
    text.unwrap_or_else(|_| Text::of(raw.get().as_bytes()))
}

/// A text of JSON, as a cell may have it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Text {
    text: String,
    is_changed: bool,
}

impl Text {
    /// Of UTF-8 in which halves of characters may stand: each has three bytes, and only the first one of these is 0xED.
    fn of(bytes: &[u8]) -> Self {
        let (mut text, mut is_changed) = (String::with_capacity(bytes.len()), false);
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            is_changed |= !chunk.invalid().is_empty();
            if chunk.invalid().starts_with(b"\xed") {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        if text.contains('\0') {
            (text, is_changed) = (text.replace('\0', "\u{fffd}"), true);
        }
        Self { text, is_changed }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        // As a string it would be refused where it has half of a character.
        text.deserialize_bytes(Bytes)
    }
}

/// Reads the bytes of a text.
struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Text, E> {
        Ok(Text::of(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).expect("is JSON")
    }

    #[test]
    fn members_become_values_and_no_digit_is_lost() {
        for (text, expected) in [
            ("null", Value::Empty),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("7", Value::from(7.0)),
            ("-0.50", Value::from(-0.5)),
            ("1e3", Value::from(1000.0)),
            ("9007199254740993", Value::from("9007199254740993")),
            ("0.1234567890123456789", Value::from("0.1234567890123456789")),
            ("1e400", Value::from("1e400")),
            ("\"\"", Value::Empty),
            ("\"007\"", Value::from("007")),
            ("\"a\\u0000b\\n\\u00e9\"", Value::from("a\u{fffd}b\n\u{e9}")),
            ("[1, {\"a\":null}]", Value::from("[1, {\"a\":null}]")),
            ("{\"a\":1.0}", Value::from("{\"a\":1.0}")),
        ] {
            assert_eq!(value(&raw(text)), Ok(expected), "{text}");
        }
        let long = format!("\"{}\"", "x".repeat(ReadLimits::DEFAULT.cell_bytes + 1));
        assert_eq!(value(&raw(&long)), Err(TooLong));
    }

    #[test]
    fn half_of_a_character_takes_no_other_text_with_it() {
        for (text, expected, changed) in [
            ("\"abc\\ud83d\"", "abc\u{fffd}", true),
            ("\"\\ude00abc\"", "\u{fffd}abc", true),
            ("\"\\ud83d\\ud83d\\ude00\"", "\u{fffd}\u{1f600}", true),
            ("\"\\ud83d\\n\\ud83dx\"", "\u{fffd}\n\u{fffd}x", true),
            ("\"a\\u0000\"", "a\u{fffd}", true),
            ("\"\\ud83d\\ude00\"", "\u{1f600}", false),
            ("\"\\ufffd\"", "\u{fffd}", false),
            ("\"\u{e9}\\\\u\"", "\u{e9}\\u", false),
        ] {
            let raw = raw(text);
            assert_eq!(value(&raw), Ok(Value::from(expected)), "{text}");
            assert_eq!(is_changed(&raw), changed, "{text}");
        }
        let object = raw("{\"name\":\"abc\",\"b\":1,\"x\\ud83d\":2}");
        let found = members(&object, &["name", "b", "x\u{fffd}"]);
        let found: Vec<_> = found.into_iter().map(|member| member.map(RawValue::get)).collect();
        assert_eq!(found, [Some("\"abc\""), Some("1"), Some("2")]);
        assert_eq!(names(&object), ["b", "name", "x\u{fffd}"]);
        let kept = raw("[\"\\ud83d\"]");
        assert_eq!(value(&kept), Ok(Value::from("[\"\\ud83d\"]")));
        assert!(!is_changed(&kept), "its JSON text has all of it");
    }

    #[test]
    fn members_are_found_by_name_and_by_place() {
        let object = raw("{\"a\\u0062\": [10, 20], \"c\": {\"d\": 1}, \"c\": 2}");
        let texts = |whole: &RawValue, names: &[&str]| -> Vec<Option<String>> {
            let texts = members(whole, names).into_iter();
            texts.map(|member| member.map(|it| it.get().to_owned())).collect()
        };
        let of = |text: &str| Some(text.to_owned());
        assert_eq!(texts(&object, &["ab", "c", "x", "0"]), [of("[10, 20]"), of("2"), None, None]);
        let list = raw("[10, 20]");
        assert_eq!(texts(&list, &["1", "2", "-1", "a"]), [of("20"), None, None, None]);
        assert_eq!(texts(&raw("7"), &["0"]), [None]);
        assert!(texts(&list, &[]).is_empty());
        assert_eq!(names(&object), ["ab", "c"]);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for bad in [&b"<html>"[..], b"", b"{\"a\":1", b"{} {}", b"\xff", b"{\"a\":\"\xff\"}"] {
            assert!(of(bad).is_err(), "{bad:?}");
        }
        assert_eq!(of(b"\xef\xbb\xbf [1] ").map(RawValue::get), Ok("[1]"));
    }
}
