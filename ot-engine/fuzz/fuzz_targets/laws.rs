//! Deltas from any bytes: what `validate` accepts keeps every law of the algebra.
//!
//! The input is two bytes for the size of the sheet, and the binary forms of three deltas, each ended
//! by `SEPARATOR`: two that were made on that sheet, and one that was made after the first.

#![no_main]

#[path = "../../tests/support/generate.rs"]
mod generate;
#[path = "../../tests/support/laws.rs"]
mod laws;

use libfuzzer_sys::fuzz_target;
use ot_engine::codec::{decode_delta, encode_delta};
use ot_engine::{Delta, Limits, Size, View, validate};

/// A byte that small deltas do not need.
const SEPARATOR: u8 = 0xff;

/// Small enough for the dense sheet, which the laws are checked on.
const LIMITS: Limits = Limits { max_rows: 60, max_columns: 60, ..Limits::DEFAULT };

fuzz_target!(|bytes: &[u8]| {
    let [rows, cols, rest @ ..] = bytes else { return };
    let size = Size::new(u32::from(rows % 16), u32::from(cols % 8));
    let mut parts = rest.split(|byte| *byte == SEPARATOR);
    let mut next = |size| accepted(parts.next()?, size);
    let Some(first) = next(size) else { return };
    alone(size, &first);
    let Some(second) = next(size) else { return };
    if let Err(broken) = laws::meet(size, &first, &second) {
        panic!("{broken}: {first:?} and {second:?} on {size:?}");
    }
    let Some(after) = next(size.after(&first)) else { return };
    if let Err(broken) = laws::all(size, &first, &second, &after) {
        panic!("{broken}: {first:?} and {second:?} on {size:?}, then {after:?}");
    }
});

/// The delta that the bytes are, if it may be applied to a sheet of that size.
fn accepted(bytes: &[u8], size: Size) -> Option<Delta> {
    let delta = decode_delta(bytes).ok()?;
    delta.check_invariants();
    // Compared as bytes: what is not a number does not equal itself.
    let (mut once, mut again) = (Vec::new(), Vec::new());
    encode_delta(&delta, &mut once);
    let read = decode_delta(&once).expect("written just now");
    encode_delta(&read, &mut again);
    assert_eq!(once, again);
    validate(&delta, size, &LIMITS).is_ok().then_some(delta)
}

fn alone(size: Size, delta: &Delta) {
    if let Err(broken) = laws::inverts(size, delta) {
        panic!("{broken}: {delta:?} on {size:?}");
    }
    let mut view = View::new(size.rows, generate::sheet(size).columns);
    view.apply(delta);
    view.check_invariants();
    assert_eq!(view.size(), size.after(delta));
}
