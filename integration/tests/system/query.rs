//! `QueryRows` finds the rows that a plain scan of the sheet finds, page by page, each once.
//!
//! Not the speed of queries. Invariant: the expected rows come from a read of the whole sheet.

use std::cmp::Ordering;

use client::Client;
use client::net::NewSheet;
use gridloom::convert::{value_from_wire, value_to_wire};
use gridloom::v1;
use gridloom::v1::condition::Operator;
use gridloom::v1::row_filter::Filter;
use integration::harness::{Grid, Random, Server, sign_up};
use ot_engine::Value;

const ROWS: u32 = 300;
const COLUMNS: u32 = 4;
/// A day, and a time of it in microseconds.
const DAY: i32 = 19_675;
const MOMENT: i64 = 1_700_000_000_000_000;
const DAY_MICROS: i64 = 86_400_000_000;
const QUERIES: usize = 60;
/// In the order of languages, which is none of bytes.
const TEXTS: [&str; 6] =
    ["'; drop table rows; --", "Äpfel", "apple", "banana", "pear", "Pear tree"];

#[tokio::test(flavor = "multi_thread")]
async fn queries_find_the_rows_of_a_plain_scan() {
    let seed = Random::seed();
    println!("GRIDLOOM_SEED={seed}");
    let mut random = Random::from_seed(seed);
    let server = Server::start();
    let client = sign_up(&server).await;
    for disturbed in [false, true] {
        let sheet_id = sheet(&client, &mut random, disturbed).await;
        ask(&client, &sheet_id, &mut random).await;
    }
}

async fn ask(client: &Client, sheet_id: &str, random: &mut Random) {
    let grid = Grid::read(client, sheet_id).await;
    for _ in 0..QUERIES {
        let filter = any_filter(random, 3);
        let order_by: Vec<_> = (0..random.below(3)).map(|_| any_order(random)).collect();
        let mut expected: Vec<u32> =
            (0..ROWS).filter(|row| passes(&filter, &grid.rows[*row as usize])).collect();
        expected.sort_by(|a, b| compare(&order_by, &grid, *a, *b));
        let request = v1::QueryRowsRequest {
            sheet_id: sheet_id.to_owned(),
            filter: Some(filter),
            order_by,
            page_size: 1 + random.below(200),
            include_total: true,
            ..v1::QueryRowsRequest::default()
        };
        let found = all_pages(client, request.clone(), expected.len()).await;
        let positions: Vec<u32> = found.iter().map(|row| row.position).collect();
        assert_eq!(positions, expected, "{request:?}");
        for row in found {
            let values = row.values.into_iter().map(|value| value_from_wire(value).expect("valid"));
            let mut values: Vec<Value> = values.collect();
            values.resize(COLUMNS as usize, Value::Empty);
            assert_eq!(values, grid.rows[row.position as usize]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_query_is_refused_by_its_field() {
    let server = Server::start();
    let client = sign_up(&server).await;
    let sheet_id = sheet(&client, &mut Random::from_seed(1), true).await;
    let asked = |filter| v1::QueryRowsRequest {
        sheet_id: sheet_id.clone(),
        filter: Some(v1::RowFilter { filter }),
        ..v1::QueryRowsRequest::default()
    };
    let condition = |operator: Operator, values: Vec<Value>| {
        let values = values.iter().map(value_to_wire).collect();
        Some(Filter::Condition(v1::Condition {
            column: named(0),
            operator: operator.into(),
            values,
            ignore_case: false,
        }))
    };
    let nowhere = Some(v1::column_ref::Column::Name("nowhere".into()));
    let order = v1::RowOrder { column: Some(v1::ColumnRef { column: nowhere }), descending: false };
    let mut deep = condition(Operator::IsEmpty, vec![]);
    for _ in 0..20 {
        deep = Some(Filter::Not(Box::new(v1::RowFilter { filter: deep })));
    }
    let cases = [
        (asked(None), "filter: must be one of"),
        (asked(deep), "levels deep"),
        (
            asked(condition(Operator::Less, vec![])),
            "filter.condition.values: must hold exactly one",
        ),
        (asked(condition(Operator::IsEmpty, vec![1.0.into()])), "must hold no value"),
        (asked(condition(Operator::Contains, vec![1.0.into()])), "values[0]: must be a text"),
        (asked(condition(Operator::Equal, vec![Value::Empty])), "values[0]: must hold a value"),
        (asked(condition(Operator::Unspecified, vec![])), "filter.condition.operator"),
        (
            v1::QueryRowsRequest { order_by: vec![order], filter: None, ..asked(None) },
            "order_by[0].column.name: the sheet has no column with this name",
        ),
        (
            v1::QueryRowsRequest { page_token: "5".into(), filter: None, ..asked(None) },
            "page_token: must be next_page_token",
        ),
    ];
    for (request, part) in cases {
        let error = client.query_rows(request).await.expect_err("malformed").to_string();
        assert!(error.contains(part), "{error:?} does not hold {part:?}");
    }
}

/// A sheet with values of every kind, blank cells and blank rows; a disturbed one has some rows moved and
/// deleted.
async fn sheet(client: &Client, random: &mut Random, disturbed: bool) -> String {
    let column = |at| v1::Column { name: format!("c{at}"), ..v1::Column::default() };
    let columns = (0..COLUMNS).map(column).collect();
    let new = NewSheet { columns, rows: Some(if disturbed { ROWS + 10 } else { ROWS }) };
    let sheet_id = client.create_sheet("Rows", new).await.expect("can be made").id;
    let mut commands = Vec::new();
    for row in 0..ROWS {
        if random.below(4) > 0 {
            let values = (0..COLUMNS).map(|_| value_to_wire(&any_value(random))).collect();
            let at = Some(v1::RowRef { row: Some(v1::row_ref::Row::At(row)) });
            let set = v1::SetCells { row: at, col: None, width: COLUMNS, values };
            commands.push(v1::command::Command::SetCells(set));
        }
    }
    if disturbed {
        let lines = v1::MoveLines { from: 200, count: 50, to: 10 };
        commands.push(v1::command::Command::MoveRows(lines));
        commands.push(v1::command::Command::DeleteRows(v1::DeleteLines { at: 30, count: 10 }));
    }
    let commands = commands.into_iter().map(|it| v1::Command { command: Some(it) }).collect();
    client.apply(&sheet_id, commands, v1::WaitFor::Accepted, "fill").await.expect("fits");
    sheet_id
}

async fn all_pages(
    client: &Client,
    mut request: v1::QueryRowsRequest,
    total: usize,
) -> Vec<v1::FoundRow> {
    let mut rows = Vec::new();
    loop {
        let page = client.query_rows(request.clone()).await.expect("well formed");
        assert_eq!(page.total, total as u64, "{request:?}");
        rows.extend(page.rows);
        if page.next_page_token.is_empty() {
            return rows;
        }
        request.page_token = page.next_page_token;
    }
}

fn any_value(random: &mut Random) -> Value {
    match random.below(8) {
        0..=2 => Value::Number(f64::from(random.below(12)) - 4.5),
        3..=4 => Value::from(TEXTS[random.below(6) as usize]),
        5 => Value::Bool(random.below(2) == 0),
        6 => match random.below(3) {
            0 => Value::Instant(MOMENT + 500_000 * i64::from(random.below(4))),
            1 => Value::LocalDateTime(MOMENT + 500_000 * i64::from(random.below(4))),
            _ => Value::Date(DAY - 1 + random.below(3) as i32),
        },
        _ => Value::Empty,
    }
}

fn named(column: u32) -> Option<v1::ColumnRef> {
    Some(v1::ColumnRef { column: Some(v1::column_ref::Column::Name(format!("c{column}"))) })
}

fn column_of(named: &Option<v1::ColumnRef>) -> usize {
    match named.as_ref().and_then(|named| named.column.as_ref()) {
        Some(v1::column_ref::Column::Name(name)) => name[1..].parse().expect("a number"),
        other => panic!("{other:?}"),
    }
}

fn any_order(random: &mut Random) -> v1::RowOrder {
    v1::RowOrder { column: named(random.below(COLUMNS)), descending: random.below(2) == 0 }
}

fn any_filter(random: &mut Random, depth: u32) -> v1::RowFilter {
    let list = |random: &mut Random| v1::RowFilterList {
        filters: (0..random.below(4)).map(|_| any_filter(random, depth - 1)).collect(),
    };
    let filter = match random.below(if depth == 0 { 3 } else { 6 }) {
        3 => Filter::All(list(random)),
        4 => Filter::Any(list(random)),
        5 => Filter::Not(Box::new(any_filter(random, depth - 1))),
        _ => Filter::Condition(any_condition(random)),
    };
    v1::RowFilter { filter: Some(filter) }
}

fn any_condition(random: &mut Random) -> v1::Condition {
    let operator = Operator::try_from(1 + random.below(11) as i32).expect("an operator");
    let some = |random: &mut Random| loop {
        let value = any_value(random);
        if value != Value::Empty {
            return value;
        }
    };
    let values = match operator {
        Operator::IsEmpty | Operator::IsNotEmpty => vec![],
        Operator::In => (0..random.below(4)).map(|_| some(random)).collect(),
        Operator::Contains | Operator::StartsWith => vec![TEXTS[random.below(6) as usize].into()],
        _ => vec![some(random)],
    };
    v1::Condition {
        column: named(random.below(COLUMNS)),
        operator: operator.into(),
        values: values.iter().map(value_to_wire).collect(),
        ignore_case: random.below(2) == 0,
    }
}

fn passes(filter: &v1::RowFilter, row: &[Value]) -> bool {
    match filter.filter.as_ref().expect("a filter") {
        Filter::All(list) => list.filters.iter().all(|filter| passes(filter, row)),
        Filter::Any(list) => list.filters.iter().any(|filter| passes(filter, row)),
        Filter::Not(filter) => !passes(filter, row),
        Filter::Condition(condition) => holds(condition, row),
    }
}

fn holds(condition: &v1::Condition, row: &[Value]) -> bool {
    let fold = |value: &Value| match value {
        Value::Text(text) if condition.ignore_case => {
            Value::Text(text.to_lowercase().as_str().into())
        }
        other => other.clone(),
    };
    let cell = fold(&row[column_of(&condition.column)]);
    let values = condition.values.iter().cloned().map(|it| value_from_wire(it).expect("valid"));
    let values: Vec<Value> = values.map(|value| fold(&value)).collect();
    let order = || match (micros(&cell), &values[0]) {
        // A day is all of its times.
        (Some(at), Value::Date(day)) => Some(at.div_euclid(DAY_MICROS).cmp(&i64::from(*day))),
        _ if kind_rank(&cell) == kind_rank(&values[0]) => Some(within_kind(&cell, &values[0])),
        _ => None,
    };
    let equals = |value: &Value| match (micros(&cell), value) {
        (Some(at), Value::Date(day)) => at.div_euclid(DAY_MICROS) == i64::from(*day),
        (Some(at), value) => micros(value) == Some(at),
        _ => *value == cell,
    };
    let texts = || match (&cell, &values[0]) {
        (Value::Text(cell), Value::Text(part)) => Some((cell.clone(), part.clone())),
        _ => None,
    };
    match condition.operator() {
        Operator::Unspecified => panic!("never asked"),
        Operator::Equal | Operator::In => values.iter().any(equals),
        Operator::NotEqual => !values.iter().any(equals),
        Operator::Less => order().is_some_and(Ordering::is_lt),
        Operator::LessOrEqual => order().is_some_and(Ordering::is_le),
        Operator::Greater => order().is_some_and(Ordering::is_gt),
        Operator::GreaterOrEqual => order().is_some_and(Ordering::is_ge),
        Operator::Contains => texts().is_some_and(|(cell, part)| cell.contains(&*part)),
        Operator::StartsWith => texts().is_some_and(|(cell, part)| cell.starts_with(&*part)),
        Operator::IsEmpty => cell == Value::Empty,
        Operator::IsNotEmpty => cell != Value::Empty,
    }
}

fn within_kind(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.total_cmp(b),
        (Value::Text(a), Value::Text(b)) => place(a).cmp(&place(b)),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => micros(a).cmp(&micros(b)),
    }
}

/// The place of a text, in any letter case, in the order of languages.
fn place(text: &str) -> usize {
    let same = |known: &&str| known.to_lowercase() == text.to_lowercase();
    TEXTS.iter().position(same).expect("one of the texts")
}

/// A time in microseconds; a day is its beginning.
fn micros(value: &Value) -> Option<i64> {
    match value {
        Value::Instant(at) | Value::LocalDateTime(at) => Some(*at),
        Value::Date(day) => Some(i64::from(*day) * DAY_MICROS),
        _ => None,
    }
}

fn kind_rank(value: &Value) -> u32 {
    match value {
        Value::Number(_) => 1,
        Value::Instant(_) | Value::LocalDateTime(_) | Value::Date(_) => 2,
        Value::Text(_) => 3,
        Value::Bool(_) => 4,
        Value::Empty => 5,
    }
}

fn compare(order_by: &[v1::RowOrder], grid: &Grid, a: u32, b: u32) -> Ordering {
    for level in order_by {
        let column = column_of(&level.column);
        let (x, y) = (&grid.rows[a as usize][column], &grid.rows[b as usize][column]);
        let order = match (x, y) {
            (Value::Empty, Value::Empty) => Ordering::Equal,
            (Value::Empty, _) => Ordering::Greater,
            (_, Value::Empty) => Ordering::Less,
            _ => {
                let up = kind_rank(x).cmp(&kind_rank(y)).then_with(|| within_kind(x, y));
                if level.descending { up.reverse() } else { up }
            }
        };
        if order.is_ne() {
            return order;
        }
    }
    a.cmp(&b)
}
