//! Rows by what they hold: how conditions are typed, and the pages that come back.

use client::Client;
use gridloom::v1;
use gridloom::v1::condition::Operator;
use gridloom::v1::value::Kind;

use crate::args::Rows;
use crate::cells;
use crate::failure::Failure;
use crate::output;
use crate::rows::{Line, Page, print};

/// Rows asked for with one call.
const PAGE_ROWS: u32 = 1_000;

/// Words for operators; of those that begin alike the longer comes first.
const OPERATORS: [(&str, Operator); 10] = [
    (" is not empty", Operator::IsNotEmpty),
    (" is empty", Operator::IsEmpty),
    (" starts with ", Operator::StartsWith),
    (" contains ", Operator::Contains),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("=", Operator::Equal),
];

/// A condition as it was typed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition(v1::Condition);

/// Reads a condition: a column's name, an operator, a value.
pub(crate) fn condition(typed: &str) -> Result<Condition, String> {
    let found = OPERATORS
        .iter()
        .enumerate()
        .filter_map(|(rank, (word, operator))| Some((typed.find(word)?, rank, *word, *operator)))
        .min_by_key(|(at, rank, ..)| (*at, *rank));
    let (at, _, word, operator) = found
        .ok_or_else(|| format!("{typed:?} has no operator; write something like \"Price > 10\""))?;
    let (name, value) = (typed[..at].trim(), typed[at + word.len()..].trim());
    if name.is_empty() {
        return Err(format!("{typed:?} names no column before {:?}", word.trim()));
    }
    let takes_none = matches!(operator, Operator::IsEmpty | Operator::IsNotEmpty);
    if takes_none != value.is_empty() {
        let rule = if takes_none { "takes no value" } else { "needs a value" };
        return Err(format!("{:?} {rule}", word.trim()));
    }
    let wants_text = matches!(operator, Operator::Contains | Operator::StartsWith);
    let values = if takes_none { Vec::new() } else { vec![read_value(value, wants_text)] };
    Ok(Condition(v1::Condition {
        column: named(name),
        operator: operator.into(),
        values,
        ignore_case: true,
    }))
}

/// A value; in quotes it is a text, whatever it looks like.
fn read_value(typed: &str, wants_text: bool) -> v1::Value {
    let quoted = |quote| typed.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let text = quoted('"').or_else(|| quoted('\'')).or(wants_text.then_some(typed));
    match text {
        Some(text) => v1::Value { kind: Some(Kind::Text(text.to_owned())) },
        None => cells::parse(typed.to_owned()),
    }
}

fn named(name: &str) -> Option<v1::ColumnRef> {
    Some(v1::ColumnRef { column: Some(v1::column_ref::Column::Name(name.to_owned())) })
}

fn order(typed: &str) -> v1::RowOrder {
    let (name, descending) = match typed.rsplit_once(':') {
        Some((name, "desc")) => (name, true),
        Some((name, "asc")) => (name, false),
        _ => (typed, false),
    };
    v1::RowOrder { column: named(name), descending }
}

/// Shows the rows that pass.
pub(crate) async fn rows(client: &Client, sheet_id: &str, args: Rows) -> Result<(), Failure> {
    let condition = |Condition(condition)| v1::RowFilter {
        filter: Some(v1::row_filter::Filter::Condition(condition)),
    };
    let filters = args.conditions.into_iter().map(condition).collect();
    let all = v1::row_filter::Filter::All(v1::RowFilterList { filters });
    let mut left = args.count;
    let mut skip = args.from - 1;
    let mut page_token = String::new();
    while left > 0 {
        let request = v1::QueryRowsRequest {
            sheet_id: sheet_id.to_owned(),
            filter: Some(v1::RowFilter { filter: Some(all.clone()) }),
            order_by: args.sort.iter().map(|typed| order(typed)).collect(),
            page_size: left.saturating_add(skip).min(PAGE_ROWS),
            page_token,
            include_total: left == args.count && skip == args.from - 1,
            ..v1::QueryRowsRequest::default()
        };
        let counted = request.include_total;
        let page = client.query_rows(request).await?;
        if counted {
            output::complain(&format!("{} rows pass", page.total));
        }
        let got = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
        let shown = page.rows.iter().skip(skip as usize).take(left as usize);
        let lines: Vec<Line<'_>> = shown
            .map(|row| Line {
                number: u64::from(row.position) + 1,
                id: row.id,
                values: &row.values,
            })
            .collect();
        left -= u32::try_from(lines.len()).unwrap_or(left).min(left);
        skip = skip.saturating_sub(got);
        print(&Page { columns: &page.columns, rows: lines }, args.json)?;
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> (String, Operator, Vec<v1::Value>) {
        let Condition(condition) = condition(typed).expect("a condition");
        let column = condition.column.clone().and_then(|column| column.column);
        let Some(v1::column_ref::Column::Name(name)) = column else { panic!("by name") };
        (name, condition.operator(), condition.values)
    }

    fn value(kind: Kind) -> Vec<v1::Value> {
        vec![v1::Value { kind: Some(kind) }]
    }

    #[test]
    fn conditions_are_read_as_people_write_them() {
        let number = value(Kind::Number(10.0));
        assert_eq!(read("Unit price>=10"), ("Unit price".into(), Operator::GreaterOrEqual, number));
        let text = value(Kind::Text("10".into()));
        assert_eq!(read("Code = '10'"), ("Code".into(), Operator::Equal, text));
        let text = value(Kind::Text("a = b".into()));
        assert_eq!(read("Note contains a = b"), ("Note".into(), Operator::Contains, text));
        assert_eq!(read("Note is not empty"), ("Note".into(), Operator::IsNotEmpty, vec![]));
    }

    #[test]
    fn what_is_none_is_told() {
        for (typed, part) in [
            ("Price", "no operator"),
            ("= 3", "names no column"),
            ("Price >", "needs a value"),
            ("Note is empty now", "takes no value"),
        ] {
            let error = condition(typed).expect_err("malformed");
            assert!(error.contains(part), "{typed}: {error}");
        }
    }
}
