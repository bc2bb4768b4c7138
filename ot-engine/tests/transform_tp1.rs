//! TP1: two concurrent deltas lead to one sheet in both orders.
//!
//! Invariant: TP1 also holds for residuals, composed deltas and inverses.

#[path = "support/generate.rs"]
mod generate;
#[path = "support/laws.rs"]
mod laws;

use proptest::prelude::*;

proptest! {
    #![proptest_config(generate::config(1500))]

    #[test]
    fn both_orders_lead_to_one_sheet((size, first, second) in generate::pair()) {
        laws::keeps_tp1(&generate::sheet(size), &first, &second)?;
    }

    #[test]
    fn residuals_keep_tp1((size, a1, b1, a2, b2) in generate::pair().prop_flat_map(|(size, a, b)| {
        let (next, other) = (generate::after(size, &[&a]), generate::after(size, &[&b]));
        (Just(size), Just(a), Just(b), next, other)
    })) {
        laws::residuals_keep_tp1(&generate::sheet(size), (&a1, &a2), (&b1, &b2))?;
    }

    #[test]
    fn composed_and_inverted_deltas_keep_tp1((size, a, b, next) in generate::case()) {
        laws::all(size, &a, &b, &next)?;
    }
}
