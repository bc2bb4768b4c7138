//! What one request may repeat: fixed bounds, each with its unit.
//!
//! Not what an operator sets and a client is told: that stands in the parent.

/// Commands in one list.
pub(crate) const LIST_COMMANDS: usize = 1_000;
