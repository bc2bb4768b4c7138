//! Tables of Parquet files of other programs, whose columns have types of their own.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, Float32Array, Float64Array, Int64Array,
    LargeStringArray, RecordBatch, TimestampNanosecondArray, UInt64Array,
};
use model::{CellTest, Comparison, RowFilter, RowOrder};
use ot_engine::{ColumnKind, Value};
use parquet::arrow::ArrowWriter;
use tables::{Bytes, Done, Options, Table, read};

use super::{derived_of, engine, id, never, oracle, positions_of, rows_of, view_of};
use crate::{Formula, FormulaColumn, Operation, Question};

/// A table of a file that has many types.
fn table() -> Arc<dyn Bytes> {
    let decimals =
        Decimal128Array::from(vec![Some(150), None, Some(i128::MAX / 9), Some(-5), Some(0)]);
    let arrays: Vec<(&str, ArrayRef)> = vec![
        ("double", Arc::new(Float64Array::from(vec![1.5, f64::NAN, f64::INFINITY, -0.0, -2.0]))),
        (
            "float",
            Arc::new(Float32Array::from(vec![
                Some(0.1),
                None,
                Some(f32::NAN),
                Some(3.0),
                Some(0.0),
            ])),
        ),
        ("whole", Arc::new(Int64Array::from(vec![i64::MAX, 3, i64::MIN, -4, 1 << 53]))),
        ("unsigned", Arc::new(UInt64Array::from(vec![u64::MAX, 3, 2, 1, 0]))),
        ("decimal", Arc::new(decimals.with_precision_and_scale(38, 2).expect("in range"))),
        ("time", Arc::new(TimestampNanosecondArray::from(vec![1, 1_000_000, -1000, i64::MAX, 0]))),
        (
            "text",
            Arc::new(LargeStringArray::from(vec![
                Some("b"),
                Some(""),
                None,
                Some("a\0"),
                Some("Ä"),
            ])),
        ),
        (
            "truth",
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false), Some(true), None])),
        ),
    ];
    let batch = RecordBatch::try_from_iter(arrays).expect("a batch");
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("rows");
    writer.close().expect("a file");
    let (file, mut out): (Arc<dyn Bytes>, _) = (Arc::new(file), Vec::new());
    let progress = |_: Done| false;
    read(&file, "x.parquet", &Options::default(), &mut out, &progress).expect("a table");
    Arc::new(out)
}

#[test]
fn views_and_summaries_of_any_type_are_those_of_the_oracle() {
    let ((engine, _dir), table) = (engine(), table());
    let rows = rows_of(&Table::open(Arc::clone(&table)).expect("a table"));
    let wanted = [Value::from(1.0), Value::from("NaN"), Value::LocalDateTime(1), Value::Bool(true)];
    for column in 0..rows[0].len() {
        let tests = wanted.iter().flat_map(|wanted| {
            let compare = |by| CellTest::Compare(by, wanted.clone());
            let one_of = CellTest::In(vec![wanted.clone(), rows[0][column].clone()]);
            [compare(Comparison::Less), compare(Comparison::GreaterOrEqual), one_of]
        });
        for test in tests.chain([CellTest::IsEmpty, CellTest::Contains(Arc::from("A"))]) {
            let filter = RowFilter::Cell { column: id(column), test, ignore_case: true };
            for filter in [filter.clone(), RowFilter::Not(Box::new(filter))] {
                let order = vec![RowOrder { column: id(column), descending: column % 2 == 0 }];
                let question = Question { filter, order };
                let expected = oracle::view(&rows, &question);
                let view = view_of(&engine, &table, &question).expect("a view");
                assert_eq!(positions_of(&view), expected, "{question:?}");
                let expected: Vec<_> = expected.into_iter().map(|at| rows[at].clone()).collect();
                assert_eq!(rows_of(&view), expected, "{question:?}");
            }
        }
        let all = RowFilter::All(Vec::new());
        let summary = engine.summary(Arc::clone(&table), column, &all, 9, &never);
        let summary = summary.expect("a summary");
        let filled = rows.iter().filter(|row| row[column] != Value::Empty).count() as u64;
        assert_eq!((summary.rows, summary.empty), (5, 5 - filled));
        assert_eq!(summary.values.iter().map(|(_, rows)| rows).sum::<u64>(), filled);
    }
}

#[test]
fn a_formula_that_passes_cells_on_has_values_of_its_kind_alone_where_its_column_says_it() {
    let ((engine, _dir), table) = (engine(), table());
    let places: Vec<usize> = (0..8).collect();
    let columns = Table::open(Arc::clone(&table)).expect("a table").out_columns(&places);
    let columns: Vec<FormulaColumn> = columns
        .expect("columns")
        .into_iter()
        .map(|it| FormulaColumn { name: it.name, kind: it.kind, is_exact: it.is_exact })
        .collect();
    let mut exact = 0;
    for name in ["double", "float", "whole", "unsigned", "decimal", "time", "text", "truth"] {
        for text in [format!("[{name}]"), format!("COALESCE([{name}], [{name}])")] {
            let formula = Formula::parse(&text, &columns).expect(&text);
            let add = Operation::Add(vec![(Arc::from("new"), formula)]);
            let made = engine.derived_columns(&table, &places, &add).expect("columns");
            let (rows, _) = derived_of(&engine, &table, &places, &add).expect("rows");
            let fits = |value: &Value| match (made[8].kind, value) {
                (ColumnKind::Any, _) | (_, Value::Empty) | (ColumnKind::Text, Value::Text(_)) => {
                    true
                }
                (ColumnKind::Number, Value::Number(_)) | (ColumnKind::Bool, Value::Bool(_)) => true,
                // What stands for numbers that are not finite, and for times to the nanosecond.
                (ColumnKind::Number, Value::Text(it)) => {
                    it.parse::<f64>().is_ok_and(|it| !it.is_finite())
                }
                (ColumnKind::LocalDateTime, Value::LocalDateTime(_) | Value::Text(_)) => true,
                _ => false,
            };
            exact += usize::from(made[8].is_exact);
            assert!(!made[8].is_exact || rows.iter().all(|row| fits(&row[8])), "{text}: {rows:?}");
        }
    }
    assert!(exact > 4, "{exact} of these are exact");
}
