//! The keys of a merge: those of the source, and the rows of the sheet that have them.
//!
//! No I/O. Invariants: a key takes a fixed number of bytes, and only those of the source are kept; two keys are equal where their
//! values are: numbers by value, texts in normal form C, and nothing else.

use std::collections::HashMap;

use ot_engine::{RowId, Value};
use sha2::{Digest, Sha256};

/// Bytes of a key: so many of a digest that no two keys have the same.
const KEY_BYTES: usize = 16;

type Key = [u8; KEY_BYTES];

/// What a row of the source is for the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// The row has no key.
    None,
    /// The source or the sheet has the key more than once.
    Several,
    /// The sheet has no row with the key.
    New,
    /// The sheet has this one.
    Row(RowId),
}

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<Key, Match>);

impl Keys {
    /// Adds the key of a row of the source.
    pub(super) fn add(&mut self, value: &Value) {
        if let Some(key) = key_of(value) {
            let found = self.0.entry(key).and_modify(|found| *found = Match::Several);
            found.or_insert(Match::New);
        }
    }

    /// A row of the sheet has this key. The keys of the source are added before.
    pub(super) fn is_in_sheet(&mut self, row: RowId, value: &Value) {
        let known = key_of(value).and_then(|key| self.0.get_mut(&key));
        if let Some(known) = known {
            *known = if *known == Match::New { Match::Row(row) } else { Match::Several };
        }
    }

    /// What a row of the source with this key is.
    pub(super) fn find(&self, value: &Value) -> Match {
        match key_of(value) {
            Some(key) => self.0.get(&key).copied().unwrap_or(Match::New),
            None => Match::None,
        }
    }
}

/// Whether two values are the same key.
pub(super) fn are_equal(one: &Value, other: &Value) -> bool {
    key_of(one) == key_of(other)
}

/// The key of a value; an empty one is none.
fn key_of(value: &Value) -> Option<Key> {
    let mut hash = Sha256::new();
    match value.clone().normalized() {
        Value::Empty => return None,
        Value::Bool(truth) => hash.update([1_u8, u8::from(truth)]),
        Value::Number(number) => {
            hash.update([2_u8]);
            hash.update(number.to_bits().to_be_bytes());
        }
        Value::Text(text) => {
            hash.update([3_u8]);
            hash.update(values::normal(&text).as_bytes());
        }
        Value::Instant(at) => {
            hash.update([4_u8]);
            hash.update(at.to_be_bytes());
        }
        Value::Date(day) => {
            hash.update([5_u8]);
            hash.update(day.to_be_bytes());
        }
        Value::LocalDateTime(at) => {
            hash.update([6_u8]);
            hash.update(at.to_be_bytes());
        }
    }
    let hash: [u8; 32] = hash.finalize().into();
    hash.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_equal_where_their_values_are() {
        let text = |text: &str| Value::from(text);
        assert!(are_equal(&text("caf\u{e9}"), &text("cafe\u{301}")));
        assert!(are_equal(&Value::Number(0.0), &Value::Number(-0.0)));
        let distinct = [
            text("a"),
            text("A"),
            text("7"),
            Value::Number(7.0),
            Value::Instant(7),
            Value::LocalDateTime(7),
            Value::Date(7),
            Value::Bool(true),
        ];
        for (at, one) in distinct.iter().enumerate() {
            for other in &distinct[at + 1..] {
                assert!(!are_equal(one, other), "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_key_matches_one_row_of_the_sheet_or_none() {
        let mut keys = Keys::default();
        for key in ["new", "one", "both", "source", "source"] {
            keys.add(&key.into());
        }
        keys.add(&Value::Empty);
        for (row, key) in [(1, "one"), (2, "both"), (3, "other"), (4, "both"), (5, "source")] {
            keys.is_in_sheet(RowId(row), &key.into());
        }
        let find = |key: &str| keys.find(&key.into());
        assert_eq!(find("new"), Match::New);
        assert_eq!(find("one"), Match::Row(RowId(1)));
        assert_eq!(find("both"), Match::Several);
        assert_eq!(find("source"), Match::Several);
        assert_eq!(find(""), Match::None);
    }
}
