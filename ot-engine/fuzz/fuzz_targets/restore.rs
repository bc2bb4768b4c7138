//! Fuzzes saved clients: a restore refuses the bytes, or returns a usable client.
//!
//! Invariant: no input panics.

#![no_main]

#[path = "../../tests/support/saved.rs"]
mod saved;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| saved::restore_and_use(bytes));
