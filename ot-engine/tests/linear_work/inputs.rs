//! Large arguments for each kind of the engine's types.
//!
//! Invariant: a delta of size n has about n runs on each axis, n cells and n column edits, and is valid on
//! [`size`].

use std::sync::Arc;

use ot_engine::{
    AxisDelta, CellEdit, ColumnEdit, Delta, LineId, Run, Sheet, Size, TextDelta, TextRun, Value,
};

/// Old lines for each block of [`axis`].
const BLOCK: u32 = 4;

/// An axis delta with moves, deletes and inserts: n blocks that are placed in reverse behind all others.
pub(crate) fn axis(n: u32) -> AxisDelta {
    from_blocks(n, |_| None)
}

/// The same with ids, as the sequencer assigns them.
pub(crate) fn named_axis(n: u32) -> AxisDelta {
    from_blocks(n, |at| Some(LineId(1_000_000 + u64::from(at) * 2)))
}

fn from_blocks(n: u32, first: impl Fn(u32) -> Option<LineId>) -> AxisDelta {
    let blocks = (0..n).flat_map(|slot| {
        let insert = Run::Insert { count: 1, first: first(slot) };
        [Run::Lift { slot, count: 2 }, Run::Keep(1), Run::Delete(1), insert]
    });
    AxisDelta::from_runs(blocks.chain((0..n).rev().map(|slot| Run::Drop { slot })))
}

/// A sheet that [`delta`] fits.
pub(crate) fn size(n: u32) -> Size {
    Size::new(n * BLOCK, n * BLOCK)
}

/// One change of everything.
pub(crate) fn delta(n: u32) -> Delta {
    Delta { rows: axis(n), cols: axis(n), ..cells(n) }
}

/// The same with ids.
pub(crate) fn named(n: u32) -> Delta {
    Delta { rows: named_axis(n), cols: named_axis(n), ..cells(n) }
}

/// Cells and column edits alone: every third cell is a text edit.
pub(crate) fn cells(n: u32) -> Delta {
    let cell = |at: u32| match at % 3 {
        0 => CellEdit::text(at, at, TextDelta::splice(0, 0, "t")),
        _ => CellEdit::set(at, at, f64::from(at)),
    };
    let column = |col| ColumnEdit {
        col,
        name: Some("n".into()),
        kind: None,
        width: Some(1),
        settings: None,
    };
    Delta {
        cells: (0..n).map(cell).collect(),
        columns: (0..n).map(column).collect(),
        ..Delta::identity()
    }
}

/// A text edit of about n runs, on a text of n characters.
pub(crate) fn text(n: u32) -> TextDelta {
    TextDelta::from_runs(runs(n))
}

/// Runs that are not in normal form.
pub(crate) fn runs(n: u32) -> impl Iterator<Item = TextRun> {
    (0..n).map(|at| match at % 4 {
        0 => TextRun::Insert("a".into()),
        1 => TextRun::Insert("b".into()),
        2 => TextRun::Delete(1),
        _ => TextRun::Retain(1),
    })
}

pub(crate) fn long(n: u32) -> Value {
    Value::Text(Arc::from("x".repeat(n as usize)))
}

/// A sheet of n rows that [`delta`] fits on its rows, with one column.
pub(crate) fn sheet(n: u32) -> Sheet {
    Sheet::new(Size::new(n * BLOCK, 1))
}
