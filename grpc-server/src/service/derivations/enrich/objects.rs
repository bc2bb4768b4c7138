//! The objects of an answer, and the values that are taken of them.
//!
//! Not the answer's way here (`asker`). Keys are compared as texts, in normal form C. Invariants: of several objects with one key the
//! first is taken; an error is a sentence about the answer, for the person who has chosen the paths.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use ot_engine::Value;
use serde_json::value::RawValue;

use super::api::Api;
use super::json;
use super::path::find_all;
use model::limits::outbound::{ENRICH_VALUES_BYTES, OUTBOUND_ANSWER_BYTES};

/// Names of members that a sentence has, and the characters of each.
const NAMED: usize = 8;
const NAME: usize = 40;
/// Names of members that are usual around a list. They are shown also where an answer may repeat a secret.
const USUAL: [&str; 23] = [
    "code", "content", "count", "data", "detail", "entries", "error", "errors", "hits", "items",
    "list", "message", "meta", "objects", "page", "records", "response", "result", "results",
    "rows", "status", "total", "values",
];

/// What is taken of an object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TakenValues {
    pub(super) values: Box<[Value]>,
    /// Which of them the object has, bit by bit: there are at most 64.
    pub(super) found: u64,
    /// How many are left out, since they are longer than a cell may be, or all of them than an answer.
    pub(super) too_long: u64,
    /// How many are other than the API has sent them: half of a character is U+FFFD in them.
    pub(super) changed: u64,
}

impl TakenValues {
    /// Their bytes in memory.
    pub(super) fn bytes(&self) -> usize {
        let texts: usize = self.values.iter().map(|value| value.as_text().len()).sum();
        texts + size_of_val(&*self.values)
    }
}

/// The sentence for values beyond their bound.
pub(super) fn too_many_bytes() -> String {
    format!(
        "the values that are taken have more than {ENRICH_VALUES_BYTES} bytes, the most of one enrichment; take fewer columns, \
         or filter the rows and enrich each part"
    )
}

/// Of the answer to the request of one key.
pub(super) fn of_key(
    api: &Api,
    answer: &RawValue,
    key: &str,
) -> Result<Option<TakenValues>, String> {
    let objects = objects(api, answer)?;
    let wanted = values::normal(api.key_of(key));
    let is_it = |object: &&&RawValue| {
        api.remote_key.is_empty() || key_text(api, object).is_some_and(|it| it == *wanted)
    };
    Ok(objects.iter().find(is_it).map(|object| taken(api, object)))
}

/// Of an answer that has all objects: those with a wanted key, by their keys, and how many have the key of another one.
pub(super) fn of_all(
    api: &Api,
    answer: &RawValue,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<(HashMap<String, TakenValues>, u64), String> {
    let (mut all, mut doubles, mut bytes) = (HashMap::new(), 0, 0_usize);
    for object in objects(api, answer)? {
        let Some(key) = key_text(api, object).filter(|key| is_wanted(key)) else { continue };
        match all.entry(key) {
            Entry::Occupied(_) => doubles += 1,
            Entry::Vacant(entry) => {
                let taken = taken(api, object);
                bytes = bytes.saturating_add(taken.bytes());
                if bytes > ENRICH_VALUES_BYTES {
                    return Err(too_many_bytes());
                }
                entry.insert(taken);
            }
        }
    }
    Ok((all, doubles))
}

/// The objects of an answer.
fn objects<'a>(api: &Api, raw: &'a RawValue) -> Result<Vec<&'a RawValue>, String> {
    let Some(found) = api.list_path.find(raw) else {
        return Err(match named(api, raw) {
            None => "the answer has nothing at the path of the list".to_owned(),
            Some(members) => {
                format!("the answer has nothing at the path of the list; {members}")
            }
        });
    };
    if json::is_null(found) {
        return Ok(Vec::new());
    }
    match found.get().as_bytes() {
        [b'{', ..] => Ok(vec![found]),
        [b'[', ..] => Ok(json::list(found).unwrap_or_default()),
        _ => Err("the answer has neither an object nor a list at the path of the list".to_owned()),
    }
}

/// The members of an answer, for a person. An API may answer with its request: where that has secrets, only usual names are shown.
fn named(api: &Api, raw: &RawValue) -> Option<String> {
    let all = json::names(raw);
    let is_shown = |name: &&String| !api.has_secret || USUAL.contains(&name.as_str());
    let shown: Vec<String> =
        all.iter().filter(is_shown).take(NAMED).map(|name| short(name)).collect();
    let (listed, rest) = (shown.join(", "), all.len() - shown.len());
    match (all.len(), shown.len()) {
        (0, _) => None,
        (1, 0) => Some("its member is not shown".to_owned()),
        (all, 0) => Some(format!("its {all} members are not shown")),
        _ if api.has_secret && rest > 0 => {
            Some(format!("its members are {listed}, and {rest} more, not shown"))
        }
        _ => Some(format!("its members are {listed}")),
    }
}

fn short(name: &str) -> String {
    let name: String = name.chars().filter(|it| !it.is_control()).take(NAME).collect();
    format!("`{name}`")
}

/// The key of an object.
fn key_text(api: &Api, object: &RawValue) -> Option<String> {
    let value = json::value(api.remote_key.find(object)?).ok()?;
    let text = values::exact(&value);
    Some(values::normal(&text).into_owned()).filter(|text| !text.is_empty())
}

fn taken(api: &Api, object: &RawValue) -> TakenValues {
    let mut values = Vec::with_capacity(api.take.len());
    let (mut found, mut too_long, mut changed) = (0, 0, 0);
    // Several paths may lead to one member.
    let mut left = OUTBOUND_ANSWER_BYTES;
    for (at, member) in (0_u32..).zip(find_all(&api.take, object)) {
        found |= u64::from(member.is_some()).wrapping_shl(at);
        let value = match member.map(json::value) {
            None => Value::Empty,
            Some(Ok(value)) if value.as_text().len() <= left => {
                changed += u64::from(member.is_some_and(json::is_changed));
                value
            }
            Some(_) => {
                too_long += 1;
                Value::Empty
            }
        };
        left -= value.as_text().len();
        values.push(value);
    }
    TakenValues { values: values.into(), found, too_long, changed }
}

#[cfg(test)]
mod tests {
    use model::limits::outbound::ENRICH_TAKEN;
    use model::{TableColumn, TableFacts};
    use ot_engine::ColumnKind;

    use super::super::asked::{Asked, Secret, Taken};
    use super::*;

    const _: () = assert!(ENRICH_TAKEN <= 64);

    fn api(url: &str, list_path: &str, remote_key: &str, take: &[&str]) -> Api {
        with_secret(url, list_path, remote_key, take, false)
    }

    fn with_secret(
        url: &str,
        list_path: &str,
        remote_key: &str,
        take: &[&str],
        has_secret: bool,
    ) -> Api {
        let column = TableColumn {
            name: "id".to_owned(),
            kind: ColumnKind::Any,
            file_type: String::new(),
            misfits: 0,
        };
        let facts = TableFacts { columns: vec![column], ..TableFacts::default() };
        let taken = |path: &&str| Taken { path: (*path).to_owned(), name: (*path).to_owned() };
        let asked = Asked {
            url: Some(url.to_owned()),
            has_secret,
            list_path: list_path.to_owned(),
            key: 0,
            remote_key: remote_key.to_owned(),
            take: take.iter().map(taken).collect(),
            per_second: 1,
        };
        Api::of(&asked, &Secret::default(), &facts).map_err(|_| ()).expect("is one")
    }

    fn read(content: &[u8]) -> &RawValue {
        json::of(content).expect("is JSON")
    }

    fn values(found: Option<TakenValues>) -> Option<Vec<Value>> {
        found.map(|found| found.values.into_vec())
    }

    #[test]
    fn an_object_or_the_first_of_a_list_answers_the_request_of_a_key() {
        let own = api("https://a.org/{id}", "", "", &["name", "price.amount", "none"]);
        let object = b"{\"name\":\"Bolt\",\"price\":{\"amount\":12.5}}";
        let expected = Some(vec![Value::from("Bolt"), Value::from(12.5), Value::Empty]);
        let found = of_key(&own, read(object), "7").expect("is read");
        assert_eq!(found.as_ref().map(|found| found.found), Some(0b011));
        assert_eq!(values(found), expected);
        let list = b"[{\"name\":\"Bolt\",\"price\":{\"amount\":12.5}},{\"name\":\"Nut\"}]";
        assert_eq!(values(of_key(&own, read(list), "7").expect("is read")), expected);
        for none in [&b"[]"[..], b"null"] {
            assert_eq!(of_key(&own, read(none), "7"), Ok(None));
        }
        for bad in [&b"7"[..], b"\"x\"", b"true"] {
            assert!(of_key(&own, read(bad), "7").is_err());
        }
    }

    #[test]
    fn a_key_in_the_answer_chooses_the_object() {
        let chosen = api("https://a.org/{id}", "data.items", "id", &["n"]);
        let content = b"{\"data\":{\"items\":[{\"id\":6,\"n\":1},{\"id\":7.0,\"n\":2},{\"n\":3}]}}";
        assert_eq!(
            values(of_key(&chosen, read(content), "7").expect("is read")),
            Some(vec![Value::from(2.0)])
        );
        assert_eq!(of_key(&chosen, read(content), "8"), Ok(None));
        let error = of_key(&chosen, read(b"{\"error\":\"x\",\"code\":1}"), "7");
        let error = error.expect_err("has no list");
        assert!(error.contains("`code`, `error`"), "{error}");
    }

    #[test]
    fn members_that_may_repeat_a_secret_are_counted_and_not_named() {
        let url = "https://a.org/?kk=qsecret77";
        let own = with_secret(url, "items", "id", &["n"], true);
        for (answer, expected) in [
            (&b"{\"Qkk=qsecret77\":2}"[..], "its member is not shown"),
            (b"{\"UXNlY3JldDc3\":1,\"QSECRET77\":2}", "its 2 members are not shown"),
            (b"{\"data\":1,\"error\":2}", "its members are `data`, `error`"),
            (b"{\"data\":1,\"qsecret77\":2}", "its members are `data`, and 1 more, not shown"),
            (b"{}", "has nothing at the path of the list"),
        ] {
            let error = of_key(&own, read(answer), "").expect_err("has no list");
            assert!(error.ends_with(expected), "{error}");
        }
        let open = api("https://a.org/", "items", "id", &["n"]);
        let error = of_key(&open, read(b"{\"other\":2}"), "").expect_err("has no list");
        assert!(error.ends_with("`other`"), "{error}");
    }

    #[test]
    fn a_text_with_half_of_a_character_is_kept_and_counted() {
        let own = api("https://a.org/{id}", "", "", &["name", "b"]);
        let object = b"{\"name\":\"abc\\ud83d\",\"b\":1,\"x\\ud83d\":2}";
        let found = of_key(&own, read(object), "7").expect("is read").expect("is there");
        assert_eq!(found.values[..], [Value::from("abc\u{fffd}"), Value::from(1.0)]);
        assert_eq!((found.found, found.changed), (0b11, 1));
    }

    #[test]
    fn an_answer_with_all_objects_gives_each_key_its_first_one() {
        let all = api("https://a.org/all", "", "id", &["n"]);
        let content =
            b"[{\"id\":\"cafe\\u0301\",\"n\":1},{\"id\":7,\"n\":2},{\"id\":7,\"n\":3},{\"n\":4}]";
        let (found, doubles) = of_all(&all, read(content), |_| true).expect("is read");
        let of = |key: &str| found.get(key).map(|found| found.values.to_vec());
        assert_eq!(of("caf\u{e9}"), Some(vec![Value::from(1.0)]));
        assert_eq!((of("7"), found.len(), doubles), (Some(vec![Value::from(2.0)]), 2, 1));
        let (found, doubles) = of_all(&all, read(content), |key| key != "7").expect("is read");
        assert_eq!((found.len(), doubles), (1, 0), "no other object is kept");
    }

    #[test]
    fn values_of_one_object_take_no_more_than_an_answer() {
        let own = api("https://a.org/{id}", "", "", &["n"; ENRICH_TAKEN]);
        let long = OUTBOUND_ANSWER_BYTES / 16;
        let content = format!("{{\"n\":\"{}\"}}", "x".repeat(long));
        let found =
            of_key(&own, read(content.as_bytes()), "7").expect("is read").expect("is there");
        let kept = found.values.iter().filter(|value| !value.is_empty()).count();
        assert_eq!((kept, found.too_long), (16, ENRICH_TAKEN as u64 - 16));
    }

    #[test]
    fn an_answer_with_all_objects_is_bounded_by_the_values_that_are_taken() {
        let all = api("https://a.org/all", "", "id", &["n"; ENRICH_TAKEN]);
        let one = ENRICH_TAKEN * size_of::<Value>();
        let count = ENRICH_VALUES_BYTES / one + 1;
        let objects: Vec<String> = (0..count).map(|at| format!("{{\"id\":{at}}}")).collect();
        let content = format!("[{}]", objects.join(","));
        let refused = of_all(&all, read(content.as_bytes()), |_| true).expect_err("is too much");
        assert!(refused.contains(&ENRICH_VALUES_BYTES.to_string()), "{refused}");
    }
}
