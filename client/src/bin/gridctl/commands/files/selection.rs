//! The rows of a table that a command is about: conditions, an order, and columns.
//!
//! It filters and sorts nothing: a job of the server makes a view. Invariants: conditions and orders name columns by their
//! positions, so that equal names are no doubt; without a condition and an order no view is made.

use clap::Args;
use client::Client;
use gridloom::v1;

use super::table::TableArgs;
use crate::failure::Failure;
use crate::output::say;
use crate::output::tables::as_columns;
use crate::parse::cell::named_position;
use crate::parse::column_list::{ColumnList, SortList, column_list, sort_list};
use crate::parse::condition::{Condition, condition, table_column};
use crate::parse::reader::ReaderArgs;
use crate::wait::{interrupts, wait_for_job, wait_or_cancel};

#[derive(Args, Debug)]
pub(super) struct FilterArgs {
    /// Only rows that meet this condition: `Price > 10`, `Item contains pear`, `Note is empty`. A row must
    /// meet all conditions. Operators: = != < <= > >= contains, starts with, is empty, is not empty. Text
    /// comparison ignores case; a value in quotes is text. A column's name may stand in double quotes; its number and its
    /// letters in capitals name it, too.
    #[arg(long = "where", value_name = "CONDITION", value_parser = condition)]
    conditions: Vec<Condition>,
    #[command(flatten)]
    reader: ReaderArgs,
}

impl FilterArgs {
    /// The filter on a table with these columns, with a note on each condition that finds less than it seems to.
    pub(super) async fn filter(
        &self,
        client: &Client,
        columns: &[v1::Column],
    ) -> Result<Option<v1::RowFilter>, Failure> {
        if self.conditions.is_empty() {
            return Ok(None);
        }
        let reader = self.reader.reader(client).await?;
        let mut filters = Vec::new();
        for condition in &self.conditions {
            let (condition, note) =
                condition.on_table(columns, &reader).map_err(Failure::Message)?;
            if let Some(note) = note {
                say(&note);
            }
            let filter = Some(v1::row_filter::Filter::Condition(condition));
            filters.push(v1::RowFilter { filter });
        }
        let all = v1::row_filter::Filter::All(v1::RowFilterList { filters });
        Ok(Some(v1::RowFilter { filter: Some(all) }))
    }
}

#[derive(Args, Debug)]
pub(super) struct SelectionArgs {
    #[command(flatten)]
    table: TableArgs,
    #[command(flatten)]
    filter: FilterArgs,
    /// Sort by these columns, with commas between them: equal rows of one are ordered by the next. `Price:desc` puts the
    /// largest first, and rows that are equal in all columns keep their order.
    #[arg(long, value_name = "COLUMN[:desc],...", value_parser = sort_list)]
    sort: Vec<SortList>,
    /// Only these columns, in this order, with commas between them: each by its name, else by its number, else by its letters
    /// in capitals. A name with a comma stands in double quotes.
    #[arg(long, value_name = "COLUMN,...", value_parser = column_list)]
    columns: Option<ColumnList>,
}

/// Rows of a table.
pub(super) struct Selection {
    pub(super) table: v1::Table,
    /// The columns of the table as those of a sheet.
    pub(super) all: Vec<v1::Column>,
    pub(super) view: Option<View>,
    /// The positions of the chosen columns; `None`: all.
    pub(super) positions: Option<Vec<usize>>,
}

/// A view of a table.
pub(super) struct View {
    pub(super) id: String,
    pub(super) rows: u64,
}

impl SelectionArgs {
    /// Whether anything is chosen.
    pub(super) fn is_given(&self) -> bool {
        self.table.is_given() || self.asks() || self.columns.is_some()
    }

    /// Whether there are conditions, whose matches can be counted.
    pub(super) fn has_conditions(&self) -> bool {
        !self.filter.conditions.is_empty()
    }

    /// Whether a view is needed.
    fn asks(&self) -> bool {
        self.has_conditions() || !self.sort.is_empty()
    }

    /// The rows of a file; waits for the view that they need, and for the table.
    pub(super) async fn of(&self, client: &Client, file: &v1::File) -> Result<Selection, Failure> {
        let table = self.table.of(client, file).await?;
        let all = as_columns(&table.columns);
        let typed = self.columns.as_ref().map(|typed| positions(typed, &all));
        let positions = typed.transpose().map_err(Failure::Message)?;
        let view = match self.asks() {
            true => Some(view(client, self.question(client, file, &table, &all).await?).await?),
            false => None,
        };
        Ok(Selection { table, all, view, positions })
    }

    async fn question(
        &self,
        client: &Client,
        file: &v1::File,
        table: &v1::Table,
        columns: &[v1::Column],
    ) -> Result<v1::MakeViewRequest, Failure> {
        let order_by = orders(&self.sort, columns).map_err(Failure::Message)?;
        Ok(v1::MakeViewRequest {
            file_id: file.id.clone(),
            table: table.number,
            filter: self.filter.filter(client, columns).await?,
            order_by,
            etag: table.etag.clone(),
        })
    }
}

impl Selection {
    /// The rows as the source of a transfer.
    pub(super) fn source(&self, file: &v1::File) -> v1::TableSource {
        v1::TableSource {
            file_id: file.id.clone(),
            table: self.table.number,
            view_id: self.view.as_ref().map(|view| view.id.clone()).unwrap_or_default(),
            columns: self.positions.iter().flatten().filter_map(|at| column_at(*at)).collect(),
            etag: self.table.etag.clone(),
        }
    }
}

/// The positions of columns that are typed.
pub(super) fn positions(typed: &ColumnList, all: &[v1::Column]) -> Result<Vec<usize>, String> {
    typed.0.iter().map(|column| named_position(column, all)).collect()
}

/// A reference to the column at a position.
pub(super) fn column_at(position: usize) -> Option<v1::ColumnRef> {
    let at = u32::try_from(position).ok()?;
    Some(v1::ColumnRef { column: Some(v1::column_ref::Column::At(at)) })
}

/// The levels of an order.
fn orders(sort: &[SortList], columns: &[v1::Column]) -> Result<Vec<v1::RowOrder>, String> {
    let levels = sort.iter().flat_map(|list| &list.0);
    let order = levels.map(|level| -> Result<v1::RowOrder, String> {
        let (_, column) = table_column(&level.column, columns)?;
        let column = Some(v1::ColumnRef { column: Some(column) });
        Ok(v1::RowOrder { column, descending: level.descending })
    });
    order.collect()
}

/// The view that is asked for. A job that makes it is waited for; an interrupt cancels one that began with this call.
async fn view(client: &Client, question: v1::MakeViewRequest) -> Result<View, Failure> {
    let interrupts = interrupts()?;
    let answer = client.make_view(question).await?;
    if let Some(view) = answer.view {
        return Ok(View { id: view.id, rows: view.rows });
    }
    let job = answer.job.unwrap_or_default();
    // One that runs already may be the job of another command.
    let done = match job.attempt {
        0 => wait_or_cancel(client, &job.id, interrupts).await?,
        _ => wait_for_job(client, &job.id).await?,
    };
    if done.view_id.is_empty() {
        return Err(Failure::Message(
            "the table has another view in place of the one that was made; run the command again"
                .to_owned(),
        ));
    }
    Ok(View { id: done.view_id, rows: done.rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<v1::Column> {
        let column = |name: &str| v1::Column { name: name.to_owned(), ..v1::Column::default() };
        ["x", "Price", "x"].map(column).to_vec()
    }

    #[test]
    fn an_order_names_columns_by_their_positions() {
        let sort = ["Price:desc,3", "A"].map(|typed| sort_list(typed).expect("an order"));
        let orders = orders(&sort, &columns()).expect("are there");
        let found: Vec<_> = orders
            .into_iter()
            .map(|order| (order.column.and_then(|column| column.column), order.descending))
            .collect();
        let at = |at| Some(v1::column_ref::Column::At(at));
        assert_eq!(found, [(at(1), true), (at(2), false), (at(0), false)]);
    }

    #[test]
    fn an_order_by_an_unknown_or_an_ambiguous_column_is_refused() {
        for typed in ["Cost", "x", "9"] {
            let sort = [sort_list(typed).expect("an order")];
            assert!(orders(&sort, &columns()).is_err(), "{typed}");
        }
    }

    #[test]
    fn a_source_has_the_view_and_the_chosen_columns() {
        let table = v1::Table { number: 2, etag: "e".to_owned(), ..v1::Table::default() };
        let view = Some(View { id: "v".to_owned(), rows: 7 });
        let selection = Selection { table, all: columns(), view, positions: Some(vec![2, 0]) };
        let file = v1::File { id: "f".to_owned(), ..v1::File::default() };
        let source = selection.source(&file);
        let at = |at| v1::ColumnRef { column: Some(v1::column_ref::Column::At(at)) };
        assert_eq!((&*source.file_id, source.table, &*source.view_id), ("f", 2, "v"));
        assert_eq!((&source.columns[..], &*source.etag), (&[at(2), at(0)][..], "e"));
        let all = Selection { view: None, positions: None, ..selection };
        assert!(all.source(&file).columns.is_empty());
    }
}
