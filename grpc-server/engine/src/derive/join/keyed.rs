//! The keys of the rows on both sides of a join, made on the threads of a pass.
//!
//! Not their order, which no result shows: equal values share their bytes, and that is all. Invariants: of equal keys those of the other table
//! come first; a row without a value in its key matches no row.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::builder::BinaryBuilder;
use arrow_array::{Array, ArrayRef, RecordBatch, UInt64Array, new_null_array};
use arrow_schema::SchemaRef;
use datafusion::arrow::compute::take;
use tables::Cell;

use super::super::distinct;
use crate::QueryError;
use crate::order::{DAY_MICROS, micros};
use crate::scan::{Found, Scan};
use crate::sorted::KEY;

/// The position that stands for no row of the source: it is behind all others.
pub(super) const NONE: u64 = u64::MAX;

/// A side of a join. Its number stands behind the values of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Other = 0,
    Source = 1,
}

/// A key of the first sort.
pub(super) struct Key<'a> {
    pub(super) values: &'a [u8],
    pub(super) side: Side,
    pub(super) position: u64,
}

impl<'a> Key<'a> {
    pub(super) fn read(key: &'a [u8]) -> Option<Self> {
        let (rest, position) = key.split_last_chunk::<8>()?;
        let (side, values) = rest.split_last()?;
        let side = if *side == Side::Other as u8 { Side::Other } else { Side::Source };
        Some(Self { values, side, position: u64::from_be_bytes(*position) })
    }
}

/// The key of a pair in the second sort.
pub(super) fn of_pair(source: u64, other: u64) -> [u8; 16] {
    ((u128::from(source) << 64) | u128::from(other)).to_be_bytes()
}

/// The position in the source of a pair's key.
pub(super) fn source_of(key: &[u8]) -> Option<u64> {
    key.first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes))
}

/// Makes the keys of one side.
pub(super) struct Keyed {
    side: Side,
    /// The places of the key among the columns of the pass.
    places: Vec<usize>,
    schema: SchemaRef,
    kinds: Arc<Kinds>,
    /// Whether rows without a key are needed, too.
    keeps_rest: bool,
}

impl Keyed {
    pub(super) fn new(
        side: Side,
        places: Vec<usize>,
        schema: &SchemaRef,
        kinds: Arc<Kinds>,
        keeps_rest: bool,
    ) -> Self {
        Self { side, places, schema: Arc::clone(schema), kinds, keeps_rest }
    }

    /// The rows with a key for the first sort, and those without one for the second.
    pub(super) fn batches(
        &self,
        scan: &Scan,
        found: &Found,
    ) -> Result<(RecordBatch, Option<RecordBatch>), QueryError> {
        let columns: Result<Vec<_>, QueryError> =
            self.places.iter().map(|place| Ok(scan.pick().cells(&found.batch, *place)?)).collect();
        let columns = columns?;
        let (mut keyed, mut rest) = (Rows::default(), Rows::default());
        let mut key = Vec::new();
        for (at, position) in found.positions.iter().enumerate() {
            key.clear();
            let mut has_key = true;
            for (column, kinds) in columns.iter().zip(&self.kinds.columns) {
                let cell = column.cell(at);
                kinds.note(self.side, &cell);
                has_key &= distinct::write(&cell, &mut key);
            }
            if has_key {
                key.push(self.side as u8);
                key.extend_from_slice(&position.to_be_bytes());
                keyed.add(at, &key);
            } else if self.keeps_rest {
                rest.add(at, &of_pair(NONE, *position));
            }
        }
        let keyed = self.batch(found, keyed)?;
        let rest = if rest.places.is_empty() { None } else { Some(self.batch(found, rest)?) };
        Ok((keyed, rest))
    }

    /// The arrays of some rows.
    fn batch(&self, found: &Found, rows: Rows) -> Result<RecordBatch, QueryError> {
        let Rows { places, mut keys } = rows;
        let count = places.len();
        let indices = UInt64Array::from(places);
        let array = |name: &str| match found.batch.column_by_name(name) {
            None => Err(QueryError::failed("a column of the other table is missing")),
            Some(array) if array.len() == count => Ok(Arc::clone(array)),
            Some(array) => take(&**array, &indices, None).map_err(QueryError::failed),
        };
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        for field in self.schema.fields().iter().filter(|field| field.name() != KEY) {
            arrays.push(match self.side {
                Side::Source => new_null_array(field.data_type(), count),
                Side::Other => array(field.name())?,
            });
        }
        arrays.push(Arc::new(keys.finish()));
        RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(QueryError::failed)
    }
}

/// Rows of a batch with their keys.
#[derive(Default)]
struct Rows {
    places: Vec<u64>,
    keys: BinaryBuilder,
}

impl Rows {
    fn add(&mut self, place: usize, key: &[u8]) {
        self.places.push(place as u64);
        self.keys.append_value(key);
    }
}

/// Which kinds the columns of the key have on both sides.
pub(super) struct Kinds {
    columns: Vec<ColumnKinds>,
}

/// Whether there are values of a kind, on each side.
#[derive(Default)]
struct ColumnKinds {
    numbers: [AtomicBool; 2],
    texts: [AtomicBool; 2],
    days: [AtomicBool; 2],
    /// Those that are not the begin of a day.
    times: [AtomicBool; 2],
}

/// What the keys of one side are, those of the other one, and what follows.
type Differ = (&'static str, &'static str, &'static str);

/// What follows of numbers and texts, and of days and times.
const DIGITS: &str = "a number is not equal to the text with its digits, so no row has a partner; \
                      NUMBER( ) makes numbers of texts, and TEXT( ) texts of numbers";
const BEGIN: &str = "a day is equal to its begin alone, so no time within a day has a partner; \
                     DATE(YEAR( ), MONTH( ), DAY( )) makes days of times";

impl ColumnKinds {
    fn note(&self, side: Side, cell: &Cell<'_>) {
        let known = match cell {
            Cell::Number(_) => &self.numbers,
            Cell::Text(_) => &self.texts,
            Cell::Date(_) => &self.days,
            Cell::LocalDateTime(_) | Cell::Instant(_) if is_within_a_day(cell) => &self.times,
            _ => return,
        };
        // It is written once, so that the threads do not wait for each other.
        if let Some(known) = known.get(side as usize).filter(|it| !it.load(Ordering::Relaxed)) {
            known.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the sides have kinds whose values are never equal.
    fn differ(&self) -> Option<Differ> {
        let of = |known: &[AtomicBool; 2]| known.each_ref().map(|it| it.load(Ordering::Relaxed));
        // Each side has one of both kinds alone. The result is the side that has the first kind.
        let sides = |one: &[AtomicBool; 2], two: &[AtomicBool; 2]| match (of(one), of(two)) {
            ([false, true], [true, false]) => Some(Side::Source),
            ([true, false], [false, true]) => Some(Side::Other),
            _ => None,
        };
        if let Some(side) = sides(&self.numbers, &self.texts) {
            return Some(match side {
                Side::Source => ("numbers", "texts", DIGITS),
                Side::Other => ("texts", "numbers", DIGITS),
            });
        }
        Some(match sides(&self.days, &self.times)? {
            Side::Source => ("days", "times", BEGIN),
            Side::Other => ("times", "days", BEGIN),
        })
    }
}

/// Whether a time is not the begin of a day.
fn is_within_a_day(cell: &Cell<'_>) -> bool {
    micros(cell).is_some_and(|micros| micros.rem_euclid(DAY_MICROS) != 0)
}

impl Kinds {
    pub(super) fn new(columns: usize) -> Self {
        Self { columns: (0..columns).map(|_| ColumnKinds::default()).collect() }
    }

    /// A sentence for each column whose keys are of kinds without equal values. The names are those of both sides.
    pub(super) fn notes(&self, names: &[(Arc<str>, Arc<str>)], other: &str) -> Vec<String> {
        let note = |(kinds, (own, their)): (&ColumnKinds, &(Arc<str>, Arc<str>))| {
            let (own_are, their_are, so) = kinds.differ()?;
            Some(format!(
                "the keys [{own}] are {own_are}, and the keys [{their}] of \"{other}\" are {their_are}: {so}"
            ))
        };
        self.columns.iter().zip(names).filter_map(note).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back_and_pairs_have_the_order_of_both_positions() {
        let bytes = [&b"ab"[..], &[1], &7_u64.to_be_bytes()].concat();
        let key = Key::read(&bytes).expect("a key");
        assert_eq!((key.values, key.side, key.position), (&b"ab"[..], Side::Source, 7));
        assert!(Key::read(&[1, 2]).is_none());
        let pairs = [(0, 9), (1, 0), (1, 2), (NONE, 0)].map(|(one, other)| of_pair(one, other));
        assert!(pairs.is_sorted());
        assert_eq!(source_of(&pairs[3]), Some(NONE));
    }
}
