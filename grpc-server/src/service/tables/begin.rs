//! The begin of a reading: a job for each file and reading, which several calls share.
//!
//! Not the work of the job (`job`). Invariant: of several calls with the same reading, also at several servers at once, one
//! enqueues a job.

use gridloom::v1;

use super::Tables;
use super::job::{Parameters, Size};
use super::reading::Reading;
use super::room;
use crate::edge::auth::Identity;
use crate::edge::errors::{FileRefusal, OriginalRefusal, ServiceError};
use crate::service::jobs::job_to_wire;
use crate::service::read_options::locale_tag;
use model::{AccountId, Role};
use store::{FileReading, NewJob};

impl Tables {
    /// Refuses a job that makes tables or a view while the owner of the file, whose bytes they take, has no room for them.
    pub(super) async fn check_room(
        &self,
        (account, owner): (AccountId, AccountId),
    ) -> Result<(), ServiceError> {
        let usage = self.store.file_usage(owner).await?;
        room::fits(account == owner, usage, self.files).map_err(ServiceError::from)
    }

    pub(super) async fn read(
        &self,
        identity: &Identity,
        request: v1::ReadFileRequest,
    ) -> Result<v1::ReadFileResponse, ServiceError> {
        let file = self.file(identity, &request.file_id, Role::Editor).await?;
        if file.original.is_none() {
            return Err(FileRefusal::Original(OriginalRefusal::Deleted).into());
        }
        let reading = Reading::of(request.reading, &self.limits)?;
        let tag = locale_tag(&self.store, identity.account).await?;
        let text = reading.of_account(tag.as_deref());
        let (account, kind) = (identity.account, Size::of(file.pieces.bytes).kind());
        let reading = text.as_str();
        let reading = FileReading { account, file: file.id, kind, reading };
        let job = match self.store.job_of_reading(reading).await? {
            Some(known) => known,
            None => {
                self.check_room((account, file.owner)).await?;
                let parameters = Parameters { reading: text.clone() };
                let job = NewJob {
                    title: Some(format!("Read {}", file.name)),
                    file: Some(file.id),
                    is_retryable: true,
                    ..jobs::new(kind, Some(account), &parameters)?
                };
                let (job, is_new) = self.store.enqueue_reading(reading, &job).await?;
                if is_new {
                    self.queue.wake();
                }
                job
            }
        };
        Ok(v1::ReadFileResponse { job: Some(job_to_wire(&job)) })
    }
}
