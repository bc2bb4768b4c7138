//! The laws of the algebra, each as a check of one case. The properties and the fuzz program share them.
//!
//! They draw nothing. Invariant: each check fails only when a law is broken.

#![allow(dead_code, reason = "no test file uses all of this module")]

use ot_engine::{
    CellEdit, Delta, Limits, Sheet, Size, Value, compose, invert, rebase, transform, validate,
    validate_text,
};
use proptest::prelude::*;

use super::generate;

/// Checks and applies a delta with its text edits.
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

/// TP1: two concurrent deltas lead to one sheet in both orders. Returns the residuals.
pub(crate) fn keeps_tp1(
    sheet: &Sheet,
    first: &Delta,
    second: &Delta,
) -> Result<(Delta, Delta), TestCaseError> {
    let transformed = transform(first, second);
    let one = after(&after(sheet, first)?, &transformed.second)?;
    let other = after(&after(sheet, second)?, &transformed.first)?;
    prop_assert_eq!(one, other);
    // `rebase` is the later side of `transform`.
    let mut later = second.clone();
    prop_assert_eq!(rebase(&mut later, first), transformed.conflicts);
    prop_assert_eq!(&later, &transformed.second);
    Ok((transformed.first, transformed.second))
}

/// TP1 on residuals: both sides have two consecutive deltas.
pub(crate) fn residuals_keep_tp1(
    sheet: &Sheet,
    (a1, a2): (&Delta, &Delta),
    (b1, b2): (&Delta, &Delta),
) -> Result<(), TestCaseError> {
    let (a1_over_b1, b1_over_a1) = keeps_tp1(sheet, a1, b1)?;
    let (after_a, after_b) = (after(sheet, a1)?, after(sheet, b1)?);
    let (a2_over_b1, _) = keeps_tp1(&after_a, a2, &b1_over_a1)?;
    let (_, b2_over_a1) = keeps_tp1(&after_b, &a1_over_b1, b2)?;
    keeps_tp1(&after(&after_a, &b1_over_a1)?, &a2_over_b1, &b2_over_a1)?;
    Ok(())
}

/// A composed delta has the effect of its parts. Returns it.
pub(crate) fn composes(size: Size, first: &Delta, second: &Delta) -> Result<Delta, TestCaseError> {
    let sheet = generate::sheet(size);
    let apart = after(&after(&sheet, first)?, second)?;
    let both = compose(first, second);
    prop_assert_eq!(after(&sheet, &both)?, apart);
    Ok(both)
}

/// A delta and its inverse restore the sheet. Returns the inverse.
pub(crate) fn inverts(size: Size, delta: &Delta) -> Result<Delta, TestCaseError> {
    let before = generate::sheet(size);
    let inverse = invert(delta, &before);
    let mut sheet = after(&before, delta)?;
    apply(&mut sheet, &inverse.delta)?;
    for (restored, old) in sheet.columns.iter().zip(&before.columns) {
        prop_assert_eq!(&restored.name, &old.name);
        prop_assert_eq!(restored.kind, old.kind);
        prop_assert_eq!(restored.width, old.width);
    }
    prop_assert_eq!(sheet.rows, before.rows);
    Ok(inverse.delta)
}

/// All laws on one case: `a` and `b` are concurrent, `next` follows `a`.
pub(crate) fn all(size: Size, a: &Delta, b: &Delta, next: &Delta) -> Result<(), TestCaseError> {
    let sheet = generate::sheet(size);
    keeps_tp1(&sheet, a, b)?;
    // The laws also hold for composed and inverted deltas.
    let both = composes(size, a, next)?;
    keeps_tp1(&sheet, &both, b)?;
    keeps_tp1(&sheet, b, &both)?;
    let inverse = inverts(size, a)?;
    keeps_tp1(&after(&sheet, a)?, &inverse, next)?;
    Ok(())
}
