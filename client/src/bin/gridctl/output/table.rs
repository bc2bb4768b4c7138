//! Prints rows of a sheet, or of a table of a file, page by page, as an aligned table or as JSON lines. The head stands once
//! for pages with the same columns.
//!
//! It reads nothing from the server. Invariant: one row is one line, with no control characters; memory holds one page.

use std::collections::HashSet;
use std::io::{IsTerminal, Write};

use gridloom::v1;
use gridloom::v1::value::Kind;
use serde_json::{Map, Value as Json, json};

use super::columns::{Cell, Columns, shown};
use super::format::{json as to_json, letters, plain};

/// Most characters of one cell that are shown on a terminal.
pub(crate) const CELL_CHARS_MAX: usize = 32;

/// Rows to print.
pub(crate) struct Page<'a> {
    pub(crate) columns: &'a [v1::Column],
    pub(crate) rows: Vec<Line<'a>>,
}

/// One row to print.
pub(crate) struct Line<'a> {
    /// The row number, from 1.
    pub(crate) number: u64,
    /// A row of a sheet has one.
    pub(crate) id: Option<u64>,
    pub(crate) values: &'a [v1::Value],
}

impl<'a> Page<'a> {
    pub(crate) fn of(page: &'a v1::ReadCellsResponse) -> Self {
        let numbers = u64::from(page.start_row) + 1..;
        let line = |(number, row): (u64, &'a v1::ReadRow)| Line {
            number,
            id: Some(row.id),
            values: &row.values,
        };
        Self { columns: &page.columns, rows: numbers.zip(&page.rows).map(line).collect() }
    }
}

/// The rows that are printed to standard output.
#[derive(Default)]
pub(crate) struct Table {
    json: bool,
    /// The ids and names of the columns in the last head.
    head: Option<Vec<(String, String)>>,
    columns: Columns,
}

impl Table {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, ..Self::default() }
    }

    /// Prints the rows of a page, and before them the head, where the page before had other columns.
    pub(crate) fn print(&mut self, page: &Page<'_>) -> std::io::Result<()> {
        let out = std::io::stdout().lock();
        if self.json { print_json(page, out) } else { self.print_table(page, out) }
    }

    fn print_table(&mut self, page: &Page<'_>, out: impl Write) -> std::io::Result<()> {
        let most = if std::io::stdout().is_terminal() { CELL_CHARS_MAX } else { usize::MAX };
        let mut table: Vec<Vec<Cell>> = Vec::with_capacity(page.rows.len() + 1);
        let head: Vec<(String, String)> =
            page.columns.iter().map(|column| (column.id.clone(), column.name.clone())).collect();
        if self.head.as_ref() != Some(&head) {
            self.head = Some(head);
            self.columns = Columns::default();
            let names = page.columns.iter().map(|column| (shown(&column.name, most), false));
            table.push(std::iter::once((String::new(), true)).chain(names).collect());
        }
        for line in &page.rows {
            let number = std::iter::once((line.number.to_string(), true));
            table.push(number.chain(cells(line.values, most)).collect());
        }
        self.columns.print(&table, out)
    }
}

/// The values of a row as cells of at most so many characters.
pub(crate) fn cells(values: &[v1::Value], most: usize) -> impl Iterator<Item = Cell> {
    values
        .iter()
        .map(move |value| (shown(&plain(value), most), matches!(value.kind, Some(Kind::Number(_)))))
}

fn print_json(page: &Page<'_>, mut out: impl Write) -> std::io::Result<()> {
    let names = unique_names(page.columns);
    for Line { number, id, values } in &page.rows {
        let mut row = json!({"row": number, "values": values_json(&names, values)});
        if let Some(id) = id {
            row["id"] = json!(id.to_string());
        }
        writeln!(out, "{row}")?;
    }
    out.flush()
}

/// The values of a row by the keys of their columns, without empty ones.
pub(crate) fn values_json(names: &[String], values: &[v1::Value]) -> Map<String, Json> {
    let pairs = names.iter().zip(values).filter(|(_, value)| value.kind.is_some());
    pairs.map(|(name, value)| (name.clone(), to_json(value))).collect()
}

/// A key for each column: its name, or its letters when the name is empty or used before. Letters that are a key already get
/// a number.
pub(crate) fn unique_names(columns: &[v1::Column]) -> Vec<String> {
    let mut named = HashSet::new();
    // A name is never taken for a column without one.
    let mut taken: HashSet<String> = columns.iter().map(|column| column.name.clone()).collect();
    let mut keys = Vec::with_capacity(columns.len());
    for (col, column) in (0_u32..).zip(columns) {
        let name = column.name.as_str();
        let is_own = !name.is_empty() && named.insert(name);
        keys.push(if is_own { name.to_owned() } else { free_key(&letters(col), &mut taken) });
    }
    keys
}

/// The first of `B`, `B_2`, `B_3`, ... that is not taken; it is then.
fn free_key(letters: &str, taken: &mut HashSet<String>) -> String {
    let (mut key, mut number) = (letters.to_owned(), 1_u32);
    while !taken.insert(key.clone()) {
        number += 1;
        key = format!("{letters}_{number}");
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned() {
        let text = |text: &str| v1::Value { kind: Some(Kind::Text(text.to_owned())) };
        let number = |number| v1::Value { kind: Some(Kind::Number(number)) };
        let column = |name: &str| v1::Column { name: name.to_owned(), ..v1::Column::default() };
        let page = v1::ReadCellsResponse {
            columns: vec![column("Item"), column("Price"), column("")],
            rows: vec![
                v1::ReadRow { id: 1, values: vec![text("pear"), number(9.5)] },
                v1::ReadRow { id: 2, values: vec![text("a\nb"), number(10.25), text("x")] },
            ],
            start_row: 8,
            ..v1::ReadCellsResponse::default()
        };
        let mut out = Vec::new();
        let mut table = Table::default();
        table.print_table(&Page::of(&page), &mut out).expect("memory");
        // The second page has no head, and the widths of the first one.
        let value = text("fig");
        let row = Line { number: 11, id: Some(3), values: &[value] };
        let next = Page { columns: &page.columns, rows: vec![row] };
        table.print_table(&next, &mut out).expect("memory");
        // Other columns have another head.
        let columns = [column("Fruit")];
        let row = Line { number: 12, id: None, values: &[text("plum")] };
        table.print_table(&Page { columns: &columns, rows: vec![row] }, &mut out).expect("memory");
        let rows =
            "    Item  Price\n 9  pear    9.5\n10  a b   10.25  x\n11  fig\n    Fruit\n12  plum\n";
        assert_eq!(String::from_utf8(out).expect("text"), rows);
        let mut out = Vec::new();
        print_json(&Page::of(&page), &mut out).expect("memory");
        let first = String::from_utf8(out).expect("text").lines().next().map(str::to_owned);
        let json = r#"{"id":"1","row":9,"values":{"Item":"pear","Price":9.5}}"#;
        assert_eq!(first.as_deref(), Some(json));
    }

    #[test]
    fn each_column_has_a_key_of_its_own() {
        let column = |name: &&str| v1::Column { name: (*name).to_owned(), ..v1::Column::default() };
        let keys = |names: &[&str]| -> Vec<String> {
            unique_names(&names.iter().map(column).collect::<Vec<_>>())
        };
        assert_eq!(keys(&["", "A"]), ["A_2", "A"]);
        assert_eq!(keys(&["x", "x", "B", "B_2"]), ["x", "B_3", "B", "B_2"]);
        // All lists of five of these names.
        let names = ["", "x", "A", "B", "B_2", "C"];
        for list in 0..names.len().pow(5) {
            let digits = (0..5_u32).map(|place| list / names.len().pow(place) % names.len());
            let list: Vec<&str> = digits.map(|digit| names[digit]).collect();
            let keys = keys(&list);
            let distinct: HashSet<&String> = keys.iter().collect();
            assert_eq!(distinct.len(), list.len(), "{list:?}: {keys:?}");
            for (name, key) in list.iter().zip(&keys) {
                let is_unique = list.iter().filter(|other| *other == name).count() == 1;
                assert!(name.is_empty() || !is_unique || key == name, "{list:?}: {keys:?}");
            }
        }
    }

    #[test]
    fn json_has_all_values_of_a_row() {
        let text = |text: &str| v1::Value { kind: Some(Kind::Text(text.to_owned())) };
        let column = |name: &str| v1::Column { name: name.to_owned(), ..v1::Column::default() };
        let page = v1::ReadCellsResponse {
            columns: vec![column(""), column("A")],
            rows: vec![v1::ReadRow { id: 1, values: vec![text("one"), text("two")] }],
            ..v1::ReadCellsResponse::default()
        };
        let mut out = Vec::new();
        print_json(&Page::of(&page), &mut out).expect("memory");
        let json = "{\"id\":\"1\",\"row\":1,\"values\":{\"A\":\"two\",\"A_2\":\"one\"}}\n";
        assert_eq!(String::from_utf8(out).expect("text"), json);
    }
}
