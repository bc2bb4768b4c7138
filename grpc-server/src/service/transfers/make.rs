//! The file that a job makes, for each kind of jobs that makes one.
//!
//! Not the rows, and not the bytes (`write`). Invariants: an attempt makes one file or none, and the id of the file is that of
//! the job. So an attempt that follows one whose file is committed makes none, and has the result of then.

use std::sync::Arc;

use jobs::{Failure, Job, Outcome};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::notes::bounded;
use super::saved::Saved;
use super::write::Written;
use crate::edge::errors::FileRefusal;
use crate::edge::rights::access::Access;
use crate::service::files::CheckedPlace;
use crate::service::tables::{Drafts, failed, leave_drafts};
use model::limits::FileLimits;
use model::{AccountId, FileId};
use sheet::Registry;
use store::{CommittedFile, MadeFile, Store};
use tables::{SavedFor, SavedFormat};

/// The parts that such kinds use. Cheap to clone.
#[derive(Clone)]
pub(crate) struct SaveParts {
    pub(crate) store: Store,
    pub(crate) place: Arc<CheckedPlace>,
    pub(crate) access: Access,
    pub(crate) registry: Registry,
    pub(crate) files: FileLimits,
}

impl SaveParts {
    /// Where an attempt writes, until `stop`.
    pub(in crate::service) fn drafts(
        &self,
        job: &Job,
        owner: AccountId,
        stop: &CancellationToken,
    ) -> Drafts {
        let parts = (&self.store, &self.place, self.files);
        Drafts::of_attempt(job, (owner, owner), parts, stop)
    }
}

/// What an attempt at such a job has of it.
#[derive(Clone, Copy)]
pub(in crate::service) struct Attempt<'a> {
    pub(in crate::service) job: &'a Job,
    /// Whose the file is.
    pub(in crate::service) owner: AccountId,
    pub(in crate::service) format: (SavedFormat, SavedFor),
}

impl<'a> Attempt<'a> {
    /// That of a job which saves what its parameters state.
    pub(in crate::service) fn of(job: &'a Job, saved: &Saved) -> Result<Self, Failure> {
        let owner = job.account().ok_or_else(other_release)?;
        let format = saved.format().ok_or_else(other_release)?;
        Ok(Self { job, owner, format })
    }
}

/// Makes a file of what an attempt writes, unless an earlier one has made it. What an attempt without a file has written is left
/// to the sweep.
pub(in crate::service) async fn make_once(
    parts: &SaveParts,
    job: &Job,
    owner: AccountId,
    saved: &Saved,
    written: impl Future<Output = Result<Written, Failure>>,
) -> Outcome {
    if let Some(result) = already(parts, job, owner, saved).await? {
        return Ok(result);
    }
    let made = match written.await {
        Ok(written) => make(parts, job, owner, saved, written).await,
        Err(why) => Err(why),
    };
    if made.is_err() {
        leave_drafts(&parts.store, job.hold()).await;
    }
    made
}

/// The result of an earlier attempt that has made the file.
async fn already(
    parts: &SaveParts,
    job: &Job,
    owner: AccountId,
    saved: &Saved,
) -> Result<Option<serde_json::Value>, Failure> {
    let id = FileId(job.id().0);
    match parts.store.file(owner, id).await? {
        Some(_) => Ok(Some(kept_result(parts, job, saved).await?)),
        None => Ok(None),
    }
}

/// Makes what is written a file of its owner.
async fn make(
    parts: &SaveParts,
    job: &Job,
    owner: AccountId,
    saved: &Saved,
    written: Written,
) -> Outcome {
    let (id, name) = (FileId(job.id().0), &*saved.name);
    let Written { content, digest, rows, notes } = written;
    let mut result = result_of(job, saved);
    result["rows"] = json!(rows);
    result["notes"] = json!(bounded(notes));
    let result = &result;
    let made = MadeFile { id, content, name, digest, result };
    let files = parts.files;
    let committed = parts.store.commit_made_file(job.hold(), owner, made, &files).await?;
    match committed {
        // Perhaps that of an earlier attempt, whose commit had no answer.
        CommittedFile::File(_) => kept_result(parts, job, saved).await,
        CommittedFile::Full(usage) => Err(failed(FileRefusal::StorageFull(usage, files).into())),
        CommittedFile::TooMany(usage) => {
            Err(failed(FileRefusal::TooManyFiles(usage, files).into()))
        }
        CommittedFile::Lost => {
            Err(Failure::Later("what was written is gone: another attempt has the job".into()))
        }
        CommittedFile::NoOwner => Err(Failure::Final("the account has ended".to_owned())),
    }
}

/// The result that was kept with the file. A person may have run the job again since.
async fn kept_result(parts: &SaveParts, job: &Job, saved: &Saved) -> Outcome {
    let kept = parts.store.kept_result(job.hold()).await?;
    Ok(kept.unwrap_or_else(|| result_of(job, saved)))
}

/// The result without what only the attempt knows that has written the file.
fn result_of(job: &Job, saved: &Saved) -> Value {
    let file = FileId(job.id().0).to_string();
    match saved.is_for_download {
        true => json!({"file": file, "for_download": true}),
        false => json!({"file": file}),
    }
}

/// The failure of a job whose parameters have another form.
pub(in crate::service) fn other_release() -> Failure {
    Failure::Final("its parameters are not those of this release".to_owned())
}
