//! Jobs that make a view of a table: the one of a question, which is enqueued once.
//!
//! Not what a question is: a text, which the caller compares by its bytes, in the member `question` of the parameters. The
//! member `content` has the content of the table, so a job for a table that was replaced is none of the new one. Invariant: of
//! several calls at once with the same question one enqueues a job.

use tokio_postgres::types::ToSql;

use super::unless::enqueue_unless;
use super::{PersonJob, person_job};
use crate::jobs::NewJob;
use crate::{Store, StoreError};
use model::{AccountId, ContentId, FileId};

/// One that is about to be cancelled is not the answer to a call that wants the view, and neither is one whose view is gone
/// or has lost a part.
const QUESTION: &str = concat!(
    "select ",
    columns!(),
    " from jobs
    where account = $1 and parameters ? 'title' and parameters ->> 'file' = $2 and kind = $3
        and parameters ->> 'content' = $4 and parameters ->> 'question' = $5 and not cancel_asked and (
            state in ('waiting', 'running')
            or state = 'done' and exists (
                select from file_views join file_contents as content on content.id = file_views.content
                where file_views.id = jobs.id and not content.is_damaged)
        )
    order by created_at desc, id desc limit 1"
);

/// A question to a table of a file by a kind of jobs.
#[derive(Clone, Copy, Debug)]
pub struct TableQuestion<'a> {
    /// Whose file it is.
    pub account: AccountId,
    /// The file.
    pub file: FileId,
    /// The content of the table.
    pub content: ContentId,
    /// The kind of the job, by name.
    pub kind: &'a str,
    /// The filter and the order, as the parameters of the job have them.
    pub question: &'a str,
}

impl Store {
    /// The job that makes a view of a question, or has made one that is there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn job_of_view(
        &self,
        asked: TableQuestion<'_>,
    ) -> Result<Option<PersonJob>, StoreError> {
        let TableQuestion { account, file, content, kind, question } = asked;
        let (file, content) = (file.to_string(), content.to_string());
        let parameters: [&(dyn ToSql + Sync); 5] = [&account.0, &file, &kind, &content, &question];
        self.query_opt(QUESTION, &parameters[..]).await?.as_ref().map(person_job).transpose()
    }

    /// Enqueues a job for a question, unless [`Store::job_of_view`] has one. Gives the job, and whether it is new.
    ///
    /// # Errors
    /// As [`Store::enqueue`]; [`StoreError::Corrupt`].
    pub async fn enqueue_view(
        &self,
        asked: TableQuestion<'_>,
        job: &NewJob,
    ) -> Result<(PersonJob, bool), StoreError> {
        let TableQuestion { account, file, content, kind, question } = asked;
        let (file, content) = (file.to_string(), content.to_string());
        let parameters: [&(dyn ToSql + Sync); 5] = [&account.0, &file, &kind, &content, &question];
        enqueue_unless(self, (QUESTION, &parameters[..]), job).await
    }
}
