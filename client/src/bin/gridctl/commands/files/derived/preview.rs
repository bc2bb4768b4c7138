//! The first rows of a file that is not made yet.
//!
//! It computes and asks nothing. Invariant: standard output has the rows alone; notes are messages.

use std::io::Write;

use gridloom::v1;

use crate::failure::Failure;
use crate::output::columns::shown;
use crate::output::preview::{first_rows_json, print_first_rows};
use crate::output::say;

/// Prints rows and notes of a preview, and how the file is made.
pub(super) fn print(
    columns: &[v1::TableColumn],
    rows: &[v1::PreviewRow],
    notes: &[String],
    as_json: bool,
) -> Result<(), Failure> {
    for note in notes {
        say(&shown(note, usize::MAX));
    }
    if as_json {
        return Ok(writeln!(std::io::stdout().lock(), "{}", first_rows_json(columns, rows))?);
    }
    print_first_rows(columns, rows)?;
    say("the same command without --preview makes the file");
    Ok(())
}
