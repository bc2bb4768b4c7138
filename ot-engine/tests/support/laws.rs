//! The laws of the algebra, each as a check of one drawn case: shared by the properties and the fuzz
//! program, so that both mean the same.

#![allow(dead_code, reason = "no test file that shares this module needs all of it")]

use ot_engine::{Delta, Limits, Size, compose, invert, rebase, transform, validate};
use proptest::prelude::*;

use super::generate;

/// TP1: two deltas meet in one sheet, whichever comes first. Gives the residuals.
pub(crate) fn meet(
    size: Size,
    first: &Delta,
    second: &Delta,
) -> Result<(Delta, Delta), TestCaseError> {
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

/// A square of four: both sides have two deltas, so that residuals meet residuals.
pub(crate) fn residuals_meet(
    size: Size,
    (a1, a2): (&Delta, &Delta),
    (b1, b2): (&Delta, &Delta),
) -> Result<(), TestCaseError> {
    let (a1_over_b1, b1_over_a1) = meet(size, a1, b1)?;
    let (after_a, after_b) = (size.after(a1), size.after(b1));
    let (a2_over_b1, _) = meet(after_a, a2, &b1_over_a1)?;
    let (_, b2_over_a1) = meet(after_b, &a1_over_b1, b2)?;
    meet(after_a.after(&b1_over_a1), &a2_over_b1, &b2_over_a1)?;
    Ok(())
}

/// A composed delta does what its parts do in a row. Gives it.
pub(crate) fn composes(size: Size, first: &Delta, second: &Delta) -> Result<Delta, TestCaseError> {
    let mut apart = generate::sheet(size);
    apart.apply(first);
    apart.apply(second);
    let both = compose(first, second);
    both.check_invariants();
    prop_assert_eq!(validate(&both, size, &Limits::DEFAULT), Ok(()));
    let mut together = generate::sheet(size);
    together.apply(&both);
    prop_assert_eq!(together, apart);
    Ok(both)
}

/// A delta and its inverse leave the sheet as it was. Gives the inverse.
pub(crate) fn inverts(size: Size, delta: &Delta) -> Result<Delta, TestCaseError> {
    let before = generate::sheet(size);
    let inverse = invert(delta, &before);
    let mut sheet = before.clone();
    sheet.apply(delta);
    prop_assert_eq!(validate(&inverse.delta, sheet.size(), &Limits::DEFAULT), Ok(()));
    sheet.apply(&inverse.delta);
    for (now, then) in sheet.columns.iter().zip(&before.columns) {
        prop_assert_eq!(&now.name, &then.name);
        prop_assert_eq!(now.kind, then.kind);
    }
    prop_assert_eq!(sheet.rows, before.rows);
    Ok(inverse.delta)
}

/// All of them on one drawn case: `a` and `b` stand on one sheet, `next` on what `a` leaves.
pub(crate) fn all(size: Size, a: &Delta, b: &Delta, next: &Delta) -> Result<(), TestCaseError> {
    meet(size, a, b)?;
    // Composed and inverted deltas are deltas like any other.
    let both = composes(size, a, next)?;
    meet(size, &both, b)?;
    meet(size, b, &both)?;
    let inverse = inverts(size, a)?;
    meet(size.after(a), &inverse, next)?;
    Ok(())
}
