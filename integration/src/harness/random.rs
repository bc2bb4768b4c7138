//! Repeatable random numbers.
//!
//! Not for secrets. Invariant: the same seed gives the same numbers.

use std::time::UNIX_EPOCH;

/// A random number generator (xorshift64*).
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The run that this seed names.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        // Zero would stay zero.
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 }
    }

    /// A new seed for this run, or the one in `GRIDLOOM_SEED`. A failing test prints it.
    #[must_use]
    pub fn seed() -> u64 {
        let given = std::env::var("GRIDLOOM_SEED").ok().and_then(|seed| seed.parse().ok());
        given.unwrap_or_else(|| u64::from(UNIX_EPOCH.elapsed().unwrap_or_default().subsec_nanos()))
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`; 0 when that is 0.
    pub fn below(&mut self, end: u32) -> u32 {
        // The remainder of 32 bits fits into 32 bits.
        ((self.any() >> 32) % u64::from(end.max(1))) as u32
    }

    /// Removes a random element; the others lose their order.
    pub fn take<T>(&mut self, from: &mut Vec<T>) -> Option<T> {
        let count = u32::try_from(from.len()).unwrap_or(u32::MAX);
        (count > 0).then(|| from.swap_remove(self.below(count) as usize))
    }
}
