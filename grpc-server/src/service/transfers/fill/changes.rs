//! The cells that a merge changes: the rows of the sheet are read, compared with those of the source, and what differs waits
//! for an edit.
//!
//! Not which rows have the same key. Invariants: the cells of one edit are compared at one revision, so a change that comes
//! between is newer and stays; what waits has a bound in cells and in bytes, but for one read.

use std::collections::HashMap;
use std::mem::take;
use std::ops::Range;

use heavy_work::{Caller, Size, run_sized};
use jobs::Failure;
use ot_engine::{CellEdit, ColumnId, Edit, Revision, RowId, Value};

use super::batches::Row;
use super::edited::{Edited, Layout};
use super::failures::{failure, panicked};
use super::keys::are_equal;
use super::rules::Refused;
use model::limits::tables::FILL_EDIT_BYTES;
use sheet::api::message::WindowRead;

/// How often rows that others move meanwhile are looked for, since one was found.
const ROUNDS: usize = 8;
/// Rows of one read.
const READ_ROWS: u32 = 1_000;
/// Rows between two that are read, too, where that spares another read.
const GAP_ROWS: u32 = 32;

/// Rows of the source, by the rows of the sheet that have their keys.
pub(super) type Wanted = HashMap<RowId, Row>;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Changes {
    /// The place of the key in the source, and its column.
    key: (usize, ColumnId),
    most_cells: usize,
    base: Revision,
    cells: Vec<CellEdit>,
    bytes: usize,
    /// The rows of these cells.
    rows: u64,
    pub(super) counts: Counts,
}

/// Rows that have no cell to change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// All cells are equal, or the source has nothing for them.
    pub(super) unchanged: u64,
    /// The row was deleted, or has another key by now.
    pub(super) gone: u64,
    /// Others have moved the row again and again.
    pub(super) moved: u64,
}

/// What a read has shown.
#[derive(Debug, Default)]
struct Compared {
    /// The cells of each row that differs, with their bytes.
    rows: Vec<(Vec<CellEdit>, usize)>,
    counts: Counts,
    refused: Refused,
}

impl Changes {
    pub(super) fn new(key: (usize, ColumnId), edit_cells: u32) -> Self {
        let most_cells = usize::try_from(edit_cells).unwrap_or(usize::MAX);
        let (base, cells) = (Revision(0), Vec::new());
        Self { key, most_cells, base, cells, bytes: 0, rows: 0, counts: Counts::default() }
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
        let (Compared { rows, counts, refused }, wanted) = compared.map_err(panicked)?;
        self.counts.add(counts);
        edited.refused.append(refused);
        for (cells, bytes) in rows {
            let is_full = self.cells.len().saturating_add(cells.len()) > self.most_cells
                || self.bytes.saturating_add(bytes) > FILL_EDIT_BYTES;
            if self.base != base || is_full {
                self.edit(edited).await?;
                self.base = base;
            }
            self.cells.extend(cells);
            self.bytes += bytes;
            self.rows += 1;
        }
        Ok(wanted)
    }

    /// Makes the edit of the cells that wait.
    pub(super) async fn edit(&mut self, edited: &mut Edited<'_>) -> Result<(), Failure> {
        let (cells, rows) = (take(&mut self.cells), take(&mut self.rows));
        self.bytes = 0;
        if cells.is_empty() { Ok(()) } else { edited.change(self.base, (cells, rows)).await }
    }
}

impl Counts {
    fn add(&mut self, more: Self) {
        self.unchanged += more.unchanged;
        self.gone += more.gone;
        self.moved += more.moved;
    }
}

/// The cells in which rows of a read differ from those of the source, which are taken out of `wanted`.
fn compare(
    window: &WindowRead,
    wanted: &mut Wanted,
    layout: &Layout,
    (key, key_column): (usize, ColumnId),
) -> Compared {
    let mut compared = Compared::default();
    for (row, (id, body)) in (window.start_row..).zip(&window.rows) {
        let Some(Row { number, mut values }) = wanted.remove(id) else { continue };
        let now = |column| body.as_ref().map_or(&Value::Empty, |body| body.get(column));
        if !are_equal(now(key_column), values.get(key).unwrap_or(&Value::Empty)) {
            compared.counts.gone += 1;
            continue;
        }
        let (mut cells, mut bytes) = (Vec::new(), 0);
        for &(col, at, column) in &layout.order {
            let value = values.get_mut(at).map(take).unwrap_or_default();
            let before = now(column);
            if at == key || value == *before {
                continue;
            }
            let refused = &mut compared.refused;
            if let Some(value) = layout.rules.take((number, at), value, refused)
                && value != *before
            {
                let cell = CellEdit::set(row, col, value);
                // An undo reads and sets the former value.
                bytes += cell.edit.bytes() + Edit::Set(before.clone()).bytes();
                cells.push(cell);
            }
        }
        match cells.is_empty() {
            true => compared.counts.unchanged += 1,
            false => compared.rows.push((cells, bytes)),
        }
    }
    compared
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
    use std::sync::Arc;

    use model::{ColumnRecord, RowBody};
    use ot_engine::ColumnKind;

    use super::super::rules::Rules;
    use super::*;

    #[test]
    fn rows_that_are_near_each_other_are_read_at_once() {
        assert_eq!(ranges(&[3, 4, 30, 100]), [3..31, 100..101]);
        assert!(ranges(&[]).is_empty());
        let all: Vec<u32> = (0..READ_ROWS + 1).collect();
        assert_eq!(ranges(&all), [0..READ_ROWS, READ_ROWS..READ_ROWS + 1]);
    }

    fn window(rows: Vec<[Value; 2]>) -> (WindowRead, Layout) {
        let column = |id| ColumnRecord {
            id: ColumnId(id),
            name: "".into(),
            kind: ColumnKind::Any,
            width: None,
            settings: "".into(),
        };
        let columns: Arc<[ColumnRecord]> = [column(1), column(2)].into();
        let body = |(id, [key, value]): (u64, [Value; 2])| {
            let body: RowBody = [(ColumnId(1), key), (ColumnId(2), value)].into_iter().collect();
            (RowId(id), Some(Arc::new(body)))
        };
        let window = WindowRead {
            epoch: 1,
            revision: Revision(1),
            start_row: 10,
            row_count: 100,
            rows: (1..).zip(rows).map(body).collect(),
            columns: Arc::clone(&columns),
        };
        let rules = Rules::of(ot_engine::Limits::DEFAULT, columns.iter());
        let layout = Layout::sample(columns, vec![(0, 0, ColumnId(1)), (1, 1, ColumnId(2))], rules);
        (window, layout)
    }

    #[test]
    fn cells_that_differ_change_and_empty_values_change_none() {
        let text = |text: &str| Value::from(text);
        let (window, layout) = window(vec![
            [text("a"), text("old")],
            [text("b"), text("same")],
            [text("c"), text("kept")],
            [text("other by now"), text("x")],
            [text("not wanted"), text("x")],
        ]);
        let row = |number, key: &str, value: &str| {
            (RowId(number), Row { number, values: vec![text(key), text(value)] })
        };
        let mut wanted: Wanted = HashMap::from([
            row(1, "a", "new"),
            row(2, "b", "same"),
            row(3, "c", ""),
            row(4, "d", "new"),
            row(9, "z", "elsewhere"),
        ]);
        let compared = compare(&window, &mut wanted, &layout, (0, ColumnId(1)));
        assert_eq!(compared.counts, Counts { unchanged: 2, gone: 1, moved: 0 });
        let cells: Vec<_> = compared.rows.iter().flat_map(|(cells, _)| cells).collect();
        assert_eq!(cells, [&CellEdit::set(10, 1, "new")]);
        assert_eq!(wanted.into_keys().collect::<Vec<_>>(), [RowId(9)]);
    }
}
