//! The changes of edits to the stored spans of a row order.
//!
//! Only the last state of each key counts, so the changes of many edits merge into the writes of one commit.
//! A key that one edit adds and a later one removes is listed as removed; Postgres ignores the removal of a
//! key that it does not have.
//!
//! Not here: the statement that writes them. Invariant: each key is either removed or upserted.

use std::collections::BTreeMap;

use model::Span;

/// The changed keys, each with its span; `None` for a removed one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowOrderChanges {
    keys: BTreeMap<i64, Option<Span>>,
}

impl RowOrderChanges {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The number of changed keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Adds later changes; they replace earlier ones to the same key.
    pub fn merge(&mut self, later: Self) {
        if self.keys.is_empty() {
            *self = later;
        } else {
            self.keys.extend(later.keys);
        }
    }

    /// The keys to remove, in order.
    #[must_use]
    pub fn removed(&self) -> Vec<i64> {
        self.keys.iter().filter(|(_, span)| span.is_none()).map(|(key, _)| *key).collect()
    }

    /// The spans to write, in the order of their keys.
    #[must_use]
    pub fn upserted(&self) -> Vec<Span> {
        self.keys.values().copied().flatten().collect()
    }

    /// A span is new or has changed.
    pub(super) fn upsert(&mut self, span: Span) {
        self.keys.insert(span.key, Some(span));
    }

    /// A span is no more.
    pub(super) fn remove(&mut self, key: i64) {
        self.keys.insert(key, None);
    }
}
