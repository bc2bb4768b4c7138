//! A delta that several owners share, with its weight.
//!
//! Invariant: the weight is that of the delta. It is computed when the delta is shared and after each change.

use std::ops::Deref;
use std::sync::Arc;

use super::{Delta, Weight};

/// A shared delta. A clone costs one reference count.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedDelta(Arc<Weighed>);

#[derive(Clone, Debug, PartialEq)]
struct Weighed {
    weight: Weight,
    delta: Delta,
}

impl SharedDelta {
    /// Shares a delta.
    #[must_use]
    pub fn new(delta: Delta) -> Self {
        Self(Arc::new(Weighed { weight: delta.weight(), delta }))
    }

    /// The weight of the delta, without visiting its items.
    #[must_use]
    pub fn weight(&self) -> Weight {
        self.0.weight
    }

    /// Changes the delta. Other owners keep it as it was: the delta is copied when there are any.
    pub fn change<R>(&mut self, change: impl FnOnce(&mut Delta) -> R) -> R {
        let weighed = Arc::make_mut(&mut self.0);
        let result = change(&mut weighed.delta);
        weighed.weight = weighed.delta.weight();
        result
    }
}

impl Deref for SharedDelta {
    type Target = Delta;

    fn deref(&self) -> &Delta {
        &self.0.delta
    }
}

impl Default for SharedDelta {
    fn default() -> Self {
        Self::new(Delta::identity())
    }
}

impl From<Delta> for SharedDelta {
    fn from(delta: Delta) -> Self {
        Self::new(delta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_copies_a_shared_delta_and_weighs_it_again() {
        let mut shared = SharedDelta::new(Delta::set_cell(0, 0, "a"));
        let other = shared.clone();
        shared.change(|delta| *delta = Delta::set_cell(0, 0, "a longer text"));
        assert_eq!(*other, Delta::set_cell(0, 0, "a"));
        assert_eq!(other.weight(), other.0.delta.weight());
        assert_eq!(shared.weight(), shared.0.delta.weight());
        assert!(shared.weight().bytes > other.weight().bytes);
    }
}
