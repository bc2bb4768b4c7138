//! A window of a sheet as it was at an older revision: for `GetRevision`, and for the further answers of `ReadCells`.
//!
//! Not how a revision is rebuilt: the sheet's `time_travel` does that. Invariant: all answers of a window belong to one
//! revision, or there is none.

use std::ops::Range;
use std::sync::Arc;

use gridloom::v1::{self, get_revision_request::At};
use ot_engine::{ColumnId, Revision, RowId};
use prost::Message;
use rustc_hash::FxHashMap;

use super::{TIME_MOST_MICROS, epoch};
use crate::edge::errors::ServiceError;
use crate::edge::pages::Paged;
use crate::service::sheets::cells::filling::{Filling, Rows};
use crate::service::sheets::cells::window::{Asked, CellPlace, without_rows};
use crate::service::sheets::cells::{named, rows};
use model::sizes::READ_BYTES;
use model::{RowBody, SheetId};
use sheet::api::message::WindowRead;
use sheet::time_travel::snapshot::{Snapshot, SnapshotError};
use store::{Store, StoreError};

/// Bytes of memory that rows may take for each byte of a message: an empty text takes that many times what it takes
/// in an answer, and rows are read as they are now, too.
const BYTES_FOR_EACH: usize = 16;

/// Reads a window of a committed sheet, from a place on that [`Paged::place`] has given.
pub(in crate::service::sheets) async fn get(
    store: &Store,
    sheet: SheetId,
    (request, place): (v1::GetRevisionRequest, Option<CellPlace>),
    message_bytes: u32,
) -> Result<v1::GetRevisionResponse, ServiceError> {
    let asked = Asked::from(rows(request.rows)?, place);
    let revision = match place {
        Some(place) => place.revision,
        None => revision(store, sheet, request.at).await?,
    };
    let snapshot = snapshot(store, sheet, revision, place).await?;
    // Before the rows: reading those fails if the floor has passed the revision.
    let moment = store.moment(sheet, revision).await?.ok_or(ServiceError::NotFound("sheet"))?;
    let window = head(&snapshot, &asked);
    let places = places(window.columns.len(), request.cols);
    let v1::ReadCellsResponse { columns, start_row, row_count, start_col, .. } =
        without_rows(&window, &places, &asked);
    let without = v1::GetRevisionResponse {
        revision: revision.0,
        author_id: moment.author.to_string(),
        author_name: moment.name,
        time_micros: moment.at_micros,
        columns,
        start_row,
        row_count,
        start_col,
        ..v1::GetRevisionResponse::default()
    };
    let source = Source { store, sheet, snapshot: &snapshot, places: &places };
    let (rows, next) = source.fill(&window, &asked, (&without, message_bytes)).await?;
    let next_page_token = next.map(|place| request.next_page_token(place)).unwrap_or_default();
    Ok(v1::GetRevisionResponse { rows, next_page_token, ..without })
}

/// Continues the read of a window of cells, at the revision of its first answer.
pub(in crate::service::sheets) async fn read_on(
    store: &Store,
    sheet: SheetId,
    (request, place): (v1::ReadCellsRequest, CellPlace),
    message_bytes: u32,
) -> Result<v1::ReadCellsResponse, ServiceError> {
    let asked = Asked::from(rows(request.rows)?, Some(place));
    let snapshot = snapshot(store, sheet, place.revision, Some(place)).await?;
    let places = named::places(snapshot.state.columns(), &request)?;
    let window = head(&snapshot, &asked);
    let without = without_rows(&window, &places, &asked);
    let source = Source { store, sheet, snapshot: &snapshot, places: &places };
    let (rows, next) = source.fill(&window, &asked, (&without, message_bytes)).await?;
    let next_page_token = next.map(|place| request.next_page_token(place)).unwrap_or_default();
    Ok(v1::ReadCellsResponse { rows, next_page_token, ..without })
}

async fn snapshot(
    store: &Store,
    sheet: SheetId,
    revision: Revision,
    place: Option<CellPlace>,
) -> Result<Snapshot, ServiceError> {
    if let Some(place) = place
        && epoch(store, sheet).await? != place.epoch
    {
        return Err(ServiceError::PageOfAnotherHistory);
    }
    Snapshot::at(store, sheet, revision).await.map_err(|error| match error {
        SnapshotError::Future { .. } if place.is_some() => {
            ServiceError::malformed("page_token", "must be next_page_token of the answer before")
        }
        error => error.into(),
    })
}

async fn revision(store: &Store, sheet: SheetId, at: Option<At>) -> Result<Revision, ServiceError> {
    match at {
        Some(At::Revision(revision)) => Ok(Revision(revision)),
        Some(At::TimeMicros(micros)) => {
            let micros = micros.clamp(0, TIME_MOST_MICROS);
            let rule = "must not be before the sheet was made";
            let out =
                || ServiceError::OutOfRange { field: "time_micros".into(), rule: rule.into() };
            store.revision_at(sheet, micros).await?.ok_or_else(out)
        }
        None => Err(ServiceError::malformed("at", "must be set: a revision, or a time")),
    }
}

/// A window without its rows.
fn head(snapshot: &Snapshot, asked: &Asked) -> WindowRead {
    WindowRead {
        epoch: snapshot.epoch,
        revision: snapshot.revision,
        start_row: asked.rows.start,
        rows: Vec::new(),
        columns: snapshot.state.columns().into(),
        row_count: snapshot.state.row_order().len(),
    }
}

/// Where the rows of an answer are read.
struct Source<'a> {
    store: &'a Store,
    sheet: SheetId,
    snapshot: &'a Snapshot,
    places: &'a [usize],
}

impl Source<'_> {
    /// The rows of an answer that has this message without them, and the place of the next answer.
    async fn fill(
        &self,
        window: &WindowRead,
        asked: &Asked,
        (without, message_bytes): (&impl Message, u32),
    ) -> Result<(Vec<v1::ReadRow>, Option<CellPlace>), ServiceError> {
        let too_large = || ServiceError::columns_too_large(message_bytes);
        let filling = Filling::new(window, self.places, asked, (without, message_bytes));
        let mut filling = filling.ok_or_else(too_large)?;
        let bytes_most = READ_BYTES.min(message_bytes as usize * BYTES_FOR_EACH);
        let stop = loop {
            let Some(rows) = filling.unread() else { break None };
            let is_one = rows.len() == 1;
            let stop = match self.read(rows, bytes_most).await {
                Err(SnapshotError::Store(StoreError::RowsTooLarge { .. })) if !is_one => {
                    filling.read_fewer(bytes_most)
                }
                read => filling.add_all(read?),
            };
            if stop.is_some() {
                break stop;
            }
        };
        filling.end(window, stop).ok_or_else(too_large)
    }

    /// These rows, and the bytes that were read for them: also of the rows as they are now.
    async fn read(
        &self,
        rows: Range<u32>,
        bytes_most: usize,
    ) -> Result<(Rows, usize), SnapshotError> {
        let ids: Vec<Range<RowId>> = self.snapshot.state.row_order().ids(rows).collect();
        let all = self.snapshot.state.columns();
        let columns: Vec<ColumnId> = self.places.iter().map(|at| all[*at].id).collect();
        let columns = (columns.len() < all.len()).then_some(&columns[..]);
        let held = self.snapshot.rows(self.store, self.sheet, &ids, columns, bytes_most).await?;
        let bytes = held.iter().map(|row| row.at.weight_bytes() + row.current.weight_bytes()).sum();
        let mut bodies: FxHashMap<RowId, Arc<RowBody>> =
            held.into_iter().map(|row| (row.id, Arc::new(row.at))).collect();
        let ids = ids.into_iter().flat_map(|range| (range.start.0..range.end.0).map(RowId));
        Ok((ids.map(|id| (id, bodies.remove(&id))).collect(), bytes))
    }
}

fn places(columns: usize, range: Option<v1::Range>) -> Vec<usize> {
    let Some(v1::Range { start, count }) = range else { return (0..columns).collect() };
    let (start, count) = (start as usize, count as usize);
    (start.min(columns)..start.saturating_add(count).min(columns)).collect()
}

impl From<SnapshotError> for ServiceError {
    fn from(error: SnapshotError) -> Self {
        match error {
            SnapshotError::Future { head } => Self::OutOfRange {
                field: "revision".into(),
                rule: format!("must be at most {head}, the newest"),
            },
            SnapshotError::Compacted { oldest } => Self::Compacted { oldest: oldest.0 },
            SnapshotError::Store(error) => error.into(),
            SnapshotError::Misfit(error) => Self::internal(error),
        }
    }
}
