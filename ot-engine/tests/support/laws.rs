//! The laws of the algebra, each as a check of one drawn case: shared by the properties and the fuzz
//! program, so that both mean the same.

#![allow(dead_code, reason = "no test file that shares this module needs all of it")]

use ot_engine::{
    CellEdit, Delta, Limits, Sheet, Size, Value, compose, invert, rebase, transform, validate,
    validate_text,
};
use proptest::prelude::*;

use super::generate;

/// Applies a delta that is valid there, its text edits included.
fn apply(sheet: &mut Sheet, delta: &Delta) -> Result<(), TestCaseError> {
    delta.check_invariants();
    prop_assert_eq!(validate(delta, sheet.size(), &Limits::DEFAULT), Ok(()));
    let held = |cell: &CellEdit| {
        let place = delta.map_cell_back(cell.row, cell.col);
        place.map_or(Some(&Value::Empty), |(row, col)| sheet.get(row, col))
    };
    prop_assert_eq!(validate_text(&delta.cells, held, &Limits::DEFAULT), Ok(()));
    sheet.apply(delta);
    Ok(())
}

/// The sheet after a valid delta.
fn after(sheet: &Sheet, delta: &Delta) -> Result<Sheet, TestCaseError> {
    let mut sheet = sheet.clone();
    apply(&mut sheet, delta)?;
    Ok(sheet)
}

/// TP1: two deltas meet in one sheet, whichever comes first. Gives the residuals.
pub(crate) fn meet(
    sheet: &Sheet,
    first: &Delta,
    second: &Delta,
) -> Result<(Delta, Delta), TestCaseError> {
    let met = transform(first, second);
    let one = after(&after(sheet, first)?, &met.second)?;
    let other = after(&after(sheet, second)?, &met.first)?;
    prop_assert_eq!(one, other);
    // The one-sided form is the same thing.
    let mut later = second.clone();
    prop_assert_eq!(rebase(&mut later, first), met.conflicts);
    prop_assert_eq!(&later, &met.second);
    Ok((met.first, met.second))
}

/// A square of four: both sides have two deltas, so that residuals meet residuals.
pub(crate) fn residuals_meet(
    sheet: &Sheet,
    (a1, a2): (&Delta, &Delta),
    (b1, b2): (&Delta, &Delta),
) -> Result<(), TestCaseError> {
    let (a1_over_b1, b1_over_a1) = meet(sheet, a1, b1)?;
    let (after_a, after_b) = (after(sheet, a1)?, after(sheet, b1)?);
    let (a2_over_b1, _) = meet(&after_a, a2, &b1_over_a1)?;
    let (_, b2_over_a1) = meet(&after_b, &a1_over_b1, b2)?;
    meet(&after(&after_a, &b1_over_a1)?, &a2_over_b1, &b2_over_a1)?;
    Ok(())
}

/// A composed delta does what its parts do in a row. Gives it.
pub(crate) fn composes(size: Size, first: &Delta, second: &Delta) -> Result<Delta, TestCaseError> {
    let sheet = generate::sheet(size);
    let apart = after(&after(&sheet, first)?, second)?;
    let both = compose(first, second);
    prop_assert_eq!(after(&sheet, &both)?, apart);
    Ok(both)
}

/// A delta and its inverse leave the sheet as it was. Gives the inverse.
pub(crate) fn inverts(size: Size, delta: &Delta) -> Result<Delta, TestCaseError> {
    let before = generate::sheet(size);
    let inverse = invert(delta, &before);
    let mut sheet = after(&before, delta)?;
    apply(&mut sheet, &inverse.delta)?;
    for (now, then) in sheet.columns.iter().zip(&before.columns) {
        prop_assert_eq!(&now.name, &then.name);
        prop_assert_eq!(now.kind, then.kind);
        prop_assert_eq!(now.width, then.width);
    }
    prop_assert_eq!(sheet.rows, before.rows);
    Ok(inverse.delta)
}

/// All of them on one drawn case: `a` and `b` stand on one sheet, `next` on what `a` leaves.
pub(crate) fn all(size: Size, a: &Delta, b: &Delta, next: &Delta) -> Result<(), TestCaseError> {
    let sheet = generate::sheet(size);
    meet(&sheet, a, b)?;
    // Composed and inverted deltas are deltas like any other.
    let both = composes(size, a, next)?;
    meet(&sheet, &both, b)?;
    meet(&sheet, b, &both)?;
    let inverse = inverts(size, a)?;
    meet(&after(&sheet, a)?, &inverse, next)?;
    Ok(())
}
