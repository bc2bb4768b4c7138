//! Random changes of every kind.
//!
//! Not a test. Invariant: a change fits the size that it was made for.

use std::collections::HashSet;

use integration::harness::Random;
use ot_engine::{AxisDelta, CellEdit, ColumnEdit, ColumnKind, Delta, Size, TextDelta};

/// A change of any kind that has an effect: an undo without one is passed over.
pub(crate) fn any_effect(size: Size, random: &mut Random, number: usize) -> Delta {
    loop {
        let change = any_change(size, random, number);
        if !change.is_identity() {
            return change;
        }
    }
}

/// A change of any kind, with several parts.
pub(crate) fn any_change(size: Size, random: &mut Random, number: usize) -> Delta {
    let rows = any_lines(size.rows, 12, random);
    let cols = any_lines(size.cols, 6, random);
    let after = Size { rows: rows.len_after(size.rows), cols: cols.len_after(size.cols) };
    let mut seen = HashSet::new();
    let mut cells = Vec::new();
    for part in 0..random.below(4) {
        let (row, col) = (random.below(after.rows), random.below(after.cols));
        if row < after.rows && col < after.cols && seen.insert((row, col)) {
            let new = format!("{number}.{part}");
            cells.push(match random.below(3) {
                // At the front, which every text has.
                0 => CellEdit::text(row, col, TextDelta::splice(0, 0, &new)),
                _ => CellEdit::set(row, col, new.as_str()),
            });
        }
    }
    let mut columns = Vec::new();
    if after.cols > 0 && random.below(4) == 0 {
        let name = Some(format!("name {number}").as_str().into());
        let kind = (random.below(2) == 0).then_some(ColumnKind::Text);
        columns.push(ColumnEdit {
            col: random.below(after.cols),
            name,
            kind,
            width: None,
            settings: None,
        });
    }
    Delta::from_parts(rows, cols, cells, columns)
}

/// Mostly the identity; else an insert, a delete or a move.
fn any_lines(len: u32, most: u32, random: &mut Random) -> AxisDelta {
    match random.below(8) {
        0 if len < most => AxisDelta::insert(random.below(len + 1), 1 + random.below(3)),
        1 if len > 1 => {
            let at = random.below(len);
            AxisDelta::delete(at, 1 + random.below((len - at).min(2)))
        }
        2 if len > 1 => {
            let from = random.below(len);
            let count = 1 + random.below(len - from);
            AxisDelta::move_lines(from, count, random.below(len + 1))
        }
        _ => AxisDelta::identity(),
    }
}
