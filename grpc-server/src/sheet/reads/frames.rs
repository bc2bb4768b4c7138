//! Rows and columns as sessions and callers see them.

use std::ops::Range;
use std::sync::Arc;

use gridloom::convert;
use gridloom::v1::{self, server_frame::Frame};
use ot_engine::RowId;

use crate::model::{ColumnRecord, RowBody};
use crate::sheet::task::SheetTask;

/// Encoded cells after which a frame is closed, in bytes. A session keeps a buffer for the largest.
const CELLS_FRAME_BYTES: usize = 32 * 1024;

impl SheetTask {
    /// Rows as frames, none much larger than [`CELLS_FRAME_BYTES`].
    pub(super) fn cell_frames(
        &self,
        start: u32,
        cols: &Range<u32>,
        rows: &[(RowId, Arc<RowBody>)],
    ) -> Vec<v1::ServerFrame> {
        let columns = self.state.columns();
        let end = (cols.end as usize).min(columns.len());
        let first = (cols.start as usize).min(end);
        let columns = &columns[first..end];
        let mut frames = Vec::new();
        let mut frame = self.cells_frame(start, cols.start, columns.len());
        let mut bytes = 0;
        for (at, (row, body)) in (start..).zip(rows) {
            if bytes >= CELLS_FRAME_BYTES {
                frames.push(std::mem::replace(
                    &mut frame,
                    self.cells_frame(at, cols.start, columns.len()),
                ));
                bytes = 0;
            }
            let values = row_values(body, columns.iter().map(|column| column.id));
            bytes += values.iter().map(prost::Message::encoded_len).sum::<usize>() + 16;
            frame.rows.push(v1::RowCells { row_id: row.0, values });
        }
        frames.push(frame);
        frames
            .into_iter()
            .map(|cells| v1::ServerFrame { frame: Some(Frame::Window(cells)) })
            .collect()
    }

    pub(super) fn cells_frame(
        &self,
        start_row: u32,
        start_col: u32,
        columns: usize,
    ) -> v1::WindowCells {
        v1::WindowCells {
            revision: self.sequencer.head().0,
            start_row,
            start_col,
            // The column limit is far below u32::MAX.
            column_count: u32::try_from(columns).unwrap_or(u32::MAX),
            rows: Vec::new(),
            last: false,
        }
    }
}

/// A column as the wire names it.
pub fn column_to_wire(column: &ColumnRecord) -> v1::Column {
    v1::Column {
        id: column.id.0.to_string(),
        name: column.name.to_string(),
        kind: convert::kind_to_wire(column.kind).into(),
        width: column.width.unwrap_or_default(),
    }
}

/// The values of a row in the order of columns, empty ones at the end left out.
pub fn row_values(
    body: &RowBody,
    columns: impl Iterator<Item = ot_engine::ColumnId>,
) -> Vec<v1::Value> {
    let mut values: Vec<v1::Value> =
        columns.map(|column| convert::value_to_wire(body.get(column))).collect();
    while values.last().is_some_and(|value| value.kind.is_none()) {
        values.pop();
    }
    values
}
