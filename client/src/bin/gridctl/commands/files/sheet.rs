//! `files sheet`: rows of a table as a new sheet, at the end of a sheet, or merged into one by a key.
//!
//! It sends no rows; a job of the server does. Invariant: the sheet is printed only of a job that is done.

use std::io::Write;

use clap::Args;
use client::Client;
use gridloom::v1;
use gridloom::v1::fill_sheet_request::Target;
use uuid::Uuid;

use super::selection::SelectionArgs;
use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::find::{find, find_kept_file};
use crate::output::jobs::{notes, written};
use crate::output::say;
use crate::output::sheet::{sheet_json, sheet_line};
use crate::parse::cell::named_column;
use crate::parse::condition::table_column;
use crate::server::Server;
use crate::wait::wait_for_job;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gridctl files sheet stock.csv --name Stock --where \"State = TX\"
  gridctl files sheet march.csv --append Stock
  gridctl files sheet prices.xlsx --table Prices --merge Stock --key gtin --sheet-key GTIN")]
pub(crate) struct IntoSheet {
    /// The file's id, or its name. A file that has no table yet is read first, by the guesses of the server.
    file: String,
    /// Make a new sheet of this name. The default is the name of the table.
    #[arg(long, conflicts_with_all = ["append", "merge"])]
    name: Option<String>,
    /// Append the rows to this sheet, by its id or its name. A column goes into the one of its name, and else into a new one.
    #[arg(long, value_name = "SHEET", conflicts_with = "merge")]
    append: Option<String>,
    /// Merge the rows into this sheet, by its id or its name: a row whose key the sheet has changes the cells that differ, and
    /// any other one is appended. An empty value changes nothing. A cell that is changed in the sheet meanwhile keeps its newer
    /// value, and is named.
    #[arg(long, value_name = "SHEET", requires = "key")]
    merge: Option<String>,
    /// The column of the file whose values say which row of the sheet is meant: by its name, else by its number, else by its
    /// letters in capitals.
    #[arg(long, value_name = "COLUMN", requires = "merge")]
    key: Option<String>,
    /// The same column in the sheet. The default is the one of the same name.
    #[arg(long, value_name = "COLUMN", requires = "merge")]
    sheet_key: Option<String>,
    #[command(flatten)]
    selection: SelectionArgs,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

/// Where the rows go; sheets are found already.
enum Place<'a> {
    New(Option<&'a str>),
    End(v1::Sheet),
    Merged { sheet: v1::Sheet, key: &'a str },
}

pub(super) async fn sheet(
    client: &Client,
    server: &Server,
    args: IntoSheet,
) -> Result<(), Failure> {
    let file = find_kept_file(client, &args.file).await?;
    let place = place(client, &args).await?;
    let _renewal = keep_signed_in(client, server).await?;
    let selection = args.selection.of(client, &file).await?;
    let target = target(&place, args.sheet_key.as_deref(), &selection.all);
    let request = v1::FillSheetRequest {
        source: Some(selection.source(&file)),
        target: Some(target.map_err(Failure::Message)?),
        request_id: Uuid::new_v4().to_string(),
        ..v1::FillSheetRequest::default()
    };
    let job = client.fill_sheet(request).await?;
    let done = wait_for_job(client, &job.id).await?;
    for note in notes(&done) {
        say(&note);
    }
    let sheet = client.sheet(&done.sheet_id).await?;
    let line = if args.json { sheet_json(&sheet).to_string() } else { sheet_line(&sheet) };
    writeln!(std::io::stdout().lock(), "{line}")?;
    if !args.json {
        say(&format!("{}; `gridctl rows {}` shows the sheet", written(done.rows), sheet.id));
    }
    Ok(())
}

/// Finds the sheet that is named, before a view is made for it.
async fn place<'a>(client: &Client, args: &'a IntoSheet) -> Result<Place<'a>, Failure> {
    if let Some(sheet) = &args.append {
        return Ok(Place::End(find(client, sheet).await?));
    }
    match args.merge.as_ref().zip(args.key.as_ref()) {
        Some((sheet, key)) => Ok(Place::Merged { sheet: find(client, sheet).await?, key }),
        None => Ok(Place::New(args.name.as_deref())),
    }
}

/// The target of a transfer from a table with these columns.
fn target(
    place: &Place<'_>,
    sheet_key: Option<&str>,
    columns: &[v1::Column],
) -> Result<Target, String> {
    Ok(match place {
        Place::New(name) => {
            let name = name.unwrap_or_default().to_owned();
            Target::NewSheet(v1::NewSheetTarget { name })
        }
        Place::End(sheet) => Target::Append(v1::AppendTarget { sheet_id: sheet.id.clone() }),
        Place::Merged { sheet, key } => {
            let (at, key) = table_column(key, columns)?;
            let name = columns.get(at).map_or("", |column| &*column.name);
            let in_sheet = match sheet_key {
                Some(typed) => named_column(typed, &sheet.columns),
                None => same_name(name, &sheet.columns),
            };
            let in_sheet = in_sheet.map_err(|why| format!("in the sheet, {why}"))?;
            let in_sheet = v1::column_ref::Column::Id(in_sheet.id.clone());
            let column = |column| v1::ColumnRef { column: Some(column) };
            Target::Merge(v1::MergeTarget {
                sheet_id: sheet.id.clone(),
                key: Some(column(key)),
                sheet_key: Some(column(in_sheet)),
            })
        }
    })
}

/// The column of the sheet that has the name of the key, where none is typed.
fn same_name<'a>(name: &str, columns: &'a [v1::Column]) -> Result<&'a v1::Column, String> {
    let found = values::named(name, columns.iter().map(|column| &*column.name));
    match found[..] {
        [only] => Ok(&columns[only]),
        [] => Err(format!("no column is named {name:?}; name one with --sheet-key")),
        _ => Err(format!(
            "several columns are named {name:?}; give the number of one to --sheet-key"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(named: &[(&str, &str)]) -> Vec<v1::Column> {
        let column = |(id, name): &(&str, &str)| v1::Column {
            id: (*id).to_owned(),
            name: (*name).to_owned(),
            ..v1::Column::default()
        };
        named.iter().map(column).collect()
    }

    #[test]
    fn keys_are_found_in_the_table_and_in_the_sheet() {
        let of_table = columns(&[("", "Item"), ("", "gtin"), ("", "x")]);
        let of_sheet = columns(&[("7", "GTIN"), ("9", "Item"), ("11", "x"), ("13", "x")]);
        let sheet = v1::Sheet { id: "s".to_owned(), columns: of_sheet, ..v1::Sheet::default() };
        let merge = |key, sheet_key| {
            let place = Place::Merged { sheet: sheet.clone(), key };
            match target(&place, sheet_key, &of_table) {
                Ok(Target::Merge(merge)) => Ok((merge.key, merge.sheet_key)),
                Ok(other) => panic!("{other:?}"),
                Err(error) => Err(error),
            }
        };
        let by = |column| Some(v1::ColumnRef { column: Some(column) });
        let at = |at| by(v1::column_ref::Column::At(at));
        let id = |id: &str| by(v1::column_ref::Column::Id(id.to_owned()));
        assert_eq!(merge("gtin", Some("GTIN")), Ok((at(1), id("7"))));
        assert_eq!(merge("Item", None), Ok((at(0), id("9"))));
        for (key, sheet_key, why) in [
            ("Cost", None, "no column is named \"Cost\""),
            ("gtin", Some("Code"), "in the sheet, no column is named \"Code\""),
            ("gtin", None, "in the sheet, no column is named \"gtin\"; name one with --sheet-key"),
            ("x", None, "in the sheet, several columns are named \"x\""),
        ] {
            let error = merge(key, sheet_key).expect_err(key);
            assert!(error.starts_with(why), "{error}");
        }
    }

    #[test]
    fn without_a_name_the_sheet_has_that_of_the_table() {
        let new = target(&Place::New(None), None, &[]);
        assert_eq!(new, Ok(Target::NewSheet(v1::NewSheetTarget::default())));
    }
}
