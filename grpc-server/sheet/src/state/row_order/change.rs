//! What edits change in the stored spans.
//!
//! Only the last state of each key counts, so changes of many edits merge into what one commit
//! writes. A key that came and went in between is "removed", which is harmless for one that was
//! never stored.

use std::collections::BTreeMap;

use model::Span;

/// The keys that changed, with the span that each stands for now; `None` when it is no more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanChanges {
    keys: BTreeMap<i64, Option<Span>>,
}

impl SpanChanges {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many keys changed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Puts later changes on top.
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
