//! The members of one object as values.
//!
//! Not the columns: see the parent. Invariant: a number is one only if its exact text has the digits that are written.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use ot_engine::Value;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::short;
use crate::limits::NAME_BYTES;
use crate::table::number_of;
use crate::{Options, ReadError};

/// A member of an object.
pub(super) struct Member {
    pub(super) key: Arc<str>,
    pub(super) value: Value,
    /// As it is written, where no column has the key.
    pub(super) raw: Option<Box<str>>,
}

/// Reads objects.
pub(super) struct Reader<'a> {
    options: &'a Options,
    /// The keys of the object before: nearly all objects have the same ones.
    keys: Vec<Arc<str>>,
    pub(super) repaired_rows: u64,
}

impl<'a> Reader<'a> {
    pub(super) fn new(options: &'a Options) -> Self {
        Self { options, keys: Vec::new(), repaired_rows: 0 }
    }

    /// The members of the object on a line; `places`: the keys that have columns, once those are known.
    pub(super) fn read(
        &mut self,
        object: &[u8],
        line: u64,
        places: Option<&HashMap<Arc<str>, usize>>,
    ) -> Result<Vec<Member>, ReadError> {
        let error = |problem: String| ReadError::Line { line, problem };
        let Pairs(pairs) = serde_json::from_slice(object)
            .map_err(|problem| error(format!("no object of JSON: {problem}")))?;
        let (mut members, mut is_repaired) = (Vec::with_capacity(pairs.len()), false);
        for (at, (key, raw)) in pairs.into_iter().enumerate() {
            if key.len() > NAME_BYTES {
                return Err(error(format!(
                    "a key has more than {NAME_BYTES} bytes, the most of one"
                )));
            }
            let key = self.key(at, &key);
            let (value, is_mended) = self
                .value(raw.get())
                .map_err(|problem| error(format!("{:?} {problem}", short(&key))))?;
            is_repaired |= is_mended;
            let is_other = places.is_some_and(|places| !places.contains_key(&key));
            members.push(Member { key, value, raw: is_other.then(|| raw.get().into()) });
        }
        self.repaired_rows += u64::from(is_repaired);
        Ok(members)
    }

    /// A key, shared with the object before if that has it in the same place.
    fn key(&mut self, at: usize, key: &str) -> Arc<str> {
        match self.keys.get_mut(at) {
            Some(known) if **known == *key => Arc::clone(known),
            Some(known) => {
                *known = Arc::from(key);
                Arc::clone(known)
            }
            None => {
                let key = Arc::from(key);
                self.keys.push(Arc::clone(&key));
                key
            }
        }
    }

    /// A value, and whether it was repaired.
    fn value(&self, raw: &str) -> Result<(Value, bool), String> {
        let most = self.options.limits.cell_bytes;
        let value = match raw.as_bytes() {
            b"null" => Value::Empty,
            b"true" => Value::Bool(true),
            b"false" => Value::Bool(false),
            [b'"', ..] => return self.text(raw),
            [b'{' | b'[', ..] => Value::from(raw),
            _ => number_of(raw).map_or_else(|| Value::from(raw), Value::from),
        };
        match value.as_text().len() > most {
            true => Err(too_large(most)),
            false => Ok((value, false)),
        }
    }

    fn text(&self, raw: &str) -> Result<(Value, bool), String> {
        let text: Cow<'_, str> = match serde_json::from_str::<Text<'_>>(raw) {
            Ok(Text(text)) => text,
            Err(problem) => return Err(format!("is no text: {problem}")),
        };
        let most = self.options.limits.cell_bytes;
        if text.len() > most {
            return Err(too_large(most));
        }
        if !text.contains('\0') {
            return Ok((Value::from(&*text).normalized(), false));
        }
        match self.options.csv.repairs.leave_out_nul {
            true => Ok((Value::from(&*text.replace('\0', "")).normalized(), true)),
            false => Err(
                "holds a NUL character; remove it, or have the file repaired, which leaves it out"
                    .to_owned(),
            ),
        }
    }
}

fn too_large(most: usize) -> String {
    format!("has more than {most} bytes, the most of a cell")
}

/// A text that borrows from its file where it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The members of an object, in their order.
struct Pairs<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some((Text(key), raw)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    pairs.push((key, raw));
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Members)
    }
}
