//! The table of a file that a command is about.
//!
//! It shows no rows. Invariant: a file that has no table is read first, and what its reading has found is reported.

use clap::Args;
use client::Client;
use gridloom::v1;

use super::read::{Outcome, read_file, wait_for_tables};
use crate::failure::Failure;
use crate::find::named;
use crate::output::say;
use crate::output::tables::{findings, table_number};

/// Most tables that a message names.
const LISTED_MAX: usize = 20;

#[derive(Args, Debug)]
pub(super) struct TableArgs {
    /// The table, by its name, or by its number from 1. The default is the first one; a workbook has one for each worksheet.
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
}

impl TableArgs {
    /// Whether a table is named.
    pub(super) fn is_given(&self) -> bool {
        self.table.is_some()
    }

    /// The table of a file.
    pub(super) async fn of(&self, client: &Client, file: &v1::File) -> Result<v1::Table, Failure> {
        table_of(client, file, (self.table.as_deref(), "--table")).await
    }
}

/// The table of a file that is typed with an option; without it, the first one.
pub(super) async fn table_of(
    client: &Client,
    file: &v1::File,
    (typed, option): (Option<&str>, &str),
) -> Result<v1::Table, Failure> {
    let tables = tables(client, file).await?;
    let table = choose(&tables, typed).map_err(Failure::Message)?;
    if tables.len() > 1 && typed.is_none() {
        say(&others(&tables, option));
    }
    Ok(table.clone())
}

/// The tables of a file, at least one. A file that has none is read first.
async fn tables(client: &Client, file: &v1::File) -> Result<Vec<v1::Table>, Failure> {
    let listed = client.tables(&file.id).await?;
    if !listed.tables.is_empty() {
        return Ok(listed.tables);
    }
    let outcome = match listed.job.filter(is_under_way) {
        Some(job) => {
            say(&format!("{:?} is being read, which this command waits for", file.name));
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
fn others(tables: &[v1::Table], option: &str) -> String {
    format!("this is the first table; {option} takes another one; {}", list(tables))
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
}
