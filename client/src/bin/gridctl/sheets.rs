//! Finding, listing and making sheets.

use std::io::Write;

use client::Client;
use client::net::{ListOptions, NewSheet};
use gridloom::v1;
use serde_json::json;
use tonic::Code;
use uuid::Uuid;

use crate::args::{Create, Sheets};
use crate::failure::Failure;
use crate::output;

/// Names that are shown when none, or several, fit.
const CANDIDATES_MAX: usize = 10;

/// The sheet with this id, or the only one with this name.
pub(crate) async fn find(client: &Client, wanted: &str) -> Result<v1::Sheet, Failure> {
    if Uuid::try_parse(wanted).is_ok() {
        match client.sheet(wanted).await {
            Ok(sheet) => return Ok(sheet),
            // It may still be a name that looks like an id.
            Err(error) if error.code() == Some(Code::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let options = ListOptions { filter: wanted.to_owned(), deleted: false };
    let like = client.sheets(&options).await?;
    let named: Vec<&v1::Sheet> = like.iter().filter(|sheet| sheet.name == wanted).collect();
    match named[..] {
        // The list leaves the columns out.
        [only] => Ok(client.sheet(&only.id).await?),
        [] => Err(Failure::Told(format!(
            "no sheet is named {wanted:?}{}",
            candidates(&like, "; these are like it:", "; `gridctl sheets` lists them all")
        ))),
        _ => {
            let named: Vec<v1::Sheet> = named.into_iter().cloned().collect();
            Err(Failure::Told(format!(
                "several sheets are named {wanted:?}{}",
                candidates(&named, "; give the id of one of them:", "")
            )))
        }
    }
}

fn candidates(sheets: &[v1::Sheet], some: &str, none: &str) -> String {
    if sheets.is_empty() {
        return none.to_owned();
    }
    let lines = sheets.iter().take(CANDIDATES_MAX);
    lines.fold(some.to_owned(), |all, sheet| format!("{all}\n  {}  {}", sheet.id, sheet.name))
}

pub(crate) async fn list(client: &Client, args: Sheets) -> Result<(), Failure> {
    let options = ListOptions { filter: args.filter, deleted: args.deleted };
    let sheets = client.sheets(&options).await?;
    let mut out = std::io::stdout().lock();
    for sheet in &sheets {
        if args.json {
            writeln!(out, "{}", to_json(sheet))?;
        } else {
            writeln!(out, "{}", line(sheet))?;
        }
    }
    if sheets.is_empty() {
        output::complain("there are none; `gridctl import FILE.csv` makes one from a file");
    }
    Ok(())
}

pub(crate) async fn create(client: &Client, args: Create) -> Result<(), Failure> {
    let column = |name| v1::Column { name, ..v1::Column::default() };
    let columns = args.columns.into_iter().map(column).collect();
    let new = NewSheet { columns, rows: Some(args.rows) };
    let sheet = client.create_sheet(&args.name, new).await?;
    writeln!(std::io::stdout().lock(), "{}", line(&sheet))?;
    Ok(())
}

/// A sheet on one line.
pub(crate) fn line(sheet: &v1::Sheet) -> String {
    let changed = output::time(sheet.changed_micros);
    let (rows, columns) = (sheet.row_count, column_count(sheet));
    format!("{}  {rows:>9} x {columns:<4}  {changed:.19}  {}", sheet.id, sheet.name)
}

fn column_count(sheet: &v1::Sheet) -> usize {
    sheet.columns.len().max(sheet.column_count as usize)
}

fn to_json(sheet: &v1::Sheet) -> serde_json::Value {
    json!({
        "id": sheet.id,
        "name": sheet.name,
        "rows": sheet.row_count,
        "columns": column_count(sheet),
        "revision": sheet.revision,
        "created": output::time(sheet.created_micros),
        "changed": output::time(sheet.changed_micros),
    })
}
