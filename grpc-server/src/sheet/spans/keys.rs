//! Keys between keys.
//!
//! A new span gets a key halfway between its neighbours'. Halving uses a gap up after some thirty
//! inserts at one place; then the chunks around it are numbered afresh, and as many more to both
//! sides as it takes to get gaps again. Rejected: keys of any length (text, fractions), which need
//! no renumbering but grow, and cost more in every index entry.

use super::SpanChanges;
use super::chunk::{Chunk, Place};
use super::{Span, SpanTable};
use crate::model::SPAN_KEY_GAP;

/// The key of a span that has none yet; never seen outside of an edit.
pub(super) const UNKEYED: i64 = i64::MIN;

/// Least distance of neighbouring keys after a renumbering: room for 16 halvings.
const RENUMBERED_GAP: i128 = 1 << 16;

/// `count` ascending keys strictly between `low` and `high` (`None` is open), evenly spread and at
/// least `least` apart from each other and the bounds.
fn between(
    low: Option<i64>,
    high: Option<i64>,
    count: usize,
    least: i128,
) -> Option<impl Iterator<Item = i64>> {
    let steps = count as i128 + 1;
    let room = i128::from(SPAN_KEY_GAP) * steps;
    let (low, high) = (low.map(i128::from), high.map(i128::from));
    let low_bound = low.or(high.map(|high| high - room)).unwrap_or(-i128::from(SPAN_KEY_GAP));
    let high_bound = high.or(low.map(|low| low + room)).unwrap_or(low_bound + room);
    let low_bound = low_bound.max(i128::from(UNKEYED));
    let high_bound = high_bound.min(i128::from(i64::MAX));
    let step = (high_bound - low_bound) / steps;
    // Every key lies between two bounds that are i64, so the cast is exact.
    let keys = (1..steps).map(move |index| (low_bound + step * index) as i64);
    (step >= least.max(1)).then_some(keys)
}

/// Gives `spans` keys between `low` and `high`. Answers whether there was room.
pub(super) fn assign(spans: &mut [Span], low: Option<i64>, high: Option<i64>) -> bool {
    let Some(keys) = between(low, high, spans.len(), 1) else { return false };
    for (span, key) in spans.iter_mut().zip(keys) {
        span.key = key;
    }
    true
}

impl SpanTable {
    /// Numbers chunks `first ..= last` afresh, and as many around them as it takes.
    pub(super) fn renumber(&mut self, first: usize, last: usize, changes: &mut SpanChanges) {
        let (mut first, mut last) = (first, last.min(self.chunks.len() - 1));
        loop {
            let low = self.left_of(Place { chunk: first, span: 0 }).map(|at| self.span(at).key);
            let high = self.chunks.get(last + 1).map(|chunk| chunk.spans()[0].key);
            let chunks = &mut self.chunks[first..=last];
            let count = chunks.iter().map(|chunk| chunk.spans().len()).sum();
            let whole = low.is_none() && high.is_none();
            // The whole table always has room: positions are 32 bits, keys 64.
            let least = if whole { 1 } else { RENUMBERED_GAP };
            if let Some(keys) = between(low, high, count, least) {
                return rekey(chunks, keys, changes);
            }
            let width = last - first + 1;
            first = first.saturating_sub(width);
            last = (last + width).min(self.chunks.len() - 1);
        }
    }
}

fn rekey(chunks: &mut [Chunk], mut keys: impl Iterator<Item = i64>, changes: &mut SpanChanges) {
    // All old keys go before the new ones come: a new one may be some other span's old one.
    for span in chunks.iter().flat_map(Chunk::spans).filter(|span| span.key != UNKEYED) {
        changes.remove(span.key);
    }
    for chunk in chunks {
        chunk.edit(|spans| {
            for (span, key) in spans.iter_mut().zip(&mut keys) {
                span.key = key;
                changes.upsert(*span);
            }
        });
    }
}
