//! Where rows of a sheet are now, by their ids: a question to the task of the open sheet.
//!
//! Not the rights of the caller, which each call checks first. Invariant: a call that meets a sheet which is closing opens
//! it again, so no call fails for that.

use heavy_work::Caller;
use ot_engine::RowId;
use tokio::sync::oneshot;
use tonic::Status;

use super::errors::{self, ServiceError};
use model::SheetId;
use model::limits::edge::NAMED_ROWS;
use sheet::Registry;
use sheet::api::message::{Places, PlacesFound, Request};

/// Attempts to reach a sheet that closes at that moment because it is idle.
const ATTEMPTS: usize = 3;

/// The positions of rows, in the given order, and the columns.
pub(crate) async fn find(
    registry: &Registry,
    caller: Caller,
    sheet: SheetId,
    rows: &[u64],
) -> Result<PlacesFound, Status> {
    for _ in 0..ATTEMPTS {
        let handle = registry.open_for(caller, sheet).await.map_err(errors::open)?;
        let (reply, answer) = oneshot::channel();
        let asked = rows.iter().copied().map(RowId).collect();
        let request = Request::Places(Places { rows: asked, reply });
        if handle.send(request).await.is_ok()
            && let Ok(places) = answer.await
        {
            return Ok(places);
        }
    }
    Err(ServiceError::Unavailable("the sheet").into())
}

/// The rows of a request, at most [`NAMED_ROWS`].
///
/// # Errors
/// Too many rows, or a number that no row can have.
pub(crate) fn check(rows: &[u64]) -> Result<&[u64], ServiceError> {
    if rows.len() > NAMED_ROWS {
        return Err(ServiceError::malformed("row_ids", "must name 1,000 rows at most"));
    }
    if rows.iter().any(|row| i64::try_from(*row).is_err()) {
        return Err(ServiceError::malformed("row_ids", "must be ids of rows"));
    }
    Ok(rows)
}
