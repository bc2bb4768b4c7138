//! The parts of a live sheet's state, each plain data with its own rule.
//!
//! They know neither [`LiveSheet`](super::LiveSheet) nor frames as a whole, and they send nothing. Start with
//! `session.rs`, which outlives a connection, and `viewport.rs`, which decides what to fetch.
//!
//! Invariant: no part uses another one.

pub(super) mod earlier;
pub(super) mod gestures;
pub(super) mod holds;
pub(super) mod people;
pub(super) mod row_parts;
pub(super) mod session;
pub(super) mod texts;
pub(super) mod viewport;
