//! The rows of a source: their keys, and the same rows with their new columns.
//!
//! Not the answers. Each is one pass over the source. Blocking. Invariant: the rows that are in memory have a bound in cells and in
//! bytes.

use std::sync::Arc;

use engine::Meter;
use jobs::Failure;
use ot_engine::Value;
use tokio_util::sync::CancellationToken;

use super::answers::Answers;
use super::api::Api;
use super::keys::{Keys, key_of};
use crate::service::tables::{Drafts, OpenTables, damaged, failed};
use crate::service::transfers::source::Source;
use crate::service::transfers::write::{Writing, Written, rows_at_once};
use tables::{OutColumn, ReadError, SavedFor, SavedFormat};

/// Bytes of the rows that are read at once, and one row at least.
const BYTES_AT_ONCE: usize = 8 * 1024 * 1024;

/// The keys of all rows.
pub(super) struct KeyWork {
    pub(super) open: Arc<OpenTables>,
    pub(super) source: Source,
    /// The positions of the columns whose values are a key.
    pub(super) columns: Vec<usize>,
    pub(super) stop: CancellationToken,
    /// The step of this pass.
    pub(super) meter: Arc<Meter>,
}

/// The rows with their new columns, as a file.
pub(super) struct RowWork {
    pub(super) open: Arc<OpenTables>,
    pub(super) source: Source,
    pub(super) api: Arc<Api>,
    pub(super) keys: Keys,
    pub(super) answers: Answers,
    pub(super) format: (SavedFormat, SavedFor),
    pub(super) drafts: Drafts,
    /// Sentences besides those about the answers.
    pub(super) notes: Vec<String>,
}

/// The columns that are read of a source: its own, then those of the key that are not among them.
pub(super) struct Picked {
    /// Positions in the table.
    pub(super) columns: Vec<usize>,
    /// Where the columns of the key stand among them.
    pub(super) places: Vec<usize>,
    /// The number of the source's own.
    pub(super) own: usize,
}

impl Picked {
    /// Those of a source and of the columns of a key.
    pub(super) fn of(source: &Source, asked: &[usize]) -> Self {
        let (mut columns, mut places) = (source.columns.clone(), Vec::with_capacity(asked.len()));
        for column in asked {
            let place = columns.iter().position(|it| it == column);
            places.push(place.unwrap_or(columns.len()));
            if place.is_none() {
                columns.push(*column);
            }
        }
        Self { columns, places, own: source.columns.len() }
    }
}

fn unread(error: ReadError) -> Failure {
    failed(damaged(error))
}

impl KeyWork {
    /// The keys, and the number of the rows without one.
    pub(super) fn run(self) -> Result<(Keys, u64), Failure> {
        let Self { open, source, columns, stop, meter } = self;
        let table = open.reading(source.content(), stop.clone()).map_err(unread)?;
        let mut scan = table.scan(0, &columns).map_err(unread)?;
        let places: Vec<usize> = (0..columns.len()).collect();
        let (mut keys, mut without) = (Keys::default(), 0_u64);
        let at_once = rows_at_once(columns.len());
        loop {
            if stop.is_cancelled() {
                return Err(Failure::Later("stopped".to_owned()));
            }
            let rows = meter.busy(|| scan.next_rows(at_once, BYTES_AT_ONCE)).map_err(unread)?;
            if rows.is_empty() {
                meter.task_ends();
                return Ok((keys, without));
            }
            without += meter.busy(|| enter(&mut keys, &rows, &places))?;
            meter.add_rows(rows.len() as u64);
        }
    }
}

/// Enters the keys of rows. Gives the number of those without one.
fn enter(keys: &mut Keys, rows: &[Vec<Value>], places: &[usize]) -> Result<u64, Failure> {
    let mut without = 0;
    for row in rows {
        match key_of(row, places) {
            Some(key) => {
                keys.enter(&key)?;
            }
            None => without += 1,
        }
    }
    Ok(without)
}

impl RowWork {
    /// Writes all rows.
    pub(super) fn run(self) -> Result<Written, Failure> {
        let Self { open, source, api, keys, answers, format, drafts, mut notes } = self;
        let table = open.reading(source.content(), drafts.stop.clone()).map_err(unread)?;
        let picked = Picked::of(&source, &api.asked_columns);
        let mut scan = table.scan(0, &picked.columns).map_err(unread)?;
        let mut columns: Vec<OutColumn> = table.out_columns(&source.columns).map_err(unread)?;
        columns.extend(answers.columns(&api.names));
        let name = &source.table.name;
        let writing = Writing { drafts: &drafts, format, name, columns: &columns, progress: None };
        let at_once = rows_at_once(columns.len());
        let enriched = |row: Vec<Value>| {
            let key = key_of(&row, &picked.places).and_then(|key| keys.number(&key));
            with_values(row, picked.own, key.and_then(|number| answers.of(number)))
        };
        let [read, join] = [Meter::new("read", 1), Meter::new("join", 1)];
        [&read, &join].into_iter().for_each(|meter| drafts.steps.begin(meter));
        let mut written = writing.taking(|take| {
            loop {
                let rows = read.busy(|| scan.next_rows(at_once, BYTES_AT_ONCE)).map_err(unread)?;
                if rows.is_empty() {
                    [&read, &join].into_iter().for_each(|meter| meter.task_ends());
                    return Ok(Vec::new());
                }
                let count = rows.len() as u64;
                read.add_rows(count);
                let rows = join.busy(|| rows.into_iter().map(&enriched).collect());
                join.add_rows(count);
                if take(rows).is_err() {
                    return Ok(Vec::new());
                }
            }
        })?;
        notes.extend(answers.notes(&api.names));
        notes.append(&mut written.notes);
        Ok(Written { notes, ..written })
    }
}

/// A row of the source's own columns, and its values behind them.
pub(super) fn with_values(mut row: Vec<Value>, own: usize, values: Option<&[Value]>) -> Vec<Value> {
    row.resize(own, Value::Empty);
    row.extend(values.unwrap_or_default().iter().cloned());
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_its_own_columns_and_its_values_behind_them() {
        let row = || vec![Value::from(1.0), Value::from("key that is no column of the source")];
        let own = Value::from(1.0);
        assert_eq!(with_values(row(), 1, None), std::slice::from_ref(&own));
        assert_eq!(with_values(row(), 1, Some(&[Value::from("x")])), [own, Value::from("x")]);
    }
}
