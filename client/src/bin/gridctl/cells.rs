//! Setting one cell (how it is named, and what the value means), and taking changes back.

use client::Client;
use gridloom::v1;
use gridloom::v1::value::Kind;
use ot_engine::Revision;
use uuid::Uuid;

use crate::args::{Redo, Set, Undo};
use crate::failure::Failure;
use crate::{output, sheets};

pub(crate) async fn set(client: &Client, args: Set) -> Result<(), Failure> {
    let sheet = sheets::find(client, &args.sheet).await?;
    let (row, column) = locate(&args.cell, &sheet.columns).map_err(Failure::Told)?;
    let value = if args.text { text(args.value) } else { parse(args.value) };
    let command = v1::command::Command::SetCells(v1::SetCells {
        row: Some(v1::RowRef { row: Some(v1::row_ref::Row::At(row)) }),
        // By id: it stays the same column while others move columns.
        col: Some(v1::ColumnRef { column: Some(v1::column_ref::Column::Id(column.id.clone())) }),
        width: 1,
        values: vec![value],
    });
    let commands = vec![v1::Command { command: Some(command) }];
    let request = Uuid::new_v4().to_string();
    let answer = client.apply(&sheet.id, commands, v1::WaitFor::Committed, &request).await?;
    output::complain(&format!("saved as revision {}", answer.revision));
    Ok(())
}

pub(crate) async fn undo(client: &Client, args: Undo) -> Result<(), Failure> {
    let sheet = sheets::find(client, &args.sheet).await?;
    let request = Uuid::new_v4().to_string();
    let revision = args.revision.map(Revision);
    let answer = client.undo(&sheet.id, revision, v1::WaitFor::Committed, &request).await?;
    output::complain(&format!("undone as revision {}", answer.revision));
    Ok(())
}

pub(crate) async fn redo(client: &Client, args: Redo) -> Result<(), Failure> {
    let sheet = sheets::find(client, &args.sheet).await?;
    let request = Uuid::new_v4().to_string();
    let answer = client.redo(&sheet.id, v1::WaitFor::Committed, &request).await?;
    output::complain(&format!("redone as revision {}", answer.revision));
    Ok(())
}

/// The row (from 0) and the column that a person means by `B7`, `7:2` or `7:Price`.
fn locate<'a>(cell: &str, columns: &'a [v1::Column]) -> Result<(u32, &'a v1::Column), String> {
    if let Some((row, column)) = cell.split_once(':') {
        return Ok((row_number(row, cell)?, named_column(column, columns)?));
    }
    let digits = cell.find(|char: char| !char.is_ascii_alphabetic()).unwrap_or(cell.len());
    let (letters, row) = cell.split_at(digits);
    let col = column_position(letters).filter(|_| !row.is_empty()).ok_or_else(|| bad_cell(cell))?;
    Ok((row_number(row, cell)?, nth_column(col, columns)?))
}

fn bad_cell(cell: &str) -> String {
    format!("{cell:?} does not name a cell; write B7, or 7:2, or 7:Price (row, then column)")
}

fn row_number(text: &str, cell: &str) -> Result<u32, String> {
    let row: u32 = text.parse().map_err(|_| bad_cell(cell))?;
    row.checked_sub(1).ok_or_else(|| "rows count from 1".to_owned())
}

/// The position (from 0) of column A, B, ..., AA, ...
fn column_position(letters: &str) -> Option<u32> {
    let value = |byte: u8| u32::from(byte.to_ascii_uppercase() - b'A') + 1;
    let position = letters
        .bytes()
        .try_fold(0_u32, |position, byte| position.checked_mul(26)?.checked_add(value(byte)));
    position?.checked_sub(1)
}

fn nth_column(col: u32, columns: &[v1::Column]) -> Result<&v1::Column, String> {
    let last = output::letters(u32::try_from(columns.len().saturating_sub(1)).unwrap_or(u32::MAX));
    columns.get(col as usize).ok_or_else(|| match columns.len() {
        0 => "the sheet has no columns".to_owned(),
        count => format!("the sheet has {count} columns; the last is {last}"),
    })
}

/// A column by its name, else by its number from 1.
fn named_column<'a>(text: &str, columns: &'a [v1::Column]) -> Result<&'a v1::Column, String> {
    let named: Vec<&v1::Column> = columns.iter().filter(|column| column.name == text).collect();
    match (&named[..], text.parse::<u32>()) {
        ([only], _) => Ok(only),
        ([], Ok(0)) => Err("columns count from 1".to_owned()),
        ([], Ok(number)) => nth_column(number - 1, columns),
        ([], Err(_)) => {
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            Err(format!("no column is named {text:?}; there are: {}", names.join(", ")))
        }
        _ => Err(format!("several columns are named {text:?}; use the column's number or letter")),
    }
}

fn text(text: String) -> v1::Value {
    v1::Value { kind: Some(Kind::Text(text)) }
}

/// What a typed value means.
/// What a person means by a value.
pub(crate) fn parse(typed: String) -> v1::Value {
    let kind = match typed.trim() {
        "" => None,
        "true" | "TRUE" | "True" => Some(Kind::Bool(true)),
        "false" | "FALSE" | "False" => Some(Kind::Bool(false)),
        trimmed => number(trimmed)
            .map(Kind::Number)
            .or_else(|| datetime(trimmed).map(Kind::DatetimeMicros))
            .or(Some(Kind::Text(typed))),
    };
    v1::Value { kind }
}

/// A number as people write them. `007` is a code, `inf` and `nan` are words.
fn number(text: &str) -> Option<f64> {
    let digits = text.trim_start_matches(['-', '+']);
    let code = digits.len() > 1
        && digits.starts_with('0')
        && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    let begins = digits.starts_with(|char: char| char.is_ascii_digit() || char == '.');
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    number.filter(|_| begins && !code)
}

fn datetime(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<v1::Column> {
        let named = [("1", "Item"), ("2", "Price"), ("3", "2024"), ("4", "x"), ("5", "x")];
        let column = |(id, name): (&str, &str)| v1::Column {
            id: id.to_owned(),
            name: name.to_owned(),
            ..v1::Column::default()
        };
        named.map(column).into()
    }

    fn found(cell: &str) -> Result<(u32, String), String> {
        locate(cell, &columns()).map(|(row, column)| (row, column.id.clone()))
    }

    #[test]
    fn cells_are_found_by_letter_number_and_name() {
        assert_eq!(found("B7"), Ok((6, "2".to_owned())));
        assert_eq!(found("b7"), Ok((6, "2".to_owned())));
        assert_eq!(found("7:2"), Ok((6, "2".to_owned())));
        assert_eq!(found("7:Price"), Ok((6, "2".to_owned())));
        // A name that is a number wins over the number.
        assert_eq!(found("1:2024"), Ok((0, "3".to_owned())));
    }

    #[test]
    fn what_is_no_cell_is_explained() {
        for (cell, told) in [
            ("", "does not name a cell"),
            ("B", "does not name a cell"),
            ("7", "does not name a cell"),
            ("B0", "rows count from 1"),
            ("1:0", "columns count from 1"),
            ("F1", "the last is E"),
            ("ZZZZZZZZ1", "does not name a cell"),
            ("1:Cost", "there are: Item, Price"),
            ("1:x", "several columns"),
        ] {
            let error = found(cell).expect_err(cell);
            assert!(error.contains(told), "{cell}: {error}");
        }
    }

    #[test]
    fn values_mean_what_they_look_like() {
        let kind = |typed: &str| parse(typed.to_owned()).kind;
        assert_eq!(kind(""), None);
        assert_eq!(kind("-1.5e3"), Some(Kind::Number(-1500.0)));
        assert_eq!(kind("0.5"), Some(Kind::Number(0.5)));
        assert_eq!(kind("true"), Some(Kind::Bool(true)));
        assert_eq!(kind("1970-01-01T00:00:01Z"), Some(Kind::DatetimeMicros(1_000_000)));
        for word in ["007", "inf", "NaN", "1,5", " hi "] {
            assert_eq!(kind(word), Some(Kind::Text(word.to_owned())));
        }
    }
}
