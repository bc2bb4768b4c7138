//! `rows`: shows rows of a sheet by position, at an older revision, or by conditions.
//!
//! It filters and sorts nothing; the server does. Invariant: memory holds one answer of rows.

use clap::Args;
use client::Client;
use client::net::{READ_ROWS_MAX, When};
use gridloom::v1;
use ot_engine::Revision;

use crate::failure::Failure;
use crate::find::find;
use crate::output::say;
use crate::output::table::{Line, Page, Table};
use crate::parse;
use crate::parse::condition::{Condition, condition, order};
use crate::parse::reader::ReaderArgs;
use crate::parse::value::is_calendar;

/// Most rows of one page of a query.
const PAGE_ROWS: u32 = 1_000;

#[derive(Args, Debug)]
pub(crate) struct Rows {
    /// The sheet's id, or its name.
    sheet: String,
    /// The first row to show. With conditions or an order it counts the rows that are found, and all those before it are
    /// read, too: 1,000 in one call.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    from: u32,
    /// How many rows to show.
    #[arg(long, default_value_t = 20)]
    count: u32,
    /// Only rows that meet this condition: `Price > 10`, `Item contains pear`, `Note is empty`. A row must
    /// meet all conditions. Operators: = != < <= > >= contains, starts with, is empty, is not empty. Text
    /// comparison ignores case; a value in quotes is text. A column's name may stand in double quotes; its number and its
    /// letters in capitals name it, too.
    #[arg(long = "where", value_name = "CONDITION", value_parser = condition)]
    conditions: Vec<Condition>,
    /// Sort by this column, by its name, else by its number, else by its letters in capitals; `Price:desc` puts the largest
    /// first. Further columns order equal rows.
    #[arg(long, value_name = "COLUMN[:desc]")]
    sort: Vec<String>,
    /// Show the rows at this revision, or at this time (2024-05-01T12:00:00Z). A time without a zone is one of `--zone`, and a
    /// day is its beginning in UTC.
    #[arg(long, value_name = "REVISION", conflicts_with_all = ["conditions", "sort"])]
    at: Option<String>,
    /// One JSON object on each line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reader: ReaderArgs,
}

pub(crate) async fn rows(client: &Client, args: Rows) -> Result<(), Failure> {
    let sheet = find(client, &args.sheet).await?;
    if !args.conditions.is_empty() || !args.sort.is_empty() {
        return query(client, &sheet, args).await;
    }
    let mut when = match &args.at {
        Some(text) => Some(when(client, text, &args.reader).await?),
        None => None,
    };
    let mut at = args.from - 1;
    let end = at.saturating_add(args.count);
    let mut table = Table::new(args.json);
    while at < end {
        let window = at..end.min(at.saturating_add(READ_ROWS_MAX));
        let mut pages = client.window_pages(&sheet.id, when, window.clone());
        let mut row_count = 0;
        while let Some(page) = pages.next().await? {
            if at == args.from - 1 && page.rows.is_empty() {
                say(&match page.row_count {
                    1 => "the sheet has 1 row".to_owned(),
                    count => format!("the sheet has {count} rows"),
                });
            }
            table.print(&Page::of(&page))?;
            row_count = page.row_count;
            // The next window of an older state is of the same one.
            when = when.map(|_| When::Revision(Revision(page.revision)));
        }
        at = window.end;
        if at >= row_count {
            break;
        }
    }
    Ok(())
}

/// The older state that a text names.
async fn when(client: &Client, text: &str, reader: &ReaderArgs) -> Result<When, Failure> {
    match parse::revision(text) {
        Some(revision) => Ok(revision),
        None => parse::time(text, &reader.reader(client).await?).map_err(Failure::Message),
    }
}

/// The conditions as filters, with a note on each that no cell can meet.
async fn filters(
    client: &Client,
    sheet: &v1::Sheet,
    args: &Rows,
) -> Result<Vec<v1::RowFilter>, Failure> {
    let mut filters = Vec::new();
    if args.conditions.is_empty() {
        return Ok(filters);
    }
    let reader = args.reader.reader(client).await?;
    for condition in &args.conditions {
        let (condition, note) = condition.on(&sheet.columns, &reader).map_err(Failure::Message)?;
        if let Some(note) = note {
            say(&note);
        }
        if condition.values.iter().any(is_calendar) && !client.limits().await?.calendar_values {
            return Err(Failure::Message(
                "the server is of an earlier release, which finds no dates; write a time such as \
                 2024-05-01T00:00:00Z, or update the server"
                    .to_owned(),
            ));
        }
        let filter = Some(v1::row_filter::Filter::Condition(condition));
        filters.push(v1::RowFilter { filter });
    }
    Ok(filters)
}

/// Shows the rows that meet the conditions.
async fn query(client: &Client, sheet: &v1::Sheet, args: Rows) -> Result<(), Failure> {
    let filters = filters(client, sheet, &args).await?;
    let all = v1::row_filter::Filter::All(v1::RowFilterList { filters });
    let orders = args.sort.iter().map(|typed| order(typed, &sheet.columns));
    let order_by = orders.collect::<Result<Vec<_>, _>>().map_err(Failure::Message)?;
    let mut left = args.count;
    let mut skip = args.from - 1;
    let mut page_token = String::new();
    let mut table = Table::new(args.json);
    while left > 0 {
        let request = v1::QueryRowsRequest {
            sheet_id: sheet.id.clone(),
            filter: Some(v1::RowFilter { filter: Some(all.clone()) }),
            order_by: order_by.clone(),
            page_size: left.saturating_add(skip).min(PAGE_ROWS),
            page_token,
            include_total: left == args.count && skip == args.from - 1,
            ..v1::QueryRowsRequest::default()
        };
        let counted = request.include_total;
        let mut page = client.query_rows(request).await?;
        if counted {
            say(&match page.total {
                1 => "1 row matches".to_owned(),
                total => format!("{total} rows match"),
            });
        }
        let got = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
        let shown = page.rows.iter_mut().skip(skip as usize).take(left as usize);
        for row in shown.filter(|row| row.values_left_out) {
            row.values = values(client, &sheet.id, page.revision, row.position).await?;
        }
        let shown = page.rows.iter().skip(skip as usize).take(left as usize);
        let lines: Vec<Line<'_>> = shown
            .map(|row| Line {
                number: u64::from(row.position) + 1,
                id: Some(row.id),
                values: &row.values,
            })
            .collect();
        left -= u32::try_from(lines.len()).unwrap_or(left).min(left);
        skip = skip.saturating_sub(got);
        let is_beyond = counted && page.total < u64::from(args.from);
        let is_last = is_beyond || page.next_page_token.is_empty();
        if is_last || !lines.is_empty() {
            table.print(&Page { columns: &page.columns, rows: lines })?;
        }
        if is_last {
            break;
        }
        page_token = page.next_page_token;
    }
    Ok(())
}

/// All values of a row that is larger than an answer.
async fn values(
    client: &Client,
    sheet_id: &str,
    revision: u64,
    position: u32,
) -> Result<Vec<v1::Value>, Failure> {
    let (when, rows) = (When::Revision(Revision(revision)), position..position.saturating_add(1));
    let page = client.read_revision(sheet_id, when, rows).await?;
    Ok(page.rows.into_iter().next().unwrap_or_default().values)
}
