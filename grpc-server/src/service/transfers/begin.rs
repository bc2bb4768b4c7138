//! The begin of a save: what is wrong with the request or with the caller's room is refused at once, and the job is enqueued.
//!
//! Not the work of the job (`save`). Invariant: a request that is sent again with its id gives the job of then, whatever has
//! become of the source since.

use gridloom::v1;
use tonic::Status;

use super::Transfers;
use super::save::{KIND, Parameters, Rows, SheetParameters};
use super::saved::Saved;
use crate::edge::auth::Identity;
use crate::edge::errors::{FileRefusal, ServiceError, SharingRefusal};
use crate::edge::rights::access::sheet_id;
use crate::service::files::request_id;
use crate::service::jobs::job_to_wire;
use crate::service::sheets::flushed;
use model::{FileId, Role, SheetId};
use ot_engine::Revision;
use store::NewJob;

impl Transfers {
    pub(super) async fn begin_table(
        &self,
        identity: &Identity,
        request: v1::SaveTableRequest,
    ) -> Result<v1::Job, ServiceError> {
        let v1::SaveTableRequest { source, saved, request_id: id } = request;
        let id = request_id(&id)?;
        if let Some(known) = self.known(identity, (KIND, id)).await? {
            return Ok(known);
        }
        let source = self.source(identity, source).await?;
        let saved = Saved::of(saved, &source.name())?;
        let rows = Rows::Table(source.parameters());
        self.enqueue(identity, id, Some(source.file.id), Parameters { saved, rows }).await
    }

    pub(super) async fn begin_sheet(
        &self,
        identity: &Identity,
        request: v1::SaveSheetRequest,
    ) -> Result<v1::Job, Status> {
        let v1::SaveSheetRequest { sheet_id: sheet, revision, saved, request_id: id } = request;
        let id = request_id(&id)?;
        if let Some(known) = self.known(identity, (KIND, id)).await? {
            return Ok(known);
        }
        let sheet = sheet_id(&sheet)?;
        self.access.role(identity, sheet).await?;
        flushed(&self.registry, sheet).await?;
        let (summary, _) = self.access.summary(identity, sheet, Role::Viewer).await?;
        if let Some(revision) = revision {
            self.check_revision(sheet, Revision(revision), summary.head).await?;
        }
        let saved = Saved::of(saved, &summary.name)?;
        let rows = Rows::Sheet(SheetParameters { sheet: sheet.to_string(), revision });
        Ok(self.enqueue(identity, id, None, Parameters { saved, rows }).await?)
    }

    /// The job of a request that was sent before, to the call whose jobs have this kind.
    pub(super) async fn known(
        &self,
        identity: &Identity,
        (kind, request_id): (&str, Option<&str>),
    ) -> Result<Option<v1::Job>, ServiceError> {
        let Some(id) = request_id else { return Ok(None) };
        let known = self.store.job_of_request(identity.account, id).await?;
        if known.as_ref().is_some_and(|known| known.kind != kind) {
            let rule = "is the one of another call; each call needs an id of its own";
            return Err(ServiceError::malformed("request_id", rule));
        }
        Ok(known.as_ref().map(job_to_wire))
    }

    /// Refuses a revision that the sheet has not reached, or whose history is not kept.
    async fn check_revision(
        &self,
        sheet: SheetId,
        revision: Revision,
        head: Revision,
    ) -> Result<(), ServiceError> {
        if revision > head {
            let rule = format!("must be at most {head}, the newest");
            return Err(ServiceError::OutOfRange { field: "revision".to_owned(), rule });
        }
        let floor = self.store.history_floor(sheet).await?;
        let oldest = floor.ok_or(ServiceError::NotFound("sheet"))?;
        if revision < oldest && revision < head {
            return Err(ServiceError::Compacted { oldest: oldest.0 });
        }
        Ok(())
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
        // Files that are saved and deleted all the time must not outrun the sweep.
        if usage.files.max(usage.leaving_contents) >= self.files.account_files {
            return Err(FileRefusal::TooManyFiles(usage, self.files).into());
        }
        Ok(())
    }

    async fn enqueue(
        &self,
        identity: &Identity,
        request_id: Option<&str>,
        file: Option<FileId>,
        parameters: Parameters,
    ) -> Result<v1::Job, ServiceError> {
        self.check_room(identity).await?;
        let new = NewJob {
            title: Some(format!("Save {}", parameters.saved.name)),
            file,
            is_retryable: true,
            ..jobs::new(KIND, Some(identity.account), &parameters)?
        };
        let (job, is_new) = self.store.enqueue_once(identity.account, request_id, &new).await?;
        if is_new {
            self.queue.wake();
        }
        Ok(job_to_wire(&job))
    }
}
