//! A composed delta has the effect of its parts.
//!
//! Invariant: composing is associative in effect.

#[path = "support/generate.rs"]
mod generate;
#[path = "support/laws.rs"]
mod laws;

use ot_engine::compose;
use proptest::prelude::*;

proptest! {
    #![proptest_config(generate::config(1500))]

    #[test]
    fn a_composed_delta_has_the_effect_of_both((size, first, second) in generate::row()) {
        laws::composes(size, &first, &second)?;
    }

    #[test]
    fn grouping_does_not_matter((size, a, b, c) in generate::row().prop_flat_map(|(size, a, b)| {
        let next = generate::after(size, &[&a, &b]);
        (Just(size), Just(a), Just(b), next)
    })) {
        let (mut left, mut right) = (generate::sheet(size), generate::sheet(size));
        left.apply(&compose(&compose(&a, &b), &c));
        right.apply(&compose(&a, &compose(&b, &c)));
        prop_assert_eq!(left, right);
    }
}
