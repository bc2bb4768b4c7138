//! The order of texts: that of the Unicode Collation Algorithm with the root of CLDR, as the collation `texts` of the
//! migrations has it in Postgres. Texts that are alike by it have the order of their bytes.
//!
//! Not the order of other values: see `order`. Invariant: keys compare as texts do, but for texts that differ in control
//! characters alone; a key has no zero byte but its last one.

use std::cmp::Ordering;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};

use crate::QueryError;

/// A text whose characters are all printable ASCII: no other such text is alike, and all others that are alike are behind it.
const PLAIN: u8 = 1;
/// Any other text, whose bytes follow.
const OTHER: u8 = 2;
const END: u8 = 0;

/// The order of texts.
pub(crate) struct Collation(CollatorBorrowed<'static>);

impl std::fmt::Debug for Collation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Collation")
    }
}

impl Collation {
    pub(crate) fn new() -> Result<Self, QueryError> {
        let root = CollatorPreferences::default();
        let collator = Collator::try_new(root, CollatorOptions::default());
        collator.map(Self).map_err(QueryError::failed)
    }

    pub(crate) fn compare(&self, one: &str, other: &str) -> Ordering {
        self.0.compare(one, other).then_with(|| one.cmp(other))
    }

    /// Appends the key of a text.
    pub(crate) fn write_key(&self, text: &str, key: &mut Vec<u8>) {
        let Ok(()) = self.0.write_sort_key_to(text, key);
        key.push(END);
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            key.push(PLAIN);
        } else {
            key.push(OTHER);
            key.extend_from_slice(text.as_bytes());
        }
        key.push(END);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn collation() -> Collation {
        Collation::new().expect("a collation")
    }

    #[test]
    fn the_order_is_that_of_languages() {
        let mut texts = ["Zebra", "banana", "Apple", "Äpfel", "apple", "e\u{301}", "é"];
        texts.sort_by(|one, other| collation().compare(one, other));
        assert_eq!(texts, ["Äpfel", "apple", "Apple", "banana", "e\u{301}", "é", "Zebra"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn keys_compare_as_texts_do(
            one in "[a-cA-Cé\u{301}\u{ad}ßſ -~\t]{1,6}|\\PC{1,8}",
            other in "[a-cA-Cé\u{301}\u{ad}ßſ -~\t]{1,6}|\\PC{1,8}",
        ) {
            let key = |text: &str| {
                let mut key = Vec::new();
                collation().write_key(text, &mut key);
                key
            };
            prop_assert_eq!(key(&one).cmp(&key(&other)), collation().compare(&one, &other));
            let sort_key = key(&one);
            let end = sort_key.iter().position(|byte| *byte == END).expect("an end");
            prop_assert!(matches!(sort_key[end + 1], PLAIN | OTHER));
        }
    }
}
