//! Fuzzes deltas: a delta that `validate` accepts keeps every law of the algebra.
//!
//! `tests/support/decoded.rs` describes the input, and a test of the workspace runs the same check.
//!
//! Invariant: no input panics.

#![no_main]

#[path = "../../tests/support/decoded.rs"]
mod decoded;
#[path = "../../tests/support/generate.rs"]
mod generate;
#[path = "../../tests/support/laws.rs"]
mod laws;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    decoded::check(bytes);
});
