//! Many small changes in a row as one, without composing the sum anew for each.
//!
//! Parts are composed in pairs that cover equally many changes, as carries are in a binary counter.
//! Composition is associative, so the order of the pairs does not matter. Invariant: each change is
//! composed about as often as the number of changes has binary digits.

use ot_engine::{Delta, compose};

/// The sum of the changes so far.
#[derive(Debug, Default)]
pub(super) struct Sum {
    /// How often each part was doubled, and the part; the first is the oldest and covers the most.
    parts: Vec<(u32, Delta)>,
}

impl Sum {
    pub(super) fn add(&mut self, delta: Delta) {
        let (mut doubled, mut delta) = (0, delta);
        while let Some((_, before)) = self.parts.pop_if(|(rank, _)| *rank == doubled) {
            delta = compose(&before, &delta);
            doubled += 1;
        }
        self.parts.push((doubled, delta));
    }

    pub(super) fn finish(mut self) -> Delta {
        let mut sum = self.parts.pop().map(|(_, delta)| delta).unwrap_or_default();
        while let Some((_, before)) = self.parts.pop() {
            sum = compose(&before, &sum);
        }
        sum
    }
}
