//! The arrows that close a loop or break a rule today, each to be cut.
//!
//! Not a licence: no arrow is added here to make a test pass.
//!
//! Invariant: without these arrows there is no loop, and each of them alone would close one; each entry of
//! the second list breaks a rule.

/// `(from, to)`, by the names of the rooms.
pub(super) const KNOWN: &[(&str, &str)] = &[];

/// `(from, what a rule forbids)`: the name of a file's room, and an entry of the rule.
pub(super) const KNOWN_BREACHES: &[(&str, &str)] = &[];
