//! `set`, `undo` and `redo`: changes of one cell, and of the history.
//!
//! They apply nothing locally; each is one call to the server.
//!
//! Invariant: each call has a request id, so a retry inside the client applies it once.

use clap::Args;
use client::Client;
use gridloom::v1;
use ot_engine::Revision;
use uuid::Uuid;

use crate::failure::Failure;
use crate::find::find;
use crate::output::format::plain;
use crate::output::say;
use crate::parse::cell::locate;
use crate::parse::reader::{Reader, ReaderArgs};
use crate::parse::value::{account_note, doubled, is_calendar, loses_zeros, reason, text, typed};

#[derive(Args, Debug)]
pub(crate) struct Set {
    /// The sheet's id, or its name.
    sheet: String,
    /// The cell: `B7`, `7:2` or `7:Price` (row, then the column's number, letters or name; both count from 1).
    cell: String,
    /// The new value: a number, true or false, a time such as 2024-05-01T12:00:00Z, or text. Empty text
    /// clears the cell. An apostrophe at the beginning marks text and is not kept; write two to keep one.
    #[arg(allow_hyphen_values = true)]
    value: String,
    /// Store the value as text, even if it looks like a number or a time.
    #[arg(long)]
    text: bool,
    #[command(flatten)]
    reader: ReaderArgs,
}

#[derive(Args, Debug)]
pub(crate) struct Undo {
    /// The sheet's id, or its name.
    sheet: String,
    /// Undo the change at this revision instead of your last one. It must be your own change, made at any place.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    revision: Option<u64>,
}

#[derive(Args, Debug)]
pub(crate) struct Redo {
    /// The sheet's id, or its name.
    sheet: String,
}

/// The value of a typed text; one that does not fit the column is text, with a note.
fn read(typed_text: &str, column: &v1::Column, reader: &Reader) -> v1::Value {
    let (value, misfit) = typed(typed_text, column, reader);
    let by = |reader: &Reader| typed(typed_text, column, reader).0;
    if let Some(note) = account_note(typed_text, reader, by) {
        say(&note);
    }
    if loses_zeros(typed_text, &value) {
        let number = plain(&value);
        say(&format!(
            "{typed_text:?} is the number {number} in the column {:?}; keep its zeros with --text",
            column.name
        ));
    }
    if is_lost(typed_text, &value, column, reader) {
        say(&format!(
            "the apostrophe of {typed_text:?} marks text and is not kept; write '{typed_text} to \
             keep it"
        ));
    }
    if let Some(misfit) = misfit {
        say(&misfit_note(typed_text, column, &reason(misfit, column, reader)));
    }
    if let Some(zone) = doubled(typed_text, column, reader) {
        say(&doubled_note(typed_text, &zone));
    }
    value
}

/// What becomes of a time that the clocks of a zone show twice.
fn doubled_note(typed_text: &str, zone: &str) -> String {
    format!(
        "{typed_text:?} comes twice in {zone}, where the clocks are set back; the earlier one was taken; \
         write an offset behind the time, such as +01:00, for the later one"
    )
}

/// What becomes of a text that does not fit its column, for this reason.
fn misfit_note(typed_text: &str, column: &v1::Column, reason: &str) -> String {
    let refuses = column.settings.as_ref().is_some_and(|settings| settings.refuse);
    let outcome = if refuses { "refuses it" } else { "keeps it as text" };
    format!("{typed_text:?}: {reason}; the column {:?} {outcome}", column.name)
}

/// Whether an apostrophe is dropped that has no use: without it the text is the same value.
fn is_lost(typed_text: &str, value: &v1::Value, column: &v1::Column, reader: &Reader) -> bool {
    let rest = typed_text.strip_prefix('\'').filter(|rest| !rest.starts_with('\''));
    rest.is_some_and(|rest| typed(rest, column, reader).0 == *value)
}

pub(crate) async fn set(client: &Client, args: Set) -> Result<(), Failure> {
    let sheet = find(client, &args.sheet).await?;
    let (row, column) = locate(&args.cell, &sheet.columns).map_err(Failure::Message)?;
    let mut value = match args.text {
        true => text(args.value),
        false => read(&args.value, column, &args.reader.reader(client).await?),
    };
    if is_calendar(&value) && !client.limits().await?.calendar_values {
        say("the server is of an earlier release, which knows no dates; the value is kept as text");
        value = text(plain(&value));
    }
    let command = v1::command::Command::SetCells(v1::SetCells {
        row: Some(v1::RowRef { row: Some(v1::row_ref::Row::At(row)) }),
        // By id, so that the column stays the same when others move columns.
        col: Some(v1::ColumnRef { column: Some(v1::column_ref::Column::Id(column.id.clone())) }),
        width: 1,
        values: vec![value],
    });
    let commands = vec![v1::Command { command: Some(command) }];
    let request = Uuid::new_v4().to_string();
    let answer = client.apply(&sheet.id, commands, v1::WaitFor::Committed, &request).await?;
    say(&format!("saved as revision {}", answer.revision));
    Ok(())
}

pub(crate) async fn undo(client: &Client, args: Undo) -> Result<(), Failure> {
    let sheet = find(client, &args.sheet).await?;
    let request = Uuid::new_v4().to_string();
    let revision = args.revision.map(Revision);
    let answer = client.undo(&sheet.id, revision, v1::WaitFor::Committed, &request).await?;
    say(&done("undone", &answer));
    Ok(())
}

pub(crate) async fn redo(client: &Client, args: Redo) -> Result<(), Failure> {
    let sheet = find(client, &args.sheet).await?;
    let request = Uuid::new_v4().to_string();
    let answer = client.redo(&sheet.id, v1::WaitFor::Committed, &request).await?;
    say(&done("redone", &answer));
    Ok(())
}

/// What an undo or a redo has done, and what not.
fn done(verb: &str, answer: &v1::ApplyEditsResponse) -> String {
    let mut lines = vec![format!("{verb} as revision {}", answer.revision)];
    let report = answer.undo.clone().unwrap_or_default();
    if report.edits > 1 {
        lines[0] =
            format!("{} edits {verb}, the last as revision {}", report.edits, answer.revision);
    }
    for passed in &report.passed_over {
        lines.push(format!("  revision {} is not {verb}: {}", passed.revision, passed.why));
    }
    if report.cells_left_out > 0 {
        lines.push(match report.cells_left_out {
            1 => "  1 cell was left out: what held it is deleted or replaced".to_owned(),
            cells => {
                format!("  {cells} cells were left out: what held them is deleted or replaced")
            }
        });
    }
    if report.more {
        lines.push("  there is more: run the command again".to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_does_not_fit_is_kept_or_refused_as_the_column_says() {
        let number = v1::Column { kind: v1::ColumnKind::Number.into(), ..v1::Column::default() };
        let settings = Some(v1::ColumnSettings { refuse: true, ..Default::default() });
        let refusing = v1::Column { settings, ..number.clone() };
        for (column, outcome) in [(number, "keeps it as text"), (refusing, "refuses it")] {
            let misfit = typed("few", &column, &Reader::plain()).1.expect("is no number");
            let note = misfit_note("few", &column, &misfit.to_string());
            assert!(note.ends_with(outcome), "{note}");
        }
    }

    #[test]
    fn one_cell_that_is_left_out_is_reported_as_one() {
        let of = |cells_left_out| {
            let undo = Some(v1::UndoReport { cells_left_out, ..Default::default() });
            done("undone", &v1::ApplyEditsResponse { undo, ..Default::default() })
        };
        assert!(of(1).contains("1 cell was left out: what held it is"), "{}", of(1));
        assert!(of(2).contains("2 cells were left out: what held them is"), "{}", of(2));
    }

    #[test]
    fn an_apostrophe_that_is_lost_is_noticed() {
        let (column, plain) = (v1::Column::default(), Reader::plain());
        let is_lost = |typed_text: &str| {
            let value = typed(typed_text, &column, &plain).0;
            is_lost(typed_text, &value, &column, &plain)
        };
        assert!(is_lost("'tis") && is_lost("'"));
        // It makes a text of a number, or it is kept, or there is none.
        assert!(!is_lost("'12") && !is_lost("''tis") && !is_lost("tis"));
        assert_eq!(typed("''tis", &column, &plain).0, text("'tis".to_owned()));
    }
}
