//! TP1: two deltas meet in one sheet, whichever comes first; also when they are residuals already.

#[path = "support/generate.rs"]
mod generate;

use ot_engine::{Delta, Limits, Size, rebase, transform, validate};
use proptest::prelude::*;

fn meets(size: Size, first: &Delta, second: &Delta) -> Result<(Delta, Delta), TestCaseError> {
    let met = transform(first, second);
    let (mut one, mut other) = (generate::sheet(size), generate::sheet(size));
    for (sheet, path) in [(&mut one, [first, &met.second]), (&mut other, [second, &met.first])] {
        for delta in path {
            delta.check_invariants();
            prop_assert_eq!(validate(delta, sheet.size(), &Limits::DEFAULT), Ok(()));
            sheet.apply(delta);
        }
    }
    prop_assert_eq!(one, other);
    // The one-sided form is the same thing.
    let mut later = second.clone();
    prop_assert_eq!(rebase(&mut later, first), met.conflicts);
    prop_assert_eq!(&later, &met.second);
    Ok((met.first, met.second))
}

proptest! {
    #![proptest_config(generate::config(1500))]

    #[test]
    fn both_orders_meet((size, first, second) in generate::pair()) {
        meets(size, &first, &second)?;
    }

    /// A square of four: both sides have two deltas, so that residuals meet residuals.
    #[test]
    fn residuals_meet((size, a1, b1, a2, b2) in generate::pair().prop_flat_map(|(size, a, b)| {
        let (after_a, after_b) = (size.after(&a), size.after(&b));
        (Just(size), Just(a), Just(b), generate::delta(after_a), generate::delta(after_b))
    })) {
        let (a1_over_b1, b1_over_a1) = meets(size, &a1, &b1)?;
        let (after_a, after_b) = (size.after(&a1), size.after(&b1));
        let (a2_over_b1, _) = meets(after_a, &a2, &b1_over_a1)?;
        let (_, b2_over_a1) = meets(after_b, &a1_over_b1, &b2)?;
        meets(after_a.after(&b1_over_a1), &a2_over_b1, &b2_over_a1)?;
    }
}
