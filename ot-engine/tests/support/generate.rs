//! Random valid deltas, small enough that rare combinations are common.
//!
//! They contain several blocks, inserts inside and beside them, and deletes next to both.
//!
//! Invariant: each delta is valid for its size; text edits must still be cut to their texts.

#![allow(dead_code, reason = "no test file that shares this module needs all of it")]

use std::collections::BTreeMap;

use ot_engine::{
    AxisDelta, CellEdit, ColumnEdit, ColumnKind, Delta, Edit, Run, Sheet, Size, TextDelta, TextRun,
    Value,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

/// The drawn parameters of one axis delta.
#[derive(Clone, Debug)]
struct Plan {
    /// `(state, count)`: 0 and 1 keep, 2 deletes, 3 and 4 lift.
    spans: Vec<(u8, u32)>,
    /// The drop of each block, as a share of the axis.
    drops: Vec<prop::sample::Index>,
    /// The places and counts of new lines.
    inserts: Vec<(prop::sample::Index, u32)>,
    /// Whether drops stand before inserts at a boundary.
    drops_first: bool,
}

/// A change of an axis of `len` lines.
pub(crate) fn axis(len: u32) -> impl Strategy<Value = AxisDelta> {
    let plan = (
        vec((0_u8..5, 1_u32..4), 0..8),
        vec(any::<prop::sample::Index>(), 8),
        vec((any::<prop::sample::Index>(), 1_u32..3), 0..3),
        any::<bool>(),
    );
    let plan = plan.prop_map(|(spans, drops, inserts, drops_first)| Plan {
        spans,
        drops,
        inserts,
        drops_first,
    });
    prop_oneof![1 => Just(AxisDelta::identity()), 3 => plan.prop_map(move |plan| build(&plan, len))]
}

fn build(plan: &Plan, len: u32) -> AxisDelta {
    let mut states = Vec::new();
    for (span, &(state, count)) in plan.spans.iter().enumerate() {
        states.extend(vec![(state, span as u32); count as usize]);
    }
    states.resize(len as usize, (0, 0));
    let boundary = |index: &prop::sample::Index| index.index(len as usize + 1);
    let lifted = |slot: u32| states.iter().any(|&(state, span)| state > 2 && span == slot);
    let mut runs = Vec::new();
    for at in 0..=len as usize {
        let drops = plan.drops.iter().enumerate().map(|(slot, index)| (slot as u32, index));
        let drops = drops
            .filter(|&(slot, index)| lifted(slot) && boundary(index) == at)
            .map(|(slot, _)| Run::Drop { slot });
        let inserts = plan.inserts.iter().filter(|(index, _)| boundary(index) == at);
        let inserts = inserts.map(|&(_, count)| Run::Insert { count, first: None });
        if plan.drops_first {
            runs.extend(drops.chain(inserts));
        } else {
            runs.extend(inserts.chain(drops));
        }
        runs.extend(states.get(at).map(|&(state, span)| match state {
            0 | 1 => Run::Keep(1),
            2 => Run::Delete(1),
            _ => Run::Lift { slot: span, count: 1 },
        }));
    }
    AxisDelta::from_runs(runs)
}

pub(crate) fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Empty),
        any::<bool>().prop_map(Value::Bool),
        (-100_i32..100).prop_map(|number| Value::Number(f64::from(number) / 4.0)),
        "[a-zé😀]{0,3}".prop_map(|text| Value::from(text.as_str())),
        (-1_000_000_i64..1_000_000).prop_map(Value::Instant),
        (-1_000_i32..1_000).prop_map(Value::Date),
        (-1_000_000_i64..1_000_000).prop_map(Value::LocalDateTime),
    ]
}

/// A text edit, not yet cut to its text (see [`fitted`]).
fn text_edit() -> impl Strategy<Value = TextDelta> {
    let run = prop_oneof![
        (0_u32..3).prop_map(TextRun::Retain),
        "[a-zé😀]{1,3}".prop_map(|new| TextRun::Insert(new.as_str().into())),
        (1_u32..3).prop_map(TextRun::Delete),
    ];
    vec(run, 0..6).prop_map(TextDelta::from_runs)
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![value().prop_map(Edit::Set), text_edit().prop_map(Edit::Text)]
}

/// The delta with its text edits cut to the cells' texts. Without a known value (`None`) the edit is left
/// out.
pub(crate) fn fitted(mut delta: Delta, held: impl Fn(u32, u32) -> Option<Value>) -> Delta {
    let mut cells = std::mem::take(&mut delta.cells);
    cells.retain_mut(|cell| {
        let Edit::Text(edit) = &cell.edit else { return true };
        let place = delta.map_cell_back(cell.row, cell.col);
        let value = place.map_or(Some(Value::Empty), |(row, col)| held(row, col));
        let Some(value) = value else { return false };
        let mut left = value.as_text().chars().count() as u32;
        let mut take = |count: u32| {
            let taken = count.min(left);
            left -= taken;
            taken
        };
        let runs = edit.runs().iter().map(|run| match run {
            TextRun::Retain(count) => TextRun::Retain(take(*count)),
            TextRun::Delete(count) => TextRun::Delete(take(*count)),
            TextRun::Insert(new) => TextRun::Insert(new.clone()),
        });
        cell.edit = Edit::Text(TextDelta::from_runs(runs.collect::<Vec<_>>()));
        true
    });
    delta.cells = cells;
    delta
}

/// The delta with its text edits cut to the texts of `sheet`.
pub(crate) fn fitted_to(delta: Delta, sheet: &Sheet) -> Delta {
    fitted(delta, |row, col| sheet.get(row, col).cloned())
}

fn column_edit() -> impl Strategy<Value = ColumnEdit> {
    let kind = prop_oneof![Just(ColumnKind::Text), Just(ColumnKind::Number)];
    let text = || prop::option::of("[a-z]{0,3}");
    let parts = (text(), prop::option::of(kind), prop::option::of(10_u32..200), text());
    parts.prop_map(|(name, kind, width, settings)| ColumnEdit {
        col: 0,
        name: name.map(Into::into),
        kind,
        width,
        settings: settings.map(Into::into),
    })
}

/// A valid delta for a sheet of `size`, with text edits that are not cut yet.
pub(crate) fn delta(size: Size) -> impl Strategy<Value = Delta> {
    let parts = (
        axis(size.rows),
        axis(size.cols),
        vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), edit()), 0..5),
        vec((any::<prop::sample::Index>(), column_edit()), 0..2),
    );
    parts.prop_map(move |(rows, cols, cells, columns)| {
        let after = Size { rows: rows.len_after(size.rows), cols: cols.len_after(size.cols) };
        let mut delta = Delta { rows, cols, ..Delta::identity() };
        if after.rows > 0 && after.cols > 0 {
            let cells = cells.into_iter().map(|(row, col, edit)| {
                let (row, col) = (row.index(after.rows as usize), col.index(after.cols as usize));
                ((row as u32, col as u32), edit)
            });
            let cells: BTreeMap<_, _> = cells.collect();
            let cells = cells.into_iter();
            delta.cells = cells.map(|((row, col), edit)| CellEdit { row, col, edit }).collect();
        }
        if after.cols > 0 {
            let columns = columns.into_iter().filter(|(_, edit)| !edit.is_empty());
            let columns = columns.map(|(index, edit)| ColumnEdit {
                col: index.index(after.cols as usize) as u32,
                ..edit
            });
            delta.columns = columns.take(1).collect();
        }
        delta
    })
}

pub(crate) fn size() -> impl Strategy<Value = Size> {
    (0_u32..10, 0_u32..5).prop_map(|(rows, cols)| Size { rows, cols })
}

/// A sheet whose cells contain their first positions.
pub(crate) fn sheet(size: Size) -> Sheet {
    let mut sheet = Sheet::new(size);
    for (r, row) in sheet.rows.iter_mut().enumerate() {
        for (c, value) in row.iter_mut().enumerate() {
            *value = match (r + c) % 5 {
                4 => Value::Number((100 * r + c) as f64),
                _ => Value::from(format!("{r}:{c}").as_str()),
            };
        }
    }
    for (c, column) in sheet.columns.iter_mut().enumerate() {
        column.name = format!("column {c}").into();
    }
    sheet
}

/// A delta on [`sheet`].
pub(crate) fn on_sheet(size: Size) -> impl Strategy<Value = Delta> {
    delta(size).prop_map(move |delta| fitted_to(delta, &sheet(size)))
}

/// A delta on [`sheet`] after these deltas.
pub(crate) fn after(size: Size, deltas: &[&Delta]) -> impl Strategy<Value = Delta> + use<> {
    let mut sheet = sheet(size);
    deltas.iter().for_each(|delta| sheet.apply(delta));
    delta(sheet.size()).prop_map(move |delta| fitted_to(delta, &sheet))
}

/// A sheet size and two concurrent deltas.
pub(crate) fn pair() -> impl Strategy<Value = (Size, Delta, Delta)> {
    size().prop_flat_map(|size| (Just(size), on_sheet(size), on_sheet(size)))
}

/// A sheet size and two consecutive deltas.
pub(crate) fn row() -> impl Strategy<Value = (Size, Delta, Delta)> {
    size().prop_flat_map(|size| (Just(size), on_sheet(size))).prop_flat_map(|(size, first)| {
        let next = after(size, &[&first]);
        (Just(size), Just(first), next)
    })
}

/// A sheet size, two concurrent deltas, and one after the first of them.
pub(crate) fn case() -> impl Strategy<Value = (Size, Delta, Delta, Delta)> {
    pair().prop_flat_map(|(size, a, b)| {
        let next = after(size, &[&a]);
        (Just(size), Just(a), Just(b), next)
    })
}

/// The settings of proptest: the number of cases, and no files.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A valid delta for `size` from a seed, for plans whose sizes depend on earlier steps.
pub(crate) fn from_seed(size: Size, seed: u64) -> Delta {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config(1), rng);
    delta(size).new_tree(&mut runner).expect("nothing is filtered out").current()
}
