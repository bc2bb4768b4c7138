//! Random axis deltas with several moves agree with the slow model.
//!
//! Invariant: both residuals lead to the model's merged axis.

#[path = "support/generate.rs"]
mod generate;
#[path = "support/model.rs"]
mod model;

use model::{Item, applied, merged, numbered};
use ot_engine::{AxisMap, Delta, transform};
use proptest::prelude::*;

proptest! {
    #![proptest_config(generate::config(4000))]

    #[test]
    fn the_merged_axis_is_that_of_the_model(
        (len, earlier, later) in (0_u32..12).prop_flat_map(|len| {
            (Just(len), generate::axis(len), generate::axis(len))
        }),
    ) {
        let (earlier, later) = (numbered(&earlier), numbered(&later));
        let pair = transform(&Delta::rows(earlier.clone()), &Delta::rows(later.clone()));
        let old: Vec<Item> = (0..len as usize).map(Item::Old).collect();
        let one = applied(applied(old.clone(), &earlier, false), &pair.second.rows, true);
        let other = applied(applied(old, &later, true), &pair.first.rows, false);
        prop_assert_eq!(&one, &merged(&earlier, &later, len as usize));
        prop_assert_eq!(&one, &other);
        // Each line has its position in the merged axis.
        let (first, second) = (AxisMap::new(&earlier), AxisMap::new(&pair.second.rows));
        for line in 0..len {
            let went = first.map_line(line).and_then(|line| second.map_line(line));
            let found = one.iter().position(|item| *item == Item::Old(line as usize));
            prop_assert_eq!(went, found.map(|at| at as u32));
        }
    }
}
