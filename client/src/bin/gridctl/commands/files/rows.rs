//! `files rows`: shows rows of a table of a file by position.
//!
//! It sorts and filters nothing. Invariants: all rows are of one version of the table; memory holds one answer of rows.

use std::time::Duration;

use clap::Args;
use client::net::TableRows;
use client::{Client, Error};
use gridloom::v1;

use super::read::{Outcome, read_file, wait_for_tables};
use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::find::{find_kept_file, named};
use crate::output::say;
use crate::output::table::{Line, Page, Table, unique_names};
use crate::output::tables::{as_columns, findings, table_number};
use crate::parse::cell::named_position;
use crate::parse::column_list::{ColumnList, column_list};
use crate::server::Server;

/// Most tables that a message names.
const LISTED_MAX: usize = 20;

#[derive(Args, Debug)]
pub(crate) struct Rows {
    /// The file's id, or its name. A file that has no table yet is read first, by the guesses of the server.
    file: String,
    /// The table, by its name, or by its number from 1. The default is the first one; a workbook has one for each worksheet.
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    /// The first row to show.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    from: u64,
    /// How many rows to show.
    #[arg(long, default_value_t = 20)]
    count: u64,
    /// Only these columns, in this order, with commas between them: each by its name, else by its number, else by its letters
    /// in capitals. A name with a comma stands in double quotes.
    #[arg(long, value_name = "COLUMN,...", value_parser = column_list)]
    columns: Option<ColumnList>,
    /// One JSON object on each line.
    #[arg(long)]
    json: bool,
}

/// Columns of a table, in the order in which they are shown.
struct Chosen {
    /// The positions in the table; empty: all.
    positions: Vec<u32>,
    columns: Vec<v1::Column>,
}

pub(super) async fn rows(client: &Client, server: &Server, args: Rows) -> Result<(), Failure> {
    let file = find_kept_file(client, &args.file).await?;
    let _renewal = keep_signed_in(client, server).await?;
    let tables = tables(client, &file).await?;
    let table = choose(&tables, args.table.as_deref()).map_err(Failure::Message)?;
    if tables.len() > 1 && args.table.is_none() {
        say(&others(&tables));
    }
    let chosen = columns(table, args.columns.as_ref(), args.json).map_err(Failure::Message)?;
    let first = args.from - 1;
    if first >= table.rows && args.count > 0 {
        say(&match table.rows {
            1 => "the table has 1 row".to_owned(),
            count => format!("the table has {count} rows"),
        });
    }
    let range = first..first.saturating_add(args.count);
    print(client.table_rows(&file.id, table, range, &chosen.positions), &chosen, args.json).await
}

/// Prints rows answer by answer; of none the head alone.
async fn print(mut pages: TableRows<'_>, chosen: &Chosen, as_json: bool) -> Result<(), Failure> {
    let (mut table, mut is_empty) = (Table::new(as_json), true);
    while let Some(page) = pages.next(waits).await? {
        let numbers = page.first + 1..;
        let rows = numbers.zip(&page.rows).map(|(number, row)| line(number, row)).collect();
        table.print(&Page { columns: &chosen.columns, rows })?;
        is_empty = false;
    }
    if is_empty {
        table.print(&Page { columns: &chosen.columns, rows: Vec::new() })?;
    }
    Ok(())
}

fn line(number: u64, row: &v1::PreviewRow) -> Line<'_> {
    Line { number, id: None, values: &row.values }
}

/// Reports a call that has failed and is made again.
fn waits(error: &Error, pause: Duration) {
    say(&format!("{error}; trying again in {} s", pause.as_secs_f64().ceil()));
}

/// The tables of a file, at least one. A file that has none is read first.
async fn tables(client: &Client, file: &v1::File) -> Result<Vec<v1::Table>, Failure> {
    let listed = client.tables(&file.id).await?;
    if !listed.tables.is_empty() {
        return Ok(listed.tables);
    }
    let outcome = match listed.job.filter(is_under_way) {
        Some(job) => {
            say(&format!("{:?} is being read; its rows follow", file.name));
            wait_for_tables(client, file, &job.id).await?
        }
        None => {
            say(&format!("{:?} has no table yet; it is read first, without options", file.name));
            read_file(client, file, &v1::FileReading::default()).await?
        }
    };
    match outcome {
        Outcome::Failed(failure) => Err(Failure::Message(format!(
            "{failure}\n  `gridctl files read {}` reads it with other options",
            file.id
        ))),
        Outcome::Tables(tables) if tables.is_empty() => Err(Failure::Message(format!(
            "{:?} has nothing of which a table is made; `gridctl files preview {}` shows how it is read",
            file.name, file.id
        ))),
        Outcome::Tables(tables) => {
            for finding in findings(&tables) {
                say(&finding);
            }
            Ok(tables)
        }
    }
}

fn is_under_way(job: &v1::Job) -> bool {
    matches!(job.state(), v1::JobState::Waiting | v1::JobState::Running)
}

/// The table that is typed, by its name, else by its number; the first one where nothing is typed.
fn choose<'a>(tables: &'a [v1::Table], typed: Option<&str>) -> Result<&'a v1::Table, String> {
    let Some(typed) = typed else { return tables.first().ok_or_else(String::new) };
    let found = named(tables, table_name, typed);
    match found[..] {
        [only] => Ok(only),
        [] => {
            let by_number = tables.iter().find(|table| table_number(table).to_string() == typed);
            by_number.ok_or_else(|| format!("no table is {typed:?}; {}", list(tables)))
        }
        _ => Err(format!("several tables are named {typed:?}; give the number; {}", list(tables))),
    }
}

fn table_name(table: &v1::Table) -> &str {
    &table.name
}

/// That the first table is shown, and which others there are.
fn others(tables: &[v1::Table]) -> String {
    format!("this is the first table; --table shows another one; {}", list(tables))
}

/// The tables with their numbers.
fn list(tables: &[v1::Table]) -> String {
    let name = |table: &v1::Table| format!("{} {:?}", table_number(table), table.name);
    let names: Vec<String> = tables.iter().take(LISTED_MAX).map(name).collect();
    let more = match tables.len().saturating_sub(LISTED_MAX) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    format!("the file has {}{more}", names.join(", "))
}

/// The columns to show. In JSON they have the keys that they have among all columns.
fn columns(table: &v1::Table, typed: Option<&ColumnList>, as_json: bool) -> Result<Chosen, String> {
    let mut all = as_columns(&table.columns);
    let mut positions = Vec::new();
    for column in typed.iter().flat_map(|typed| &typed.0) {
        positions.push(named_position(column, &all)?);
    }
    if as_json {
        let keys = unique_names(&all);
        for (column, key) in all.iter_mut().zip(keys) {
            column.name = key;
        }
    }
    if typed.is_none() {
        return Ok(Chosen { positions: Vec::new(), columns: all });
    }
    let columns = positions.iter().filter_map(|at| all.get(*at).cloned()).collect();
    let positions = positions.into_iter().filter_map(|at| u32::try_from(at).ok()).collect();
    Ok(Chosen { positions, columns })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(names: &[&str]) -> Vec<v1::Table> {
        let numbered = (0..).zip(names);
        let table = |(number, name): (u32, &&str)| v1::Table {
            number,
            name: (*name).to_owned(),
            ..v1::Table::default()
        };
        numbered.map(table).collect()
    }

    #[test]
    fn a_table_is_chosen_by_its_name_and_else_by_its_number() {
        let tables = tables(&["Items", "2024", "Prices"]);
        let number = |typed| choose(&tables, typed).map(|table| table.number);
        assert_eq!(number(None), Ok(0));
        assert_eq!(number(Some("prices")), Ok(2));
        assert_eq!(number(Some("2")), Ok(1));
        assert_eq!(number(Some("2024")), Ok(1));
        let error = number(Some("4")).expect_err("no such table");
        assert!(error.contains("1 \"Items\", 2 \"2024\", 3 \"Prices\""), "{error}");
    }

    #[test]
    fn a_name_of_several_tables_and_a_long_list_are_explained() {
        let two = tables(&["a", "a"]);
        let error = choose(&two, Some("a")).expect_err("is ambiguous");
        assert!(error.contains("several tables"), "{error}");
        assert_eq!(choose(&two, Some("2")).map(|table| table.number), Ok(1));
        assert!(list(&tables(&["a"; 25])).ends_with(", and 5 more"));
    }

    #[test]
    fn chosen_columns_keep_their_order_and_their_keys() {
        let column = |name: &str| v1::TableColumn { name: name.to_owned(), ..Default::default() };
        let columns_of_table = ["x", "", "x"].map(column).to_vec();
        let table = v1::Table { columns: columns_of_table, ..v1::Table::default() };
        let typed = ColumnList(vec!["3".to_owned(), "B".to_owned()]);
        let names = |as_json| {
            let chosen = columns(&table, Some(&typed), as_json).expect("are there");
            let names: Vec<String> = chosen.columns.into_iter().map(|column| column.name).collect();
            (chosen.positions, names)
        };
        let (x, none) = ("x".to_owned(), String::new());
        assert_eq!(names(false), (vec![2, 1], vec![x, none]));
        assert_eq!(names(true), (vec![2, 1], vec!["C".to_owned(), "B".to_owned()]));
        let all = columns(&table, None, false).expect("are there");
        assert!(all.positions.is_empty() && all.columns.len() == 3);
        let unknown = ColumnList(vec!["Cost".to_owned()]);
        assert!(columns(&table, Some(&unknown), false).is_err());
    }
}
