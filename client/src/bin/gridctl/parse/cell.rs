//! Reads the name of a cell: `B7`, `7:2`, `7:B` or `7:Price`.
//!
//! It does not read values. Invariant: an error shows the forms that are accepted.

use gridloom::v1;

use crate::output::format::letters;

/// Most names of columns in an error.
const NAMES_MAX: usize = 100;
/// Why any column is an unknown one.
const NO_COLUMNS: &str = "there are no columns; insert one first";

/// The row (from 0) and the column of `B7`, `7:2`, `7:B` or `7:Price`.
pub(crate) fn locate<'a>(
    cell: &str,
    columns: &'a [v1::Column],
) -> Result<(u32, &'a v1::Column), String> {
    if let Some((row, column)) = cell.split_once(':') {
        return Ok((row_number(row, cell)?, named_column(column, columns)?));
    }
    let digits = cell.find(|char: char| !char.is_ascii_alphabetic()).unwrap_or(cell.len());
    let (column, row) = cell.split_at(digits);
    let col = column_position(column).filter(|_| !row.is_empty()).ok_or_else(|| bad_cell(cell))?;
    Ok((row_number(row, cell)?, &columns[nth_column(col, cell, columns)?]))
}

fn bad_cell(cell: &str) -> String {
    format!("{cell:?} does not name a cell; write B7, or 7:2, or 7:Price (row, then column)")
}

fn row_number(text: &str, cell: &str) -> Result<u32, String> {
    let row: u32 = text.parse().map_err(|_| bad_cell(cell))?;
    row.checked_sub(1).ok_or_else(|| "rows count from 1; write B1 for the first row".to_owned())
}

/// The position (from 0) of column A, B, ..., AA, ...
fn column_position(letters: &str) -> Option<u32> {
    let value = |byte: u8| u32::from(byte.to_ascii_uppercase() - b'A') + 1;
    let position = letters
        .bytes()
        .try_fold(0_u32, |position, byte| position.checked_mul(26)?.checked_add(value(byte)));
    position?.checked_sub(1)
}

/// The column at this position, which a person has typed so.
fn nth_column(col: u32, typed: &str, columns: &[v1::Column]) -> Result<usize, String> {
    let last = letters(u32::try_from(columns.len().saturating_sub(1)).unwrap_or(u32::MAX));
    let is_there = |col: &usize| *col < columns.len();
    usize::try_from(col).ok().filter(is_there).ok_or_else(|| {
        let rule = match columns.len() {
            0 => NO_COLUMNS.to_owned(),
            1 => "there is 1 column; choose A".to_owned(),
            count => format!("there are {count} columns; choose one up to {last}"),
        };
        format!("{typed:?} is in no column: {rule}")
    })
}

/// A column by its letters. In small letters, a word that is no name of a column would be one.
fn lettered(text: &str, columns: &[v1::Column]) -> Option<usize> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    nth_column(column_position(text)?, text, columns).ok()
}

/// A column by its name, else by its number from 1, else by its letters in capitals.
pub(crate) fn named_column<'a>(
    text: &str,
    columns: &'a [v1::Column],
) -> Result<&'a v1::Column, String> {
    Ok(&columns[named_position(text, columns)?])
}

/// The position of that column, from 0.
pub(crate) fn named_position(text: &str, columns: &[v1::Column]) -> Result<usize, String> {
    let named = values::named(text, columns.iter().map(|column| &*column.name));
    match (&named[..], text.parse::<u32>()) {
        ([only], _) => Ok(*only),
        ([], Ok(0)) => Err(format!(
            "{text:?} is no column: columns count from 1; write 1 for the first column"
        )),
        ([], Ok(number)) => nth_column(number - 1, text, columns),
        ([], Err(_)) => lettered(text, columns).ok_or_else(|| unnamed(text, columns)),
        _ => Err(format!(
            "several columns are named {text:?}; use the column's number, or its letters such as B"
        )),
    }
}

/// The error for a column that is not there, with the names of those that are.
fn unnamed(text: &str, columns: &[v1::Column]) -> String {
    if columns.is_empty() {
        return format!("no column is named {text:?}: {NO_COLUMNS}");
    }
    let names = columns.iter().map(|column| on_one_line(&column.name));
    let names: Vec<String> = names.take(NAMES_MAX).collect();
    let more = match columns.len().saturating_sub(NAMES_MAX) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    format!("no column is named {text:?}; choose one of: {}{more}", names.join(", "))
}

/// A name without characters that could move the cursor.
fn on_one_line(name: &str) -> String {
    name.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<v1::Column> {
        let named = [
            ("1", "Item"),
            ("2", "Price"),
            ("3", "2024"),
            ("4", "x"),
            ("5", "x"),
            ("6", "caf\u{e9}"),
        ];
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
        // A column's name takes precedence over a column's number.
        assert_eq!(found("1:2024"), Ok((0, "3".to_owned())));
        // The letters of a column whose name others have, too.
        assert_eq!(found("7:D"), Ok((6, "4".to_owned())));
        assert_eq!(found("7:E"), Ok((6, "5".to_owned())));
        // As file names of macOS are encoded.
        assert_eq!(found("1:cafe\u{301}"), Ok((0, "6".to_owned())));
    }

    #[test]
    fn names_of_columns_are_shown_on_one_line() {
        let name = "a\u{1b}[2J\nb".to_owned();
        let columns = [v1::Column { name, ..v1::Column::default() }];
        let error = named_column("Cost", &columns).expect_err("no such name");
        assert!(error.ends_with("choose one of: a [2J b"), "{error}");
    }

    #[test]
    fn an_unknown_column_is_named_beside_those_that_are_there() {
        let many =
            vec![v1::Column { name: "a".to_owned(), ..v1::Column::default() }; NAMES_MAX + 7];
        let error = named_column("Cost", &many).expect_err("no such name");
        assert!(error.starts_with("no column is named \"Cost\"; choose one of: a, a, "), "{error}");
        assert!(error.ends_with(", and 7 more"), "{error}");
        for typed in ["Cost", "1", "A"] {
            let error = named_column(typed, &[]).expect_err("no columns");
            assert!(error.contains(typed) && error.ends_with("insert one first"), "{error}");
        }
    }

    #[test]
    fn a_malformed_cell_name_is_explained() {
        for (cell, part) in [
            ("", "does not name a cell"),
            ("B", "does not name a cell"),
            ("7", "does not name a cell"),
            ("B0", "rows count from 1; write B1 for the first row"),
            ("1:0", "\"0\" is no column: columns count from 1; write 1 for the first column"),
            ("G1", "\"G1\" is in no column: there are 6 columns; choose one up to F"),
            ("1:9", "\"9\" is in no column: there are 6 columns; choose one up to F"),
            ("ZZZZZZZZ1", "does not name a cell"),
            ("1:Cost", "one of: Item, Price"),
            ("1:x", "several columns are named \"x\""),
            ("1:d", "one of: Item, Price"),
            ("1:ZZ", "one of: Item, Price"),
            ("1:", "one of: Item, Price"),
        ] {
            let error = found(cell).expect_err(cell);
            assert!(error.contains(part), "{cell}: {error}");
        }
    }
}
