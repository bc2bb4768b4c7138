//! The first rows of an export, and the quotes that they need.
//!
//! Not the writing of them. Invariant: the rows are those from which an import infers the kinds of the columns, and the rest
//! of the pages in which they came.

use gridloom::v1::ExportForm;
use model::{ColumnRecord, RowBody};
use ot_engine::{ColumnId, RowId, Value};
use store::{ExportReader, StoreError};

use csv_reader::{Quoting, are_texts, sampled};

/// The begin of an export.
pub(super) struct Head {
    pub(super) rows: Vec<RowBody>,
    pub(super) quoting: Quoting,
}

/// Reads the begin of a sheet. A file for spreadsheets needs no quotes of its own.
pub(super) async fn read(reader: &mut ExportReader, form: ExportForm) -> Result<Head, StoreError> {
    let columns = reader.sheet().columns.clone();
    if form == ExportForm::Spreadsheets {
        return Ok(Head { rows: Vec::new(), quoting: quoting(&columns, &[], &[]) });
    }
    let (mut rows, mut count) = (Vec::new(), None);
    while count.is_none()
        && let Some(page) = reader.next_page().await?
    {
        rows.extend(bodies(page));
        count = sample_of(&columns, &rows);
    }
    let later = match count {
        Some(count) => {
            let texts = texts(&columns, &rows[..count]);
            if texts.is_empty() { Vec::new() } else { reader.columns_beside_text(&texts).await? }
        }
        None => Vec::new(),
    };
    let quoting = quoting(&columns, &rows[..count.unwrap_or(rows.len())], &later);
    Ok(Head { rows, quoting })
}

/// The bodies of a page.
pub(super) fn bodies(page: Vec<(RowId, RowBody)>) -> Vec<RowBody> {
    page.into_iter().map(|(_, body)| body).collect()
}

/// How many rows an import takes for its sample; `None`: more than these.
fn sample_of(columns: &[ColumnRecord], rows: &[RowBody]) -> Option<usize> {
    sampled(&names(columns), rows.iter().map(|body| values(columns, body)))
}

/// The columns that are texts as far as these rows show.
fn texts(columns: &[ColumnRecord], sample: &[RowBody]) -> Vec<ColumnId> {
    let are_texts = are_texts(columns.len(), &table(columns, sample));
    columns.iter().zip(are_texts).filter_map(|(column, it)| it.then_some(column.id)).collect()
}

/// The quotes of a sheet with these first rows; `later`: the columns with other values than texts behind them.
fn quoting(columns: &[ColumnRecord], sample: &[RowBody], later: &[ColumnId]) -> Quoting {
    let later: Vec<bool> = columns.iter().map(|column| later.contains(&column.id)).collect();
    Quoting::of(&names(columns), &table(columns, sample), &later)
}

fn names(columns: &[ColumnRecord]) -> Vec<&str> {
    columns.iter().map(|column| &*column.name).collect()
}

fn values<'a>(
    columns: &'a [ColumnRecord],
    body: &'a RowBody,
) -> impl Iterator<Item = &'a Value> + use<'a> {
    columns.iter().map(|column| body.get(column.id))
}

fn table<'a>(columns: &'a [ColumnRecord], rows: &'a [RowBody]) -> Vec<Vec<&'a Value>> {
    rows.iter().map(|body| values(columns, body).collect()).collect()
}
