//! The columns of a worksheet, from its first filled rows.
//!
//! Not the values of cells: see `cells`. Invariant: a cell is in the column of its letters, or in the last column with its
//! place, so none is lost and none makes the table wide.

use std::fmt::Write as _;
use std::sync::Arc;

use csv_reader::{FirstRow, letters};
use ot_engine::Value;

use super::rows::Row;
use crate::error::short;
use crate::formats::shape::{Seen, Shape, too_large_other};
use crate::limits::NAME_BYTES;
use crate::{Options, ReadError};

/// Why a value belongs to no column.
const WHY: &str = "outside of the columns of the first rows";
/// Empty columns between two filled ones that are kept: what is behind more of them is far away.
const BLANK_COLUMNS: u32 = 100;
/// Cells with which it is judged if the first row has names: a few rows of a wide table are enough.
const JUDGED_CELLS: usize = 256 * 1024;

/// The columns.
pub(super) struct Layout {
    /// The first one, counted from 0.
    first: u32,
    pub(super) shape: Shape,
    /// Whether the first row has names.
    pub(super) has_header: bool,
    /// Whether a person should choose that.
    pub(super) is_header_in_doubt: bool,
    doubts: Vec<String>,
    cell_bytes: usize,
}

impl Layout {
    /// Of these rows, which are the first filled ones.
    pub(super) fn of(sample: &[Row], options: &Options) -> Result<Self, ReadError> {
        let (first, width) = extent(sample);
        if width > options.limits.columns {
            let limit = options.limits.columns as u64;
            return Err(ReadError::Limit { what: "columns of a table", limit });
        }
        let judged = (JUDGED_CELLS / width.max(1)).max(2);
        let rows: Vec<Vec<Value>> =
            sample.iter().take(judged).map(|row| dense(row, first, width)).collect();
        let mut layout = Self {
            first,
            shape: Shape::new([], options),
            has_header: false,
            is_header_in_doubt: false,
            doubts: Vec::new(),
            cell_bytes: options.limits.cell_bytes,
        };
        let Some((head, below)) = rows.split_first() else {
            layout.doubts.push("the worksheet is empty".to_owned());
            return Ok(layout);
        };
        layout.judge(head, below, options);
        let mut seen = vec![Seen::default(); width];
        for row in sample.iter().skip(usize::from(layout.has_header)) {
            for (column, value) in &row.cells {
                if let Some(seen) = seen.get_mut((column - first) as usize) {
                    seen.see(value);
                }
            }
        }
        let far = sample.first().filter(|_| layout.has_header).map_or(0, |row| {
            let is_far = |(column, _): &&(u32, Value)| (column - first) as usize >= width;
            row.cells.iter().filter(is_far).count()
        });
        layout.doubts.extend(match far {
            0 => None,
            1 => Some("1 name far to the right of the others was left out".to_owned()),
            far => Some(format!("{far} names far to the right of the others were left out")),
        });
        let name = |at: usize| match layout.has_header {
            true => values::exact(&head[at]).trim().to_owned(),
            false => letters(first as usize + at),
        };
        let names: Vec<String> = (0..width).map(name).collect();
        if names.iter().any(|name| name.len() > NAME_BYTES) {
            let limit = NAME_BYTES as u64;
            return Err(ReadError::Limit { what: "bytes of a column's name", limit });
        }
        let names = names.into_iter().map(Arc::from);
        layout.shape = Shape::new(names.zip(seen), options);
        Ok(layout)
    }

    /// Decides if the first row has names.
    fn judge(&mut self, head: &[Value], below: &[Vec<Value>], options: &Options) {
        match (options.csv.header, FirstRow::of(head, below)) {
            (Some(chosen), _) => self.has_header = chosen,
            (None, FirstRow::Names(doubt)) => {
                self.has_header = true;
                self.doubts.extend(doubt);
            }
            (None, FirstRow::Data(field)) => {
                self.is_header_in_doubt = true;
                let field = short(&field);
                self.doubts.push(format!(
                    "the first row was read as a row, since {field:?} is of the same kind as the values below it; if it has \
                     names, choose a header"
                ));
            }
        }
    }

    /// Whether a cell of these rows is outside of the columns.
    pub(super) fn has_far_cells(&self, rows: &[Row]) -> bool {
        let cells = rows.iter().flat_map(|row| &row.cells);
        cells.into_iter().any(|(column, _)| self.place_of(*column).is_none())
    }

    fn place_of(&self, column: u32) -> Option<usize> {
        let at = column.checked_sub(self.first)? as usize;
        (at < self.shape.width()).then_some(at)
    }

    /// A row of the table.
    pub(super) fn place(&mut self, row: Row) -> Result<Vec<Value>, ReadError> {
        let mut placed = vec![Value::Empty; self.shape.width()];
        let mut others = String::new();
        for (column, value) in row.cells {
            match self.place_of(column) {
                Some(at) => placed[at] = self.shape.fit(at, value),
                None => {
                    others.push(if others.is_empty() { '{' } else { ',' });
                    let (name, number) = (letters(column as usize), u64::from(row.at) + 1);
                    // Writing to a text can't fail.
                    let _ = write!(others, "\"{name}{number}\":{}", json(&value));
                    // With the bracket that closes it.
                    if others.len() >= self.cell_bytes {
                        let problem = too_large_other(self.cell_bytes);
                        return Err(ReadError::Row { row: number, problem });
                    }
                }
            }
        }
        if !others.is_empty() {
            others.push('}');
            self.shape.count_other();
            placed.push(Value::from(&*others));
        }
        Ok(placed)
    }

    /// What a person should know of the columns.
    pub(super) fn doubts(&self) -> Vec<String> {
        self.doubts.iter().cloned().chain(self.shape.doubts(WHY)).collect()
    }
}

/// The first column of these rows, and how many they are up to the last one that is not far away.
fn extent(rows: &[Row]) -> (u32, usize) {
    let mut used: Vec<u32> =
        rows.iter().flat_map(|row| &row.cells).map(|(column, _)| *column).collect();
    used.sort_unstable();
    used.dedup();
    let Some(first) = used.first().copied() else { return (0, 0) };
    let is_near = |pair: &&[u32]| pair[1] - pair[0] <= BLANK_COLUMNS + 1;
    let last = used.windows(2).take_while(is_near).last().map_or(first, |pair| pair[1]);
    (first, (last - first) as usize + 1)
}

/// The values of a row in these columns.
fn dense(row: &Row, first: u32, width: usize) -> Vec<Value> {
    let mut values = vec![Value::Empty; width];
    for (column, value) in &row.cells {
        let at = column.checked_sub(first).map(|at| at as usize);
        if let Some(cell) = at.and_then(|at| values.get_mut(at)) {
            cell.clone_from(value);
        }
    }
    values
}

/// A value as JSON.
fn json(value: &Value) -> String {
    let text = values::exact(value);
    match value {
        Value::Bool(_) | Value::Number(_) => text.into_owned(),
        // A text is always one of JSON.
        _ => serde_json::to_string(&*text).unwrap_or_default(),
    }
}
