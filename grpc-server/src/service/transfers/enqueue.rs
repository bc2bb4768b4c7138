//! The begin of a job that makes a file: the job of a request that was sent before, the room of the caller, and the queue.
//!
//! Not what the job does, nor its parameters. Invariants: a request that is sent again with its id enqueues nothing; a caller
//! without room for a further file is refused before a job begins.

use gridloom::v1;

use crate::edge::auth::Identity;
use crate::edge::errors::{FileRefusal, ServiceError, SharingRefusal};
use crate::service::files::CheckedPlace;
use crate::service::jobs::job_to_wire;
use jobs::Queue;
use model::limits::FileLimits;
use store::{NewJob, Store};

/// What such a job is enqueued with.
pub(in crate::service) struct FileJobs<'a> {
    pub(in crate::service) store: &'a Store,
    pub(in crate::service) place: &'a CheckedPlace,
    pub(in crate::service) queue: &'a Queue,
    pub(in crate::service) files: FileLimits,
}

/// The job of a request that was sent before, to the call whose jobs have this kind.
pub(in crate::service) async fn known(
    store: &Store,
    identity: &Identity,
    (kind, request_id): (&str, Option<&str>),
) -> Result<Option<v1::Job>, ServiceError> {
    let Some(id) = request_id else { return Ok(None) };
    let known = store.job_of_request(identity.account, id).await?;
    if known.as_ref().is_some_and(|known| known.kind != kind) {
        let rule = "is the one of another call; each call needs an id of its own";
        return Err(ServiceError::malformed("request_id", rule));
    }
    Ok(known.as_ref().map(job_to_wire))
}

impl FileJobs<'_> {
    /// Enqueues a job once, for a caller with room.
    pub(in crate::service) async fn enqueue(
        &self,
        identity: &Identity,
        request_id: Option<&str>,
        job: &NewJob,
    ) -> Result<v1::Job, ServiceError> {
        self.check_room(identity).await?;
        let (job, is_new) = self.store.enqueue_once(identity.account, request_id, job).await?;
        if is_new {
            self.queue.wake();
        }
        Ok(job_to_wire(&job))
    }

    /// Refuses a caller without room for a further file. What the file takes is known when it is written.
    async fn check_room(&self, identity: &Identity) -> Result<(), ServiceError> {
        if identity.is_guest {
            return Err(SharingRefusal::Guest("a file").into());
        }
        self.place.ready().await?;
        let usage = self.store.file_usage(identity.account).await?;
        if usage.used >= self.files.account_file_bytes {
            return Err(FileRefusal::StorageFull(usage, self.files).into());
        }
        // Files that are made and deleted all the time must not outrun the sweep.
        if usage.files.max(usage.leaving_contents) >= self.files.account_files {
            return Err(FileRefusal::TooManyFiles(usage, self.files).into());
        }
        Ok(())
    }
}
