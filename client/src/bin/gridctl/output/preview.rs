//! Formats the preview of a file: how it is read, its columns and its first rows.
//!
//! It reads nothing from the server. Invariants: a text of a file adds no line, and the JSON keys stay stable.

use std::io::{IsTerminal, Write};

use gridloom::v1;
use serde_json::{Value as Json, json};

use super::columns::{Cell, Columns, shown};
use super::table::{CELL_CHARS_MAX, cells, unique_names, values_json};
use super::tables::{as_columns, column_kind, columns_json, format_name, given};

/// Prints a preview to standard output: how the file is read as lines of a key and a text, then its rows below the names and
/// the kinds of the columns.
pub(crate) fn print_preview(preview: &v1::PreviewFileResponse) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in reading_lines(preview) {
        writeln!(out, "{line}")?;
    }
    let most = if std::io::stdout().is_terminal() { CELL_CHARS_MAX } else { usize::MAX };
    let columns = preview.table.as_ref().map(|table| &*table.columns).unwrap_or_default();
    Columns::default().print(&row_cells(columns, &preview.rows, most), out)
}

/// Prints the first rows of a file that is not made yet, below the names and the kinds of its columns.
pub(crate) fn print_first_rows(
    columns: &[v1::TableColumn],
    rows: &[v1::PreviewRow],
) -> std::io::Result<()> {
    let out = std::io::stdout().lock();
    let most = if std::io::stdout().is_terminal() { CELL_CHARS_MAX } else { usize::MAX };
    Columns::default().print(&row_cells(columns, rows, most), out)
}

/// The same as one object.
pub(crate) fn first_rows_json(columns: &[v1::TableColumn], rows: &[v1::PreviewRow]) -> Json {
    json!({"columns": columns_json(columns), "first_rows": rows_json(columns, rows)})
}

/// Rows with a key for each column.
fn rows_json(columns: &[v1::TableColumn], rows: &[v1::PreviewRow]) -> Vec<Json> {
    let names = unique_names(&as_columns(columns));
    rows.iter().map(|row| Json::Object(values_json(&names, &row.values))).collect()
}

/// How the file is read.
fn reading_lines(preview: &v1::PreviewFileResponse) -> Vec<String> {
    let table = preview.table.as_ref();
    let mut lines = vec![format!("format\t{}", format_name(preview.format()))];
    let mut add = |key: &str, text: &str| {
        if !text.is_empty() {
            lines.push(format!("{key}\t{}", shown(text, usize::MAX)));
        }
    };
    add("worksheets", &preview.worksheets.join(", "));
    match table.map_or("", |table| &*table.delimiter) {
        "\t" => add("delimiter", "tab"),
        delimiter => add("delimiter", delimiter),
    }
    add("encoding", table.map_or("", |table| &*table.encoding));
    add("decimal mark", &preview.decimal_mark);
    let has_lines = matches!(preview.format(), v1::FileFormat::Csv | v1::FileFormat::Xlsx);
    let header = match (preview.is_header_in_doubt, preview.has_header) {
        (true, _) => "in doubt",
        (false, true) => "yes",
        (false, false) => "no",
    };
    add("header", if has_lines { header } else { "" });
    add("rows", &known_rows(preview).map(|rows| rows.to_string()).unwrap_or_default());
    lines
}

/// The number of rows of a file whose begin shows it.
fn known_rows(preview: &v1::PreviewFileResponse) -> Option<u64> {
    let table = preview.table.as_ref()?;
    (preview.format() == v1::FileFormat::Parquet).then_some(table.rows)
}

/// The names and the kinds of the columns, and the first rows.
fn row_cells(columns: &[v1::TableColumn], rows: &[v1::PreviewRow], most: usize) -> Vec<Vec<Cell>> {
    let number = |text: String| std::iter::once((text, true));
    let name = |column: &v1::TableColumn| (shown(&column.name, most), false);
    let kind = |column: &v1::TableColumn| {
        let kind = match given(&column.file_type) {
            Some(file_type) => format!("{}: {file_type}", column_kind(column)),
            None => column_kind(column).to_owned(),
        };
        (shown(&kind, most), false)
    };
    let mut lines: Vec<Vec<Cell>> = vec![
        number(String::new()).chain(columns.iter().map(name)).collect(),
        number(String::new()).chain(columns.iter().map(kind)).collect(),
    ];
    for (position, row) in (1_u64..).zip(rows) {
        lines.push(number(position.to_string()).chain(cells(&row.values, most)).collect());
    }
    lines
}

/// A preview as one object; rows have a key for each column.
pub(crate) fn preview_json(preview: &v1::PreviewFileResponse) -> Json {
    let table = preview.table.clone().unwrap_or_default();
    json!({
        "format": format_name(preview.format()),
        "worksheets": preview.worksheets,
        "table": table.name,
        "rows": known_rows(preview),
        "columns": columns_json(&table.columns),
        "doubts": table.doubts,
        "repaired_rows": table.repaired_rows,
        "delimiter": given(&table.delimiter),
        "encoding": given(&table.encoding),
        "decimal_mark": given(&preview.decimal_mark),
        "header": preview.has_header,
        "header_in_doubt": preview.is_header_in_doubt,
        "first_rows": rows_json(&table.columns, &preview.rows),
    })
}

#[cfg(test)]
mod tests {
    use gridloom::v1::value::Kind;

    use super::*;

    fn preview() -> v1::PreviewFileResponse {
        let column = |name: &str, kind: v1::ColumnKind, file_type: &str| v1::TableColumn {
            name: name.to_owned(),
            kind: kind.into(),
            file_type: file_type.to_owned(),
            misfits: 0,
        };
        let value = |kind| v1::Value { kind: Some(kind) };
        let table = v1::Table {
            columns: vec![
                column("Item", v1::ColumnKind::Text, ""),
                column("", v1::ColumnKind::Number, "decimal(9, 2)"),
            ],
            delimiter: "\t".to_owned(),
            encoding: "UTF-8".to_owned(),
            ..v1::Table::default()
        };
        let values = vec![value(Kind::Text("a\nb".to_owned())), value(Kind::Number(2.5))];
        v1::PreviewFileResponse {
            format: v1::FileFormat::Csv.into(),
            table: Some(table),
            rows: vec![v1::PreviewRow { values }],
            has_header: true,
            decimal_mark: ",".to_owned(),
            ..v1::PreviewFileResponse::default()
        }
    }

    #[test]
    fn a_preview_shows_how_a_file_is_read() {
        let lines =
            ["format\tcsv", "delimiter\ttab", "encoding\tUTF-8", "decimal mark\t,", "header\tyes"];
        assert_eq!(reading_lines(&preview()), lines);
        let doubtful = v1::PreviewFileResponse { is_header_in_doubt: true, ..preview() };
        assert!(reading_lines(&doubtful).contains(&"header\tin doubt".to_owned()));
        let parquet = v1::PreviewFileResponse {
            format: v1::FileFormat::Parquet.into(),
            table: Some(v1::Table { rows: 7, ..v1::Table::default() }),
            ..v1::PreviewFileResponse::default()
        };
        assert_eq!(reading_lines(&parquet), ["format\tparquet", "rows\t7"]);
    }

    #[test]
    fn the_kinds_of_columns_stand_below_their_names() {
        let mut out = Vec::new();
        let shown = preview();
        let columns = &shown.table.as_ref().expect("a table").columns;
        let cells = row_cells(columns, &shown.rows, usize::MAX);
        Columns::default().print(&cells, &mut out).expect("memory");
        let text = String::from_utf8(out).expect("text");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..2], ["   Item", "   text  number: decimal(9, 2)"]);
        assert!(lines[2].starts_with("1  a b ") && lines[2].ends_with("2.5"), "{text}");
    }

    #[test]
    fn json_has_a_key_for_each_column() {
        let shown = preview_json(&preview());
        assert_eq!(shown["first_rows"], json!([{"Item": "a\nb", "B": 2.5}]));
        assert_eq!(shown["rows"], Json::Null);
        let given = preview();
        let columns = given.table.expect("a table").columns;
        let first = first_rows_json(&columns, &given.rows);
        assert_eq!(
            (&first["first_rows"], &first["columns"]),
            (&shown["first_rows"], &shown["columns"])
        );
        assert_eq!(preview_json(&v1::PreviewFileResponse::default())["format"], "unknown");
    }
}
