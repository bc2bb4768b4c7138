//! One row for each group: a sort by the groups' keys, and one pass over the sorted rows.
//!
//! Source: sort-based aggregation, as in G. Graefe, "Query Evaluation Techniques for Large Databases", 1993, section 4. Not the
//! values: see `aggregates`. Invariants: groups come in the order of `RowOrder`, and the rows of each in the order of the table; of one
//! group alone anything is held.

use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::cast::AsArray as _;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use ot_engine::Value;
use tables::{Cell, ColumnCells, Pick};

use super::aggregates::Aggregated;
use super::cells::BatchRows;
use super::distinct::Room;
use super::operation::{Aggregate, Derived};
use super::out::{Each, Out};
use crate::order::collation::Collation;
use crate::order::write_cell;
use crate::ordered::Ordered;
use crate::scan::{Found, Pass, Scan};
use crate::shared::Shared;
use crate::sorted::{KEY, Rows, sort};
use crate::steps::{Making, Meter};
use crate::{QueryError, Watch};

/// Bytes of a position at the end of a key.
const POSITION: usize = size_of::<u64>();

/// The groups that are asked for.
pub(super) struct Asked<'a> {
    /// The places of the columns of the groups.
    pub(super) by: &'a [usize],
    pub(super) aggregates: &'a [Aggregate],
    /// The names of the columns that are picked.
    pub(super) names: &'a [Arc<str>],
}

/// The columns that groups need of those that are picked, and what is asked for with places among these.
pub(super) fn needed(
    columns: &[usize],
    by: &[usize],
    aggregates: &[Aggregate],
) -> (Vec<usize>, Vec<usize>, Vec<Aggregate>) {
    let mut places: Vec<usize> = Vec::new();
    let mut place = |wanted: usize| {
        let known = places.iter().position(|known| *known == wanted);
        known.unwrap_or_else(|| {
            places.push(wanted);
            places.len() - 1
        })
    };
    let by = by.iter().map(|wanted| place(*wanted)).collect();
    let of = |aggregate: &Aggregate| Aggregate {
        column: aggregate.column.map(&mut place),
        ..aggregate.clone()
    };
    let aggregates = aggregates.iter().map(of).collect();
    let columns = places.iter().filter_map(|place| columns.get(*place).copied()).collect();
    (columns, by, aggregates)
}

/// Passes the rows of the groups on. The pass reads the columns that are named.
pub(super) fn group(
    shared: &Shared,
    scan: &Arc<Scan>,
    asked: &Asked<'_>,
    each: Each<'_>,
    watch: Watch<'_>,
) -> Result<Derived, QueryError> {
    let pass = Pass { scan, watch, before: 0, of: scan.table_rows() };
    let width = asked.names.len();
    let step = Making::new(&scan.steps(), Meter::new("group", 1));
    let mut groups = Groups::new(asked, Out::new(each, step))?;
    if asked.by.is_empty() {
        let mut found = Ordered::begin(shared, scan, |_, found: Found, give| give(found))?;
        while let Some(found) = found.next(&pass)? {
            let cells = BatchRows::new(scan.pick(), &found.batch, width)?;
            (0..found.positions.len()).try_for_each(|at| groups.add(cells.columns(), at))?;
        }
        // All rows are one group, also where there are none.
        groups.end()?;
        return groups.finish();
    }
    let mut fields: Vec<_> = scan.pick().schema().fields().iter().map(Arc::clone).collect();
    fields.push(Arc::new(Field::new(KEY, DataType::Binary, false)));
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    let keys =
        Keys { by: asked.by.to_vec(), pick: scan.pick().clone(), collation: Collation::new()? };
    let of_rows = Arc::clone(&schema);
    let rows: Rows = Arc::new(move |found| keys.beside(found, &of_rows));
    let mut last: Option<Vec<u8>> = None;
    sort(shared, &pass, &schema, rows, &mut |batch| {
        let keys = batch.column_by_name(KEY).and_then(|keys| keys.as_binary_opt::<i32>());
        let keys = keys.ok_or_else(|| QueryError::failed("the keys are missing"))?;
        let cells = BatchRows::new(scan.pick(), &batch, width)?;
        for (at, key) in keys.iter().enumerate() {
            let key = key.unwrap_or_default();
            let key = key.get(..key.len().saturating_sub(POSITION)).unwrap_or_default();
            if last.as_deref() != Some(key) {
                if last.is_some() {
                    groups.end()?;
                }
                last = Some(key.to_vec());
            }
            groups.add(cells.columns(), at)?;
        }
        Ok(())
    })?;
    if last.is_some() {
        groups.end()?;
    }
    groups.finish()
}

/// Makes the keys of rows.
struct Keys {
    by: Vec<usize>,
    pick: Pick,
    collation: Collation,
}

impl Keys {
    /// The rows with their keys: the values of the groups, and the position.
    fn beside(&self, found: Found, schema: &SchemaRef) -> Result<RecordBatch, QueryError> {
        let Found { batch, positions } = found;
        let columns: Result<Vec<_>, QueryError> =
            self.by.iter().map(|place| Ok(self.pick.cells(&batch, *place)?)).collect();
        let columns = columns?;
        let mut keys = BinaryBuilder::with_capacity(positions.len(), positions.len() * 24);
        let mut key = Vec::new();
        for (at, position) in positions.into_iter().enumerate() {
            key.clear();
            for column in &columns {
                write_cell(&self.collation, &alike(column.cell(at)), &mut key);
            }
            key.extend_from_slice(&position.to_be_bytes());
            keys.append_value(&key);
        }
        let mut arrays = batch.columns().to_vec();
        arrays.push(Arc::new(keys.finish()) as ArrayRef);
        RecordBatch::try_new(Arc::clone(schema), arrays).map_err(QueryError::failed)
    }
}

/// The value that stands for all that are equal to it: of texts the one in normal form C.
fn alike(cell: Cell<'_>) -> Cell<'_> {
    match cell {
        Cell::Text(text) if !text.is_ascii() => {
            Cell::Text(values::normal(&text).into_owned().into())
        }
        cell => cell,
    }
}

/// The group of the rows that come.
struct Groups<'a> {
    by: &'a [usize],
    /// The values of its first row.
    begin: Option<Vec<Value>>,
    aggregated: Vec<Aggregated>,
    collation: Collation,
    room: Room,
    out: Out<'a>,
}

impl<'a> Groups<'a> {
    fn new(asked: &Asked<'a>, out: Out<'a>) -> Result<Self, QueryError> {
        let aggregated = asked.aggregates.iter().map(|aggregate| {
            let name = aggregate.column.and_then(|place| asked.names.get(place));
            let name = name.map_or_else(|| Arc::from(""), Arc::clone);
            Aggregated::new(aggregate, aggregate.column, name)
        });
        let aggregated = aggregated.collect();
        let (collation, room) = (Collation::new()?, Room::new());
        Ok(Self { by: asked.by, begin: None, aggregated, collation, room, out })
    }

    /// Adds a row to the group.
    fn add(&mut self, columns: &[ColumnCells<'_>], at: usize) -> Result<(), QueryError> {
        self.out.begin();
        let cell = |place: usize| columns.get(place).map_or(Cell::Empty, |it| it.cell(at));
        self.begin
            .get_or_insert_with(|| self.by.iter().map(|place| Value::from(cell(*place))).collect());
        for aggregated in &mut self.aggregated {
            let cell = aggregated.place.map_or(Cell::Empty, cell);
            aggregated.add(&self.collation, &cell, &mut self.room)?;
        }
        Ok(())
    }

    /// Ends the group: its row is passed on.
    fn end(&mut self) -> Result<(), QueryError> {
        let mut row = self.begin.take().unwrap_or_default();
        row.extend(self.aggregated.iter_mut().map(Aggregated::finish));
        self.room.clear();
        self.out.push(row)
    }

    fn finish(self) -> Result<Derived, QueryError> {
        let notes = self.aggregated.iter().flat_map(Aggregated::notes).collect();
        Ok(Derived { rows: self.out.finish()?, notes })
    }
}
