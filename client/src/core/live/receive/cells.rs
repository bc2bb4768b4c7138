//! `Window` frames: loads cells into the replica.
//!
//! The viewport decides which rows are fetched. Invariant: cells outside the sheet are refused before
//! anything changes.

use std::ops::Range;

use gridloom::convert::{ConvertError, value_from_wire};
use gridloom::v1;
use ot_engine::{Block, Replica, Revision, RowId, Value};

use super::super::LiveSheet;
use crate::core::error::ProtocolError;
use crate::core::event::Event;

impl LiveSheet {
    pub(super) fn cells(
        &mut self,
        cells: v1::WindowCells,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let replica = &mut session.replica;
        if Revision(cells.revision) < replica.revision() {
            let (cells, stream) = (Revision(cells.revision), replica.revision());
            return Err(ProtocolError::WrongRevision { cells, stream });
        }
        replica.skip_to(Revision(cells.revision));
        let columns = replica.confirmed().size().cols;
        let Some(cells) = self.parts.take(cells, columns) else { return Ok(()) };
        let last = cells.last;
        let block = block(cells, replica)?;
        self.viewport.answered(block.rows.len(), replica);
        if !block.rows.is_empty() {
            replica.load(&block);
            let rows = loaded_rows(&block, replica);
            events.push(Event::Loaded { rows });
        }
        if last {
            self.viewport.finished(replica);
        }
        Ok(())
    }
}

/// The cells of a frame, checked against the sheet.
fn block(cells: v1::WindowCells, replica: &Replica) -> Result<Block, ProtocolError> {
    let size = replica.confirmed().size();
    let refuse = |field: &str, rule: &str| {
        Err(ConvertError { field: format!("window.{field}"), rule: rule.to_owned() }.into())
    };
    let (start, width) = (cells.start_col, cells.column_count);
    let Some(end) = start.checked_add(width).filter(|end| *end <= size.cols) else {
        return refuse("column_count", "reaches past the last column");
    };
    let count = cells.rows.len() as u64;
    if u64::from(cells.start_row) + count > u64::from(size.rows) {
        return refuse("rows", "reach past the last row");
    }
    let ids = cells.rows.iter().map(|row| RowId(row.row_id)).collect();
    let mut rows = Vec::with_capacity(cells.rows.len());
    for (i, row) in cells.rows.into_iter().enumerate() {
        if row.values.len() > width as usize {
            return refuse(
                &format!("rows[{i}].values"),
                "has more values than the frame has columns",
            );
        }
        let values: Result<Vec<Value>, _> = row.values.into_iter().map(value_from_wire).collect();
        rows.push(values.map_err(|error| error.within(&format!("window.rows[{i}]")))?);
    }
    Ok(Block { row: cells.start_row, cols: start..end, rows, ids })
}

/// The rows of a block in the view; all rows while own pending edits move rows.
fn loaded_rows(block: &Block, replica: &Replica) -> Range<u32> {
    let moved = replica.session().pending().any(|(_, delta)| !delta.rows.is_identity());
    if moved {
        return 0..replica.view().size().rows;
    }
    let count = u32::try_from(block.rows.len()).unwrap_or(u32::MAX);
    block.row..block.row.saturating_add(count)
}
