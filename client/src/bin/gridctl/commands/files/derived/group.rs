//! `files group`: a row for each group of rows of a table, as a new file.
//!
//! It counts nothing; the server does. Invariant: without a further column, a group has the number of its rows.

use clap::Args;
use client::Client;
use gridloom::v1;
use gridloom::v1::AggregateFunction as Function;
use gridloom::v1::derive_table_request::Operation;

use super::make::make;
use crate::commands::files::made::MadeArgs;
use crate::commands::files::selection::{SelectionArgs, column_at, positions};
use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::find::find_kept_file;
use crate::parse::column_list::{ColumnList, column_list};
use crate::server::Server;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gridctl files group cities.csv --by state --sum population
  gridctl files group cities.csv --by state,county --count --mean population --where 'population > 1000'")]
pub(crate) struct Group {
    /// The file's id, or its name. A file that has no table yet is read first, without options.
    file: String,
    /// One row for each combination of values of these columns, in their order. Without columns, all rows are one group.
    /// A day is equal to its begin alone, so days and times of them are different values.
    #[arg(long, value_name = "COLUMN,...", value_parser = column_list)]
    by: Vec<ColumnList>,
    #[command(flatten)]
    aggregates: Aggregates,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    made: MadeArgs,
}

/// The columns besides those of the groups, in the order of these options.
#[derive(Args, Debug, Default)]
struct Aggregates {
    /// The number of rows. It is there without any other column, too.
    #[arg(long)]
    count: bool,
    /// The number of rows that have a value in each of these columns.
    #[arg(long, value_name = "COLUMN,...", value_parser = column_list)]
    values: Vec<ColumnList>,
    /// The number of different values of each of these columns.
    #[arg(long, value_name = "COLUMN,...", value_parser = column_list)]
    distinct: Vec<ColumnList>,
    /// The sum of the numbers of each of these columns.
    #[arg(long, value_name = "COLUMN,...", value_parser = column_list)]
    sum: Vec<ColumnList>,
    /// The mean of the numbers of each of these columns.
    #[arg(long, value_name = "COLUMN,...", value_parser = column_list)]
    mean: Vec<ColumnList>,
    /// The least value of each of these columns.
    #[arg(long, value_name = "COLUMN,...", value_parser = column_list)]
    least: Vec<ColumnList>,
    /// The greatest value of each of these columns.
    #[arg(long, value_name = "COLUMN,...", value_parser = column_list)]
    greatest: Vec<ColumnList>,
}

pub(crate) async fn group(client: &Client, server: &Server, args: Group) -> Result<(), Failure> {
    let file = find_kept_file(client, &args.file).await?;
    let _renewal = keep_signed_in(client, server).await?;
    let selection = args.selection.of(client, &file).await?;
    let group = group_rows(&args.by, &args.aggregates, &selection.all);
    let group = group.map_err(Failure::Message)?;
    make(client, selection.source(&file), Operation::Group(group), &args.made).await
}

/// The groups of a table with these columns.
fn group_rows(
    by: &[ColumnList],
    typed: &Aggregates,
    columns: &[v1::Column],
) -> Result<v1::GroupRows, String> {
    let of_columns = [
        (Function::Values, &typed.values),
        (Function::Distinct, &typed.distinct),
        (Function::Sum, &typed.sum),
        (Function::Mean, &typed.mean),
        (Function::Least, &typed.least),
        (Function::Greatest, &typed.greatest),
    ];
    let mut aggregates = Vec::new();
    if typed.count || of_columns.iter().all(|(_, lists)| lists.is_empty()) {
        aggregates.push(aggregate(Function::Rows, None));
    }
    for (function, lists) in of_columns {
        let columns = references(lists, columns)?;
        aggregates.extend(columns.into_iter().map(|column| aggregate(function, Some(column))));
    }
    Ok(v1::GroupRows { by: references(by, columns)?, aggregates })
}

fn aggregate(function: Function, column: Option<v1::ColumnRef>) -> v1::Aggregate {
    v1::Aggregate { function: function.into(), column, name: String::new() }
}

fn references(typed: &[ColumnList], columns: &[v1::Column]) -> Result<Vec<v1::ColumnRef>, String> {
    let mut references = Vec::new();
    for list in typed {
        references.extend(positions(list, columns)?.into_iter().filter_map(column_at));
    }
    Ok(references)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<v1::Column> {
        let column = |name: &str| v1::Column { name: name.to_owned(), ..v1::Column::default() };
        ["state", "city", "population"].map(column).to_vec()
    }

    fn lists(typed: &[&str]) -> Vec<ColumnList> {
        typed.iter().map(|typed| column_list(typed).expect("a list")).collect()
    }

    #[test]
    fn the_columns_of_a_group_are_named_by_their_positions() {
        let typed =
            Aggregates { count: true, sum: lists(&["population"]), ..Aggregates::default() };
        let group = group_rows(&lists(&["state,2"]), &typed, &columns()).expect("are there");
        assert_eq!(group.by, [0, 1].map(|at| column_at(at).expect("a position")));
        let found: Vec<_> =
            group.aggregates.iter().map(|it| (it.function(), it.column.clone())).collect();
        assert_eq!(found, [(Function::Rows, None), (Function::Sum, column_at(2))]);
    }

    #[test]
    fn a_group_without_further_columns_has_the_number_of_its_rows() {
        let group = group_rows(&[], &Aggregates::default(), &columns()).expect("one group");
        assert_eq!(group.aggregates, [aggregate(Function::Rows, None)]);
        assert!(group.by.is_empty());
        assert!(group_rows(&lists(&["country"]), &Aggregates::default(), &columns()).is_err());
    }
}
