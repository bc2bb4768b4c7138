//! `files rows`: shows rows of a table of a file by position, or those that meet conditions, in an order.
//!
//! It sorts and filters nothing; the server does. Invariants: all rows are of one version of the table; memory holds one answer
//! of rows.

use std::time::Duration;

use clap::Args;
use client::net::TableRows;
use client::{Client, Error};
use gridloom::v1;

use super::selection::{Selection, SelectionArgs};
use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::find::find_kept_file;
use crate::interrupt::until_interrupt;
use crate::output::say;
use crate::output::table::{Line, Page, Table, unique_names};
use crate::server::Server;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gridctl files rows stock.csv --from 1000 --count 50
  gridctl files rows stock.csv --where \"State = TX\" --where \"Price >= 10\" --sort City,Price:desc")]
pub(crate) struct Rows {
    /// The file's id, or its name. A file that has no table yet is read first, by the guesses of the server.
    file: String,
    #[command(flatten)]
    selection: SelectionArgs,
    /// The first row to show. With conditions or an order it counts the rows that are found.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    from: u64,
    /// How many rows to show.
    #[arg(long, default_value_t = 20)]
    count: u64,
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
    let Selection { table, all, view, positions } = args.selection.of(client, &file).await?;
    let first = args.from - 1;
    let count = view.as_ref().map_or(table.rows, |view| view.rows);
    if view.is_some() && args.selection.has_conditions() {
        say(&matches(count));
    } else if first >= count && args.count > 0 {
        say(&match count {
            1 => "the table has 1 row".to_owned(),
            count => format!("the table has {count} rows"),
        });
    }
    let chosen = chosen(all, positions.as_deref(), args.json);
    let range = first..first.saturating_add(args.count);
    let pages = client.table_rows(&file.id, &table, range, &chosen.positions);
    let pages = match view {
        Some(view) => pages.of_view(&view.id, view.rows),
        None => pages,
    };
    until_interrupt(print(pages, &chosen, args.json)).await
}

fn matches(rows: u64) -> String {
    if rows == 1 { "1 row matches".to_owned() } else { format!("{rows} rows match") }
}

/// Prints rows answer by answer; of none the head alone.
async fn print(mut pages: TableRows<'_>, chosen: &Chosen, as_json: bool) -> Result<(), Failure> {
    let (mut table, mut is_empty) = (Table::new(as_json), true);
    while let Some(page) = pages.next(waits).await? {
        let rows = page.positions.iter().zip(&page.rows);
        let rows = rows.map(|(position, row)| line(position + 1, row)).collect();
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

/// The columns to show. In JSON they have the keys that they have among all columns.
fn chosen(mut all: Vec<v1::Column>, positions: Option<&[usize]>, as_json: bool) -> Chosen {
    if as_json {
        let keys = unique_names(&all);
        for (column, key) in all.iter_mut().zip(keys) {
            column.name = key;
        }
    }
    let Some(positions) = positions else {
        return Chosen { positions: Vec::new(), columns: all };
    };
    let columns = positions.iter().filter_map(|at| all.get(*at).cloned()).collect();
    let positions = positions.iter().filter_map(|at| u32::try_from(*at).ok()).collect();
    Chosen { positions, columns }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tables::as_columns;

    #[test]
    fn chosen_columns_keep_their_order_and_their_keys() {
        let column = |name: &str| v1::TableColumn { name: name.to_owned(), ..Default::default() };
        let columns_of_table = ["x", "", "x"].map(column).to_vec();
        let all = as_columns(&columns_of_table);
        let names = |as_json| {
            let chosen = chosen(all.clone(), Some(&[2, 1]), as_json);
            let names: Vec<String> = chosen.columns.into_iter().map(|column| column.name).collect();
            (chosen.positions, names)
        };
        let (x, none) = ("x".to_owned(), String::new());
        assert_eq!(names(false), (vec![2, 1], vec![x, none]));
        assert_eq!(names(true), (vec![2, 1], vec!["C".to_owned(), "B".to_owned()]));
        let all = chosen(all, None, false);
        assert!(all.positions.is_empty() && all.columns.len() == 3);
    }
}
