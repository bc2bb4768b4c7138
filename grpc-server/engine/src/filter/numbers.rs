//! Numbers that compare with another one.
//!
//! Invariant: zero has no sign.

use model::Comparison;

use super::compared::holds;

/// A comparison with a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    comparison: Comparison,
    wanted: f64,
}

impl Numbers {
    pub(super) fn new(comparison: Comparison, wanted: f64) -> Self {
        Self { comparison, wanted }
    }

    pub(super) fn passes(self, number: f64) -> bool {
        number.partial_cmp(&self.wanted).is_some_and(|ordering| holds(self.comparison, ordering))
    }

    /// Whether a number between these two may pass.
    pub(super) fn may_pass(self, least: f64, greatest: f64) -> bool {
        // The comparisons are monotone: if any number between passes, one of the two does.
        self.passes(least) || self.passes(greatest)
    }
}

/// The bits by which equal numbers are found.
pub(super) fn bits(number: f64) -> u64 {
    // Zero without its sign.
    (number + 0.0).to_bits()
}
