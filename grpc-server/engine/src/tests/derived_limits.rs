//! What a derivation takes has a bound, and it ends where it is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ot_engine::{ColumnKind, Value};
use tables::Bytes;

use super::tables_of::bytes_of;
use super::{MIB, derived_of, engine, engine_of, never};
use crate::{
    Aggregate, AggregateFunction, Formula, FormulaColumn, JoinOther, JoinRows, Operation,
    QueryError,
};

fn texts(count: usize, bytes: usize) -> Arc<dyn Bytes> {
    let text = |at: usize| format!("{at:06}-{}", "x".repeat(bytes));
    let rows: Vec<_> =
        (0..count).map(|at| vec![Value::from("a"), Value::from(&*text(at))]).collect();
    bytes_of(&[ColumnKind::Text, ColumnKind::Text], &rows, 1000)
}

fn grouped(function: AggregateFunction) -> Operation {
    let aggregate = Aggregate { function, column: Some(1), name: Arc::from("n") };
    Operation::Group { by: vec![0], aggregates: vec![aggregate] }
}

fn joined(table: &Arc<dyn Bytes>, key: usize) -> Operation {
    let other =
        JoinOther { table: Arc::clone(table), columns: vec![0, 1], name: "list".to_owned() };
    Operation::Join { other, keys: vec![(key, key)], rows: JoinRows::Matched }
}

fn computed(text: &str) -> Operation {
    let column = |name: &str| FormulaColumn {
        name: Arc::from(name),
        kind: ColumnKind::Text,
        is_exact: true,
    };
    let formula = Formula::parse(text, &[column("a"), column("b")]).expect("a formula");
    Operation::Add(vec![(Arc::from("new"), formula)])
}

#[test]
fn different_values_beyond_the_memory_are_an_error_with_numbers() {
    let (engine, _dir) = engine_of(1024 * MIB, 1 << 30);
    let table = texts(80, MIB);
    let error = derived_of(&engine, &table, &[0, 1], &grouped(AggregateFunction::Distinct));
    let Err(QueryError::Limit(text)) = error else { panic!("a limit") };
    assert!(text.contains("67108864 bytes") && text.contains("different values"), "{text}");
}

#[test]
fn rows_of_one_key_beyond_the_memory_are_an_error_with_numbers() {
    let (engine, _dir) = engine_of(1024 * MIB, 1 << 30);
    let error = derived_of(&engine, &texts(1, 1), &[0, 1], &joined(&texts(40, MIB), 0));
    let Err(QueryError::Limit(text)) = error else { panic!("a limit") };
    assert!(text.contains("\"list\"") && text.contains("33554432 bytes"), "{text}");
}

#[test]
fn many_pairs_of_one_key_that_do_not_fit_the_disk_are_too_large() {
    let (engine, _dir) = engine_of(24 * MIB, 1_000_000);
    let table = texts(1000, 100);
    let error = derived_of(&engine, &table, &[0, 1], &joined(&table, 0));
    assert!(matches!(error, Err(QueryError::TooLarge)), "{:?}", error.map(|it| it.1));
    let few = texts(30, 100);
    let (rows, _) = derived_of(&engine, &few, &[0, 1], &joined(&few, 0)).expect("a join");
    assert_eq!(rows.len(), 900);
}

#[test]
fn a_result_with_too_many_columns_is_refused_before_rows_are_read() {
    let (engine, _dir) = engine();
    let wide = bytes_of(&[ColumnKind::Number; 9000], &[vec![Value::from(1.0)]], 1);
    let columns: Vec<usize> = (0..9000).collect();
    let other =
        JoinOther { table: Arc::clone(&wide), columns: columns.clone(), name: String::new() };
    let operation = Operation::Join { other, keys: vec![(0, 0)], rows: JoinRows::Matched };
    let error = engine.derived_columns(&wide, &columns, &operation);
    let Err(QueryError::Limit(text)) = error else { panic!("a limit") };
    assert_eq!(text, "the result has 17999 columns, and a table has at most 16384: choose fewer");
}

#[test]
fn a_derivation_that_is_stopped_ends_and_so_does_one_whose_rows_are_not_taken() {
    let (engine, _dir) = engine_of(24 * MIB, 1 << 30);
    let table = texts(20_000, 200);
    let operations = [grouped(AggregateFunction::Rows), joined(&table, 1), computed("UPPER([b])")];
    for operation in &operations {
        for most in [0, 2] {
            let calls = AtomicUsize::new(0);
            let watch = |_| calls.fetch_add(1, Ordering::Relaxed) >= most;
            let each = &mut |_: Vec<Vec<Value>>| -> Result<(), QueryError> { Ok(()) };
            let stopped = engine.derive(Arc::clone(&table), &[0, 1], operation, each, &watch);
            assert!(matches!(stopped, Err(QueryError::Stopped)), "{operation:?}");
        }
        let refuse = &mut |_: Vec<Vec<Value>>| -> Result<(), QueryError> {
            Err(QueryError::Limit("no room for a row".to_owned()))
        };
        let refused = engine.derive(Arc::clone(&table), &[0, 1], operation, refuse, &never);
        assert!(matches!(refused, Err(QueryError::Limit(_))), "{operation:?}: {refused:?}");
    }
}

#[test]
fn a_formula_whose_texts_grow_is_refused_for_its_rows() {
    let (engine, _dir) = engine();
    let table = texts(3, 2000);
    let grows = "SUBSTITUTE(SUBSTITUTE([b], \"x\", [b]), \"x\", [b])";
    let (rows, derived) = derived_of(&engine, &table, &[0, 1], &computed(grows)).expect("rows");
    assert!(rows.iter().all(|row| row[2] == Value::Empty));
    let note = "3 rows of \"new\" could not be computed and are empty: the first is row 1 of the result, where the text has more than 64 KiB";
    assert_eq!(derived.notes, [note]);
    let long = vec!["LEN([b])"; 200].join("+");
    let table = texts(1, 100_000);
    let (_, derived) = derived_of(&engine, &table, &[0, 1], &computed(&long)).expect("rows");
    let note = "1 row of \"new\" could not be computed and is empty: row 1 of the result, where its texts are longer than the 8 MiB that a formula looks at";
    assert_eq!(derived.notes, [note]);
}
