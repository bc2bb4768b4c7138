//! Parquet files whose few bytes hold far more: what their rows take in memory has a bound.

use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, Int32Builder, ListBuilder};
use arrow_array::{ArrayRef, StringArray};
use ot_engine::Value;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};

use super::parquet::file_by;
use super::{rows_of, table_of};
use crate::{Options, ReadLimits};

fn packed() -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
}

/// The file is read by the defaults, and refused where its rows may take no more than so many bytes.
fn is_bounded(file: &[u8], batch_bytes: usize) {
    assert!(table_of(file, "x", &Options::default()).is_ok());
    let limits = ReadLimits { batch_bytes, ..ReadLimits::DEFAULT };
    let error = table_of(file, "x", &Options { limits, ..Options::default() });
    let error = error.expect_err("refused");
    assert_eq!(
        error.to_string(),
        format!(
            "bytes in memory of the rows that are read at once: more than {batch_bytes}, the most that is read"
        )
    );
}

#[test]
fn a_list_that_repeats_a_null_is_bounded() {
    let mut lists = ListBuilder::new(Int32Builder::new());
    lists.append_value(std::iter::repeat_n(None::<i32>, 10_000));
    let file = file_by(vec![("l", Arc::new(lists.finish()) as ArrayRef)], packed());
    assert!(file.len() < 10_000, "{}", file.len());
    is_bounded(&file, 300_000);
}

#[test]
fn pages_of_one_large_row_are_bounded() {
    let texts = StringArray::from_iter_values((0..100).map(|_| "x".repeat(50_000)));
    let properties = packed().set_data_page_row_count_limit(1).set_write_batch_size(1);
    let file = file_by(vec![("x", Arc::new(texts) as ArrayRef)], properties);
    is_bounded(&file, 1_000_000);
}

#[test]
fn pages_of_many_columns_are_bounded() {
    let texts = StringArray::from_iter_values((0..10).map(|_| "x".repeat(5_000)));
    let texts: ArrayRef = Arc::new(texts);
    let columns = (0..50).map(|_| ("x", Arc::clone(&texts))).collect();
    is_bounded(&file_by(columns, packed()), 1_000_000);
}

#[test]
fn values_of_a_stated_width_are_bounded_where_they_are_not_there() {
    let mut bytes = FixedSizeBinaryBuilder::new(10_000);
    (0..100).for_each(|_| bytes.append_null());
    let file = file_by(vec![("b", Arc::new(bytes.finish()) as ArrayRef)], packed());
    is_bounded(&file, 500_000);
}

#[test]
fn lengths_that_are_packed_are_read() {
    let text = |at: usize| (at % 7 != 3).then(|| "é".repeat(at * 31 % 97) + &at.to_string());
    let texts: ArrayRef = Arc::new(StringArray::from_iter((0..3000).map(text)));
    for encoding in [Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let properties = packed().set_writer_version(version).set_encoding(encoding);
            let properties = properties.set_write_batch_size(64).set_data_page_size_limit(8192);
            let file = file_by(vec![("x", Arc::clone(&texts))], properties);
            let (_, table) = table_of(&file, "x", &Options::default()).expect("a table");
            let read = rows_of(&table).into_iter().flatten();
            let texts = (0..3000).map(|at| text(at).map_or(Value::Empty, |it| Value::from(&*it)));
            assert!(read.eq(texts), "{encoding}");
        }
    }
}

#[test]
fn a_row_has_a_bounded_number_of_bytes() {
    let text: ArrayRef = Arc::new(StringArray::from(vec!["a".to_owned(), "x".repeat(1_000_000)]));
    let columns = (0..9).map(|_| ("x", Arc::clone(&text))).collect();
    let error = table_of(&file_by(columns, packed()), "x", &Options::default());
    let error = error.expect_err("refused").to_string();
    assert_eq!(error, "row 2: more than 8388608 bytes, the most of a row");
}
