//! Keys between keys.
//!
//! A new span gets a key halfway between its neighbours'. Halving uses a gap up after some thirty
//! inserts at one place; then the new spans are numbered afresh, and as many more to both
//! sides as it takes to get gaps again. Rejected: keys of any length (text, fractions), which need
//! no renumbering but grow, and cost more in every index entry.

use super::SpanChanges;
use super::chunk::Place;
use super::{Span, SpanTable};
use model::SPAN_KEY_GAP;

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
) -> Option<impl ExactSizeIterator<Item = i64>> {
    let steps = count as i128 + 1;
    let room = i128::from(SPAN_KEY_GAP) * steps;
    let (low, high) = (low.map(i128::from), high.map(i128::from));
    let low_bound = low.or(high.map(|high| high - room)).unwrap_or(-i128::from(SPAN_KEY_GAP));
    let high_bound = high.or(low.map(|low| low + room)).unwrap_or(low_bound + room);
    let low_bound = low_bound.max(i128::from(UNKEYED));
    let high_bound = high_bound.min(i128::from(i64::MAX));
    let step = (high_bound - low_bound) / steps;
    // Every key lies between two bounds that are i64, so the cast is exact.
    let keys = (0..count).map(move |index| (low_bound + step * (index as i128 + 1)) as i64);
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
    /// Numbers `count` spans from `place` on afresh, and as many around them as it takes. Chunks play no
    /// part: two servers that hold the same spans give them the same keys, however they came by them.
    pub(super) fn renumber(&mut self, place: Place, count: usize, changes: &mut SpanChanges) {
        let before: usize =
            self.chunks[..place.chunk].iter().map(|chunk| chunk.spans().len()).sum();
        let (total, start) = (self.span_count(), before + place.span);
        let (mut first, mut end) = (start, (start + count).min(total));
        loop {
            let low = first.checked_sub(1).and_then(|at| self.spans().nth(at)).map(|span| span.key);
            let high = self.spans().nth(end).map(|span| span.key);
            let whole = low.is_none() && high.is_none();
            // The whole table always has room: positions are 32 bits, keys 64.
            let least = if whole { 1 } else { RENUMBERED_GAP };
            if let Some(keys) = between(low, high, end - first, least) {
                return self.rekey(first, keys, changes);
            }
            let width = end - first;
            first = first.saturating_sub(width);
            end = (end + width).min(total);
        }
    }

    /// Gives keys to the spans from the one with this index on.
    fn rekey(
        &mut self,
        first: usize,
        keys: impl ExactSizeIterator<Item = i64>,
        changes: &mut SpanChanges,
    ) {
        // All old keys go before the new ones come: a new one may be some other span's old one.
        let old = self.spans().skip(first).take(keys.len());
        old.filter(|span| span.key != UNKEYED).for_each(|span| changes.remove(span.key));
        let (mut keys, mut index) = (keys, 0);
        for chunk in &mut self.chunks {
            let length = chunk.spans().len();
            if index + length > first {
                chunk.edit(|spans| {
                    let from = first.saturating_sub(index);
                    for (span, key) in spans[from..].iter_mut().zip(&mut keys) {
                        span.key = key;
                        changes.upsert(*span);
                    }
                });
            }
            index += length;
            if keys.len() == 0 {
                return;
            }
        }
    }
}
