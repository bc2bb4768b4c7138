//! The begin of a save: what is wrong with the request is refused at once, and the job is enqueued.
//!
//! Not the work of the job (`save`), nor the room of the caller (`enqueue`). Invariant: a request that is sent again with its id
//! gives the job of then, whatever has become of the source since.

use gridloom::v1;
use tonic::Status;

use super::Transfers;
use super::enqueue::{FileJobs, known};
use super::save::{KIND, Parameters, Rows, SheetParameters};
use super::saved::Saved;
use super::source;
use crate::edge::auth::Identity;
use crate::edge::errors::ServiceError;
use crate::edge::rights::access::sheet_id;
use crate::service::files::request_id;
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
        if let Some(known) = known(&self.store, identity, (KIND, id)).await? {
            return Ok(known);
        }
        let source = source::open(&self.store, identity.account, source).await?;
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
        if let Some(known) = known(&self.store, identity, (KIND, id)).await? {
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

    async fn enqueue(
        &self,
        identity: &Identity,
        request_id: Option<&str>,
        file: Option<FileId>,
        parameters: Parameters,
    ) -> Result<v1::Job, ServiceError> {
        let new = NewJob {
            title: Some(format!("Save {}", parameters.saved.name)),
            file,
            // Run again, it would leave a file that nothing deletes.
            is_retryable: !parameters.saved.is_for_download,
            notice_after: parameters.saved.notice_after(),
            ..jobs::new(KIND, Some(identity.account), &parameters)?
        };
        let (store, place, queue) = (&self.store, &*self.place, &self.queue);
        let jobs = FileJobs { store, place, queue, files: self.files };
        jobs.enqueue(identity, request_id, &new).await
    }
}
