//! Checks the laws on deltas that are decoded from any bytes. A test and a fuzz target share it.
//!
//! It draws nothing. The input is two bytes for the size of the sheet, and three deltas in binary form, each
//! ended by [`SEPARATOR`]. Two deltas are concurrent, and the third follows the first.
//!
//! Invariant: any bytes either are not three valid deltas, or keep every law.

use ot_engine::codec::{decode_delta, encode_delta};
use ot_engine::{Delta, Limits, Sheet, Size, View, validate};

use super::{generate, laws};

/// A byte that small deltas do not contain.
pub(crate) const SEPARATOR: u8 = 0xff;

/// Small enough for the dense sheet that the laws use.
const LIMITS: Limits = Limits { max_rows: 60, max_columns: 60, ..Limits::DEFAULT };

/// Checks as many of the three deltas as are valid, and returns their number. Panics when a law is broken.
pub(crate) fn check(bytes: &[u8]) -> usize {
    let [rows, cols, rest @ ..] = bytes else { return 0 };
    let size = Size::new(u32::from(rows % 16), u32::from(cols % 8));
    let before = generate::sheet(size);
    let mut parts = rest.split(|byte| *byte == SEPARATOR);
    let mut next = |sheet: &Sheet| accepted(parts.next()?, sheet);
    let Some(first) = next(&before) else { return 0 };
    check_single(size, &first);
    let Some(second) = next(&before) else { return 1 };
    if let Err(broken) = laws::keeps_tp1(&before, &first, &second) {
        panic!("{broken}: {first:?} and {second:?} on {size:?}");
    }
    let mut after = before;
    after.apply(&first);
    let Some(third) = next(&after) else { return 2 };
    if let Err(broken) = laws::all(size, &first, &second, &third) {
        panic!("{broken}: {first:?} and {second:?} on {size:?}, then {third:?}");
    }
    3
}

/// The decoded delta, if it is valid for the sheet; its text edits are cut to the sheet's texts.
fn accepted(bytes: &[u8], sheet: &Sheet) -> Option<Delta> {
    let delta = decode_delta(bytes).ok()?;
    delta.check_invariants();
    // Compares bytes, because NaN is not equal to itself.
    let (mut once, mut again) = (Vec::new(), Vec::new());
    encode_delta(&delta, &mut once);
    let decoded = decode_delta(&once).expect("encoded here");
    encode_delta(&decoded, &mut again);
    assert_eq!(once, again);
    let valid = validate(&delta, sheet.size(), &LIMITS).is_ok();
    valid.then(|| generate::fitted_to(delta, sheet))
}

fn check_single(size: Size, delta: &Delta) {
    if let Err(broken) = laws::inverts(size, delta) {
        panic!("{broken}: {delta:?} on {size:?}");
    }
    let mut view = View::new(size.rows, generate::sheet(size).columns);
    view.apply(delta);
    view.check_invariants();
    assert_eq!(view.size(), size.after(delta));
}
