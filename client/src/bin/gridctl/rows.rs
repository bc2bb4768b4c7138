//! Rows, as an aligned table or as JSON.

use std::collections::HashSet;
use std::io::{IsTerminal, Write};
use std::ops::Range;

use client::Client;
use client::net::{READ_ROWS_MAX, When};
use gridloom::v1;
use gridloom::v1::value::Kind;
use ot_engine::Revision;
use serde_json::{Map, json};

use crate::args::Rows;
use crate::failure::Failure;
use crate::{output, search, sheets};

/// Rows read with one call: a table is aligned page by page.
const PAGE_ROWS: u32 = 1000;
const _: () = assert!(PAGE_ROWS <= READ_ROWS_MAX, "the server refuses larger pages");
/// Characters of one cell shown on a terminal.
const CELL_CHARS_MAX: usize = 32;

pub(crate) async fn rows(client: &Client, args: Rows) -> Result<(), Failure> {
    let sheet = sheets::find(client, &args.sheet).await?;
    if !args.conditions.is_empty() || !args.sort.is_empty() {
        return search::rows(client, &sheet.id, args).await;
    }
    let mut at = args.from - 1;
    let end = at.saturating_add(args.count);
    while at < end {
        let page =
            read(client, &sheet.id, args.at, at..end.min(at.saturating_add(PAGE_ROWS))).await?;
        if at == args.from - 1 && page.rows.is_empty() {
            output::complain(&format!("the sheet has {} rows", page.row_count));
        }
        print(&Page::of(&page), args.json)?;
        let read = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
        if read == 0 || at.saturating_add(read) >= page.row_count {
            break;
        }
        at = at.saturating_add(read);
    }
    Ok(())
}

async fn read(
    client: &Client,
    sheet_id: &str,
    at: Option<When>,
    rows: Range<u32>,
) -> Result<v1::ReadCellsResponse, Failure> {
    let Some(when) = at else { return Ok(client.read_cells(sheet_id, rows).await?) };
    let page = client.read_revision(sheet_id, when, rows).await?;
    Ok(v1::ReadCellsResponse {
        revision: page.revision,
        columns: page.columns,
        rows: page.rows,
        start_row: page.start_row,
        row_count: page.row_count,
    })
}

/// A revision, or a time.
pub(crate) fn when(text: &str) -> Result<When, String> {
    if let Ok(revision) = text.parse() {
        return Ok(When::Revision(Revision(revision)));
    }
    let time: Result<jiff::Timestamp, _> = text.parse();
    let time = time.map_err(|_| "give a revision, or a time such as 2024-05-01T12:00:00Z")?;
    Ok(When::TimeMicros(time.as_microsecond()))
}

/// Rows as they are shown.
pub(crate) struct Page<'a> {
    pub(crate) columns: &'a [v1::Column],
    pub(crate) rows: Vec<Line<'a>>,
}

/// One of them.
pub(crate) struct Line<'a> {
    /// From 1, as people count.
    pub(crate) number: u64,
    pub(crate) id: u64,
    pub(crate) values: &'a [v1::Value],
}

impl<'a> Page<'a> {
    fn of(page: &'a v1::ReadCellsResponse) -> Self {
        let numbers = u64::from(page.start_row) + 1..;
        let line = |(number, row): (u64, &'a v1::ReadRow)| Line {
            number,
            id: row.id,
            values: &row.values,
        };
        Self { columns: &page.columns, rows: numbers.zip(&page.rows).map(line).collect() }
    }
}

/// Prints rows to standard output.
pub(crate) fn print(page: &Page<'_>, json: bool) -> std::io::Result<()> {
    let out = std::io::stdout().lock();
    if json { print_json(page, out) } else { print_table(page, out) }
}

fn print_json(page: &Page<'_>, mut out: impl Write) -> std::io::Result<()> {
    let names = unique_names(page.columns);
    for Line { number, id, values } in &page.rows {
        let pairs = names.iter().zip(*values);
        let values: Map<_, _> =
            pairs.map(|(name, value)| (name.clone(), output::json(value))).collect();
        writeln!(out, "{}", json!({"row": number, "id": id.to_string(), "values": values}))?;
    }
    out.flush()
}

/// A key for each column: its name, or its letters where the name is empty or taken.
fn unique_names(columns: &[v1::Column]) -> Vec<String> {
    let mut taken = HashSet::new();
    let name = |(col, column): (u32, &v1::Column)| match column.name.as_str() {
        name if !name.is_empty() && taken.insert(name.to_owned()) => name.to_owned(),
        _ => output::letters(col),
    };
    (0..).zip(columns).map(name).collect()
}

fn print_table(page: &Page<'_>, mut out: impl Write) -> std::io::Result<()> {
    let most = if std::io::stdout().is_terminal() { CELL_CHARS_MAX } else { usize::MAX };
    let mut table: Vec<Vec<(String, bool)>> = Vec::with_capacity(page.rows.len() + 1);
    let names = page.columns.iter().map(|column| (shown(&column.name, most), false));
    table.push(std::iter::once((String::new(), true)).chain(names).collect());
    for line in &page.rows {
        let value = |value: &v1::Value| {
            (shown(&output::plain(value), most), matches!(value.kind, Some(Kind::Number(_))))
        };
        let number = std::iter::once((line.number.to_string(), true));
        table.push(number.chain(line.values.iter().map(value)).collect());
    }
    let columns = table.iter().map(Vec::len).max().unwrap_or_default();
    let width = |col| table.iter().filter_map(|row| row.get(col)).map(chars).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in &table {
        let padded = row.iter().zip(&widths).map(|((text, right), width)| match right {
            true => format!("{text:>width$}"),
            false => format!("{text:<width$}"),
        });
        let line = padded.collect::<Vec<_>>().join("  ");
        writeln!(out, "{}", line.trim_end())?;
    }
    out.flush()
}

fn chars((text, _): &(String, bool)) -> usize {
    text.chars().count()
}

/// A text on one line, cut to `most` characters. Control characters would move the cursor.
fn shown(text: &str, most: usize) -> String {
    let clean = |char: char| if char.is_control() { ' ' } else { char };
    if text.chars().count() <= most {
        return text.chars().map(clean).collect();
    }
    let cut = text.chars().take(most.saturating_sub(1)).map(clean);
    cut.chain(['…']).collect()
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
        print_table(&Page::of(&page), &mut out).expect("memory");
        let table = "    Item  Price\n 9  pear    9.5\n10  a b   10.25  x\n";
        assert_eq!(String::from_utf8(out).expect("text"), table);
        let mut out = Vec::new();
        print_json(&Page::of(&page), &mut out).expect("memory");
        let first = String::from_utf8(out).expect("text").lines().next().map(str::to_owned);
        let json = r#"{"id":"1","row":9,"values":{"Item":"pear","Price":9.5}}"#;
        assert_eq!(first.as_deref(), Some(json));
    }
}
