//! Write sets against the engine's dense model: applied to stored rows and spans they give the model's sheet.
//!
//! Not about the row order alone (`row_order/tests`). Invariant: a property runs on random changes of both axes.

use std::collections::BTreeMap;

use ot_engine::{AxisDelta, ClientId, Value};
use proptest::prelude::*;

use super::*;
use crate::sample::{self, record};
use model::RowBody;

fn entry(revision: u64, delta: Delta) -> Entry {
    sample::entry(revision, ClientId(1), delta)
}

/// One change of one axis, in shares of its length.
#[derive(Clone, Debug)]
enum Axis {
    Keep,
    Insert(u32, u32),
    Delete(u32, u32),
    Move(u32, u32, u32),
}

fn axis() -> impl Strategy<Value = Axis> {
    let place = 0..1000_u32;
    prop_oneof![
        3 => Just(Axis::Keep),
        1 => (place.clone(), 1..4_u32).prop_map(|(at, count)| Axis::Insert(at, count)),
        1 => (place.clone(), 1..3_u32).prop_map(|(at, count)| Axis::Delete(at, count)),
        1 => (place.clone(), 1..3_u32, place).prop_map(|(from, n, to)| Axis::Move(from, n, to)),
    ]
}

fn axis_delta(change: &Axis, len: u32, next: u64) -> AxisDelta {
    let at = |share: u32| share % (len + 1);
    match *change {
        Axis::Keep => AxisDelta::identity(),
        Axis::Insert(place, count) => AxisDelta::from_runs([
            Run::Keep(at(place)),
            Run::Insert { count, first: Some(LineId(next)) },
        ]),
        Axis::Delete(place, count) => AxisDelta::delete(at(place), count.min(len - at(place))),
        Axis::Move(from, count, to) => {
            AxisDelta::move_lines(at(from), count.min(len - at(from)), at(to))
        }
    }
}

fn order(state: &SheetState) -> Vec<u64> {
    state.row_order().ids(0..u32::MAX).flat_map(|range| range.start.0..range.end.0).collect()
}

/// Rows of cells, each with its id.
type Grid = Vec<(RowId, Vec<Value>)>;

fn apply_to_grid(grid: Grid, width: usize, delta: &Delta) -> Grid {
    let blank = |id: Option<LineId>| (RowId(id.unwrap().0), vec![Value::Empty; width]);
    let mut grid = delta.rows.apply_to_vec(grid, blank);
    for (_, cells) in &mut grid {
        *cells = delta.cols.apply_to_vec(std::mem::take(cells), |_| Value::Empty);
    }
    for cell in &delta.cells {
        grid[cell.row as usize].1[cell.col as usize] = cell.edit.as_set().expect("set").clone();
    }
    grid
}

proptest! {
    #[test]
    fn patches_laid_over_stored_rows_give_the_sheet(
        rows in 0..20_u32,
        cols in 0..5_u64,
        changes in prop::collection::vec(
            (axis(), axis(), prop::collection::vec((any::<u16>(), any::<u16>()), 0..6)), 1..20),
    ) {
        let mut state = SheetState::new(&record(rows, cols)).unwrap();
        let mut grid: Grid = (1..=u64::from(rows))
            .map(|id| (RowId(id), vec![Value::Empty; cols as usize]))
            .collect();
        let mut stored: BTreeMap<RowId, RowBody> = BTreeMap::new();
        for (index, (row_change, col_change, cells)) in changes.iter().enumerate() {
            let width = state.columns().len() as u32;
            let rows = axis_delta(row_change, state.row_order().len(), state.next_row_id().0);
            let cols = axis_delta(col_change, width, state.next_column_id().0);
            let after = (rows.len_after(state.row_order().len()), cols.len_after(width));
            let value = Value::Number(index as f64);
            let cells = cells.iter().filter(|_| after.0 > 0 && after.1 > 0).map(|(row, col)| {
                (u32::from(*row) % after.0, u32::from(*col) % after.1, value.clone())
            });
            let cells = Delta::set_cells(cells).cells;
            let delta = Delta { rows, cols, cells, columns: vec![] };
            grid = apply_to_grid(grid, width as usize, &delta);
            let before = state.clone();
            let entry = |ahead, delta| self::entry(index as u64 + ahead, delta);
            let change = entry(1, delta);
            let writes = state.apply(&change).unwrap();
            if change.delta.is_cells_only() {
                prop_assert!(writes.bytes() <= change.written_bytes());
            }
            for (row, patch) in &writes.row_patches {
                stored.entry(*row).or_default().merge(patch);
            }
            prop_assert_eq!(writes.row_count as usize, grid.len());
            let mut undone = state.clone();
            if let Some(inverse) = writes.inverse {
                undone.apply(&entry(2, inverse)).unwrap();
            }
            prop_assert_eq!(order(&undone), order(&before));
            prop_assert_eq!(undone.columns(), before.columns());
            let read: Grid = state.row_order().ids(0..u32::MAX)
                .flat_map(|range| (range.start.0..range.end.0).map(RowId))
                .map(|row| {
                    let body = stored.get(&row).cloned().unwrap_or_default();
                    (row, state.columns().iter().map(|col| body.get(col.id).clone()).collect())
                })
                .collect();
            prop_assert_eq!(&read, &grid);
        }
    }
}

#[test]
fn column_edits_change_what_they_name() {
    let mut state = SheetState::new(&record(3, 2)).unwrap();
    let insert = Run::Insert { count: 1, first: Some(LineId(3)) };
    let edit = ColumnEdit { col: 1, name: Some("Price".into()), ..ColumnEdit::default() };
    let delta = Delta {
        cols: AxisDelta::from_runs([Run::Keep(1), insert]),
        columns: vec![edit],
        ..Delta::identity()
    };
    let writes = state.apply(&entry(1, delta)).unwrap();
    let columns = writes.columns.unwrap();
    let ids: Vec<_> = columns.iter().map(|column| (column.id.0, &*column.name)).collect();
    assert_eq!(ids, [(1, ""), (3, "Price"), (2, "")]);
    assert_eq!((writes.next_column_id, writes.created_rows.is_empty()), (ColumnId(4), true));
}

#[test]
fn a_deleted_column_comes_back_as_it_was() {
    let mut state = SheetState::new(&record(1, 3)).unwrap();
    let attributes = ColumnEdit {
        col: 1,
        name: Some("Price".into()),
        kind: Some(ColumnKind::Number),
        width: Some(90),
        settings: Some("decimals 2".into()),
    };
    state.apply(&entry(1, Delta::update_column(attributes))).unwrap();
    let before = state.columns().to_vec();
    let delta = Delta {
        cols: AxisDelta::delete(1, 1),
        columns: vec![ColumnEdit { col: 1, name: Some("Last".into()), ..ColumnEdit::default() }],
        ..Delta::identity()
    };
    let inverse = state.apply(&entry(2, delta)).unwrap().inverse.unwrap();
    state.apply(&entry(3, inverse)).unwrap();
    assert_eq!(state.columns(), before);
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let mut state = SheetState::new(&record(3, 2)).unwrap();
    let unnamed = Delta::cols(AxisDelta::insert(0, 1));
    let outside = Delta { rows: AxisDelta::delete(0, 1), ..Delta::set_cell(2, 0, true) };
    let attribute = Delta::update_column(ColumnEdit { col: 2, ..ColumnEdit::default() });
    let too_long = Delta::rows(AxisDelta::delete(1, 3));
    for (delta, error) in [
        (unnamed, Misfit::Columns),
        (outside, Misfit::Outside { row: 2, col: 0 }),
        (attribute, Misfit::Outside { row: 0, col: 2 }),
        (too_long, Misfit::Rows(RowOrderError::BeyondEnd { needed: 4, len: 3 })),
    ] {
        assert_eq!(state.apply(&entry(1, delta)).unwrap_err(), error);
        assert_eq!((state.row_order().len(), state.columns().len()), (3, 2));
    }
}
