//! The keys of spans: evenly spread between two neighbours.
//!
//! A new span gets a key halfway between its neighbours. Halving uses a gap up after some thirty inserts at
//! one place; then `renumber` makes gaps again. Rejected: keys of any length (text, fractions), which need no
//! renumbering but grow, and cost more in every index entry.
//!
//! Not here: the table. Invariant: assigned keys ascend strictly between their bounds.

use model::{SPAN_KEY_GAP, Span};

/// The key of a span before one is assigned; no span has it once an edit has ended.
pub(super) const UNKEYED: i64 = i64::MIN;

/// Least distance of neighbouring keys after a renumbering: room for 16 halvings.
pub(super) const RENUMBERED_GAP: i128 = 1 << 16;

/// `count` ascending keys strictly between `low` and `high` (`None` is open), evenly spread and at
/// least `least` apart from each other and the bounds; `None` where there is too little room.
pub(super) fn between(
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

/// Assigns keys between `low` and `high` to `spans`, and returns whether there was room.
pub(super) fn assign(spans: &mut [Span], low: Option<i64>, high: Option<i64>) -> bool {
    let Some(keys) = between(low, high, spans.len(), 1) else { return false };
    for (span, key) in spans.iter_mut().zip(keys) {
        span.key = key;
    }
    true
}
