//! The memory of write sets that wait to be committed: no kind of change takes more than it counts for.
//!
//! Not the memory of the entries (`model`), and not the limit (`journal`). Invariant: each case holds everything that an
//! open sheet keeps for its changes until they are committed, but for the entries.

use std::sync::Arc;
use std::time::Instant;

use allocation_counter::measure;
use ot_engine::{AxisDelta, ClientId, ColumnEdit, Delta, LineId, Run, Value};

use super::super::{Backlog, BatchLimits};
use crate::sample::{self, record};
use crate::state::SheetState;
use crate::state::row_cache::RowCache;

const ROWS: u32 = 20_000;
const COLS: u64 = 2_000;

fn one_cell(row: u32) -> Delta {
    Delta::set_cell(row, 0, Value::Number(f64::from(row)))
}

fn block(at: u32, rows: u32, cols: u32) -> Delta {
    let cells = (0..rows).flat_map(|row| (0..cols).map(move |col| (at + row, col)));
    Delta::set_cells(cells.map(|(row, col)| (row, col, Value::Number(f64::from(row * col)))))
}

fn renamed(column: u32) -> Delta {
    let edit =
        ColumnEdit { col: column, name: Some("a".into()), kind: None, width: None, settings: None };
    Delta { columns: vec![edit], ..Delta::identity() }
}

/// A row before every other row: each one divides a span.
fn scattered(state: &SheetState) -> Delta {
    let first = state.next_row_id().0;
    let runs = (0..u64::from(ROWS / 2))
        .flat_map(|at| [Run::Keep(2), Run::Insert { count: 1, first: Some(LineId(first + at)) }]);
    Delta { rows: AxisDelta::from_runs(runs), ..Delta::identity() }
}

fn all_rows_deleted(state: &SheetState) -> Delta {
    Delta { rows: AxisDelta::delete(0, state.row_count()), ..Delta::identity() }
}

/// The changes of one kind, each on the state that those before it leave.
type Kind = (&'static str, fn(&SheetState, u32) -> Option<Delta>);

const KINDS: [Kind; 6] = [
    ("one cell of many rows", |_, at| (at < ROWS).then(|| one_cell(at))),
    ("one cell again and again", |_, at| (at < ROWS).then(|| one_cell(7))),
    ("a block of cells", |_, at| (at < 20).then(|| block(at * 100, 100, 50))),
    ("wide rows", |_, at| (at < 20).then(|| block(at, 1, COLS as u32))),
    ("a column of a wide sheet", |_, at| (at < 300).then(|| renamed(at))),
    ("rows everywhere, and all of them deleted", |state, at| match at {
        0 => Some(scattered(state)),
        1 => Some(all_rows_deleted(state)),
        _ => None,
    }),
];

#[test]
fn no_kind_of_change_holds_more_than_it_counts_for() {
    for apart in [false, true] {
        for (name, kind) in KINDS {
            let mut state = SheetState::new(&record(ROWS, COLS)).unwrap();
            let mut backlog = Backlog::new(BatchLimits::default());
            backlog.apart = apart;
            let mut rows = RowCache::new(0);
            let (mut count, mut held, mut counted) = (0, 0, 0);
            while let Some(delta) = kind(&state, count) {
                count += 1;
                let entry = Arc::new(sample::entry(u64::from(count), ClientId(1), delta));
                let cost = measure(|| {
                    let writes = state.apply(&entry).unwrap();
                    counted += writes.bytes();
                    rows.apply(&writes);
                    backlog.push(Instant::now(), entry, writes);
                });
                held += cost.bytes_current;
            }
            let held = usize::try_from(held).unwrap_or(0);
            let each = (held / count as usize, counted / count as usize);
            assert!(held <= counted, "{name}, apart {apart}: held and counted {each:?}");
            // Entries that are merged may hold far less: of two lists of columns only the later one stays.
            let close = held > counted / 16;
            assert!(close || !apart, "{name}: held and counted {each:?}");
        }
    }
}
