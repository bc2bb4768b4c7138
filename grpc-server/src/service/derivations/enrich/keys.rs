//! The different keys of the rows, in the order in which they come first.
//!
//! Not their answers. A key is the texts of its columns with NUL characters between them, which no cell has. Invariants: a row with
//! an empty cell among them has no key; keys are bounded in number and in bytes.

use std::collections::HashMap;
use std::sync::Arc;

use jobs::Failure;
use ot_engine::Value;

use model::limits::outbound::{ENRICH_KEYS, ENRICH_KEYS_BYTES};

/// The key of a row, of its values at these places.
pub(super) fn key_of(row: &[Value], places: &[usize]) -> Option<String> {
    let mut key = String::new();
    for (number, place) in places.iter().enumerate() {
        let text = values::exact(row.get(*place)?);
        if text.is_empty() {
            return None;
        }
        if number > 0 {
            key.push('\0');
        }
        key.push_str(&text);
    }
    Some(key)
}

/// Different keys.
#[derive(Debug, Default)]
pub(super) struct Keys {
    places: HashMap<Arc<str>, usize>,
    order: Vec<Arc<str>>,
    bytes: usize,
}

impl Keys {
    /// Enters a key. True: it is new.
    pub(super) fn enter(&mut self, key: &str) -> Result<bool, Failure> {
        if self.places.contains_key(key) {
            return Ok(false);
        }
        self.bytes = self.bytes.saturating_add(key.len());
        if self.order.len() >= ENRICH_KEYS {
            let text = format!(
                "the rows have more than {ENRICH_KEYS} different keys, the most of one enrichment; filter them, and enrich each \
                 part"
            );
            return Err(Failure::Final(text));
        }
        if self.bytes > ENRICH_KEYS_BYTES {
            let text = format!(
                "the different keys of the rows take more than {ENRICH_KEYS_BYTES} bytes, the most of one enrichment; filter \
                 the rows, and enrich each part"
            );
            return Err(Failure::Final(text));
        }
        let key: Arc<str> = Arc::from(key);
        self.places.insert(Arc::clone(&key), self.order.len());
        self.order.push(key);
        Ok(true)
    }

    /// The number of a key.
    pub(super) fn number(&self, key: &str) -> Option<usize> {
        self.places.get(key).copied()
    }

    /// All keys.
    pub(super) fn all(&self) -> &[Arc<str>] {
        &self.order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_exact_text_of_its_cells_and_an_empty_cell_makes_none() {
        let row = [Value::from(4001.0), Value::from("a b"), Value::Empty, Value::from("")];
        assert_eq!(key_of(&row, &[0]).as_deref(), Some("4001"));
        assert_eq!(key_of(&row, &[1, 0]).as_deref(), Some("a b\x004001"));
        for places in [&[2][..], &[3], &[0, 2], &[9]] {
            assert_eq!(key_of(&row, places), None, "{places:?}");
        }
    }

    #[test]
    fn each_key_has_one_number_and_their_number_is_bounded() {
        let mut keys = Keys::default();
        assert_eq!(["a", "b", "a"].map(|key| keys.enter(key)), [Ok(true), Ok(true), Ok(false)]);
        assert_eq!(["b", "a", "c"].map(|key| keys.number(key)), [Some(1), Some(0), None]);
        for number in 2..ENRICH_KEYS {
            keys.enter(&number.to_string()).expect("there is room");
        }
        assert!(matches!(keys.enter("one more"), Err(Failure::Final(_))));
        let mut keys = Keys::default();
        let long = "x".repeat(ENRICH_KEYS_BYTES / 2);
        keys.enter(&long).expect("there is room");
        assert!(matches!(keys.enter(&format!("{long}x")), Err(Failure::Final(_))));
    }
}
