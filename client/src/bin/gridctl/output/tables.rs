//! Formats the tables of a file, as lines or JSON, and what their reading has found.
//!
//! Not their rows: see `table`. Invariants: a text of a file adds no line, and the JSON keys stay stable.

use std::io::{IsTerminal, Write};

use gridloom::convert::kind_from_wire;
use gridloom::v1;
use serde_json::{Value as Json, json};

use super::columns::{Cell, Columns, shown};
use super::files::size;
use super::format::kind_name;

/// Most characters of a name that are shown in a list on a terminal.
const NAME_CHARS_MAX: usize = 48;

/// A format, as `--format` names it.
pub(crate) const fn format_name(format: v1::FileFormat) -> &'static str {
    match format {
        v1::FileFormat::Unspecified => "unknown",
        v1::FileFormat::Csv => "csv",
        v1::FileFormat::JsonLines => "json",
        v1::FileFormat::Parquet => "parquet",
        v1::FileFormat::Xlsx => "xlsx",
    }
}

/// The kind of a column, as `--kinds` names it; one of a later server is any.
pub(crate) fn column_kind(column: &v1::TableColumn) -> &'static str {
    kind_name(kind_from_wire(column.kind).ok().flatten().unwrap_or_default())
}

/// The number of a table as it is typed, from 1.
pub(crate) fn table_number(table: &v1::Table) -> u64 {
    u64::from(table.number) + 1
}

/// The columns of a table as those of a sheet, which have names and kinds alone.
pub(crate) fn as_columns(columns: &[v1::TableColumn]) -> Vec<v1::Column> {
    let column = |column: &v1::TableColumn| v1::Column {
        name: column.name.clone(),
        kind: column.kind,
        ..v1::Column::default()
    };
    columns.iter().map(column).collect()
}

/// Prints tables to standard output: a line for each below a head, or a JSON object for each.
pub(crate) fn print_tables(tables: &[v1::Table], as_json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if as_json {
        for table in tables {
            writeln!(out, "{}", table_json(table))?;
        }
        return out.flush();
    }
    let most = if std::io::stdout().is_terminal() { NAME_CHARS_MAX } else { usize::MAX };
    Columns::default().print(&table_cells(tables, most), out)
}

fn table_cells(tables: &[v1::Table], most: usize) -> Vec<Vec<Cell>> {
    let (left, right) = (|text: &str| (text.to_owned(), false), |text: String| (text, true));
    let head = vec![
        right(String::new()),
        left("TABLE"),
        right("ROWS".to_owned()),
        right("COLUMNS".to_owned()),
        right("SIZE".to_owned()),
    ];
    let line = |table: &v1::Table| {
        vec![
            right(table_number(table).to_string()),
            left(&shown(&table.name, most)),
            right(table.rows.to_string()),
            right(table.columns.len().to_string()),
            right(size(table.size_bytes)),
        ]
    };
    std::iter::once(head).chain(tables.iter().map(line)).collect()
}

/// What the reading of tables has repaired and may have guessed wrongly: sentences, each with its table where there are
/// several.
pub(crate) fn findings(tables: &[v1::Table]) -> Vec<String> {
    let mut sentences = Vec::new();
    for table in tables {
        let about = match tables.len() {
            0 | 1 => String::new(),
            _ => format!("{:?}: ", shown(&table.name, NAME_CHARS_MAX)),
        };
        let repairs = (table.repaired_rows > 0).then(|| repaired(table.repaired_rows));
        let doubts = table.doubts.iter().map(|doubt| shown(doubt, usize::MAX));
        sentences
            .extend(repairs.into_iter().chain(doubts).map(|sentence| about.clone() + &sentence));
    }
    sentences
}

pub(crate) fn repaired(rows: u64) -> String {
    if rows == 1 { "1 row was repaired".to_owned() } else { format!("{rows} rows were repaired") }
}

pub(crate) fn table_json(table: &v1::Table) -> Json {
    json!({
        "number": table_number(table),
        "name": table.name,
        "rows": table.rows,
        "columns": columns_json(&table.columns),
        "bytes": table.size_bytes,
        "doubts": table.doubts,
        "repaired_rows": table.repaired_rows,
        "delimiter": given(&table.delimiter),
        "encoding": given(&table.encoding),
    })
}

pub(crate) fn columns_json(columns: &[v1::TableColumn]) -> Vec<Json> {
    let column = |column: &v1::TableColumn| {
        json!({
            "name": column.name,
            "kind": column_kind(column),
            "file_type": given(&column.file_type),
            "misfits": column.misfits,
        })
    };
    columns.iter().map(column).collect()
}

/// A text that may be absent.
pub(crate) fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(number: u32, name: &str) -> v1::Table {
        let kind = v1::ColumnKind::Number.into();
        let column = v1::TableColumn { name: "Price".to_owned(), kind, ..Default::default() };
        v1::Table {
            number,
            name: name.to_owned(),
            columns: vec![column],
            rows: 1_000,
            size_bytes: 2_048,
            ..v1::Table::default()
        }
    }

    #[test]
    fn tables_are_listed_by_their_numbers_from_1() {
        let mut out = Vec::new();
        let cells = table_cells(&[table(0, "Prices"), table(1, "a\nb")], usize::MAX);
        Columns::default().print(&cells, &mut out).expect("memory");
        let lines = "   TABLE   ROWS  COLUMNS   SIZE\n\
                     1  Prices  1000        1  2 KiB\n\
                     2  a b     1000        1  2 KiB\n";
        assert_eq!(String::from_utf8(out).expect("text"), lines);
    }

    #[test]
    fn a_finding_names_its_table_where_there_are_several() {
        let doubts = vec!["a\nguess".to_owned()];
        let read = v1::Table { doubts, repaired_rows: 1, ..table(0, "Prices") };
        assert_eq!(findings(std::slice::from_ref(&read)), ["1 row was repaired", "a guess"]);
        let both = findings(&[read, table(1, "Items")]);
        assert_eq!(both, ["\"Prices\": 1 row was repaired", "\"Prices\": a guess"]);
        assert_eq!(repaired(2), "2 rows were repaired");
    }

    #[test]
    fn json_names_kinds_and_has_null_for_what_a_format_has_not() {
        let shown = table_json(&table(0, "Prices"));
        assert_eq!((&shown["number"], &shown["columns"][0]["kind"]), (&json!(1), &json!("number")));
        assert_eq!(
            (&shown["delimiter"], &shown["columns"][0]["file_type"]),
            (&Json::Null, &Json::Null)
        );
    }
}
