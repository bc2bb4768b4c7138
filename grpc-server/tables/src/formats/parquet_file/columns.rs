//! The types of a Parquet file's columns: as they are read, and as the table has them.
//!
//! Not their values: see `convert`. Invariant: each type of the table is one by which a query engine filters and sorts.

use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use ot_engine::ColumnKind;
use parquet::basic::{LogicalType, Type};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;

use crate::column::held_numbers;

/// The schema by which a file is read: texts as views of its pages, so that one long text in a dictionary is not copied for
/// each row; times of INT96, which reach beyond nanoseconds, in microseconds. `is_deep`: also within nested values.
pub(super) fn wanted(found: &Schema, metadata: &ParquetMetaData, is_deep: bool) -> SchemaRef {
    let is_wide = of_int96(metadata, found.fields().len());
    let times = |data: &DataType| matches!(data, DataType::Timestamp(TimeUnit::Nanosecond, _));
    let field = |(at, field): (usize, &FieldRef)| {
        let data = match bare(field.data_type()) {
            DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
            DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
            DataType::Timestamp(_, zone) if times(field.data_type()) && is_wide[at] => {
                DataType::Timestamp(TimeUnit::Microsecond, zone.clone())
            }
            data if is_deep => deep(data),
            data => data.clone(),
        };
        Arc::new(Field::clone(field).with_data_type(data))
    };
    let fields: Vec<FieldRef> = found.fields().iter().enumerate().map(field).collect();
    Arc::new(Schema::new_with_metadata(fields, found.metadata().clone()))
}

/// A nested type by which one text is not copied for each value, and no list has a noted length. Schemas nest to a bounded
/// depth.
fn deep(data: &DataType) -> DataType {
    let inner = |field: &FieldRef| {
        let data = deep(field.data_type());
        Arc::new(Field::clone(field).with_data_type(data))
    };
    match data {
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        DataType::List(field) | DataType::ListView(field) | DataType::FixedSizeList(field, _) => {
            DataType::List(inner(field))
        }
        DataType::LargeList(field) | DataType::LargeListView(field) => {
            DataType::LargeList(inner(field))
        }
        DataType::RunEndEncoded(_, field) => deep(field.data_type()),
        DataType::Map(field, is_sorted) => DataType::Map(inner(field), *is_sorted),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(inner).collect()),
        data => data.clone(),
    }
}

/// Whether a list has a length that the writing program has noted.
pub(super) fn has_noted_lengths(schema: &Schema) -> bool {
    fn is_noted(data: &DataType) -> bool {
        match data {
            DataType::FixedSizeList(..) => true,
            DataType::List(field)
            | DataType::LargeList(field)
            | DataType::ListView(field)
            | DataType::LargeListView(field)
            | DataType::Map(field, _) => is_noted(field.data_type()),
            DataType::Struct(fields) => fields.iter().any(|field| is_noted(field.data_type())),
            _ => false,
        }
    }
    schema.fields().iter().any(|field| is_noted(field.data_type()))
}

/// Which of so many fields hold values of INT96.
pub(super) fn of_int96(metadata: &ParquetMetaData, fields: usize) -> Vec<bool> {
    let leaves = metadata.file_metadata().schema_descr();
    let mut found = vec![false; fields];
    for leaf in 0..leaves.num_columns() {
        if let Some(found) = found.get_mut(leaves.get_column_root_idx(leaf)) {
            *found |= leaves.column(leaf).physical_type() == Type::INT96;
        }
    }
    found
}

/// Which of so many fields are UUIDs; those within nested values are not looked for.
pub(super) fn of_uuid(metadata: &ParquetMetaData, fields: usize) -> Vec<bool> {
    let leaves = metadata.file_metadata().schema_descr();
    let mut found = vec![false; fields];
    for leaf in 0..leaves.num_columns() {
        if let Some(found) = found.get_mut(leaves.get_column_root_idx(leaf)) {
            *found |= leaves.column(leaf).logical_type_ref() == Some(&LogicalType::Uuid);
        }
    }
    found
}

/// Which fields have whole numbers or decimals of more digits than a number holds, by the statistics of the file. A column of
/// them is one of texts, since one that has both kinds compares some of its values as texts.
pub(super) fn of_long_digits(schema: &Schema, metadata: &ParquetMetaData) -> Vec<bool> {
    let leaves = metadata.file_metadata().schema_descr();
    let fields = schema.fields();
    let mut found = vec![false; fields.len()];
    for leaf in 0..leaves.num_columns() {
        let at = leaves.get_column_root_idx(leaf);
        let Some((field, found)) = fields.get(at).zip(found.get_mut(at)) else { continue };
        let Some(range) = held_numbers(field.data_type()) else { continue };
        *found = metadata.row_groups().iter().any(|group| {
            let statistics = group.columns().get(leaf).and_then(|column| column.statistics());
            let Some(Statistics::Int64(ends)) = statistics else { return false };
            [ends.min_opt(), ends.max_opt()].into_iter().flatten().any(|end| !range.contains(end))
        });
    }
    found
}

/// The type of the values of a dictionary or of runs.
fn bare(data: &DataType) -> &DataType {
    match data {
        DataType::Dictionary(_, data) => bare(data),
        DataType::RunEndEncoded(_, field) => bare(field.data_type()),
        data => data,
    }
}

/// How the values of a column come into the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// As they are.
    Kept,
    /// As instants of UTC.
    Instants,
    /// As texts: a UUID in its groups of digits, what else is no text in hexadecimal digits.
    Texts,
    /// As JSON.
    Json,
}

/// The kind of a column, its type in the table, and the way there.
pub(super) fn place(data: &DataType) -> (ColumnKind, DataType, Way) {
    let kept = |kind| (kind, data.clone(), Way::Kept);
    match data {
        DataType::Boolean => kept(ColumnKind::Bool),
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Float16
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => kept(ColumnKind::Number),
        DataType::Date32 | DataType::Date64 => kept(ColumnKind::Date),
        DataType::Timestamp(_, None) => kept(ColumnKind::LocalDateTime),
        DataType::Timestamp(unit, Some(_)) => {
            let data = DataType::Timestamp(*unit, Some("UTC".into()));
            (ColumnKind::Instant, data, Way::Instants)
        }
        DataType::Time32(_) | DataType::Time64(_) => kept(ColumnKind::Text),
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => (ColumnKind::Text, DataType::Utf8, Way::Texts),
        _ => (ColumnKind::Text, DataType::Utf8, Way::Json),
    }
}
