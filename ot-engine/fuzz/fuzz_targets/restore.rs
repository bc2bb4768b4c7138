//! Saved clients from any bytes: restoring refuses them, or gives a client that goes on.

#![no_main]

#[path = "../../tests/support/saved.rs"]
mod saved;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| saved::restore_and_go_on(bytes));
