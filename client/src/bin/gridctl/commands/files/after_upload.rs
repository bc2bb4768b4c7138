//! The reading of a file after its upload.
//!
//! Not the upload: that is a success before this begins. Invariant: a file that was not asked to be read, and can't be, is no
//! failure of the command.

use client::Client;
use gridloom::v1;

use super::read::{Outcome, report, wait_for_tables};
use crate::failure::Failure;
use crate::output::columns::shown;
use crate::output::say;
use crate::output::tables::table_number;

/// Most tables of one file that are listed.
const LISTED_MAX: usize = 50;
/// Most characters of the name of a listed table.
const NAME_CHARS_MAX: usize = 48;

/// Reads a file by the guesses of the server, and returns its tables; `None` where it has none and that is only reported:
/// its reading has failed, and was not asked for.
pub(super) async fn read_uploaded(
    client: &Client,
    file: &v1::File,
    is_asked: bool,
) -> Result<Option<Vec<v1::Table>>, Failure> {
    let job = match client.read_file(&file.id, &v1::FileReading::default()).await {
        Ok(job) => job,
        Err(error) => return unless_asked(file, error.into(), is_asked),
    };
    match wait_for_tables(client, file, &job.id).await? {
        Outcome::Failed(failure) => unless_asked(file, failure, is_asked),
        Outcome::Tables(tables) => {
            say(&summary(file, &tables));
            report(file, &tables);
            Ok(Some(tables))
        }
    }
}

/// Reports a failure, or returns it where the reading was asked for.
fn unless_asked(
    file: &v1::File,
    failure: Failure,
    is_asked: bool,
) -> Result<Option<Vec<v1::Table>>, Failure> {
    if is_asked {
        return Err(failure);
    }
    say(&format!(
        "{:?} is uploaded, and has no table: {failure}\n  `gridctl files read {}` reads it with other options",
        file.name, file.id
    ));
    Ok(None)
}

/// What a file has now: the size of its table, or a list of its worksheets.
fn summary(file: &v1::File, tables: &[v1::Table]) -> String {
    let size = |table: &v1::Table| format!("{} x {}", table.rows, table.columns.len());
    if let [only] = tables {
        return format!("{:?} is read: {} (rows x columns)", file.name, size(only));
    }
    let mut text = format!("{:?} is read: {} tables (rows x columns)", file.name, tables.len());
    for table in tables.iter().take(LISTED_MAX) {
        let name = shown(&table.name, NAME_CHARS_MAX);
        text += &format!("\n  {}  {name}  {}", table_number(table), size(table));
    }
    let more = tables.len().saturating_sub(LISTED_MAX);
    if more > 0 {
        text += &format!("\n  and {more} more; `gridctl files read {}` lists them all", file.id);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> v1::File {
        v1::File { id: "id".to_owned(), name: "a.xlsx".to_owned(), ..v1::File::default() }
    }

    fn table(number: u32) -> v1::Table {
        let name = format!("Sheet\n{number}");
        v1::Table {
            number,
            name,
            rows: 7,
            columns: vec![Default::default(); 3],
            ..Default::default()
        }
    }

    #[test]
    fn several_worksheets_are_listed() {
        assert_eq!(summary(&file(), &[table(0)]), "\"a.xlsx\" is read: 7 x 3 (rows x columns)");
        let two = summary(&file(), &[table(0), table(1)]);
        let lines: Vec<&str> = two.lines().collect();
        assert_eq!(lines[1..], ["  1  Sheet 0  7 x 3", "  2  Sheet 1  7 x 3"]);
        let many: Vec<v1::Table> = (0..60).map(table).collect();
        assert!(summary(&file(), &many).contains("and 10 more"));
    }

    #[test]
    fn a_reading_that_was_not_asked_for_fails_nothing() {
        let failure = || Failure::Message("line 3 has 4 fields".to_owned());
        assert_eq!(unless_asked(&file(), failure(), false).expect("is reported"), None);
        assert!(unless_asked(&file(), failure(), true).is_err());
    }
}
