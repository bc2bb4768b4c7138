//! The cells of one edit of a conversion, and what the conversion has seen so far.
//!
//! No I/O. Invariants: a batch is of one revision and within the limits of an edit; a row that was seen is not looked at
//! again.

use std::ops::ControlFlow;

use ot_engine::{CellEdit, ColumnEdit, Delta, Revision, RowId, Value};
use rustc_hash::FxHashMap;
use values::{Conversion, Converted};

use super::row_set::RowSet;
use super::tally::Tally;
use model::ColumnRecord;
use model::sizes::BATCH_BYTES;
use sheet::api::message::WindowRead;

/// The rows that a conversion need not look at, and what it has counted there.
#[derive(Debug, Default)]
pub(super) struct Seen {
    rows: RowSet,
    pub(super) tally: Tally,
    /// Rows that an edit has converted or not: another edit came between. Each with whether its value is rewritten.
    doubtful: FxHashMap<RowId, bool>,
}

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Batch {
    /// The revision of its cells.
    pub(super) base: Revision,
    /// The position of the column.
    col: u32,
    cells: Vec<CellEdit>,
    bytes: usize,
    /// The rows of the cells, each with whether its value is rewritten.
    converted: Vec<(RowId, bool)>,
    rows: RowSet,
    tally: Tally,
}

impl Batch {
    pub(super) fn new(base: Revision, col: u32) -> Self {
        Self {
            base,
            col,
            cells: Vec::new(),
            bytes: 0,
            converted: Vec::new(),
            rows: RowSet::default(),
            tally: Tally::default(),
        }
    }

    /// Adds rows of the batch's revision, up to the limits of an edit. Returns the number of rows that it has looked at,
    /// and breaks where it is full.
    pub(super) fn add(
        &mut self,
        window: &WindowRead,
        conversion: &Conversion,
        (seen, cells_most): (&Seen, usize),
    ) -> ControlFlow<u32, u32> {
        let Some(column) = window.columns.get(self.col as usize) else {
            return ControlFlow::Continue(0);
        };
        for (count, (id, body)) in (0_u32..).zip(&window.rows) {
            if self.cells.len() >= cells_most || self.bytes >= BATCH_BYTES {
                return ControlFlow::Break(count);
            }
            let is_new = !seen.rows.contains(*id) && !self.rows.contains(*id);
            if !is_new {
                continue;
            }
            self.rows.insert(*id);
            if let Some(body) = body {
                let row = (window.start_row + count, *id);
                self.value(row, body.get(column.id), conversion, seen);
            }
        }
        ControlFlow::Continue(u32::try_from(window.rows.len()).unwrap_or(u32::MAX))
    }

    fn value(&mut self, row: (u32, RowId), value: &Value, conversion: &Conversion, seen: &Seen) {
        if value.clone().normalized().is_empty() {
            return;
        }
        match conversion.of(value) {
            Converted::Fits => match seen.doubtful.get(&row.1) {
                Some(is_rewritten) => self.tally.was_converted(*is_rewritten),
                None => self.tally.fits(),
            },
            Converted::Stays(why) => self.tally.keeps(row, value, why),
            Converted::To { value: new, is_rewritten } => {
                self.tally.converts(row, (value, &new), is_rewritten);
                self.converted.push((row.1, is_rewritten));
                let cell = CellEdit::set(row.0, self.col, new);
                self.bytes += cell.edit.bytes();
                self.cells.push(cell);
            }
        }
    }

    /// Whether it has rows that were not seen before.
    pub(super) fn has_rows(&self) -> bool {
        !self.rows.is_empty()
    }

    /// Whether it changes no cell.
    pub(super) const fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Its change, with those of the column.
    pub(super) fn delta(&mut self, changes: &ColumnEdit) -> Delta {
        let column = ColumnEdit { col: self.col, ..changes.clone() };
        let columns = Some(column).filter(|column| !column.is_empty()).into_iter().collect();
        Delta { cells: std::mem::take(&mut self.cells), columns, ..Delta::identity() }
    }

    /// Its rows are done.
    pub(super) fn done(self, seen: &mut Seen) {
        seen.rows.append(self.rows);
        seen.tally.append(self.tally);
    }

    /// Some of its cells were left out, for newer ones: its rows are looked at once more.
    pub(super) fn again(self, seen: &mut Seen) {
        seen.doubtful.extend(self.converted);
    }
}

/// The position of a column.
pub(super) fn position_of(columns: &[ColumnRecord], id: ot_engine::ColumnId) -> Option<u32> {
    let at = columns.iter().position(|column| column.id == id)?;
    u32::try_from(at).ok()
}
