//! Rows of a result, in parts of bounded cells and bytes.
//!
//! Not their form in a file: the caller writes it. Invariant: a result and each of its rows keep to the limits of a table, so that the
//! file is read as one.

use ot_engine::Value;
use tables::ReadLimits;

use crate::QueryError;
use crate::steps::Making;

/// Cells of a part, and bytes of its values; one more row may be beyond it.
const CELLS: usize = 64 * 1024;
const BYTES: usize = 1024 * 1024;

/// Receives the rows of a part.
pub(super) type Each<'a> = &'a mut dyn FnMut(Vec<Vec<Value>>) -> Result<(), QueryError>;

/// Rows that wait for a part to be full.
#[derive(Default)]
pub(super) struct Part {
    rows: Vec<Vec<Value>>,
    cells: usize,
    bytes: usize,
}

impl Part {
    /// Adds a row; the rows of the part once it is full. `number` is that of the row in the result, from 0.
    pub(super) fn push(
        &mut self,
        row: Vec<Value>,
        number: u64,
    ) -> Result<Option<Vec<Vec<Value>>>, QueryError> {
        let texts = texts_in(&row);
        let most = ReadLimits::DEFAULT.row_bytes;
        if texts > most {
            let number = number.saturating_add(1);
            return Err(QueryError::Limit(format!(
                "row {number} of the result has {texts} bytes of texts, and a row has at most {most}: choose fewer columns"
            )));
        }
        self.cells += row.len();
        self.bytes += texts + row.len() * size_of::<Value>();
        self.rows.push(row);
        let is_full = self.cells >= CELLS || self.bytes >= BYTES;
        Ok(is_full.then(|| self.take()))
    }

    /// All rows that wait.
    pub(super) fn take(&mut self) -> Vec<Vec<Value>> {
        std::mem::take(self).rows
    }
}

/// Passes the rows of a result on.
pub(super) struct Out<'a> {
    each: Each<'a>,
    part: Part,
    rows: u64,
    step: Making,
}

impl<'a> Out<'a> {
    /// The rows are those of a step, which begins with the first one.
    pub(super) fn new(each: Each<'a>, step: Making) -> Self {
        Self { each, part: Part::default(), rows: 0, step }
    }

    /// Begins the step, unless it has begun.
    pub(super) fn begin(&mut self) {
        self.step.begin();
    }

    pub(super) fn push(&mut self, row: Vec<Value>) -> Result<(), QueryError> {
        let full = self.part.push(row, self.rows)?;
        self.count(1)?;
        full.map_or(Ok(()), |rows| self.hand(rows))
    }

    /// Passes on rows that are a part.
    pub(super) fn pass(&mut self, rows: Vec<Vec<Value>>) -> Result<(), QueryError> {
        self.count(rows.len() as u64)?;
        self.hand(rows)
    }

    fn hand(&mut self, rows: Vec<Vec<Value>>) -> Result<(), QueryError> {
        let each = &mut self.each;
        self.step.hand(rows.len() as u64, || (**each)(rows))
    }

    fn count(&mut self, rows: u64) -> Result<(), QueryError> {
        self.rows = self.rows.saturating_add(rows);
        check_rows(self.rows)
    }

    /// Passes on what waits; how many rows there were.
    pub(super) fn finish(mut self) -> Result<u64, QueryError> {
        let rows = self.part.take();
        if !rows.is_empty() {
            self.hand(rows)?;
        }
        self.step.end();
        Ok(self.rows)
    }
}

/// An error if a table can't have so many rows.
pub(super) fn check_rows(rows: u64) -> Result<(), QueryError> {
    let most = ReadLimits::DEFAULT.rows;
    match rows > most {
        true => {
            let text = format!("the result has more than {most} rows, the most of a table");
            Err(QueryError::Limit(text))
        }
        false => Ok(()),
    }
}

/// The bytes of the texts of a row.
fn texts_in(row: &[Value]) -> usize {
    row.iter().map(|value| if let Value::Text(text) = value { text.len() } else { 0 }).sum()
}
