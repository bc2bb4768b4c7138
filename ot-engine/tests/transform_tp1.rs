//! TP1: two deltas meet in one sheet, whichever comes first; also when they are residuals
//! already, composed, or inverses.

#[path = "support/generate.rs"]
mod generate;
#[path = "support/laws.rs"]
mod laws;

use proptest::prelude::*;

proptest! {
    #![proptest_config(generate::config(1500))]

    #[test]
    fn both_orders_meet((size, first, second) in generate::pair()) {
        laws::meet(&generate::sheet(size), &first, &second)?;
    }

    #[test]
    fn residuals_meet((size, a1, b1, a2, b2) in generate::pair().prop_flat_map(|(size, a, b)| {
        let (next, other) = (generate::after(size, &[&a]), generate::after(size, &[&b]));
        (Just(size), Just(a), Just(b), next, other)
    })) {
        laws::residuals_meet(&generate::sheet(size), (&a1, &a2), (&b1, &b2))?;
    }

    #[test]
    fn composed_and_inverted_ones_meet((size, a, b, next) in generate::case()) {
        laws::all(size, &a, &b, &next)?;
    }
}
