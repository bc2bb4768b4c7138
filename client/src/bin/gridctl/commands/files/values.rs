//! `files values`: how often the values of a column of a table occur, and how they are distributed.
//!
//! It counts nothing; the server does. Invariant: the values that are not listed are counted in a message.

use clap::Args;
use client::Client;
use gridloom::v1;

use super::selection::FilterArgs;
use super::table::TableArgs;
use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::find::find_kept_file;
use crate::interrupt::until_interrupt;
use crate::output::say;
use crate::output::summary::print_summary;
use crate::output::tables::as_columns;
use crate::parse::condition::table_column;
use crate::server::Server;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gridctl files values stock.csv State
  gridctl files values stock.csv Price --where \"State = TX\" --top 5")]
pub(crate) struct Values {
    /// The file's id, or its name. A file that has no table yet is read first, by the guesses of the server.
    file: String,
    /// The column, by its name, else by its number, else by its letters in capitals.
    column: String,
    #[command(flatten)]
    table: TableArgs,
    #[command(flatten)]
    filter: FilterArgs,
    /// How many of the most frequent values to list.
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    top: u32,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn values(client: &Client, server: &Server, args: Values) -> Result<(), Failure> {
    let file = find_kept_file(client, &args.file).await?;
    let _renewal = keep_signed_in(client, server).await?;
    let table = args.table.of(client, &file).await?;
    let columns = as_columns(&table.columns);
    let (at, column) = table_column(&args.column, &columns).map_err(Failure::Message)?;
    let request = v1::SummarizeColumnRequest {
        file_id: file.id,
        table: table.number,
        column: Some(v1::ColumnRef { column: Some(column) }),
        filter: args.filter.filter(client, &columns).await?,
        values: args.top,
        etag: table.etag,
    };
    until_interrupt(count(client, request, &columns[at].name, args.json)).await
}

/// Prints the counts of a column of this name.
async fn count(
    client: &Client,
    request: v1::SummarizeColumnRequest,
    column: &str,
    as_json: bool,
) -> Result<(), Failure> {
    let summary = client.summarize_column(request).await?;
    print_summary(column, &summary, as_json)?;
    let more = unlisted(&summary);
    if more > 0 && !as_json {
        say(&match more {
            1 => "1 more value; --top lists more of them".to_owned(),
            more => format!("{more} more values; --top lists more of them"),
        });
    }
    Ok(())
}

/// The number of different values that are not listed.
fn unlisted(summary: &v1::SummarizeColumnResponse) -> u64 {
    summary.distinct.saturating_sub(summary.values.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_that_are_not_listed_are_counted() {
        let values = vec![v1::ValueCount::default(); 3];
        let of = |distinct| {
            let values = values.clone();
            unlisted(&v1::SummarizeColumnResponse { distinct, values, ..Default::default() })
        };
        assert_eq!([of(3), of(10)], [0, 7]);
    }
}
