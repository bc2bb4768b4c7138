//! The cells of a worksheet, by row.
//!
//! Not the columns: see `layout`. Invariant: rows come in ascending order, each once, with filled cells alone.

use calamine::XlsxCellReader;
use ot_engine::Value;

use super::cells::value;
use super::parts::{FORMAT, Part};
use super::reference::has_place;
use crate::{ReadError, ReadLimits};

/// A row with at least one filled cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Counted from 0.
    pub(super) at: u32,
    /// The cells by their columns, counted from 0, in ascending order.
    pub(super) cells: Vec<(u32, Value)>,
    /// The bytes of its values.
    pub(super) bytes: usize,
}

/// Reads rows.
pub(super) struct Rows<'a, 'b> {
    reader: XlsxCellReader<'a, Part<'b>>,
    is_1904: bool,
    /// The first cell of the next row.
    next: Option<(u32, u32, Value)>,
    is_ended: bool,
    limits: ReadLimits,
}

impl<'a, 'b> Rows<'a, 'b> {
    /// `is_1904`: whether the days of the workbook are counted from 1904 on.
    pub(super) fn new(
        reader: XlsxCellReader<'a, Part<'b>>,
        is_1904: bool,
        limits: &ReadLimits,
    ) -> Self {
        Self { reader, is_1904, next: None, is_ended: false, limits: *limits }
    }

    /// Whether the last row was passed on.
    pub(super) fn is_ended(&self) -> bool {
        self.is_ended && self.next.is_none()
    }

    /// The next row; `None` at the end.
    pub(super) fn next_row(&mut self) -> Result<Option<Row>, ReadError> {
        let first = match self.next.take() {
            Some(cell) => Some(cell),
            None => self.next_cell()?,
        };
        let Some((at, column, value)) = first else { return Ok(None) };
        let bytes = bytes_of(&value);
        let mut row = Row { at, cells: vec![(column, value)], bytes };
        let mut is_ordered = true;
        while let Some((other, column, value)) = self.next_cell()? {
            if other > at {
                self.next = Some((other, column, value));
                break;
            }
            if other < at {
                return Err(error(at, format!("row {} follows it", u64::from(other) + 1)));
            }
            is_ordered &= row.cells.last().is_none_or(|(last, _)| *last < column);
            row.bytes += bytes_of(&value);
            row.cells.push((column, value));
            if row.bytes > self.limits.row_bytes {
                let most = self.limits.row_bytes;
                return Err(error(at, format!("more than {most} bytes, the most of a row")));
            }
        }
        if !is_ordered {
            // Of cells at one place the last one counts.
            row.cells.reverse();
            row.cells.sort_by_key(|(column, _)| *column);
            row.cells.dedup_by_key(|(column, _)| *column);
        }
        Ok(Some(row))
    }

    /// The next filled cell: its row, its column and its value.
    fn next_cell(&mut self) -> Result<Option<(u32, u32, Value)>, ReadError> {
        while !self.is_ended {
            let found =
                self.reader.next_cell().map_err(|error| ReadError::damaged(FORMAT, error))?;
            let Some(cell) = found else {
                self.is_ended = true;
                break;
            };
            let (row, column) = cell.get_position();
            if !has_place(row, column) {
                return Err(error(row, "a cell is beyond the end of a worksheet".to_owned()));
            }
            let value = value(cell.get_value().clone(), self.is_1904);
            if value.as_text().len() > self.limits.cell_bytes {
                let (most, name) = (self.limits.cell_bytes, csv_reader::letters(column as usize));
                return Err(error(
                    row,
                    format!("{name} has more than {most} bytes, the most of a cell"),
                ));
            }
            if value != Value::Empty {
                return Ok(Some((row, column, value)));
            }
        }
        Ok(None)
    }
}

/// The memory of a cell.
fn bytes_of(value: &Value) -> usize {
    size_of::<(u32, Value)>() + value.as_text().len()
}

fn error(row: u32, problem: String) -> ReadError {
    ReadError::Row { row: u64::from(row) + 1, problem }
}
