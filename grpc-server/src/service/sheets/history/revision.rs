//! A window of a sheet as it was at an older revision: for `GetRevision`, and for the further answers of `ReadCells`.
//!
//! Not how a revision is rebuilt: the sheet's `time_travel` does that. Invariant: all answers of a window belong to one
//! revision, or there is none.

use std::ops::Range;
use std::sync::Arc;

use gridloom::v1::{self, get_revision_request::At};
use ot_engine::{ColumnId, Revision, RowId};
use rustc_hash::FxHashMap;

use super::TIME_MOST_MICROS;
use crate::edge::errors::ServiceError;
use crate::edge::pages::Paged;
use crate::service::sheets::cells::window::{Asked, CellPlace, fewer, fill};
use crate::service::sheets::cells::{named, response, rows};
use model::sizes::READ_BYTES;
use model::{RowBody, SheetId};
use sheet::api::message::WindowRead;
use sheet::fanout::cells::column_to_wire;
use sheet::time_travel::snapshot::{Snapshot, SnapshotError};
use store::{Store, StoreError};

/// Bytes of memory that rows may take for each byte of a message: an empty text takes that many times what it takes
/// in an answer, and rows are read as they are now, too.
const BYTES_FOR_EACH: usize = 16;

/// Reads a window of a committed sheet.
pub(in crate::service::sheets) async fn get(
    store: &Store,
    sheet: SheetId,
    request: v1::GetRevisionRequest,
    message_bytes: u32,
) -> Result<v1::GetRevisionResponse, ServiceError> {
    let place = request.place::<CellPlace>()?;
    let asked = Asked::from(rows(request.rows)?, place);
    let revision = match place {
        Some(place) => place.revision,
        None => revision(store, sheet, request.at).await?,
    };
    let snapshot = snapshot(store, sheet, revision, place).await?;
    // Before the rows: reading those fails if the floor has passed the revision.
    let moment = store.moment(sheet, revision).await?.ok_or(ServiceError::NotFound("sheet"))?;
    let places = places(snapshot.state.columns().len(), request.cols);
    let window = window(store, sheet, &snapshot, &asked, (&places, message_bytes)).await?;
    let without = v1::GetRevisionResponse {
        revision: revision.0,
        author_id: moment.author.to_string(),
        author_name: moment.name,
        time_micros: moment.at_micros,
        columns: places.iter().map(|at| column_to_wire(&window.columns[*at])).collect(),
        rows: Vec::new(),
        start_row: window.start_row,
        row_count: window.row_count,
        next_page_token: String::new(),
        start_col: asked.col,
    };
    let filled = fill(&window, &places, &asked, (&without, message_bytes));
    let (rows, next) = filled.ok_or_else(|| ServiceError::columns_too_large(message_bytes))?;
    let next_page_token = next.map(|place| request.next_page_token(place)).unwrap_or_default();
    Ok(v1::GetRevisionResponse { rows, next_page_token, ..without })
}

/// Continues the read of a window of cells, at the revision of its first answer.
pub(in crate::service::sheets) async fn read_on(
    store: &Store,
    sheet: SheetId,
    request: v1::ReadCellsRequest,
    message_bytes: u32,
) -> Result<v1::ReadCellsResponse, ServiceError> {
    let place = request.place::<CellPlace>()?;
    let asked = Asked::from(rows(request.rows)?, place);
    let revision = place.map(|place| place.revision).unwrap_or_default();
    let snapshot = snapshot(store, sheet, revision, place).await?;
    let places = named::places(snapshot.state.columns(), &request)?;
    let window = window(store, sheet, &snapshot, &asked, (&places, message_bytes)).await?;
    response(&window, &request, &asked, message_bytes)
}

async fn snapshot(
    store: &Store,
    sheet: SheetId,
    revision: Revision,
    place: Option<CellPlace>,
) -> Result<Snapshot, ServiceError> {
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

/// The first of the rows that are asked for, as many as one read may take.
async fn window(
    store: &Store,
    sheet: SheetId,
    snapshot: &Snapshot,
    asked: &Asked,
    (places, message_bytes): (&[usize], u32),
) -> Result<WindowRead, ServiceError> {
    let bytes_most = READ_BYTES.min(message_bytes as usize * BYTES_FOR_EACH);
    let mut rows = asked.rows.clone();
    loop {
        let read = read(store, sheet, snapshot, rows.clone(), places, bytes_most).await;
        match (read, fewer(&rows)) {
            (Err(SnapshotError::Store(StoreError::RowsTooLarge { .. })), Some(fewer)) => {
                rows = fewer;
            }
            (read, _) => return Ok(read?),
        }
    }
}

async fn read(
    store: &Store,
    sheet: SheetId,
    snapshot: &Snapshot,
    positions: Range<u32>,
    places: &[usize],
    bytes_most: usize,
) -> Result<WindowRead, SnapshotError> {
    let order = snapshot.state.row_order();
    let ids: Vec<Range<RowId>> = order.ids(positions.clone()).collect();
    let all = snapshot.state.columns();
    let columns: Vec<ColumnId> = places.iter().map(|at| all[*at].id).collect();
    let columns = (columns.len() < all.len()).then_some(&columns[..]);
    let held = snapshot.rows(store, sheet, &ids, columns, bytes_most).await?;
    let mut bodies: FxHashMap<RowId, Arc<RowBody>> =
        held.into_iter().map(|row| (row.id, Arc::new(row.at))).collect();
    let ids = ids.into_iter().flat_map(|range| (range.start.0..range.end.0).map(RowId));
    Ok(WindowRead {
        revision: snapshot.revision,
        start_row: positions.start,
        rows: ids.map(|id| (id, bodies.remove(&id))).collect(),
        columns: snapshot.state.columns().into(),
        row_count: order.len(),
    })
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
