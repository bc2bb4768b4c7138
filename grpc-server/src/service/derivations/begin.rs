//! The begin of a derivation: what is wrong with the request is refused at once, and the job is enqueued.
//!
//! Not the check of an operation (`checked`). Invariant: a request that is sent again with its id gives the job of then,
//! whatever has become of the source since.

use gridloom::v1;

use super::kind::{KIND, Parameters};
use super::{Derivations, checked};
use crate::edge::auth::Identity;
use crate::edge::errors::ServiceError;
use crate::service::files::request_id;
use crate::service::transfers::enqueue::{FileJobs, known};
use crate::service::transfers::saved::Saved;
use crate::service::transfers::source;
use model::limits::derivation_jobs::DERIVATION_BYTES;
use store::NewJob;

/// Checks a request, and enqueues its job.
pub(super) async fn begin(
    derivations: &Derivations,
    identity: &Identity,
    request: v1::DeriveTableRequest,
) -> Result<v1::DeriveTableResponse, ServiceError> {
    let v1::DeriveTableRequest { source, operation, saved, request_id: id } = request;
    let (store, account, id) = (&derivations.store, identity.account, request_id(&id)?);
    if let Some(known) = known(store, identity, (KIND, id)).await? {
        return Ok(v1::DeriveTableResponse { job: Some(known) });
    }
    let source = source::open(store, account, source).await?;
    let rule = "must be set: add, group or join";
    let operation = operation.ok_or_else(|| ServiceError::malformed("operation", rule))?;
    let (operation, name) = checked::read(derivations, account, &source, operation).await?;
    let saved = Saved::of_made(saved, &name)?;
    let title = format!("Make {} of {}", saved.name, source.file.name);
    let parameters = Parameters { source: source.parameters(), operation, saved };
    let job = NewJob {
        title: Some(title),
        file: Some(source.file.id),
        is_retryable: !parameters.saved.is_for_download,
        notice_after: parameters.saved.notice_after(),
        ..jobs::new(KIND, Some(account), &parameters)?
    };
    if job.parameters.to_string().len() > DERIVATION_BYTES {
        let rule = format!(
            "must take at most {DERIVATION_BYTES} bytes with the columns of its tables: name fewer columns, or write shorter formulas"
        );
        return Err(ServiceError::malformed("operation", rule));
    }
    let (place, queue) = (&*derivations.place, &derivations.queue);
    let jobs = FileJobs { store, place, queue, files: derivations.files };
    let job = jobs.enqueue(identity, id, &job).await?;
    Ok(v1::DeriveTableResponse { job: Some(job) })
}
