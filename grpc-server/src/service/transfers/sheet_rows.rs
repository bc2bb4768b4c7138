//! The rows of a sheet as a file: futures read them, and a thread writes what comes through a channel.
//!
//! Not the moment that is read (`moment`), and not the edits that are not in Postgres yet: the call has waited for those before
//! it. Invariants: the channel holds few pages, each with a bound in bytes; rows that do not all come are an error, since the
//! last page is one without rows.

mod asked;
mod moment;
mod older;

use std::sync::Arc;
use std::vec;

use jobs::Failure;
use ot_engine::{ColumnId, ColumnKind, Value};
use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, oneshot, watch};

pub(super) use self::asked::{Asked, gone};
use self::moment::Moment;
use super::write::{Writing, Written, rows_at_once};
use crate::service::tables::Drafts;
use model::{ColumnRecord, RowBody};
use tables::{OutColumn, SavedFor, SavedFormat};

/// Pages that wait for the thread.
const PAGES_AHEAD: usize = 1;

/// What is known before the first row.
struct Head {
    name: Arc<str>,
    ids: Vec<ColumnId>,
    columns: Vec<OutColumn>,
    total: u64,
}

/// Where rows come from.
pub(super) struct SheetReader {
    asked: Asked,
    format: (SavedFormat, SavedFor),
    head: oneshot::Sender<Result<Head, Failure>>,
    pages: mpsc::Sender<Result<Vec<RowBody>, Failure>>,
}

/// A sheet that is saved.
pub(super) struct SheetWork {
    format: (SavedFormat, SavedFor),
    head: oneshot::Receiver<Result<Head, Failure>>,
    pages: mpsc::Receiver<Result<Vec<RowBody>, Failure>>,
    drafts: Drafts,
    progress: watch::Sender<(u64, u64)>,
}

/// Both ends of a channel.
pub(super) fn open(
    asked: Asked,
    format: (SavedFormat, SavedFor),
    (drafts, progress): (Drafts, watch::Sender<(u64, u64)>),
) -> (SheetReader, SheetWork) {
    let (head_out, head) = oneshot::channel();
    let (pages_out, pages) = mpsc::channel(PAGES_AHEAD);
    let reader = SheetReader { asked, format, head: head_out, pages: pages_out };
    (reader, SheetWork { format, head, pages, drafts, progress })
}

impl SheetReader {
    /// Reads until the last row, an error, or the end of the thread.
    pub(super) async fn run(self) {
        let Self { asked, format, head, pages } = self;
        let (known, mut moment) = match begin(asked, format).await {
            Ok(begun) => begun,
            Err(why) => return drop(head.send(Err(why))),
        };
        let mut is_over = head.send(Ok(known)).is_err();
        while !is_over {
            let page = moment.next_page().await.map(Option::unwrap_or_default);
            let is_last = page.as_ref().map_or(true, Vec::is_empty);
            is_over = pages.send(page).await.is_err() || is_last;
        }
    }
}

/// Opens a sheet. Where the format needs it, reads it a first time.
async fn begin(asked: Asked, format: (SavedFormat, SavedFor)) -> Result<(Head, Moment), Failure> {
    let needs_exact = match format {
        // Types, and quotes that show which fields are texts.
        (SavedFormat::Parquet, _) => true,
        (SavedFormat::Csv | SavedFormat::Tsv, saved_for) => saved_for == SavedFor::Programs,
        (SavedFormat::JsonLines | SavedFormat::Xlsx, _) => false,
    };
    let mut moment = Moment::open(asked, needs_exact).await?;
    let records = moment.columns().to_vec();
    let mut columns: Vec<OutColumn> = records.iter().map(|it| column(it, format.0)).collect();
    let ids: Vec<ColumnId> = records.iter().map(|record| record.id).collect();
    if needs_exact {
        note_exact(&mut moment, &ids, &mut columns).await?;
    }
    let head = Head { name: moment.name(), ids, columns, total: moment.rows() };
    Ok((head, moment))
}

/// A column of which it is not known whether it is exact.
fn column(record: &ColumnRecord, format: SavedFormat) -> OutColumn {
    let kind = match format {
        // Quotes depend on whether all values are texts, whatever the kind.
        SavedFormat::Csv | SavedFormat::Tsv => ColumnKind::Text,
        SavedFormat::JsonLines | SavedFormat::Parquet | SavedFormat::Xlsx => record.kind,
    };
    OutColumn { name: Arc::clone(&record.name), kind, is_exact: false, is_whole: false }
}

/// Reads all rows, and notes for each column whether its values fit its kind. The next page is the first one again.
async fn note_exact(
    moment: &mut Moment,
    ids: &[ColumnId],
    columns: &mut [OutColumn],
) -> Result<(), Failure> {
    let places: FxHashMap<ColumnId, usize> = (0..).zip(ids).map(|(at, id)| (*id, at)).collect();
    for column in columns.iter_mut() {
        (column.is_exact, column.is_whole) = (true, true);
    }
    while let Some(page) = moment.next_page().await? {
        for (id, value) in page.iter().flat_map(RowBody::cells) {
            // Cells of columns that were deleted may be left.
            let column = places.get(id).and_then(|at| columns.get_mut(*at));
            if let Some(column) = column {
                column.is_exact &= fits(value, column.kind);
                column.is_whole &= is_whole(value);
            }
        }
    }
    Ok(())
}

/// Whether a value is no number, or a whole one.
fn is_whole(value: &Value) -> bool {
    match value {
        Value::Number(number) => tables::whole(*number).is_some(),
        _ => true,
    }
}

/// Whether a value is empty or of the type that the kind has.
fn fits(value: &Value, kind: ColumnKind) -> bool {
    match value {
        _ if kind == ColumnKind::Any => true,
        Value::Empty => true,
        Value::Bool(_) => kind == ColumnKind::Bool,
        Value::Number(_) => kind == ColumnKind::Number,
        Value::Instant(_) => kind == ColumnKind::Instant,
        Value::Date(_) => kind == ColumnKind::Date,
        Value::LocalDateTime(_) => kind == ColumnKind::LocalDateTime,
        Value::Text(text) => text.is_empty() || is_of_texts(kind),
    }
}

const fn is_of_texts(kind: ColumnKind) -> bool {
    use ColumnKind as K;
    matches!(kind, K::Text | K::Choice | K::Choices | K::Link | K::Email)
}

impl SheetWork {
    /// Writes all rows. Blocking.
    pub(super) fn run(self) -> Result<Written, Failure> {
        let Self { format, head, mut pages, drafts, progress } = self;
        let head = drafts.wait(async { head.await.unwrap_or_else(|_| Err(ended())) })?;
        let Head { name, ids, columns, total } = head;
        let at_once = rows_at_once(columns.len());
        let (drafts, columns) = (&drafts, &columns[..]);
        let progress = Some((&progress, total));
        let writing = Writing { drafts, format, name: &name, columns, progress };
        let mut page: vec::IntoIter<RowBody> = Vec::new().into_iter();
        writing.run(|| {
            if page.len() == 0 {
                let next = async { pages.recv().await.unwrap_or_else(|| Err(ended())) };
                page = drafts.wait(next)?.into_iter();
            }
            Ok(page.by_ref().take(at_once).map(|body| cells(&ids, &body)).collect())
        })
    }
}

/// The cells of a row, in the order of the columns.
fn cells(ids: &[ColumnId], body: &RowBody) -> Vec<Value> {
    ids.iter().map(|id| body.get(*id).clone()).collect()
}

/// The futures have ended before the last row.
fn ended() -> Failure {
    Failure::Later("the rows of the sheet did not all come".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_fits_a_kind_of_its_type() {
        let values = [
            Value::from(true),
            Value::from(1.0),
            Value::from("a"),
            Value::Instant(1),
            Value::Date(1),
            Value::LocalDateTime(1),
        ];
        let fitting = |kind| -> Vec<Value> {
            values.iter().filter(|value| fits(value, kind)).cloned().collect()
        };
        assert_eq!(fitting(ColumnKind::Any), values);
        let kinds = [
            ColumnKind::Bool,
            ColumnKind::Number,
            ColumnKind::Text,
            ColumnKind::Instant,
            ColumnKind::Date,
            ColumnKind::LocalDateTime,
        ];
        for (kind, value) in kinds.into_iter().zip(&values) {
            assert_eq!(fitting(kind), std::slice::from_ref(value), "{kind:?}");
            assert!(fits(&Value::Empty, kind) && fits(&Value::from(""), kind), "{kind:?}");
        }
        assert_eq!(fitting(ColumnKind::Choices), [Value::from("a")]);
    }

    #[test]
    fn a_row_has_its_cells_in_the_order_of_the_columns() {
        let mut body = RowBody::default();
        body.set(ColumnId(7), Value::from(1.0));
        body.set(ColumnId(2), Value::from("a"));
        let row = cells(&[7, 5, 2].map(ColumnId), &body);
        assert_eq!(row, [Value::from(1.0), Value::Empty, Value::from("a")]);
    }
}
