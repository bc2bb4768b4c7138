//! The steps of a query have its rows, and what it has taken.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::{CellTest, Comparison, RowFilter};
use ot_engine::{ColumnKind, Value};

use super::limits::{by_first, rows_of_texts};
use super::tables_of::bytes_of;
use super::{MIB, derived_of, engine, engine_of, id, view_of};
use crate::{
    Aggregate, AggregateFunction, JoinOther, JoinRows, Operation, Progress, Question, Step, Steps,
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
fn each_pass_of_a_derivation_is_a_step() {
    let (engine, _dir) = engine();
    let table_of = |rows: i32| {
        let rows: Vec<_> = (0..rows).map(|at| vec![Value::from(f64::from(at % 7))]).collect();
        bytes_of(&[ColumnKind::Number], &rows, 100)
    };
    let (table, few) = (table_of(1_000), table_of(7));
    let steps_of = |operation: &Operation| {
        let steps = Steps::default();
        derived_of(&engine.with_steps(&steps), &table, &[0], operation).expect("rows");
        let steps = steps.now();
        assert!(steps.iter().all(|step| step.tasks == step.tasks_done), "{steps:?}");
        steps
    };
    let add = steps_of(&Operation::Add(Vec::new()));
    assert_eq!(rows_of(&add), [("read and compute", 1_000)]);
    let count =
        Aggregate { function: AggregateFunction::Rows, column: None, name: Arc::from("rows") };
    let group = steps_of(&Operation::Group { by: vec![0], aggregates: vec![count] });
    assert_eq!(rows_of(&group), [("read", 1_000), ("sort", 1_000)]);
    let other = JoinOther { table: few, columns: vec![0], name: "few".to_owned() };
    let (keys, rows) = (vec![(0, 0)], JoinRows::AllOfSource);
    let join = steps_of(&Operation::Join { other, keys, rows });
    let passes = [("read keys", 1_000), ("read other table", 7), ("read rows", 1_000)];
    assert_eq!(rows_of(&join), passes);
}
