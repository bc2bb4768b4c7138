//! The inverse of a change that was committed, made on the sheet as it stands now.
//!
//! Lines and columns come from the log, which keeps that part of each inverse. What the cells held
//! comes from `before_images`, which has it as of the commit that the change was part of, and from the
//! entries of that commit before the change.
//!
//! The way from then to now goes by ids: the order of lines now is taken back, change by change, to
//! the order then, and the inverse is carried over the one change that leads from one to the other.
//! So a row that was deleted and brought back meanwhile is the same row, with its cells.
//!
//! Read only. Cost: the structural changes since, and the cells of the change.

use std::ops::Range;

use ot_engine::{
    AxisDelta, AxisMap, CellEdit, ColumnId, Delta, Edit, Revision, RowId, Run, Value, compose,
    rebase,
};
use rustc_hash::FxHashMap;

use crate::ports::history::Logged;
use crate::state::{Misfit, SheetState};
use model::{Entry, RowBody};

/// The sheet as it was right after the change, and what has become of its lines since.
#[derive(Debug)]
pub(super) struct Then {
    state: SheetState,
    /// The ids that are there now, sorted.
    rows_now: Vec<Range<u64>>,
    cols_now: Vec<Range<u64>>,
    /// From then to now; no cells.
    since: Delta,
}

/// A cell that the change edited.
#[derive(Debug)]
pub(super) struct Place {
    /// Where it stood before the change.
    row: u32,
    col: u32,
    /// The edit.
    pub(super) edit: Edit,
    /// Which one it is.
    pub(super) id: (RowId, ColumnId),
}

impl Place {
    /// What the cell held before the change, given what was `written` by earlier ones of its commit
    /// and the rows as they were before that.
    fn held(&self, written: Option<&Edit>, held: &FxHashMap<RowId, RowBody>) -> Value {
        let (row, column) = self.id;
        let before = held.get(&row).map_or(&Value::Empty, |body| body.get(column));
        written.map_or_else(|| before.clone(), |edit| edit.apply(before))
    }
}

impl Then {
    /// Takes `now` back over the inverses of the changes since, newest first.
    pub(super) fn new(now: SheetState, inverses: &[Delta]) -> Result<Self, Misfit> {
        let (rows, cols) = (now.row_ids(), now.column_ids());
        let mut state = now;
        for inverse in inverses {
            state.go_back(inverse)?;
        }
        let since = Delta {
            rows: AxisDelta::between(&state.row_ids(), &rows),
            cols: AxisDelta::between(&state.column_ids(), &cols),
            ..Delta::identity()
        };
        let sorted = |mut ids: Vec<Range<u64>>| {
            ids.sort_unstable_by_key(|range| range.start);
            ids
        };
        Ok(Self { state, rows_now: sorted(rows), cols_now: sorted(cols), since })
    }

    /// The cells that the change edited. Those whose line it made itself have nothing to go back to.
    pub(super) fn places(&self, logged: &Logged) -> Vec<Place> {
        let before = logged.inverse.as_ref();
        let rows = before.map(|inverse| AxisMap::new(&inverse.rows));
        let cols = before.map(|inverse| AxisMap::new(&inverse.cols));
        let back =
            |map: &Option<AxisMap>, line| map.as_ref().map_or(Some(line), |it| it.map_line(line));
        let place = |cell: &CellEdit| {
            let id = (
                self.state.row_order().id_at(cell.row)?,
                self.state.columns().get(cell.col as usize)?.id,
            );
            let (row, col) = (back(&rows, cell.row)?, back(&cols, cell.col)?);
            Some(Place { row, col, edit: cell.edit.clone(), id })
        };
        logged.entry.delta.cells.iter().filter_map(place).collect()
    }

    /// What each place held before the change. `earlier` are the entries of the same commit before the
    /// change, `held` the rows as they were before that commit.
    pub(super) fn held_before(
        places: &[Place],
        earlier: &[Entry],
        held: &FxHashMap<RowId, RowBody>,
    ) -> Vec<Value> {
        let written = written_before(places, earlier);
        places
            .iter()
            .zip(written)
            .map(|(place, written)| place.held(written.as_ref(), held))
            .collect()
    }

    /// The sheet right after the change.
    pub(super) const fn state(&self) -> &SheetState {
        &self.state
    }

    /// The inverse, on the sheet now. `before` is what the places held, `texts` are the inverses of
    /// text edits, on the sheet now already.
    pub(super) fn inverse(
        &self,
        logged: &Logged,
        places: &[Place],
        before: &[Value],
        texts: Vec<CellEdit>,
    ) -> Delta {
        let sets = places.iter().zip(before).filter(|(place, _)| place.edit.as_set().is_some());
        let cells = sets.map(|(place, held)| CellEdit::set(place.row, place.col, held.clone()));
        let structure = logged.inverse.clone().unwrap_or_default();
        let whole =
            Delta::from_parts(structure.rows, structure.cols, cells.collect(), structure.columns);
        // A line that a restore has brought back already is not brought back twice.
        let again = Delta {
            rows: brought_back(&whole.rows, &self.rows_now),
            cols: brought_back(&whole.cols, &self.cols_now),
            ..Delta::identity()
        };
        let mut inverse = if again.is_identity() { whole } else { compose(&whole, &again) };
        // What is lost on the way stood on lines that are gone.
        rebase(&mut inverse, &self.since);
        with_cells(inverse, texts)
    }
}

/// The delta with edits of cells that are given in positions before it.
fn with_cells(delta: Delta, cells: Vec<CellEdit>) -> Delta {
    if cells.is_empty() {
        return delta;
    }
    let (rows, cols) = (AxisMap::new(&delta.rows), AxisMap::new(&delta.cols));
    let moved = cells.into_iter().filter_map(|cell| {
        let (row, col) = (rows.map_line(cell.row)?, cols.map_line(cell.col)?);
        Some(CellEdit { row, col, edit: cell.edit })
    });
    let mut cells = delta.cells;
    cells.extend(moved);
    Delta::from_parts(delta.rows, delta.cols, cells, delta.columns)
}

/// The delete of those lines which `axis` inserts although they are there.
fn brought_back(axis: &AxisDelta, there: &[Range<u64>]) -> AxisDelta {
    let mut blocks: FxHashMap<u32, u32> = FxHashMap::default();
    for run in axis.runs() {
        if let Run::Lift { slot, count } = *run {
            *blocks.entry(slot).or_default() += count;
        }
    }
    let mut runs = Vec::new();
    for run in axis.runs() {
        match *run {
            Run::Keep(count) => runs.push(Run::Keep(count)),
            Run::Drop { slot } => {
                runs.push(Run::Keep(blocks.get(&slot).copied().unwrap_or_default()));
            }
            Run::Insert { count, first } => {
                let ids = first.map_or(0, |first| first.0)..;
                runs.extend(ids.take(count as usize).map(|id| match is_there(id, there) {
                    true => Run::Delete(1),
                    false => Run::Keep(1),
                }));
            }
            Run::Delete(_) | Run::Lift { .. } => {}
        }
    }
    AxisDelta::from_runs(runs)
}

/// Whether an id is in sorted ranges.
fn is_there(id: u64, there: &[Range<u64>]) -> bool {
    let next = there.partition_point(|ids| ids.end <= id);
    there.get(next).is_some_and(|ids| ids.contains(&id))
}

/// What `earlier` did to each place, if anything. A line that one of them made held nothing:
/// it is one that never existed before, since a change that brings lines back is always the first of
/// its commit.
fn written_before(places: &[Place], earlier: &[Entry]) -> Vec<Option<Edit>> {
    let mut written: Vec<Option<Edit>> = vec![None; places.len()];
    let mut open: FxHashMap<(u32, u32), usize> =
        places.iter().enumerate().map(|(at, place)| ((place.row, place.col), at)).collect();
    for (index, entry) in earlier.iter().enumerate().rev() {
        if open.is_empty() {
            break;
        }
        for cell in &entry.delta.cells {
            let Some(at) = open.get(&(cell.row, cell.col)).copied() else { continue };
            let both = match written[at].take() {
                Some(later) => cell.edit.compose(&later),
                None => cell.edit.clone(),
            };
            if both.as_set().is_some() {
                open.remove(&(cell.row, cell.col));
            }
            written[at] = Some(both);
        }
        if entry.delta.keeps_axes() {
            continue;
        }
        let (rows, cols) = (entry.delta.rows.inverse(), entry.delta.cols.inverse());
        let (rows, cols) = (AxisMap::new(&rows), AxisMap::new(&cols));
        let brings_back = index == 0 && entry.origin.restores_lines();
        for ((row, col), at) in std::mem::take(&mut open) {
            match (rows.map_line(row), cols.map_line(col)) {
                (Some(row), Some(col)) => {
                    open.insert((row, col), at);
                }
                // What it held is what it holds in `before_images`.
                _ if brings_back => {}
                _ => {
                    let made =
                        written[at].take().map_or(Value::Empty, |it| it.apply(&Value::Empty));
                    written[at] = Some(Edit::Set(made));
                }
            }
        }
    }
    written
}

/// How many entries of its own commit came before it.
pub(super) fn earlier_count(logged: &Logged) -> u32 {
    let Revision(revision) = logged.entry.revision;
    u32::try_from((revision - 1).saturating_sub(logged.batch.0)).unwrap_or(u32::MAX)
}
