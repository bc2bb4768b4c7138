//! The pairs of rows with equal keys, of the rows of both tables in the order of their keys.
//!
//! Not that order, nor the one of the result. Invariants: the rows of the other table with one key are held, within a bound in bytes;
//! what is passed on at once has a bound in rows and bytes, however many pairs a key has.

use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::cast::AsArray as _;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::SchemaRef;
use datafusion::arrow::compute::interleave_record_batch;
use model::limits::derivations::JOIN_HELD_BYTES;

use super::super::operation::JoinRows;
use super::super::out::check_rows;
use super::keyed::{Key, NONE, Side, of_pair};
use super::plan::Plan;
use crate::QueryError;
use crate::sorted::KEY;

/// Bytes of the pairs that are passed on at once, about.
const BATCH_BYTES: usize = 1024 * 1024;
/// Bytes of a value that is no text.
const CELL_BYTES: usize = 8;

type Push<'a> = &'a mut dyn FnMut(RecordBatch) -> Result<(), QueryError>;

/// Finds pairs.
pub(super) struct Pairs<'a> {
    rows: JoinRows,
    other_name: &'a str,
    schema: SchemaRef,
    batch_rows: usize,
    held_most: usize,
    /// The batches of the rows that are held or wait, without their keys.
    batches: Vec<RecordBatch>,
    /// The values of the key, and the rows of the other table that have it.
    key: Option<Vec<u8>>,
    held: Vec<Held>,
    held_bytes: usize,
    /// Whether a row of the source has the key.
    is_matched: bool,
    waiting: Waiting,
    /// All pairs.
    count: u64,
}

/// A row of the other table.
#[derive(Clone, Copy)]
struct Held {
    /// The batch, and the place there.
    at: (usize, usize),
    position: u64,
    bytes: usize,
}

/// Pairs that wait to be passed on.
#[derive(Default)]
struct Waiting {
    places: Vec<(usize, usize)>,
    keys: BinaryBuilder,
    bytes: usize,
}

impl<'a> Pairs<'a> {
    pub(super) fn new(plan: &Plan<'a>, schema: &SchemaRef, batch_rows: usize) -> Self {
        Self {
            rows: plan.rows,
            other_name: plan.other_name,
            schema: Arc::clone(schema),
            batch_rows,
            held_most: JOIN_HELD_BYTES,
            batches: Vec::new(),
            key: None,
            held: Vec::new(),
            held_bytes: 0,
            is_matched: false,
            waiting: Waiting::default(),
            count: 0,
        }
    }

    /// Adds rows in the order of their keys.
    pub(super) fn add(&mut self, batch: &RecordBatch, push: Push<'_>) -> Result<(), QueryError> {
        let keys = batch.column_by_name(KEY).and_then(|keys| keys.as_binary_opt::<i32>());
        let keys = keys.ok_or_else(|| QueryError::failed("the keys are missing"))?;
        let others: Vec<usize> = (0..batch.num_columns().saturating_sub(1)).collect();
        let rows = batch.project(&others).map_err(QueryError::failed)?;
        let number = self.batches.len();
        self.batches.push(rows.clone());
        for (at, key) in keys.iter().enumerate() {
            let key = key.and_then(Key::read);
            let key = key.ok_or_else(|| QueryError::failed("a key has another form"))?;
            if self.key.as_deref() != Some(key.values) {
                self.end_key(push)?;
                self.key = Some(key.values.to_vec());
            }
            match key.side {
                Side::Other => self.hold((number, at), key.position, &rows)?,
                Side::Source => self.meet(key.position, push)?,
            }
        }
        self.pass_on(push)?;
        self.forget();
        Ok(())
    }

    /// Ends the last key.
    pub(super) fn finish(&mut self, push: Push<'_>) -> Result<(), QueryError> {
        self.end_key(push)?;
        self.pass_on(push)
    }

    /// Holds a row of the other table.
    fn hold(
        &mut self,
        at: (usize, usize),
        position: u64,
        rows: &RecordBatch,
    ) -> Result<(), QueryError> {
        // That there is one is enough to leave rows out.
        if self.rows == JoinRows::Unmatched && !self.held.is_empty() {
            return Ok(());
        }
        let bytes = row_bytes(rows, at.1);
        self.held_bytes += bytes + size_of::<Held>();
        if self.held_bytes > self.held_most {
            let (count, most) = (self.held.len() + 1, self.held_most);
            return Err(QueryError::Limit(format!(
                "{count} or more rows of \"{}\" have one key, and take more than the {most} bytes of memory for the rows of a key: take \
                 fewer columns, or group these rows by their key before",
                self.other_name
            )));
        }
        self.held.push(Held { at, position, bytes });
        Ok(())
    }

    /// Makes the pairs of a row of the source.
    fn meet(&mut self, position: u64, push: Push<'_>) -> Result<(), QueryError> {
        self.is_matched = true;
        let most = if self.rows == JoinRows::Unmatched { 1 } else { self.held.len() };
        for at in 0..most {
            let Some(held) = self.held.get(at).copied() else { break };
            self.pair(position, held, push)?;
        }
        Ok(())
    }

    /// Ends a key: rows of the other table that no row of the source has met stand alone.
    fn end_key(&mut self, push: Push<'_>) -> Result<(), QueryError> {
        if self.rows == JoinRows::All && !self.is_matched {
            for at in 0..self.held.len() {
                let Some(held) = self.held.get(at).copied() else { break };
                self.pair(NONE, held, push)?;
            }
        }
        self.held.clear();
        self.held_bytes = 0;
        self.is_matched = false;
        Ok(())
    }

    fn pair(&mut self, source: u64, held: Held, push: Push<'_>) -> Result<(), QueryError> {
        self.count = self.count.saturating_add(1);
        check_rows(self.count)?;
        self.waiting.places.push(held.at);
        self.waiting.keys.append_value(of_pair(source, held.position));
        self.waiting.bytes += held.bytes + CELL_BYTES;
        let is_enough =
            self.waiting.places.len() >= self.batch_rows || self.waiting.bytes >= BATCH_BYTES;
        if is_enough { self.pass_on(push) } else { Ok(()) }
    }

    /// Passes on the pairs that wait.
    fn pass_on(&mut self, push: Push<'_>) -> Result<(), QueryError> {
        let Waiting { places, mut keys, .. } = std::mem::take(&mut self.waiting);
        if places.is_empty() {
            return Ok(());
        }
        let batches: Vec<&RecordBatch> = self.batches.iter().collect();
        let rows = interleave_record_batch(&batches, &places).map_err(QueryError::failed)?;
        let mut arrays = rows.columns().to_vec();
        arrays.push(Arc::new(keys.finish()) as ArrayRef);
        let made = RecordBatch::try_new(Arc::clone(&self.schema), arrays);
        push(made.map_err(QueryError::failed)?)
    }

    /// Drops batches of which no row is held. No pair waits.
    fn forget(&mut self) {
        let (Some(first), Some(last)) = (self.held.first(), self.held.last()) else {
            self.batches.clear();
            return;
        };
        // Rows that are held stand side by side, but for the last batch: it may have rows of the source alone.
        let (begin, end) = (first.at.0, last.at.0 + 1);
        self.batches.truncate(end);
        self.batches.drain(..begin.min(self.batches.len()));
        for held in &mut self.held {
            held.at.0 -= begin;
        }
    }
}

/// The bytes of a row's values, about.
fn row_bytes(rows: &RecordBatch, at: usize) -> usize {
    let bytes = rows.columns().iter().map(|array| match array.as_string_opt::<i32>() {
        Some(texts) => usize::try_from(texts.value_length(at)).unwrap_or(0) + CELL_BYTES / 2,
        None => CELL_BYTES,
    });
    bytes.sum()
}
