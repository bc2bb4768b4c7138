//! The steps of a query have its rows, and what it has taken.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::{CellTest, Comparison, RowFilter};
use ot_engine::{ColumnKind, Value};

use super::limits::{by_first, rows_of_texts};
use super::tables_of::bytes_of;
use super::{MIB, derived_of, engine, engine_of, id, view_of};
use crate::{
    Aggregate, AggregateFunction, Engine, Formula, JoinOther, JoinRows, Operation, Progress,
    QueryLimits, Question, Step, Steps,
};

/// The names of steps, and the rows that each has passed on.
fn rows_of(steps: &[Step]) -> Vec<(&str, u64)> {
    steps.iter().map(|step| (step.name, step.rows)).collect()
}

#[test]
fn a_view_in_the_order_of_its_table_reads_and_writes() {
    let (engine, _dir) = engine();
    let table = bytes_of(&[ColumnKind::Text], &rows_of_texts(3_000), 500);
    let question = Question { order: Vec::new(), ..by_first() };
    let steps = Steps::default();
    view_of(&engine.with_steps(&steps), &table, &question).expect("a view");
    let steps = steps.now();
    assert_eq!(rows_of(&steps), [("read and filter", 3_000), ("write", 3_000)]);
    for step in &steps {
        assert_eq!(step.tasks_done, step.tasks, "{step:?}");
        assert!(step.bytes > 0 && step.busy > Duration::ZERO, "{step:?}");
        assert_eq!((step.spilled_bytes, &*step.place), (0, ""), "{step:?}");
    }
}

#[test]
fn rows_that_do_not_match_are_not_passed_on() {
    let (engine, _dir) = engine();
    let rows: Vec<_> = (0..1_000).map(|at| vec![Value::from(f64::from(at))]).collect();
    let table = bytes_of(&[ColumnKind::Number], &rows, 100);
    let test = CellTest::Compare(Comparison::Less, Value::from(10.0));
    let filter = RowFilter::Cell { column: id(0), test, ignore_case: false };
    let steps = Steps::default();
    let question = Question { filter, ..by_first() };
    view_of(&engine.with_steps(&steps), &table, &question).expect("a view");
    let wanted = [("read and filter", 10), ("sort", 10), ("write", 10)];
    assert_eq!(rows_of(&steps.now()), wanted);
}

#[test]
fn the_sort_of_one_thread_has_rows_too() {
    let dir = tempfile::tempdir().expect("a folder");
    let limits = QueryLimits {
        memory_bytes: 64 * MIB,
        disk_bytes: 1 << 30,
        dir: dir.path().join("q"),
        threads: 1,
    };
    let engine = Engine::new(limits).expect("an engine");
    let table = bytes_of(&[ColumnKind::Text], &rows_of_texts(300), 100);
    let steps = Steps::default();
    view_of(&engine.with_steps(&steps), &table, &by_first()).expect("a view");
    assert_eq!(rows_of(&steps.now()), [("read and filter", 300), ("sort", 300), ("write", 300)]);
}

#[test]
fn a_sort_that_takes_disk_shows_it_while_it_runs_and_at_its_end() {
    let (engine, _dir) = engine_of(24 * MIB, 1 << 30);
    let table = bytes_of(&[ColumnKind::Text], &rows_of_texts(30_000), 5000);
    let steps = Steps::default();
    let seen = Mutex::new(Vec::new());
    let watch = |_: Progress| {
        seen.lock().expect("is whole").push(steps.now());
        false
    };
    let with_steps = engine.with_steps(&steps);
    with_steps.view(table, &by_first(), &mut Vec::new(), &watch).expect("a view");
    let last = steps.now();
    let names: Vec<_> = last.iter().map(|step| (step.name, step.rows)).collect();
    assert_eq!(names, [("read and filter", 30_000), ("sort", 30_000), ("write", 30_000)]);
    let sort = &last[1];
    assert!(sort.spilled_bytes > 0 && sort.memory_bytes > 0, "{sort:?}");
    assert!(sort.busy > Duration::ZERO && sort.tasks == sort.tasks_done, "{sort:?}");
    // What is seen while it runs never falls.
    let seen = seen.into_inner().expect("is whole");
    let is_before = |one: &Step, other: &Step| {
        one.rows <= other.rows && one.spilled_bytes <= other.spilled_bytes && one.busy <= other.busy
    };
    for pair in seen.windows(2) {
        assert!(pair[0].iter().zip(&pair[1]).all(|(one, other)| is_before(one, other)));
    }
    assert!(seen.iter().any(|steps| steps.iter().any(|step| step.name == "sort")));
}

#[test]
fn a_derivation_has_the_steps_that_its_rows_take() {
    let (engine, _dir) = engine();
    let number = |at: u32| Value::from(f64::from(at));
    let rows: Vec<_> = (0..3_000).map(|at| vec![number(at % 10), number(at)]).collect();
    let table = bytes_of(&[ColumnKind::Number; 2], &rows, 500);
    let steps_of = |operation: &Operation| {
        let steps = Steps::default();
        derived_of(&engine.with_steps(&steps), &table, &[0, 1], operation).expect("rows");
        let steps = steps.now();
        for step in &steps {
            assert_eq!((step.tasks_done, step.spilled_bytes), (step.tasks, 0), "{step:?}");
            assert!(step.bytes > 0 || !step.name.starts_with("read"), "{step:?}");
        }
        steps
    };
    let formula = Formula::parse("1 + 1", &[]).expect("a formula");
    let add = Operation::Add(vec![(Arc::from("two"), formula)]);
    assert_eq!(rows_of(&steps_of(&add)), [("read and filter", 3_000), ("compute", 3_000)]);

    let rows = AggregateFunction::Rows;
    let rows = Aggregate { function: rows, column: None, name: Arc::from("rows") };
    let group = |by: Vec<usize>| Operation::Group { by, aggregates: vec![rows.clone()] };
    let wanted = [("read and filter", 3_000), ("sort", 3_000), ("group", 10)];
    assert_eq!(rows_of(&steps_of(&group(vec![0]))), wanted);
    let wanted = [("read and filter", 3_000), ("group", 1)];
    assert_eq!(rows_of(&steps_of(&group(Vec::new()))), wanted);

    let other =
        JoinOther { table: Arc::clone(&table), columns: vec![0, 1], name: "list".to_owned() };
    let join = Operation::Join { other, keys: vec![(1, 1)], rows: JoinRows::Matched };
    let wanted = [
        ("read keys", 3_000),
        ("sort", 6_000),
        ("read other", 3_000),
        ("match", 3_000),
        ("sort", 3_000),
        ("read and filter", 3_000),
        ("join", 3_000),
    ];
    assert_eq!(rows_of(&steps_of(&join)), wanted);
}
