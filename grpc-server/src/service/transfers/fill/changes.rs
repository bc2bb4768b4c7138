//! The cells that a merge changes: the rows of the sheet are read, compared with those of the source, and what differs waits
//! for an edit.
//!
//! | file | holds |
//! | --- | --- |
//! | `compare` | the cells that differ |
//! | `since` | the sheet as it was when the job was requested |
//! | `conflicts` | the cells that were changed since |
//!
//! Not which rows have the same key. Invariants: a cell that has changed since the request stays, and is reported; the cells of
//! one edit are compared at one revision, so a change that comes between is newer and stays, too; what waits has a bound in
//! cells and in bytes, but for one read.

mod compare;
mod conflicts;
mod since;

use std::mem::take;
use std::ops::Range;

use heavy_work::{Caller, Size, run_sized};
use jobs::Failure;
use ot_engine::{ColumnId, Revision, RowId};

use self::compare::{Compared, Counts, Differing, compare};
use self::conflicts::Conflicts;
use super::edited::Edited;
use super::failures::{failure, panicked};
use super::notes::Notes;
use model::limits::tables::FILL_EDIT_BYTES;

pub(super) use self::compare::Wanted;
pub(super) use self::since::Since;

/// How often rows that others move meanwhile are looked for, since one was found.
const ROUNDS: usize = 8;
/// Rows of one read.
const READ_ROWS: u32 = 1_000;
/// Rows between two that are read, too, where that spares another read.
const GAP_ROWS: u32 = 32;
/// Rows whose lost cells are looked for at once.
const LOST_ROWS: usize = 1_000;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Changes {
    /// The place of the key in the source, and its column.
    key: (usize, ColumnId),
    since: Since,
    most_cells: usize,
    base: Revision,
    /// The rows whose cells wait.
    rows: Vec<Differing>,
    cells: usize,
    bytes: usize,
    counts: Counts,
    conflicts: Conflicts,
}

impl Changes {
    pub(super) fn new(key: (usize, ColumnId), since: Since, edit_cells: u32) -> Self {
        let most_cells = usize::try_from(edit_cells).unwrap_or(usize::MAX);
        let (counts, conflicts) = (Counts::default(), Conflicts::default());
        let (base, rows) = (Revision(0), Vec::new());
        Self { key, since, most_cells, base, rows, cells: 0, bytes: 0, counts, conflicts }
    }

    /// Compares rows of the source with those of the sheet.
    pub(super) async fn find(
        &mut self,
        edited: &mut Edited<'_>,
        mut wanted: Wanted,
    ) -> Result<(), Failure> {
        let mut rounds = 0;
        while !wanted.is_empty() && rounds < ROUNDS {
            let count = wanted.len();
            let ids: Vec<u64> = wanted.keys().map(|id| id.0).collect();
            let found = edited.sheet.places(&ids).await.map_err(failure)?;
            for (id, _) in ids.iter().zip(&found).filter(|(_, place)| place.is_none()) {
                wanted.remove(&RowId(*id));
                self.counts.gone += 1;
            }
            let mut places: Vec<u32> = found.into_iter().flatten().collect();
            places.sort_unstable();
            for rows in ranges(&places) {
                wanted = self.read(edited, rows, wanted).await?;
            }
            // A read of large rows has fewer than it was asked for.
            rounds = if wanted.len() < count { 0 } else { rounds + 1 };
        }
        self.counts.moved += wanted.len() as u64;
        Ok(())
    }

    /// Compares the rows of one read. Returns the rows of the source that it has not shown.
    async fn read(
        &mut self,
        edited: &mut Edited<'_>,
        rows: Range<u32>,
        mut wanted: Wanted,
    ) -> Result<Wanted, Failure> {
        let window = edited.sheet.window(rows).await.map_err(failure)?;
        let (layout, base, key) = (edited.layout(&window.columns)?, window.revision, self.key);
        let size = Size::Items(window.rows.len().saturating_mul(layout.order.len()));
        let meter = edited.meter();
        let work = move || {
            let compared = meter.busy(|| compare(&window, &mut wanted, &layout, key));
            (compared, wanted)
        };
        let compared = run_sized(Caller::Account(edited.account), size, work).await;
        let (Compared { mut rows, counts, refused }, wanted) = compared.map_err(panicked)?;
        self.counts.add(counts);
        edited.refused.append(refused);
        if !rows.is_empty() && !edited.own.are_all(self.since.revision(), base) {
            self.keep_newer(edited, &mut rows).await?;
        }
        for row in rows {
            let (cells, bytes) = (row.cells.len(), row.bytes());
            let is_full = self.cells.saturating_add(cells) > self.most_cells
                || self.bytes.saturating_add(bytes) > FILL_EDIT_BYTES;
            if self.base != base || is_full {
                self.edit(edited).await?;
                self.base = base;
            }
            self.cells += cells;
            self.bytes += bytes;
            self.rows.push(row);
        }
        Ok(wanted)
    }

    /// Takes the cells out that have changed since the request.
    async fn keep_newer(
        &mut self,
        edited: &Edited<'_>,
        rows: &mut Vec<Differing>,
    ) -> Result<(), Failure> {
        // What the read has shown may not be in Postgres yet.
        edited.sheet.flushed().await.map_err(failure)?;
        let mut rest = take(rows);
        while !rest.is_empty() {
            let ids = rest.iter().map(|row| row.id).collect();
            let (count, versions) = self.since.first(ids, &edited.ids).await?;
            let later = rest.split_off(count.min(rest.len()));
            let (mut conflicts, columns) = (take(&mut self.conflicts), edited.columns.clone());
            let size = Size::Items(rest.iter().map(|row| row.cells.len()).sum());
            let work = move || {
                rest.iter_mut().for_each(|row| conflicts.take(row, &versions, &columns));
                rest.retain(|row| !row.cells.is_empty());
                (rest, conflicts)
            };
            let looked = run_sized(Caller::Account(edited.account), size, work).await;
            let (kept, conflicts) = looked.map_err(panicked)?;
            self.conflicts = conflicts;
            rows.extend(kept);
            rest = later;
        }
        Ok(())
    }

    /// Makes the edit of the cells that wait.
    pub(super) async fn edit(&mut self, edited: &mut Edited<'_>) -> Result<(), Failure> {
        let rows = take(&mut self.rows);
        (self.cells, self.bytes) = (0, 0);
        if rows.is_empty() {
            return Ok(());
        }
        let cells = rows.iter().flat_map(|row| row.cells.iter().map(|cell| cell.edit.clone()));
        let cells = cells.collect();
        let lost = edited.change(self.base, (cells, rows.len() as u64)).await?;
        self.conflicts.lost(lost);
        self.name_lost(edited, &rows, lost).await
    }

    /// Names some of the cells that an edit has lost: those in which the sheet has another value afterwards.
    async fn name_lost(
        &mut self,
        edited: &Edited<'_>,
        rows: &[Differing],
        mut lost: u64,
    ) -> Result<(), Failure> {
        for some in rows.chunks(LOST_ROWS) {
            if lost == 0 || self.conflicts.is_full() {
                break;
            }
            let ids: Vec<u64> = some.iter().map(|row| row.id.0).collect();
            let places = edited.sheet.places(&ids).await.map_err(failure)?;
            // A row that was deleted has no value.
            let there = some.iter().zip(&places).filter(|(_, place)| place.is_some());
            let there: Vec<&Differing> = there.map(|(row, _)| row).collect();
            let mut rest = &there[..];
            while !rest.is_empty() && lost > 0 {
                let ids: Vec<RowId> = rest.iter().map(|row| row.id).collect();
                let (count, versions) = self.since.first(ids, &edited.ids).await?;
                let (read, later) = rest.split_at(count.min(rest.len()));
                for row in read {
                    let named = self.conflicts.name_lost(row, &versions, (&edited.columns, lost));
                    lost = lost.saturating_sub(named);
                }
                rest = later;
            }
        }
        Ok(())
    }

    /// The sentences about rows and cells that stay as they are.
    pub(super) fn note(self, notes: &mut Notes) {
        self.counts.note(notes);
        self.conflicts.note(notes);
    }
}

/// The reads that have these places, which ascend.
fn ranges(places: &[u32]) -> Vec<Range<u32>> {
    let mut ranges: Vec<Range<u32>> = Vec::new();
    for place in places {
        let end = place.saturating_add(1);
        match ranges.last_mut() {
            Some(last)
                if place.saturating_sub(last.end) <= GAP_ROWS
                    && end.saturating_sub(last.start) <= READ_ROWS =>
            {
                last.end = end;
            }
            _ => ranges.push(*place..end),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_near_each_other_are_read_at_once() {
        assert_eq!(ranges(&[3, 4, 30, 100]), [3..31, 100..101]);
        assert!(ranges(&[]).is_empty());
        let all: Vec<u32> = (0..READ_ROWS + 1).collect();
        assert_eq!(ranges(&all), [0..READ_ROWS, READ_ROWS..READ_ROWS + 1]);
    }
}
