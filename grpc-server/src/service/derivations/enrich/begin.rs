//! The begin of an enrichment: what is wrong with the request, the address or the caller's room is refused at once, and the job is
//! enqueued.
//!
//! Not the work of the job (`kind`). Invariant: a request that is sent again with its id gives the job of then, whatever has become of
//! the source since.

use gridloom::v1;

use super::super::Derivations;
use super::api::Api;
use super::asked::Asked;
use super::kind::{KIND, Parameters};
use crate::edge::auth::Identity;
use crate::edge::errors::ServiceError;
use crate::service::files::request_id;
use crate::service::transfers::enqueue::{self, FileJobs};
use crate::service::transfers::saved::Saved;
use crate::service::transfers::source;
use store::NewJob;

/// Begins the job.
pub(in crate::service::derivations) async fn begin(
    derivations: &Derivations,
    identity: &Identity,
    request: v1::EnrichTableRequest,
) -> Result<v1::EnrichTableResponse, ServiceError> {
    let v1::EnrichTableRequest { source, enrichment, saved, request_id: id } = request;
    let (store, id) = (&derivations.store, request_id(&id)?);
    if let Some(known) = enqueue::known(store, identity, (KIND, id)).await? {
        return Ok(v1::EnrichTableResponse { job: Some(known) });
    }
    let source = source::open(store, identity.account, source).await?;
    let (asked, secret) = Asked::of(enrichment, &source)?;
    let api = Api::of(&asked, &secret, &source.facts)?;
    let saved = Saved::of_made(saved, &source.name())?;
    api.check(&derivations.outbound).await?;
    let secret = match asked.has_secret {
        true => Some(serde_json::to_value(&secret).map_err(ServiceError::internal)?),
        false => None,
    };
    let title = format!("Enrich {} as {}", source.file.name, saved.name);
    let parameters = Parameters { saved, source: source.parameters(), asked };
    let new = NewJob {
        title: Some(title),
        file: Some(source.file.id),
        is_retryable: secret.is_none() && !parameters.saved.is_for_download,
        notice_after: parameters.saved.notice_after(),
        secret,
        ..jobs::new(KIND, Some(identity.account), &parameters)?
    };
    let jobs = FileJobs {
        store,
        place: &derivations.place,
        queue: &derivations.queue,
        files: derivations.files,
    };
    let job = jobs.enqueue(identity, id, &new).await?;
    Ok(v1::EnrichTableResponse { job: Some(job) })
}
