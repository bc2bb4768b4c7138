//! New keys for a stretch of spans whose gap is used up.
//!
//! The stretch doubles to both sides until its keys are far enough apart. Not here: the spreading of keys
//! (`keys`). Invariant: the order of spans is unchanged, and each new key is recorded.

use super::chunk::Place;
use super::keys::{RENUMBERED_GAP, UNKEYED, between};
use super::{RowOrder, RowOrderChanges};

impl RowOrder {
    /// Renumbers `count` spans from `place` on, and as many neighbours as needed. The result depends on the
    /// spans alone and not on chunks, so two nodes with the same spans assign the same keys.
    pub(super) fn renumber(&mut self, place: Place, count: usize, changes: &mut RowOrderChanges) {
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

    /// Assigns keys to the spans from the one with this index on.
    fn rekey(
        &mut self,
        first: usize,
        keys: impl ExactSizeIterator<Item = i64>,
        changes: &mut RowOrderChanges,
    ) {
        // All old keys are removed before a new one is written: a new key may be another span's old key.
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
