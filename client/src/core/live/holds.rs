//! Holds and releases places of the view.
//!
//! `core/state/holds.rs` stores and maps them. Invariant: the number of holds and of their places is bounded.

use ot_engine::Window;

use super::LiveSheet;
use crate::core::state::holds::Held;

impl LiveSheet {
    /// Holds rectangles of the view until [`Self::release`], and returns the number of the hold. `None`
    /// when too many are held, or when one of the rectangles is empty.
    pub fn hold(&mut self, places: Vec<Window>) -> Option<u32> {
        self.holds.add(places)
    }

    /// The current places of a hold, in the given order; none for a released hold.
    pub fn held(&self, hold: u32) -> &[Held] {
        self.holds.get(hold)
    }

    /// Releases a hold.
    pub fn release(&mut self, hold: u32) {
        self.holds.release(hold);
    }
}
