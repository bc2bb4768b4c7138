//! Which columns of a table are exact, and that those are saved as Parquet with their values.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int64Array, TimestampNanosecondArray,
    UInt64Array,
};
use ot_engine::{ColumnKind, Value};
use parquet::file::properties::WriterProperties;

use super::out::file;
use super::parquet::file_by;
use super::{kept, rows_of, table_of, written};
use crate::write::Sizes;
use crate::{Options, SavedFormat, Table};

/// Whether the only column of a Parquet file is exact, and the notes and the rows of the file that is saved of it.
fn saved(array: impl arrow_array::Array + 'static) -> (bool, Vec<String>, Vec<Value>) {
    let of = vec![("x", Arc::new(array) as ArrayRef)];
    let bytes = file_by(of, WriterProperties::builder());
    let (_, table) = table_of(&bytes, "x", &Options::default()).expect("a table");
    let columns = table.out_columns(&[0]).expect("a column");
    let (bytes, notes) = file(SavedFormat::Parquet, &columns, &rows_of(&table));
    let (_, table) = table_of(&bytes, "x", &Options::default()).expect("a table");
    (columns[0].is_exact, notes, rows_of(&table).concat())
}

#[test]
fn numbers_that_a_double_holds_are_exact() {
    let most = 1_i64 << 53;
    let numbers = |all: &[f64]| all.iter().copied().map(Value::Number).collect::<Vec<_>>();
    let none = Vec::<String>::new();
    let both = numbers(&[-9_007_199_254_740_992.0, 9_007_199_254_740_992.0]);
    assert_eq!(saved(Int64Array::from(vec![-most, most])), (true, none.clone(), both));
    let texts = vec![Value::from("1"), Value::from("9007199254740993")];
    assert_eq!(saved(Int64Array::from(vec![1, most + 1])), (true, none.clone(), texts));
    assert!(saved(UInt64Array::from(vec![7])).0);
    assert!(saved(Int64Array::from(vec![None])).0);
    let decimal = |digits| {
        let array = Decimal128Array::from(vec![150]);
        saved(array.with_precision_and_scale(digits, 2).expect("in range")).0
    };
    assert_eq!((decimal(15), decimal(18), decimal(19)), (true, true, false));
    let floats = Float64Array::from(vec![1.5, f64::NAN, f64::NEG_INFINITY]);
    let read = vec![Value::Number(1.5), Value::from("NaN"), Value::from("-inf")];
    assert_eq!(saved(floats), (true, none, read));
}

#[test]
fn times_are_cut_to_microseconds() {
    let array = TimestampNanosecondArray::from(vec![1_500_000_001, 2_000]);
    let (is_exact, notes, rows) = saved(array);
    assert_eq!((is_exact, notes), (true, vec!["1 time was cut to microseconds".to_owned()]));
    assert_eq!(rows, [Value::LocalDateTime(1_500_000), Value::LocalDateTime(2)]);
    let (is_exact, notes, rows) =
        saved(TimestampNanosecondArray::from(vec![1_500_000_001]).with_timezone("UTC"));
    assert_eq!((is_exact, notes.len()), (true, 1));
    assert_eq!(rows, [Value::Instant(1_500_000)]);
    assert!(!saved(Date32Array::from(vec![2_932_897])).0);
    assert!(saved(Date32Array::from(vec![2_932_896])).0);
}

#[test]
fn a_column_with_texts_beside_it_is_not_exact() {
    let kinds = [ColumnKind::Number, ColumnKind::Date, ColumnKind::Text];
    let rows = [vec![Value::from("x"), Value::Date(1), Value::from("7")]];
    let table = Table::open(kept(written(&kinds, &rows, Sizes::default()))).expect("a table");
    let columns = table.out_columns(&[2, 1, 0]).expect("columns");
    assert!(columns.iter().map(|it| it.is_exact).eq([true, true, false]));
    assert!(columns.iter().map(|it| it.kind).eq(kinds.into_iter().rev()));
    assert!(table.out_columns(&[3]).is_err());
}

/// The Arrow types of a file that is saved of a column of numbers.
fn saved_types(numbers: &[Option<f64>]) -> Vec<String> {
    let rows: Vec<Vec<Value>> =
        numbers.iter().map(|it| vec![it.map_or(Value::Empty, Value::Number)]).collect();
    let bytes = written(&[ColumnKind::Number], &rows, Sizes::default());
    let table = Table::open(kept(bytes)).expect("a table");
    let columns = table.out_columns(&[0]).expect("a column");
    let (bytes, _) = file(SavedFormat::Parquet, &columns, &rows_of(&table));
    let (_, saved) = table_of(&bytes, "x", &Options::default()).expect("a table");
    assert_eq!(rows_of(&saved), rows);
    saved.columns().iter().map(|column| column.data.clone()).collect()
}

#[test]
fn a_column_of_whole_numbers_is_saved_as_integers() {
    let most = 9_007_199_254_740_992.0;
    assert_eq!(saved_types(&[Some(1.0), None, Some(-most), Some(most)]), ["Int64"]);
    for other in [0.5, most * 2.0, -0.0] {
        assert_eq!(saved_types(&[Some(1.0), Some(other)]), ["Float64"], "{other}");
    }
}
