//! Any table of values comes back, whatever the sizes of its row groups and pages, and whichever page is asked for.

use std::sync::Arc;

use ot_engine::{ColumnKind, Value};
use proptest::prelude::*;

use super::{ALL, kept, rows_of, written};
use crate::progress::Watch;
use crate::write::{RowWriter, Sizes};
use crate::{ReadLimits, Stop, Table, TableColumn};

const KINDS: [ColumnKind; 8] = [
    ColumnKind::Any,
    ColumnKind::Bool,
    ColumnKind::Number,
    ColumnKind::Text,
    ColumnKind::Instant,
    ColumnKind::Date,
    ColumnKind::LocalDateTime,
    ColumnKind::Link,
];
/// Microseconds of the years 1 and 9999.
const MICROS: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => Just(Value::Empty),
        1 => any::<bool>().prop_map(Value::Bool),
        3 => any::<f64>().prop_filter("finite", |it| it.is_finite()).prop_map(Value::from),
        2 => (-1000..1000_i32).prop_map(|it| Value::from(f64::from(it))),
        2 => "[a-c0-9,.\\-é]{1,12}".prop_map(|it| Value::from(&*it)),
        2 => prop::sample::select(&["007", "true", "2024-05-01", "1.5", "2024-05-01 10:00:00", "-3"][..])
            .prop_map(Value::from),
        1 => (-719_162..=2_932_896_i32).prop_map(Value::Date),
        1 => MICROS.prop_map(Value::LocalDateTime),
        1 => MICROS.prop_map(Value::Instant),
    ]
}

/// Kinds of columns, and rows of as many values.
fn any_table() -> impl Strategy<Value = (Vec<ColumnKind>, Vec<Vec<Value>>)> {
    (0..5_usize).prop_flat_map(|width| {
        let kinds = prop::collection::vec(prop::sample::select(&KINDS[..]), width);
        let row = prop::collection::vec(any_value(), width);
        (kinds, prop::collection::vec(row, 0..120))
    })
}

fn any_sizes() -> impl Strategy<Value = Sizes> {
    (1..200_usize, 1..64_usize, 8..4096_usize).prop_map(|(group_rows, page_rows, page_bytes)| {
        Sizes { group_rows, page_rows, page_bytes, level: 1, ..Sizes::default() }
    })
}

/// What a column of this kind holds of a value: columns of texts hold its text.
fn held(kind: ColumnKind, value: &Value) -> Value {
    match value {
        Value::Empty => Value::Empty,
        value if crate::column::is_text(kind) => Value::from(&*values::exact(value)),
        value => value.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_table_comes_back_by_any_pages(
        (kinds, rows) in any_table(),
        sizes in any_sizes(),
        from in 0..130_u64,
        count in 0..130_u32,
        most_bytes in prop_oneof![Just(ALL), 0..4000_usize],
    ) {
        let held: Vec<Vec<Value>> = rows
            .iter()
            .map(|row| kinds.iter().zip(row).map(|(kind, value)| held(*kind, value)).collect())
            .collect();
        let table = Table::open(kept(written(&kinds, &rows, sizes))).expect("a table");
        prop_assert_eq!(table.rows(), rows.len() as u64);
        prop_assert_eq!(&rows_of(&table), &held);
        let columns: Vec<usize> = (0..kinds.len()).rev().collect();
        let page = table.rows_at(from, count, &columns, most_bytes).expect("rows");
        let expected: Vec<Vec<Value>> = held
            .iter()
            .skip(usize::try_from(from).expect("small"))
            .take(count as usize)
            .map(|row| row.iter().rev().cloned().collect())
            .collect();
        prop_assert!(page.len() <= expected.len());
        prop_assert_eq!(&page[..], &expected[..page.len()]);
        let is_whole = most_bytes == ALL || expected.is_empty();
        let is_enough = if is_whole { page.len() == expected.len() } else { !page.is_empty() };
        prop_assert!(is_enough);
    }
}

#[test]
fn a_row_of_many_megabytes_comes_alone() {
    let texts: Vec<Vec<Value>> =
        ["a", "b", "c"].map(|it| vec![Value::from(&*it.repeat(3_000_000))]).to_vec();
    let table = Table::open(kept(written(&[ColumnKind::Text], &texts, Sizes::default())));
    let table = table.expect("a table");
    assert_eq!(table.rows_at(0, 3, &[0], 1000).expect("rows"), texts[..1]);
    assert_eq!(table.rows_at(1, 3, &[0], 7_000_000).expect("rows"), texts[1..3]);
}

#[test]
fn a_wide_table_comes_back() {
    let kinds = vec![ColumnKind::Any; 2000];
    let row = |at: u32| (0..2000).map(|col| Value::from(f64::from(at * col))).collect();
    let rows: Vec<Vec<Value>> = (0..10).map(row).collect();
    let table = Table::open(kept(written(&kinds, &rows, Sizes::default()))).expect("a table");
    assert_eq!(
        table.rows_at(3, 1, &[1999, 7], ALL).expect("rows"),
        [[Value::from(3.0 * 1999.0), Value::from(21.0)]]
    );
    assert!(table.memory_bytes() > 2000 * 100);
}

#[test]
fn a_column_that_is_not_there_or_named_twice_is_refused() {
    let table = Table::open(kept(written(&[ColumnKind::Any], &[], Sizes::default())));
    let table = table.expect("a table");
    let error = table.rows_at(0, 1, &[1], ALL).expect_err("refused");
    assert_eq!(error.to_string(), "columns: 1 is none of the 1 columns of the table");
    let error = table.rows_at(0, 1, &[0, 0], ALL).expect_err("refused");
    assert_eq!(error.to_string(), "columns: 0 is named twice");
}

#[test]
fn a_table_has_a_bounded_number_of_columns_in_groups_of_rows() {
    // Two columns, the texts beside them, and the marks.
    let sizes = Sizes { group_rows: 1, chunks: 5 * 3, ..Sizes::default() };
    let (stop, mut out) = (Stop::default(), Vec::new());
    let watch = Watch::new(&stop, 0);
    let column = TableColumn::of(Arc::from("x"), ColumnKind::Any);
    let columns = vec![column.clone(), column];
    let limits = ReadLimits::DEFAULT;
    let mut writer = RowWriter::new(&mut out, columns, &limits, &watch, sizes).expect("a table");
    (0..4).for_each(|_| writer.push(&[]).expect("a row"));
    let error = writer.finish().err().expect("refused");
    assert!(error.to_string().ends_with("more than 15, the most that is read"), "{error}");
}
