//! Nested values of Parquet files: what they are as JSON, and how much work they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arrow_array::builder::{Int32Builder, ListBuilder, StringDictionaryBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    Array as _, ArrayRef, Date32Array, DictionaryArray, GenericListViewArray, Int32Array, MapArray,
    NullArray, StringArray, StructArray,
};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field};
use ot_engine::Value;
use parquet::file::properties::WriterProperties;

use super::parquet::file_by;
use super::{kept, rows_of, table_of};
use crate::{Done, Options, ReadError, read};

fn file(array: ArrayRef) -> Vec<u8> {
    file_by(vec![("x", array)], WriterProperties::builder())
}

/// The only column of a file of this array.
fn values(array: ArrayRef) -> Vec<Value> {
    let (_, table) = table_of(&file(array), "x", &Options::default()).expect("a table");
    rows_of(&table).into_iter().flatten().collect()
}

/// One map with these keys, whose values are 1, 2 and so on.
fn map(keys: ArrayRef) -> ArrayRef {
    let count = i32::try_from(keys.len()).expect("a few keys");
    let fields = vec![
        Arc::new(Field::new("keys", keys.data_type().clone(), false)),
        Arc::new(Field::new("values", DataType::Int32, true)),
    ];
    let values: ArrayRef = Arc::new(Int32Array::from_iter_values(1..=count));
    let entries = StructArray::new(fields.into(), vec![keys, values], None);
    let field = Arc::new(Field::new("entries", entries.data_type().clone(), false));
    let offsets = OffsetBuffer::from_lengths([entries.len()]);
    Arc::new(MapArray::new(field, offsets, entries, None, false))
}

#[test]
fn views_of_lists_are_lists() {
    let items = Arc::new(Int32Array::from(vec![Some(1), None, Some(3)]));
    let field = Arc::new(Field::new("item", DataType::Int32, true));
    let short = GenericListViewArray::<i32>::new(
        Arc::clone(&field),
        vec![0, 1].into(),
        vec![1, 2].into(),
        Arc::clone(&items) as ArrayRef,
        None,
    );
    let long =
        GenericListViewArray::<i64>::new(field, vec![0, 1].into(), vec![1, 2].into(), items, None);
    let lists = [Value::from("[1]"), Value::from("[null,3]")];
    assert_eq!(values(Arc::new(short)), lists);
    assert_eq!(values(Arc::new(long)), lists);
}

#[test]
fn keys_of_a_map_are_quoted_once() {
    let dictionary: DictionaryArray<Int32Type> = ["k\"", "é"].into_iter().collect();
    let read = values(map(Arc::new(dictionary)));
    assert_eq!(read, [Value::from("{\"k\\\"\":1,\"é\":2}")]);
    let days = values(map(Arc::new(Date32Array::from(vec![0]))));
    assert_eq!(days, [Value::from("{\"1970-01-01\":1}")]);
    let numbers = values(map(Arc::new(Int32Array::from(vec![7]))));
    assert_eq!(numbers, [Value::from("{\"7\":1}")]);
}

#[test]
fn columns_of_nulls_are_empty() {
    assert_eq!(values(Arc::new(NullArray::new(1))), [Value::Empty]);
    let fields = vec![
        (Arc::new(Field::new("n", DataType::Null, true)), Arc::new(NullArray::new(1)) as ArrayRef),
        (Arc::new(Field::new("t", DataType::Utf8, true)), Arc::new(StringArray::from(vec!["x"]))),
    ];
    let read = values(Arc::new(StructArray::from(fields)));
    assert_eq!(read, [Value::from("{\"n\":null,\"t\":\"x\"}")]);
}

#[test]
fn a_long_list_of_a_dictionary_is_read_key_by_key() {
    let mut lists = ListBuilder::new(StringDictionaryBuilder::<Int32Type>::new());
    lists.append_value(std::iter::repeat_n(Some("a"), 200_000));
    let read = values(Arc::new(lists.finish()));
    assert_eq!(read[0].as_text().len(), 200_000 * 4 + 1);
}

#[test]
fn a_reading_stops_within_long_lists() {
    let mut lists = ListBuilder::new(Int32Builder::new());
    (0..100).for_each(|_| lists.append_value((0..20_000).map(Some)));
    let file = kept(file(Arc::new(lists.finish())));
    let looks = AtomicU32::new(0);
    let stop = |_: Done| looks.fetch_add(1, Ordering::Relaxed) > 50;
    let error = read(&file, "x", &Options::default(), &mut Vec::new(), &stop);
    assert!(matches!(error, Err(ReadError::Stopped)), "{error:?}");
}
