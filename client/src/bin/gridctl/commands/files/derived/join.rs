//! `files join`: rows of a table with the columns of another one beside them, by a key, as a new file.
//!
//! It joins nothing; the server does. Invariant: the columns of each side are found in the table of that side.

use clap::{Args, ValueEnum};
use client::Client;
use gridloom::v1;
use gridloom::v1::derive_table_request::Operation;

use super::make::make;
use crate::commands::files::made::MadeArgs;
use crate::commands::files::selection::{SelectionArgs, column_at, positions};
use crate::commands::files::table::table_of;
use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::find::find_kept_file;
use crate::output::tables::as_columns;
use crate::parse::cell::named_position;
use crate::parse::column_list::{ColumnList, column_list};
use crate::parse::derived::{KeyPair, key_pair};
use crate::server::Server;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gridctl files join orders.csv items.csv --key gtin
  gridctl files join orders.csv items.xlsx --other-table Items --key item=gtin --other-columns name,price --rows matched")]
pub(crate) struct Join {
    /// The file's id, or its name. A file that has no table yet is read first, without options.
    file: String,
    /// The id or the name of the file whose columns come beside. It may be the same one.
    other: String,
    /// A column with equal values in both tables, or one of each: `item=gtin`. Several of them are one key.
    /// A number is not equal to a text, and a day is equal to its begin alone: the notes of the job name such keys.
    #[arg(long, value_name = "COLUMN[=COLUMN]", value_parser = key_pair, required = true)]
    key: Vec<KeyPair>,
    /// Which rows the new file has.
    #[arg(long, value_name = "ROWS", default_value = "source")]
    rows: JoinedRows,
    /// The table of the other file, by its name, or by its number from 1. The default is the first one.
    #[arg(long, value_name = "TABLE")]
    other_table: Option<String>,
    /// Only these columns of the other table, in this order. The key needs none.
    #[arg(long, value_name = "COLUMN,...", value_parser = column_list)]
    other_columns: Option<ColumnList>,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    made: MadeArgs,
}

/// Which rows a join has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum JoinedRows {
    /// All rows of the file.
    Source,
    /// Those whose key the other file has.
    Matched,
    /// Those whose key the other file lacks, without its columns.
    Unmatched,
    /// All rows of the file, and those of the other file whose key it lacks.
    All,
}

impl From<JoinedRows> for v1::JoinRows {
    fn from(rows: JoinedRows) -> Self {
        match rows {
            JoinedRows::Source => Self::AllOfSource,
            JoinedRows::Matched => Self::Matched,
            JoinedRows::Unmatched => Self::Unmatched,
            JoinedRows::All => Self::All,
        }
    }
}

pub(crate) async fn join(client: &Client, server: &Server, args: Join) -> Result<(), Failure> {
    let file = find_kept_file(client, &args.file).await?;
    let other = find_kept_file(client, &args.other).await?;
    let _renewal = keep_signed_in(client, server).await?;
    let table = table_of(client, &other, (args.other_table.as_deref(), "--other-table")).await?;
    let of_other = as_columns(&table.columns);
    let chosen = args.other_columns.as_ref().map(|typed| positions(typed, &of_other));
    let chosen = chosen.transpose().map_err(Failure::Message)?;
    let selection = args.selection.of(client, &file).await?;
    let keys = args.key.iter().map(|pair| join_key(pair, &selection.all, &of_other));
    let keys = keys.collect::<Result<_, _>>().map_err(Failure::Message)?;
    let of_other = v1::TableSource {
        file_id: other.id,
        table: table.number,
        columns: chosen.into_iter().flatten().filter_map(column_at).collect(),
        etag: table.etag,
        ..v1::TableSource::default()
    };
    let rows = v1::JoinRows::from(args.rows).into();
    let joined = v1::JoinTable { other: Some(of_other), keys, rows };
    make(client, selection.source(&file), Operation::Join(joined), &args.made).await
}

/// The columns of a key; the one of the other table is that of the same name where none is typed.
fn join_key(
    pair: &KeyPair,
    columns: &[v1::Column],
    of_other: &[v1::Column],
) -> Result<v1::JoinKey, String> {
    let at = named_position(&pair.column, columns)?;
    let name = columns.get(at).map_or("", |column| &*column.name);
    let other = match &pair.other {
        Some(typed) => named_position(typed, of_other),
        None => same_name(name, of_other),
    };
    let other = other.map_err(|why| format!("in the other file, {why}"))?;
    Ok(v1::JoinKey { column: column_at(at), other: column_at(other) })
}

/// The position of the column with this name. A name such as `7` or `B` is not typed: it is no number and no letters.
fn same_name(name: &str, columns: &[v1::Column]) -> Result<usize, String> {
    let found = values::named(name, columns.iter().map(|column| &*column.name));
    match found[..] {
        [only] => Ok(only),
        [] => Err(format!("no column is named {name:?}; write both columns, as gtin=code")),
        _ => Err(format!(
            "several columns are named {name:?}; write the number behind an equals sign, as gtin=2"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<v1::Column> {
        let column = |name: &&str| v1::Column { name: (*name).to_owned(), ..v1::Column::default() };
        names.iter().map(column).collect()
    }

    #[test]
    fn a_key_has_a_column_of_each_table() {
        let (here, there) = (columns(&["order", "gtin"]), columns(&["gtin", "name"]));
        let key = |typed: &str| join_key(&key_pair(typed).expect("a key"), &here, &there);
        let of = |column, other| v1::JoinKey { column: column_at(column), other: column_at(other) };
        assert_eq!(key("gtin"), Ok(of(1, 0)));
        assert_eq!(key("order=name"), Ok(of(0, 1)));
        assert!(key("price").is_err());
        assert!(key("order").expect_err("is none").starts_with("in the other file, no column"));
        assert_eq!(key("order=2"), Ok(of(0, 1)));
        // A name that is a number, or letters, is no place in the other table.
        let (here, there) = (columns(&["2", "B"]), columns(&["gtin", "name", "x", "x"]));
        for typed in ["1", "2", "B"] {
            let pair = key_pair(typed).expect("a key");
            let error = join_key(&pair, &here, &there).expect_err("is none");
            assert!(error.starts_with("in the other file, no column is named"), "{error}");
        }
        let two = join_key(&key_pair("x").expect("a key"), &columns(&["x"]), &there);
        assert!(two.expect_err("are two").contains("several columns"));
    }
}
