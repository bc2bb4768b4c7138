//! The check of the fuzz target `laws` on random inputs, so that every build compiles and runs it.
//!
//! It is not coverage-guided; `make fuzz-decode` is.
//!
//! Invariant: an input of three drawn deltas is checked whole, and no damaged input panics.

#[path = "support/decoded.rs"]
mod decoded;
#[path = "support/generate.rs"]
mod generate;
#[path = "support/laws.rs"]
mod laws;

use ot_engine::codec::encode_delta;
use ot_engine::{Delta, Size};
use proptest::collection::vec;
use proptest::prelude::*;

fn input(size: Size, deltas: [&Delta; 3]) -> Vec<u8> {
    let mut bytes = vec![size.rows as u8, size.cols as u8];
    for delta in deltas {
        encode_delta(delta, &mut bytes);
        bytes.push(decoded::SEPARATOR);
    }
    bytes
}

proptest! {
    #![proptest_config(generate::config(200))]

    #[test]
    fn drawn_deltas_keep_every_law((size, first, second, third) in generate::case()) {
        let bytes = input(size, [&first, &second, &third]);
        let separators = bytes[2..].iter().filter(|byte| **byte == decoded::SEPARATOR).count();
        let checked = decoded::check(&bytes);
        prop_assert!(checked == 3 || separators > 3, "{} of 3 deltas checked", checked);
    }

    #[test]
    fn damaged_inputs_never_panic(
        (size, first, second, third) in generate::case(),
        flips in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = input(size, [&first, &second, &third]);
        for (index, byte) in flips {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        decoded::check(&bytes);
    }
}
