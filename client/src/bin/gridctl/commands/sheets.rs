//! `sheets` and `create`: the list of sheets, and a new empty one.
//!
//! They open no sheet. Invariant: one sheet is one line of standard output.

use std::io::Write;

use clap::Args;
use client::Client;
use client::net::{ListOptions, NewSheet};
use gridloom::v1;

use crate::failure::Failure;
use crate::output::say;
use crate::output::sheet::{sheet_json, sheet_line};

#[derive(Args, Debug)]
pub(crate) struct Sheets {
    /// Only sheets whose name contains this, in any letter case.
    #[arg(default_value = "")]
    filter: String,
    /// List the deleted sheets instead.
    #[arg(long)]
    deleted: bool,
    /// One JSON object on each line.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Create {
    /// The sheet's name.
    name: String,
    /// A column's name; repeat the option for each column. The default is five columns named A to E.
    #[arg(long = "column", value_name = "NAME")]
    columns: Vec<String>,
    /// Number of empty rows.
    #[arg(long, default_value_t = 100)]
    rows: u32,
}

pub(crate) async fn list(client: &Client, args: Sheets) -> Result<(), Failure> {
    let options = ListOptions { filter: args.filter, deleted: args.deleted };
    let sheets = client.sheets(&options).await?;
    let mut out = std::io::stdout().lock();
    for sheet in &sheets {
        if args.json {
            writeln!(out, "{}", sheet_json(sheet))?;
        } else {
            writeln!(out, "{}", sheet_line(sheet))?;
        }
    }
    if sheets.is_empty() {
        say("no sheets; `gridctl import FILE.csv` makes one from a file");
    }
    Ok(())
}

pub(crate) async fn create(client: &Client, args: Create) -> Result<(), Failure> {
    let column = |name| v1::Column { name, ..v1::Column::default() };
    let columns = args.columns.into_iter().map(column).collect();
    let new = NewSheet { columns, rows: Some(args.rows) };
    let sheet = client.create_sheet(&args.name, new).await?;
    writeln!(std::io::stdout().lock(), "{}", sheet_line(&sheet))?;
    Ok(())
}
