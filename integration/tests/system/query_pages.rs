//! Pages of `QueryRows` while rows change: each row that stays as it is is on exactly one page, in the order of the query.
//!
//! Not which rows a filter finds: see `query`. Invariant: the last row of each page is changed, moved or deleted before the
//! next page whenever a test may.

use std::collections::BTreeSet;

use client::net::NewSheet;
use client::{Client, Error};
use gridloom::convert::value_to_wire;
use gridloom::v1;
use gridloom::v1::command::Command;
use gridloom::v1::condition::Operator;
use gridloom::v1::row_filter::Filter;
use gridloom::v1::value::Kind;
use integration::harness::{Random, Server, sign_up};
use ot_engine::Value;
use tonic::Code;

/// Rows that no one changes: each has its number in the last column.
const STABLE: u32 = 120;
/// Rows that are changed, moved and deleted, and have no number.
const OTHERS: u32 = 120;
const SORTED: u32 = 2;
const TAG: u32 = SORTED;
const QUERIES: usize = 12;
/// A midnight, as microseconds and as days since 1970.
const NIGHT_MICROS: i64 = NIGHT_DAYS as i64 * 86_400_000_000;
const NIGHT_DAYS: i32 = 19_676;
/// Longer than any token.
const TEXT_BYTES: usize = 4_000;

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_stay_are_on_one_page_while_others_change() {
    let seed = Random::seed();
    println!("GRIDLOOM_SEED={seed}");
    let mut random = Random::from_seed(seed);
    let server = Server::start();
    let client = sign_up(&server).await;
    for _ in 0..QUERIES {
        let sheet_id = sheet(&client, &mut random).await;
        let request = question(&sheet_id, &mut random);
        let paged = pages_under_changes(&client, request.clone(), &mut random).await;
        let all = v1::QueryRowsRequest { page_size: 1_000, ..request };
        let found = client.query_rows(all).await.expect("well formed");
        assert!(found.next_page_token.is_empty());
        let expected: Vec<u64> = found.rows.iter().filter_map(tag).collect();
        assert_eq!(expected.len(), STABLE as usize);
        assert_eq!(paged, expected, "{:?}", found.rows.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_columns_that_are_others_by_now_is_refused() {
    let mut random = Random::from_seed(1);
    let server = Server::start();
    let client = sign_up(&server).await;
    let sheet_id = sheet(&client, &mut random).await;
    let at = |at| Some(v1::ColumnRef { column: Some(v1::column_ref::Column::At(at)) });
    let order_by = vec![v1::RowOrder { column: at(1), descending: false }];
    let request = v1::QueryRowsRequest { sheet_id, order_by, page_size: 5, ..Default::default() };
    let first = client.query_rows(request.clone()).await.expect("well formed");
    let next = v1::QueryRowsRequest { page_token: first.next_page_token, ..request };
    client.query_rows(next.clone()).await.expect("the columns are the same");
    let insert = Command::InsertColumns(v1::InsertLines { at: 0, count: 1 });
    let insert = vec![v1::Command { command: Some(insert) }];
    client.apply(&next.sheet_id, insert, v1::WaitFor::Committed, "").await.expect("fits");
    let Err(Error::Refused(refused)) = client.query_rows(next).await else {
        panic!("a page by another column");
    };
    assert_eq!(refused.code, Code::OutOfRange, "{refused:?}");
    assert_eq!(refused.violations[0].field, "page_token");
}

/// The numbers of the rows of all pages, with changes between them.
async fn pages_under_changes(
    client: &Client,
    mut request: v1::QueryRowsRequest,
    random: &mut Random,
) -> Vec<u64> {
    let mut tags = Vec::new();
    loop {
        let page = client.query_rows(request.clone()).await.expect("well formed");
        tags.extend(page.rows.iter().filter_map(tag));
        if page.next_page_token.is_empty() {
            return tags;
        }
        assert!(page.next_page_token.len() < 160, "{}", page.next_page_token);
        request.page_token = page.next_page_token;
        let last = page.rows.last().expect("a page has rows");
        for _ in 0..1 + random.below(4) {
            change(client, &request.sheet_id, last, random).await;
        }
    }
}

/// Changes the last row of a page, if it is none of those that stay, or any other row.
async fn change(client: &Client, sheet_id: &str, last: &v1::FoundRow, random: &mut Random) {
    let all = client.read_cells(sheet_id, 0..1_000).await.expect("is read");
    let count = u32::try_from(all.rows.len()).expect("few rows");
    let is_other = |row: &v1::ReadRow| row.values.len() <= TAG as usize;
    let others: Vec<u32> =
        (0..).zip(&all.rows).filter(|(_, row)| is_other(row)).map(|(at, _)| at).collect();
    let at_last = (0..).zip(&all.rows).find(|(_, row)| row.id == last.id && is_other(row));
    let at = match at_last {
        Some((at, _)) if random.below(2) == 0 => at,
        _ => others[random.below(others.len() as u32) as usize],
    };
    let command = match random.below(5) {
        0 if others.len() > 20 => Command::DeleteRows(v1::DeleteLines { at, count: 1 }),
        1 => Command::MoveRows(v1::MoveLines { from: at, count: 1, to: random.below(count) }),
        2 => Command::InsertRows(v1::InsertLines { at: random.below(count + 1), count: 2 }),
        _ => set(at, SORTED, (0..SORTED).map(|_| any_value(random))),
    };
    let commands = vec![v1::Command { command: Some(command) }];
    client.apply(sheet_id, commands, v1::WaitFor::Accepted, "").await.expect("is accepted");
}

fn tag(row: &v1::FoundRow) -> Option<u64> {
    match row.values.get(TAG as usize)?.kind {
        Some(Kind::Number(number)) => Some(number as u64),
        _ => None,
    }
}

fn set(row: u32, width: u32, values: impl Iterator<Item = Value>) -> Command {
    let row = Some(v1::RowRef { row: Some(v1::row_ref::Row::At(row)) });
    let values = values.map(|value| value_to_wire(&value)).collect();
    Command::SetCells(v1::SetCells { row, col: None, width, values })
}

/// A sheet of rows that stay and others, mixed.
async fn sheet(client: &Client, random: &mut Random) -> String {
    let column = |at| v1::Column { name: format!("c{at}"), ..v1::Column::default() };
    let columns = (0..=TAG).map(column).collect();
    let new = NewSheet { columns, rows: Some(STABLE + OTHERS) };
    let sheet_id = client.create_sheet("Pages", new).await.expect("can be made").id;
    let mut rows: Vec<u32> = (0..STABLE + OTHERS).collect();
    let mut stable = BTreeSet::new();
    while stable.len() < STABLE as usize {
        stable.extend(random.take(&mut rows));
    }
    let mut commands = Vec::new();
    for row in 0..STABLE + OTHERS {
        let values = (0..SORTED).map(|_| any_value(random)).collect::<Vec<_>>().into_iter();
        commands.push(match stable.contains(&row) {
            true => set(row, TAG + 1, values.chain([f64::from(row).into()])),
            false => set(row, SORTED, values),
        });
    }
    let commands = commands.into_iter().map(|it| v1::Command { command: Some(it) }).collect();
    client.apply(&sheet_id, commands, v1::WaitFor::Accepted, "fill").await.expect("fits");
    sheet_id
}

/// Values with many equal ones, of all kinds; long texts differ in their last letters.
fn any_value(random: &mut Random) -> Value {
    match random.below(10) {
        0..=2 => Value::Number(f64::from(random.below(5))),
        3 => Value::Bool(random.below(2) == 0),
        4 => match random.below(3) {
            0 => Value::Instant(NIGHT_MICROS + i64::from(random.below(3))),
            1 => Value::LocalDateTime(NIGHT_MICROS + i64::from(random.below(2))),
            // Equal to the beginning of that day, and other days.
            _ => Value::Date(NIGHT_DAYS + random.below(2) as i32),
        },
        5..=6 => Value::from(["a", "B", "b", "é", "ab"][random.below(5) as usize]),
        7..=8 => {
            let last = ["", "x", "y"][random.below(3) as usize];
            Value::from(format!("{}{last}", "long ".repeat(TEXT_BYTES / 5)).as_str())
        }
        _ => Value::Empty,
    }
}

/// In any order, of all rows or of those that any change may leave or enter.
fn question(sheet_id: &str, random: &mut Random) -> v1::QueryRowsRequest {
    let column = |at: u32| {
        Some(v1::ColumnRef { column: Some(v1::column_ref::Column::Name(format!("c{at}"))) })
    };
    let order = |at| v1::RowOrder { column: column(at), descending: random.below(2) == 0 };
    let mut order_by: Vec<_> = (0..SORTED).map(order).collect();
    if random.below(2) == 0 {
        order_by.reverse();
    }
    order_by.truncate(random.below(SORTED + 1) as usize);
    let condition = |at, operator: Operator, values: Vec<Value>| v1::RowFilter {
        filter: Some(Filter::Condition(v1::Condition {
            column: column(at),
            operator: operator.into(),
            values: values.iter().map(value_to_wire).collect(),
            ignore_case: false,
        })),
    };
    let filters = vec![
        condition(TAG, Operator::IsNotEmpty, vec![]),
        condition(0, Operator::Equal, vec![1.0.into()]),
        condition(1, Operator::IsEmpty, vec![]),
    ];
    let any = v1::RowFilter { filter: Some(Filter::Any(v1::RowFilterList { filters })) };
    v1::QueryRowsRequest {
        sheet_id: sheet_id.to_owned(),
        filter: (random.below(2) == 0).then_some(any),
        order_by,
        page_size: 5 + random.below(40),
        ..v1::QueryRowsRequest::default()
    }
}
