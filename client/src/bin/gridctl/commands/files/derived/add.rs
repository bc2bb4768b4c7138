//! `files derive`: rows of a table with computed columns, as a new file.
//!
//! It reads no formula; the server does. Invariant: a preview makes no file.

use clap::Args;
use client::Client;
use gridloom::v1;
use gridloom::v1::derive_table_request::Operation;

use super::make::make;
use super::preview;
use crate::commands::files::made::MadeArgs;
use crate::commands::files::selection::SelectionArgs;
use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::find::find_kept_file;
use crate::parse::derived::{DerivedColumn, derived_column};
use crate::server::Server;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gridctl files derive stock.csv --column 'total = [price] * [amount]' --preview
  gridctl files derive stock.csv --column 'total = [price] * [amount]' --column 'dear = IF([total] > 100, \"yes\", \"no\")'")]
pub(crate) struct Derive {
    /// The file's id, or its name. A file that has no table yet is read first, without options.
    file: String,
    /// A new column: its name, an equals sign and a formula. A formula has columns in brackets, numbers, texts in double
    /// quotes, operators and functions; it may use the new columns before it.
    #[arg(long = "column", value_name = "NAME = FORMULA", value_parser = derived_column, required = true)]
    new: Vec<DerivedColumn>,
    /// Show the first rows, and make no file.
    #[arg(long, conflicts_with_all = ["format", "name"])]
    preview: bool,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    made: MadeArgs,
}

pub(crate) async fn derive(client: &Client, server: &Server, args: Derive) -> Result<(), Failure> {
    let file = find_kept_file(client, &args.file).await?;
    let _renewal = keep_signed_in(client, server).await?;
    let source = args.selection.of(client, &file).await?.source(&file);
    let add = columns(args.new);
    if args.preview {
        return show(client, source, add, args.made.json).await;
    }
    make(client, source, Operation::Add(add), &args.made).await
}

fn columns(typed: Vec<DerivedColumn>) -> v1::AddColumns {
    let column = |DerivedColumn { name, formula }| v1::DerivedColumn { name, formula };
    v1::AddColumns { columns: typed.into_iter().map(column).collect() }
}

/// Shows the first rows.
async fn show(
    client: &Client,
    source: v1::TableSource,
    add: v1::AddColumns,
    as_json: bool,
) -> Result<(), Failure> {
    let request = v1::PreviewColumnsRequest { source: Some(source), add: Some(add), rows: 0 };
    let found = client.preview_columns(request).await?;
    preview::print(&found.columns, &found.rows, &found.notes, as_json)
}
