//! The begin of a job that fills a sheet.
//!
//! Not the check of its target (`target`). Invariant: a request that is sent again with its id gives the job of then, whatever
//! has become of the source and the sheet since.

use gridloom::v1;
use tonic::Status;

use super::target::{Asked, KIND, Parameters};
use crate::edge::auth::Identity;
use crate::edge::errors::ServiceError;
use crate::service::files::request_id;
use crate::service::jobs::job_to_wire;
use crate::service::place::edit_place;
use crate::service::transfers::Transfers;
use crate::service::transfers::enqueue::known;
use crate::service::transfers::source;
use model::EditPlace;
use model::limits::jobs::JOB_NOTICE_AFTER;
use store::NewJob;

/// Checks a request, and enqueues its job.
pub(in crate::service::transfers) async fn begin(
    transfers: &Transfers,
    identity: &Identity,
    request: v1::FillSheetRequest,
) -> Result<v1::FillSheetResponse, Status> {
    let v1::FillSheetRequest { source, target, request_id: id, place } = request;
    let (account, id) = (identity.account, request_id(&id)?);
    if let Some(known) = known(&transfers.store, identity, (KIND, id)).await? {
        return Ok(v1::FillSheetResponse { job: Some(known) });
    }
    let place = edit_place("place", place)?.map(EditPlace::number);
    let rule = "must be set: new_sheet, append or merge";
    let target = target.ok_or_else(|| ServiceError::malformed("target", rule))?;
    let source = source::open(&transfers.store, account, source).await?;
    let Asked { target, title } = Asked::read(&transfers.fill, identity, &source, target).await?;
    let parameters = Parameters { source: source.parameters(), target, place };
    let job = NewJob {
        title: Some(title),
        file: Some(source.file.id),
        is_retryable: true,
        notice_after: Some(JOB_NOTICE_AFTER),
        ..jobs::new(KIND, Some(account), &parameters).map_err(ServiceError::from)?
    };
    let enqueued = transfers.store.enqueue_once(account, id, &job).await;
    let (job, is_new) = enqueued.map_err(ServiceError::from)?;
    if is_new {
        transfers.queue.wake();
    }
    Ok(v1::FillSheetResponse { job: Some(job_to_wire(&job)) })
}
