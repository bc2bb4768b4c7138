//! A delta and its inverse restore the sheet, and the inverse of an axis restores every kept line.
//!
//! Invariant: the inverse of a valid delta is valid after it.

#[path = "support/generate.rs"]
mod generate;
#[path = "support/laws.rs"]
mod laws;

use ot_engine::{AxisMap, Origin};
use proptest::prelude::*;

proptest! {
    #![proptest_config(generate::config(3000))]

    #[test]
    fn the_inverse_undoes_the_delta((size, delta) in generate::size().prop_flat_map(|size| {
        (Just(size), generate::on_sheet(size))
    })) {
        laws::inverts(size, &delta)?;
    }

    #[test]
    fn lines_return_to_their_positions((len, delta) in (0_u32..12).prop_flat_map(|len| {
        (Just(len), generate::axis(len))
    })) {
        let (there, back) = (AxisMap::new(&delta), AxisMap::new(&delta.inverse()));
        for line in 0..len {
            if let Some(new) = there.map_line(line) {
                prop_assert_eq!(back.map_line(new), Some(line));
                prop_assert_eq!(delta.map_back(new), Origin::Old(line));
            }
        }
    }
}
