//! The undo of a change of many lines makes runs, not one for each line.

use allocation_counter::measure;
use ot_engine::LineId;
use proptest::prelude::*;

use super::*;
use crate::sample::{columns, entry, record};
use crate::state::structural_inverse;

fn insert(first: u64, count: u32) -> Run {
    Run::Insert { count, first: Some(LineId(first)) }
}

/// The undo of a delete of all `rows`, of which `present` were restored meanwhile, and what it allocates.
fn undo_of_delete(rows: u32, present: u32) -> (Delta, u64) {
    let before = SheetState::new(&record(rows, 1)).expect("a sheet");
    let delete = Delta::rows(AxisDelta::delete(0, rows));
    let inverse = structural_inverse(&delete, before.row_order(), before.columns());
    let logged = Logged {
        entry: entry(1, ot_engine::ClientId(1), delete.clone()),
        inverse,
        batch: Revision(0),
    };
    let mut current = before;
    current.step(&delete).expect("fits");
    let restored = Delta::rows(AxisDelta::from_runs([insert(1, present)]));
    current.step(&restored).expect("fits");
    let back = Delta::rows(AxisDelta::delete(0, present));
    let mut undo = Delta::identity();
    let cost = measure(|| {
        let at_target = arrived(&logged, current, &[back]);
        undo = at_target.inverse(&logged, &[], &[], Vec::new(), Vec::new()).0;
    });
    (undo, cost.bytes_total)
}

fn arrived(logged: &Logged, current: SheetState, inverses: &[Delta]) -> AtTarget {
    let mut going = GoingBack::new(current, logged);
    inverses.iter().for_each(|inverse| going.step(inverse).expect("fits"));
    going.arrived()
}

#[test]
fn an_attribute_that_was_set_to_itself_is_not_set_back() {
    let mut state = SheetState::new(&record(1, 3)).expect("a sheet");
    let named = |col, name: &str, width| ColumnEdit {
        col,
        name: Some(name.into()),
        width: Some(width),
        ..ColumnEdit::default()
    };
    let delta = |columns| Delta { columns, ..Delta::identity() };
    state.step(&delta(vec![named(1, "Price", 90), named(2, "Place", 90)])).expect("fits");
    // A new column in front moves them, the last one is deleted.
    let runs = [insert(9, 1), Run::Keep(2), Run::Delete(1)];
    let change = Delta {
        cols: AxisDelta::from_runs(runs),
        ..delta(vec![named(0, "New", 50), named(2, "Price", 70)])
    };
    let inverse = structural_inverse(&change, state.row_order(), state.columns());
    let entry = entry(2, ot_engine::ClientId(1), change);
    let logged = Logged { entry, inverse, batch: Revision(1) };
    let former = former_attributes(&logged);
    let width = ColumnEdit { name: None, ..named(1, "", 90) };
    assert_eq!(former.first(), Some(&width));
    let restored = former.get(1).map(|edit| (edit.col, edit.name.as_deref()));
    assert_eq!((restored, former.len()), (Some((2, Some("Place"))), 2));
}

#[test]
fn the_undo_of_a_delete_of_all_rows_costs_its_runs() {
    for present in [0, 7] {
        let (undo, bytes) = undo_of_delete(50_000_000, present);
        assert_eq!(undo.rows.len_after(present), 50_000_000);
        assert!(undo.rows.runs().len() <= 2 && bytes < 10_000, "{bytes} bytes: {undo:?}");
    }
}

#[test]
fn the_undo_of_many_deletes_grows_with_them() {
    let cost = |deletes: u32| {
        let rows = deletes * 4;
        let before = SheetState::new(&record(rows, 1)).expect("a sheet");
        let runs = (0..deletes).flat_map(|_| [Run::Keep(2), Run::Delete(2)]);
        let delete = Delta::rows(AxisDelta::from_runs(runs));
        let inverse = structural_inverse(&delete, before.row_order(), before.columns());
        let logged = Logged {
            entry: entry(1, ot_engine::ClientId(1), delete.clone()),
            inverse,
            batch: Revision(0),
        };
        let mut current = before;
        current.step(&delete).expect("fits");
        measure(move || {
            let at_target = arrived(&logged, current, &[]);
            let undo = at_target.inverse(&logged, &[], &[], Vec::new(), Vec::new()).0;
            assert_eq!(undo.rows.len_after(deletes * 2), rows);
        })
        .bytes_total
    };
    let (once, twice, four) = (cost(1_000), cost(2_000), cost(4_000));
    assert!(twice <= once * 3 && four <= once * 6, "{once}, {twice}, {four} bytes");
}

proptest! {
    /// As if each line were looked up alone.
    #[test]
    fn lines_that_are_present_are_deleted_again(
        inserts in prop::collection::vec((0_u64..60, 1_u32..9), 1..5),
        there in prop::collection::vec((1_u64..6, 1_u64..6), 0..9),
    ) {
        let mut next = 0;
        let present: Vec<Range<u64>> = there.into_iter().map(|(gap, length)| {
            let start = next + gap;
            next = start + length;
            start..next
        }).collect();
        let runs = inserts.iter().flat_map(|(first, count)| [insert(*first, *count), Run::Keep(1)]);
        let axis = AxisDelta::from_runs(runs);
        let is_present = |id: &u64| present.iter().any(|ids| ids.contains(id));
        let each = axis.runs().iter().flat_map(|run| match *run {
            Run::Insert { count, first: Some(first) } => (first.0..first.0 + u64::from(count))
                .map(|id| if is_present(&id) { Run::Delete(1) } else { Run::Keep(1) })
                .collect(),
            run => vec![run],
        });
        prop_assert_eq!(deletes_of_present(&axis, &present), AxisDelta::from_runs(each));
    }
}

#[test]
fn columns_are_lines_too() {
    let state = SheetState::new(&crate::sample::record(1, 9)).expect("a sheet");
    assert_eq!(state.columns(), columns(9));
    let axis = AxisDelta::from_runs([insert(3, 4)]);
    let runs = [Run::Keep(1), Run::Delete(2), Run::Keep(1)];
    let present = std::slice::from_ref(&(4..6));
    assert_eq!(deletes_of_present(&axis, present), AxisDelta::from_runs(runs));
}
