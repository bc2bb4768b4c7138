//! One pass over a table gives the rows that its pages give.

use std::sync::Arc;

use ot_engine::{ColumnKind, Value};
use proptest::prelude::*;

use super::{ALL, kept, rows_of, written};
use crate::Table;
use crate::write::Sizes;

/// All rows of a pass, and the rows of each step.
fn pass(
    table: &Table,
    first: u64,
    columns: &[usize],
    rows: usize,
    bytes: usize,
) -> Vec<Vec<Vec<Value>>> {
    let mut scan = table.scan(first, columns).expect("a pass");
    let mut steps = Vec::new();
    loop {
        let step = scan.next_rows(rows, bytes).expect("rows");
        if step.is_empty() {
            assert!(scan.next_rows(rows, bytes).expect("the end").is_empty());
            return steps;
        }
        assert!(step.len() <= rows);
        steps.push(step);
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Empty),
        (-9..9_i32).prop_map(|it| Value::from(f64::from(it))),
        "[a-c]{1,40}".prop_map(|it| Value::from(&*it)),
        Just(Value::from("7")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_pass_has_the_rows_of_the_pages(
        rows in prop::collection::vec(prop::collection::vec(value(), 3), 0..150),
        (group_rows, page_rows) in (1..200_usize, 1..64_usize),
        first in 0..160_u64,
        (most_rows, most_bytes) in (1..200_usize, prop_oneof![Just(ALL), 0..3000_usize]),
    ) {
        let sizes = Sizes { group_rows, page_rows, ..Sizes::default() };
        let kinds = [ColumnKind::Any, ColumnKind::Text, ColumnKind::Number];
        let table = Table::open(kept(written(&kinds, &rows, sizes))).expect("a table");
        let all = rows_of(&table);
        let columns = [2, 0];
        let expected: Vec<Vec<Value>> = all
            .iter()
            .skip(usize::try_from(first).expect("small"))
            .map(|row| columns.iter().map(|at| row[*at].clone()).collect())
            .collect();
        let steps = pass(&table, first, &columns, most_rows, most_bytes);
        prop_assert_eq!(steps.concat(), expected);
        let none = table.scan(first, &[]).expect("a pass").next_rows(usize::MAX, ALL);
        let left = all.len().saturating_sub(usize::try_from(first).expect("small"));
        prop_assert_eq!(none.expect("rows").len().min(1), left.min(1));
    }
}

#[test]
fn large_texts_come_in_steps() {
    // The texts of a group of rows are more than are decoded at once.
    let text: Arc<str> = Arc::from("x".repeat(1 << 20));
    let rows: Vec<Vec<Value>> = (0..100)
        .map(|at| vec![Value::from(f64::from(at)), Value::Text(Arc::clone(&text))])
        .collect();
    let kinds = [ColumnKind::Number, ColumnKind::Text];
    let table = Table::open(kept(written(&kinds, &rows, Sizes::default()))).expect("a table");
    let steps = pass(&table, 3, &[0, 1], 1000, 5 << 20);
    assert!(steps.iter().all(|step| (1..=4).contains(&step.len())));
    assert_eq!(steps.concat(), rows[3..]);
}

#[test]
fn a_pass_of_other_columns_is_refused() {
    let table = Table::open(kept(written(&[ColumnKind::Any], &[], Sizes::default())));
    let table = table.expect("a table");
    let error = table.scan(0, &[1]).expect_err("refused");
    assert_eq!(error.to_string(), "columns: 1 is none of the 1 columns of the table");
    assert!(table.scan(0, &[0, 0]).is_err());
    assert!(table.scan(u64::MAX, &[0]).expect("a pass").next_rows(1, 1).expect("rows").is_empty());
}
