//! Random axis deltas with several moves meet where the slow model says.

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
    fn merged_axis_is_the_models(
        (len, earlier, later) in (0_u32..12).prop_flat_map(|len| {
            (Just(len), generate::axis(len), generate::axis(len))
        }),
    ) {
        let (earlier, later) = (numbered(&earlier), numbered(&later));
        let met = transform(&Delta::rows(earlier.clone()), &Delta::rows(later.clone()));
        let old: Vec<Item> = (0..len as usize).map(Item::Old).collect();
        let one = applied(applied(old.clone(), &earlier, false), &met.second.rows, true);
        let other = applied(applied(old, &later, true), &met.first.rows, false);
        prop_assert_eq!(&one, &merged(&earlier, &later, len as usize));
        prop_assert_eq!(&one, &other);
        // Each line is found where it went.
        let (first, second) = (AxisMap::new(&earlier), AxisMap::new(&met.second.rows));
        for line in 0..len {
            let went = first.map_line(line).and_then(|line| second.map_line(line));
            let stands = one.iter().position(|item| *item == Item::Old(line as usize));
            prop_assert_eq!(went, stands.map(|at| at as u32));
        }
    }
}
