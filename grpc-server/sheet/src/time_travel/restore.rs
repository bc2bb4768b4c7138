//! Restore: the change that turns the current sheet into a snapshot.
//!
//! Rows and columns go from the current order to that of the snapshot, and only cells that differ are set. A
//! deleted row comes back with the cells that it had when it was deleted; Postgres keeps them.
//!
//! Not here: the snapshot (`snapshot`). Invariant: a restore that would set more cells than one edit may is
//! refused with their number, and no more cells than that are in memory.

use std::ops::Range;

use ot_engine::{AxisDelta, CellEdit, ColumnEdit, ColumnId, Delta, LineId, RowId, Value};
use rustc_hash::FxHashMap;

use super::snapshot::{Changed, Snapshot, SnapshotError};
use crate::ports::history::{History, RowVersions};
use crate::ports::storage::StoreError;
use crate::state::{SheetState, new_column};
use model::sizes::{RESTORE_READ_BYTES, RESTORED_BYTES, UNDO_STEP_BYTES};
use model::{ColumnRecord, SheetId};

/// Overwritten rows in one comparison, at most.
const COMPARED_ROWS: u64 = 4_096;
/// Created rows in one comparison, at most: a sheet of 50 million takes 400 of them.
const CREATED_ROWS: u64 = 1 << 17;
/// Bytes of memory of the rows in one comparison; a single row may take more.
const COMPARED_BYTES: usize = 32 << 20;

/// The restore of a snapshot.
#[derive(Debug)]
pub enum Restore {
    /// This change, on the current sheet.
    Change(Delta),
    /// It would set more cells than one edit may.
    TooMany {
        /// The number of cells.
        cells: u64,
        /// Their size in bytes.
        bytes: u64,
    },
}

impl Snapshot {
    /// The change that turns the `current` sheet into this snapshot. It adds its `steps`: the cells that are compared,
    /// and the bytes that are read.
    ///
    /// # Errors
    /// See [`SnapshotError`].
    pub async fn restore(
        &self,
        history: &dyn History,
        sheet: SheetId,
        current: &SheetState,
        cells_most: u32,
        steps: &mut usize,
    ) -> Result<Restore, SnapshotError> {
        let changed = self.changed_since(history, sheet).await?;
        let comparing = Comparing { onto: &self.state, is_wanted: &|_, _| true, cells_most };
        let found = self.differences(history, sheet, changed, comparing, steps).await?;
        if !found.fits(cells_most) {
            return Ok(Restore::TooMany { cells: found.count, bytes: found.bytes });
        }
        let rows = AxisDelta::between(&current.row_ids(), &self.state.row_ids());
        let cols = AxisDelta::between(&current.column_ids(), &self.state.column_ids());
        let columns = attributes(current.columns(), self.state.columns(), self.knows_settings);
        Ok(Restore::Change(Delta::from_parts(rows, cols, found.cells, columns)))
    }

    /// The cells of `changed` rows that differ from those at this snapshot, as edits that make them the same. It adds
    /// its `steps`.
    ///
    /// # Errors
    /// See [`SnapshotError`].
    pub(super) async fn differences(
        &self,
        history: &dyn History,
        sheet: SheetId,
        Changed { overwritten, created }: Changed,
        Comparing { onto, is_wanted, cells_most }: Comparing<'_>,
        steps: &mut usize,
    ) -> Result<Differences, SnapshotError> {
        let places = Places::new(onto);
        let mut found = Differences::default();
        let mut read_bytes = 0_usize;
        // Of the created rows only those with cells are read, and most have none.
        let overwritten = Comparison::new(places.those_of(overwritten), COMPARED_ROWS);
        let created = Comparison::new(places.those_of(created), CREATED_ROWS);
        for mut comparison in [overwritten, created] {
            while let Some(rows) = comparison.next() {
                let read = self.rows(history, sheet, &rows, None, COMPARED_BYTES).await;
                let is_large =
                    matches!(read, Err(SnapshotError::Store(StoreError::RowsTooLarge { .. })));
                if is_large && count_rows(&rows) > 1 {
                    comparison.too_large(rows);
                    continue;
                }
                let read = read?;
                let held =
                    read.iter().map(|row| row.current.weight_bytes() + row.at.weight_bytes());
                let held = held.sum::<usize>();
                comparison.compared(held);
                read_bytes += held;
                *steps += read.len() * (1 + onto.columns().len()) + held / UNDO_STEP_BYTES;
                if read_bytes > RESTORE_READ_BYTES {
                    return Err(StoreError::RowsTooLarge { most: RESTORE_READ_BYTES }.into());
                }
                for row in read {
                    let Some(position) = places.position(row.id) else { continue };
                    let wanted = |column| is_wanted(row.id, column);
                    found.add(differences(&row, position, onto.columns(), wanted), cells_most);
                }
            }
        }
        Ok(found)
    }
}

/// What a snapshot is compared for.
pub(super) struct Comparing<'a> {
    /// The sheet whose positions the edits have.
    pub(super) onto: &'a SheetState,
    /// Which cells are compared.
    pub(super) is_wanted: &'a (dyn Fn(RowId, ColumnId) -> bool + Sync),
    /// No more edits than this are held.
    pub(super) cells_most: u32,
}

/// Cells that differ: all are counted, and as many are held as one edit may set.
#[derive(Debug, Default)]
pub(super) struct Differences {
    pub(super) cells: Vec<CellEdit>,
    count: u64,
    bytes: u64,
}

impl Differences {
    /// Whether one edit may set them.
    pub(super) fn fits(&self, cells_most: u32) -> bool {
        self.count <= u64::from(cells_most) && self.bytes <= RESTORED_BYTES as u64
    }

    fn add(&mut self, edits: Vec<CellEdit>, cells_most: u32) {
        self.count += edits.len() as u64;
        self.bytes += edits.iter().map(size).sum::<u64>();
        if self.fits(cells_most) {
            self.cells.extend(edits);
        }
    }
}

/// The position of each row.
struct Places(Vec<(Range<u64>, u32)>);

impl Places {
    fn new(state: &SheetState) -> Self {
        let mut at = 0_u32;
        let mut places: Vec<_> = state
            .row_order()
            .spans()
            .map(|span| {
                let ids = span.start.0..span.start.0 + u64::from(span.length);
                let position = at;
                at += span.length;
                (ids, position)
            })
            .collect();
        places.sort_unstable_by_key(|(ids, _)| ids.start);
        Self(places)
    }

    fn position(&self, row: RowId) -> Option<u32> {
        let at = self.0.partition_point(|(ids, _)| ids.end <= row.0);
        let (ids, position) = self.0.get(at)?;
        let offset = row.0.checked_sub(ids.start)?;
        Some(position + u32::try_from(offset).ok()?)
    }
}

impl Places {
    /// The parts of ascending ranges that are in the sheet, the last one first.
    fn those_of(&self, ranges: Vec<Range<RowId>>) -> Vec<Range<RowId>> {
        let mut found = Vec::new();
        let mut next = 0;
        for range in ranges {
            next += self.0[next..].partition_point(|(ids, _)| ids.end <= range.start.0);
            for (ids, _) in self.0[next..].iter().take_while(|(ids, _)| ids.start < range.end.0) {
                let start = RowId(ids.start.max(range.start.0));
                found.push(start..RowId(ids.end.min(range.end.0)));
            }
        }
        found.reverse();
        found
    }
}

/// Rows that are read and compared, as many at once as their memory allows.
struct Comparison {
    /// The rows that are left, the last ones first.
    rest: Vec<Range<RowId>>,
    at_once: u64,
    most: u64,
}

impl Comparison {
    fn new(rest: Vec<Range<RowId>>, most: u64) -> Self {
        Self { rest, at_once: most, most }
    }

    /// The next rows.
    fn next(&mut self) -> Option<Vec<Range<RowId>>> {
        (!self.rest.is_empty()).then(|| first_rows(&mut self.rest, self.at_once))
    }

    /// Fat rows: fewer of them at once.
    fn too_large(&mut self, rows: Vec<Range<RowId>>) {
        self.at_once = (count_rows(&rows) / 2).max(1);
        self.rest.extend(rows.into_iter().rev());
    }

    /// The last rows held so many bytes: behind fat ones, thin ones are read together again.
    fn compared(&mut self, bytes: usize) {
        if bytes <= COMPARED_BYTES / 2 {
            self.at_once = self.at_once.saturating_mul(2).min(self.most);
        }
    }
}

fn count_rows(ranges: &[Range<RowId>]) -> u64 {
    ranges.iter().map(|range| range.end.0 - range.start.0).sum()
}

/// Takes the first rows of ranges, of which the last one is first; up to `most`, in a bounded number of ranges.
fn first_rows(ranges: &mut Vec<Range<RowId>>, most: u64) -> Vec<Range<RowId>> {
    let (mut first, mut left) = (Vec::new(), most.max(1));
    while left > 0
        && (first.len() as u64) < COMPARED_ROWS
        && let Some(mut range) = ranges.pop()
    {
        let count = left.min(range.end.0 - range.start.0);
        left -= count;
        let middle = RowId(range.start.0 + count);
        first.push(range.start..middle);
        range.start = middle;
        if !range.is_empty() {
            ranges.push(range);
        }
    }
    first
}

/// The cells of a row that differ, as edits.
fn differences(
    row: &RowVersions,
    position: u32,
    columns: &[ColumnRecord],
    is_wanted: impl Fn(ColumnId) -> bool,
) -> Vec<CellEdit> {
    let differs = |(_, column): &&(u32, &ColumnRecord)| {
        is_wanted(column.id) && row.current.get(column.id) != row.at.get(column.id)
    };
    let set = |(col, column): (u32, &ColumnRecord)| {
        CellEdit::set(position, col, row.at.get(column.id).clone())
    };
    (0..).zip(columns).filter(|column| differs(&column)).map(set).collect()
}

/// The size of a cell in a message, in bytes, roughly.
fn size(cell: &CellEdit) -> u64 {
    match cell.edit.as_set() {
        Some(Value::Text(text)) => text.len() as u64 + 8,
        _ => 8,
    }
}

/// The column attributes that differ, as edits. A column that comes back is blank before them. Settings that are not known
/// stay as they are.
fn attributes(
    current: &[ColumnRecord],
    at: &[ColumnRecord],
    knows_settings: bool,
) -> Vec<ColumnEdit> {
    let by_id: FxHashMap<ColumnId, &ColumnRecord> =
        current.iter().map(|column| (column.id, column)).collect();
    let edit = |(col, column): (u32, &ColumnRecord)| {
        let blank = new_column(LineId(column.id.0));
        let current = by_id.get(&column.id).copied().unwrap_or(&blank);
        let is_known = knows_settings || !column.settings.is_empty();
        let edit = ColumnEdit {
            col,
            name: (current.name != column.name).then(|| column.name.clone()),
            kind: (current.kind != column.kind).then_some(column.kind),
            width: (current.width != column.width).then(|| column.width.unwrap_or(0)),
            settings: (is_known && current.settings != column.settings)
                .then(|| column.settings.clone()),
        };
        (!edit.is_empty()).then_some(edit)
    };
    (0..).zip(at).filter_map(edit).collect()
}

#[cfg(test)]
mod tests {
    use allocation_counter::measure;

    use super::*;
    use crate::sample::{columns, record};

    fn range(start: u64, end: u64) -> Range<RowId> {
        RowId(start)..RowId(end)
    }

    #[test]
    fn rows_are_compared_in_ranges_of_those_that_are_there() {
        let places = Places(vec![(3..6, 10), (8..9, 0), (20..30, 1)]);
        let mut there = places.those_of(vec![range(1, 4), range(5, 9), range(21, 40)]);
        assert_eq!(there, [range(21, 30), range(8, 9), range(5, 6), range(3, 4)]);
        assert_eq!(
            first_rows(&mut there, 4),
            [range(3, 4), range(5, 6), range(8, 9), range(21, 22)]
        );
        assert_eq!((first_rows(&mut there, 0), count_rows(&there)), (vec![range(22, 23)], 7));
        assert_eq!(first_rows(&mut there, u64::MAX), [range(23, 30)]);
        assert!(there.is_empty() && first_rows(&mut there, 9).is_empty());
    }

    #[test]
    fn settings_that_an_earlier_release_did_not_note_stay() {
        let with = |settings: [&str; 2]| {
            let mut columns = columns(2);
            for (column, settings) in columns.iter_mut().zip(settings) {
                column.settings = settings.into();
            }
            columns
        };
        let (current, at) = (with(["option a", "refuse"]), with(["", "percent"]));
        let restored = |knows_settings| {
            let edits = attributes(&current, &at, knows_settings);
            edits.into_iter().map(|edit| (edit.col, edit.settings)).collect::<Vec<_>>()
        };
        let set = |col: u32, settings: &str| (col, Some(std::sync::Arc::<str>::from(settings)));
        assert_eq!(restored(true), [set(0, ""), set(1, "percent")]);
        assert_eq!(restored(false), [set(1, "percent")]);
    }

    /// The reads that rows of these sizes take, by their ids.
    fn reads(sizes: &[usize]) -> u32 {
        let all = range(0, sizes.len() as u64);
        let (mut comparison, mut reads) = (Comparison::new(vec![all], COMPARED_ROWS), 0);
        while let Some(rows) = comparison.next() {
            reads += 1;
            let ids = rows.iter().flat_map(|ids| ids.start.0..ids.end.0);
            let bytes = ids.map(|id| sizes[id as usize]).sum();
            if bytes > COMPARED_BYTES && count_rows(&rows) > 1 {
                comparison.too_large(rows);
            } else {
                comparison.compared(bytes);
            }
        }
        reads
    }

    #[test]
    fn thin_rows_behind_fat_ones_are_read_together() {
        let (fat, thin) = (vec![COMPARED_BYTES - 1; 20], vec![100; 100_000]);
        assert!(reads(&thin) <= 100_000 / COMPARED_ROWS as u32 + 1);
        let mixed = reads(&[&fat[..], &thin, &fat, &thin].concat());
        // Two reads for each fat row, and the steps down and up again.
        assert!(mixed < 4 * 20 + 2 * 100_000 / COMPARED_ROWS as u32 + 80, "{mixed}");
        // The reads follow the bytes, wherever the fat rows are.
        let scattered = |count: usize| {
            let row = |at: usize| if at.is_multiple_of(1_000) { COMPARED_BYTES - 1 } else { 100 };
            reads(&(0..1_000 * count).map(row).collect::<Vec<_>>())
        };
        let (one, two, four) = (scattered(50), scattered(100), scattered(200));
        assert!(two < one * 5 / 2 && four < two * 5 / 2, "{one} {two} {four}");
        assert!(one < 50 * 40, "{one}");
    }

    /// One command creates as many rows as a sheet may have.
    #[test]
    fn created_rows_without_cells_cost_nothing() {
        let places = Places::new(&SheetState::new(&record(50_000_000, 1)).expect("a sheet"));
        let cost = measure(|| {
            let mut rest = places.those_of(vec![range(1, 50_000_001)]);
            assert_eq!(first_rows(&mut rest, u64::MAX), [range(1, 50_000_001)]);
        });
        assert!(cost.bytes_total < 4_096, "{cost:?}");
    }
}
