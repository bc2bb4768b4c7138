//! The inverse of a committed change (the target of an undo), on the current sheet.
//!
//! Rows and columns come from the log, which stores the structural inverse of each change. Former cells come
//! from the before images of the target's commit, and from the entries of that commit before the target.
//!
//! The inverse is carried to the current sheet by ids. The current order is taken back, change by change, to
//! the order right after the target; the inverse is transformed over the one delta between the two orders. So a
//! row that was deleted and restored meanwhile is the same row, with its cells.
//!
//! Read only. Not here: text edits (`texts`). Cost: the structural changes since, and the cells of the target.
//! Invariant: no line is inserted that is on the current sheet.

use std::collections::BTreeMap;
use std::ops::Range;

use ot_engine::{
    AxisDelta, AxisMap, CellEdit, ColumnEdit, ColumnId, Delta, Edit, Revision, RowId, Run, Value,
    compose, rebase,
};
use rustc_hash::FxHashMap;

use super::line_ids::Lines;
use crate::ports::history::Logged;
use crate::state::{Misfit, SheetState};
use crate::time_travel::ranges::common;
use model::{Entry, RowBody};

/// The sheet right after the target, and the way of its lines to the current sheet.
#[derive(Debug)]
pub(super) struct AtTarget {
    state: SheetState,
    /// The ids on the current sheet, sorted.
    current_rows: Vec<Range<u64>>,
    current_cols: Vec<Range<u64>>,
    /// From the target to the current sheet, without cells.
    since: Delta,
    /// Lines that the inverse of the target inserts, that were on the sheet in between, and are not on the current one.
    returned: Lines,
}

/// A cell that the target edited.
#[derive(Debug)]
pub(super) struct Place {
    /// Its position before the target.
    row: u32,
    col: u32,
    /// The edit.
    pub(super) edit: Edit,
    /// The ids of its row and column.
    pub(super) id: (RowId, ColumnId),
}

impl Place {
    #[cfg(test)]
    pub(super) const fn new((row, col): (u32, u32), edit: Edit, id: (RowId, ColumnId)) -> Self {
        Self { row, col, edit, id }
    }

    /// The cell before the target, given the edit that earlier entries of its commit have `written`, and the
    /// rows before that commit.
    fn value_before(&self, written: Option<&Edit>, held: &FxHashMap<RowId, RowBody>) -> Value {
        let (row, column) = self.id;
        let before = held.get(&row).map_or(&Value::Empty, |body| body.get(column));
        written.map_or_else(|| before.clone(), |edit| edit.apply(before))
    }
}

/// The sheet on its way back to the target.
#[derive(Debug)]
pub(super) struct GoingBack {
    state: SheetState,
    rows: Vec<Range<u64>>,
    cols: Vec<Range<u64>>,
    /// The lines that the inverse of the target inserts, and those of them that were on the sheet since.
    wanted: Lines,
    returned: Lines,
}

impl GoingBack {
    /// Begins at the current sheet.
    pub(super) fn new(current: SheetState, target: &Logged) -> Self {
        let wanted = target.inverse.as_ref().map(Lines::inserted_by).unwrap_or_default();
        let (rows, cols) = (current.row_ids(), current.column_ids());
        Self { rows, cols, state: current, wanted, returned: Lines::default() }
    }

    /// Applies the inverse of the next older change.
    pub(super) fn step(&mut self, inverse: &Delta) -> Result<(), Misfit> {
        self.returned.extend(self.wanted.deleted_by(inverse, &self.state));
        self.state.go_back(inverse)
    }

    /// The sheet has no change after the target.
    pub(super) fn arrived(self) -> AtTarget {
        let Self { state, rows, cols, returned, .. } = self;
        let since = Delta {
            rows: AxisDelta::between(&state.row_ids(), &rows),
            cols: AxisDelta::between(&state.column_ids(), &cols),
            ..Delta::identity()
        };
        let sorted = |mut ids: Vec<Range<u64>>| {
            ids.sort_unstable_by_key(|range| range.start);
            ids
        };
        let (current_rows, current_cols) = (sorted(rows), sorted(cols));
        let returned = returned.without(&current_rows, &current_cols);
        AtTarget { state, current_rows, current_cols, since, returned }
    }
}

impl AtTarget {
    /// The cells that the target edited, without those on lines that the target inserted.
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

    /// The value of each place before the target. `earlier` are the entries of its commit before the target,
    /// `held` the rows before that commit.
    pub(super) fn values_before(
        places: &[Place],
        earlier: &[Entry],
        held: &FxHashMap<RowId, RowBody>,
    ) -> Vec<Value> {
        let written = written_before(places, earlier);
        places
            .iter()
            .zip(written)
            .map(|(place, written)| place.value_before(written.as_ref(), held))
            .collect()
    }

    /// The sheet right after the target.
    pub(super) const fn state(&self) -> &SheetState {
        &self.state
    }

    /// The lines that it brings back, and that were on the sheet in between.
    pub(super) const fn returned(&self) -> &Lines {
        &self.returned
    }

    /// The sheet right before the target.
    pub(super) fn before(&self, logged: &Logged) -> Result<SheetState, Misfit> {
        let mut before = self.state.clone();
        logged.inverse.iter().try_for_each(|inverse| before.go_back(inverse))?;
        Ok(before)
    }

    /// The inverse on the current sheet, and how many of `sets` it sets: the values of the places that are to be set.
    /// `returned` are edits of cells on lines that it inserts, in positions before the target. `texts` are the inverses of
    /// text edits, which are on the current sheet already.
    pub(super) fn inverse(
        &self,
        logged: &Logged,
        places: &[Place],
        sets: &[Option<Value>],
        returned: Vec<CellEdit>,
        texts: Vec<CellEdit>,
    ) -> (Delta, usize) {
        let set = |(place, value): (&Place, &Option<Value>)| {
            Some(CellEdit::set(place.row, place.col, value.clone()?))
        };
        let cells = places.iter().zip(sets).filter_map(set);
        let structure = logged.inverse.clone().unwrap_or_default();
        let columns = former_attributes(logged);
        let lines = (!returned.is_empty()).then(|| {
            let (rows, cols) = (structure.rows.clone(), structure.cols.clone());
            self.carried(Delta::from_parts(rows, cols, returned, Vec::new()))
        });
        let whole = Delta::from_parts(structure.rows, structure.cols, cells.collect(), columns);
        let mut inverse = self.carried(whole);
        let kept = inverse.cells.len();
        if let Some(lines) = lines {
            let mut cells = inverse.cells;
            cells.extend(lines.cells);
            inverse = Delta::from_parts(inverse.rows, inverse.cols, cells, inverse.columns);
        }
        (with_cells(inverse, texts), kept)
    }

    /// An inverse on the current sheet.
    fn carried(&self, whole: Delta) -> Delta {
        // A line that a restore has inserted again meanwhile is not inserted twice.
        let again = Delta {
            rows: deletes_of_present(&whole.rows, &self.current_rows),
            cols: deletes_of_present(&whole.cols, &self.current_cols),
            ..Delta::identity()
        };
        let mut inverse = if again.is_identity() { whole } else { compose(&whole, &again) };
        // Edits that the rebase drops are on lines that are deleted by now.
        rebase(&mut inverse, &self.since);
        inverse
    }
}

/// The former attributes of columns, in positions before the target, without those that the target set to what they were.
pub(super) fn former_attributes(logged: &Logged) -> Vec<ColumnEdit> {
    let Some(inverse) = &logged.inverse else { return Vec::new() };
    let cols = AxisMap::new(&inverse.cols);
    let set = logged.entry.delta.columns.iter();
    let set: BTreeMap<u32, &ColumnEdit> =
        set.filter_map(|set| Some((cols.map_line(set.col)?, set))).collect();
    let changed = |before: &ColumnEdit| {
        let mut before = before.clone();
        if let Some(set) = set.get(&before.col) {
            before.name.take_if(|name| set.name.as_ref() == Some(&*name));
            before.kind.take_if(|kind| set.kind == Some(*kind));
            before.width.take_if(|width| set.width == Some(*width));
            before.settings.take_if(|text| set.settings.as_ref() == Some(&*text));
        }
        before
    };
    inverse.columns.iter().map(changed).filter(|before| !before.is_empty()).collect()
}

/// The delta together with cell edits that are in positions before it.
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

/// Deletes the lines that `axis` inserts although they are `present`.
fn deletes_of_present(axis: &AxisDelta, present: &[Range<u64>]) -> AxisDelta {
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
                let first = first.map_or(0, |first| first.0);
                push_present(first..first.saturating_add(u64::from(count)), present, &mut runs);
            }
            Run::Delete(_) | Run::Lift { .. } => {}
        }
    }
    AxisDelta::from_runs(runs)
}

/// Deletes the lines of `ids` that are in the sorted ranges `present`, and keeps the others: a run for each
/// stretch, not for each line.
fn push_present(ids: Range<u64>, present: &[Range<u64>], runs: &mut Vec<Run>) {
    let count = |from: u64, to: u64| u32::try_from(to - from).unwrap_or(u32::MAX);
    let mut at = ids.start;
    for there in common(present, ids.clone()) {
        runs.push(Run::Keep(count(at, there.start)));
        runs.push(Run::Delete(count(there.start, there.end)));
        at = there.end;
    }
    runs.push(Run::Keep(count(at, ids.end)));
}

/// The composed edit of each place by the `earlier` entries; `None` where they do not edit it. In a line that
/// an entry inserts, it is a set: the line was empty before. Only the first entry of a commit restores lines,
/// and before images have their cells.
fn written_before(places: &[Place], earlier: &[Entry]) -> Vec<Option<Edit>> {
    let mut written: Vec<Option<Edit>> = vec![None; places.len()];
    // Callers choose the places, so no hash of them is used.
    let mut open: BTreeMap<(u32, u32), usize> =
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
        let restores = index == 0 && entry.origin.restores_lines();
        for ((row, col), at) in std::mem::take(&mut open) {
            match (rows.map_line(row), cols.map_line(col)) {
                (Some(row), Some(col)) => {
                    open.insert((row, col), at);
                }
                // The before images have its cells.
                _ if restores => {}
                _ => {
                    let created =
                        written[at].take().map_or(Value::Empty, |it| it.apply(&Value::Empty));
                    written[at] = Some(Edit::Set(created));
                }
            }
        }
    }
    written
}

/// The number of entries of the same commit before it.
pub(super) fn earlier_count(logged: &Logged) -> u32 {
    let Revision(revision) = logged.entry.revision;
    u32::try_from((revision - 1).saturating_sub(logged.batch.0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
