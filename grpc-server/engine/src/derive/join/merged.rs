//! The rows of a join, of the source in its order and of the pairs beside it.
//!
//! Not how pairs are found. Invariant: each row of the source is looked at once, whatever the number of its pairs.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray as _;
use ot_engine::Value;
use tables::Pick;

use super::super::cells::BatchRows;
use super::super::operation::JoinRows;
use super::super::out::{Out, Part};
use super::keyed::{NONE, source_of};
use crate::QueryError;
use crate::ordered::Ordered;
use crate::scan::Pass;
use crate::shared::Shared;
use crate::sorted::KEY;

/// Which rows the result has, and their columns.
pub(super) struct Form {
    pub(super) rows: JoinRows,
    /// Columns of the source.
    pub(super) width: usize,
    /// Columns that the result has of the other table, and those that the pairs have: its keys are behind the others.
    pub(super) shown: usize,
    pub(super) taken: usize,
    /// The places of the key in the columns of the source.
    pub(super) keys: Vec<usize>,
}

/// The source with the pairs beside it.
pub(super) struct Merged<'a> {
    form: Form,
    pass: Pass<'a>,
    /// The columns that pairs have.
    taken: Pick,
    source: Ordered<Vec<Vec<Value>>>,
    /// Rows of the source that come next.
    rows: std::vec::IntoIter<Vec<Value>>,
    /// The row of the source that the pairs meet, and the position of the one behind it.
    current: Option<Vec<Value>>,
    next: u64,
    is_matched: bool,
    out: Out<'a>,
}

impl<'a> Merged<'a> {
    pub(super) fn begin(
        shared: &Shared,
        pass: Pass<'a>,
        form: Form,
        taken: Pick,
        mut out: Out<'a>,
    ) -> Result<Self, QueryError> {
        let width = form.width;
        let source = Ordered::begin(shared, pass.scan, move |scan, found, give| {
            let cells = BatchRows::new(scan.pick(), &found.batch, width)?;
            let mut part = Part::default();
            for (at, position) in found.positions.iter().enumerate() {
                if let Some(rows) = part.push(cells.row(at, 0), *position)? {
                    give(rows)?;
                }
            }
            give(part.take())
        })?;
        let rows = Vec::new().into_iter();
        let (current, next, is_matched) = (None, 0, false);
        out.begin();
        Ok(Self { form, pass, taken, source, rows, current, next, is_matched, out })
    }

    /// Adds pairs in the order of their positions.
    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<(), QueryError> {
        let keys = batch.column_by_name(KEY).and_then(|keys| keys.as_binary_opt::<i32>());
        let keys = keys.ok_or_else(|| QueryError::failed("the keys are missing"))?;
        let cells = BatchRows::new(&self.taken, batch, self.form.taken)?;
        for (at, key) in keys.iter().enumerate() {
            let position = key.and_then(source_of);
            match position.ok_or_else(|| QueryError::failed("a pair has another form"))? {
                NONE => self.alone(cells.row(at, 0))?,
                position => self.meet(position, &cells, at)?,
            }
        }
        Ok(())
    }

    /// Passes on the rest of the source; how many rows there are.
    pub(super) fn finish(mut self) -> Result<u64, QueryError> {
        self.end_source()?;
        self.out.finish()
    }

    /// A row of the source and one of the other table.
    fn meet(&mut self, position: u64, cells: &BatchRows<'_>, at: usize) -> Result<(), QueryError> {
        while self.next <= position {
            if !self.advance()? {
                return Err(QueryError::failed("a pair is behind the end of the source"));
            }
        }
        self.is_matched = true;
        if self.form.rows == JoinRows::Unmatched {
            return Ok(());
        }
        let mut row = Vec::with_capacity(self.form.width + self.form.taken);
        row.extend_from_slice(self.current.as_deref().unwrap_or_default());
        row.extend(cells.row(at, 0));
        row.truncate(self.form.width + self.form.shown);
        self.out.push(row)
    }

    /// A row of the other table whose key the source lacks.
    fn alone(&mut self, mut taken: Vec<Value>) -> Result<(), QueryError> {
        self.end_source()?;
        let keys = taken.split_off(self.form.shown.min(taken.len()));
        let mut row = vec![Value::Empty; self.form.width];
        for (place, key) in self.form.keys.iter().zip(keys) {
            if let Some(cell) = row.get_mut(*place) {
                *cell = key;
            }
        }
        row.append(&mut taken);
        self.out.push(row)
    }

    fn end_source(&mut self) -> Result<(), QueryError> {
        while self.advance()? {}
        Ok(())
    }

    /// Leaves the current row of the source for the next one; false at its end.
    fn advance(&mut self) -> Result<bool, QueryError> {
        if let Some(mut row) = self.current.take()
            && !self.is_matched
            && self.form.rows != JoinRows::Matched
        {
            row.resize(self.form.width + self.form.shown, Value::Empty);
            self.out.push(row)?;
        }
        self.is_matched = false;
        loop {
            self.current = self.rows.next();
            if self.current.is_some() {
                self.next = self.next.saturating_add(1);
                return Ok(true);
            }
            match self.source.next(&self.pass)? {
                Some(rows) => self.rows = rows.into_iter(),
                None => return Ok(false),
            }
        }
    }
}
