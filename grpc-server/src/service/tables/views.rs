//! Views: rows of a table that match a filter, in an order. A view is found by its question, or a job makes it.
//!
//! Not their rows (`rows`), and not the query (the crate `engine`). Invariant: of several calls with the same question, also at
//! several servers at once, one enqueues a job.

mod job;

use gridloom::v1;

pub(crate) use self::job::ViewTable;
use self::job::{Parameters, kind_of};
use super::Tables;
use super::question::{Asked, columns_of};
use super::wire::view_to_wire;
use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, TableRefusal};
use crate::service::jobs::job_to_wire;
use crate::service::sheets::columns::{ColumnIndex, Holder};
use model::{FileRecord, Role, ViewId, ViewRecord};
use store::{NewJob, TableQuestion};

impl Tables {
    pub(super) async fn begin_view(
        &self,
        identity: &Identity,
        request: v1::MakeViewRequest,
    ) -> Result<v1::MakeViewResponse, ServiceError> {
        let v1::MakeViewRequest { file_id, table, filter, order_by, etag } = request;
        let file = self.file(identity, &file_id, Role::Viewer).await?;
        let (table, facts) = self.table_with_facts(&file, table, &etag).await?;
        let columns = columns_of(&facts);
        let asked = Asked::of(filter, order_by, &ColumnIndex::of(Holder::Table, &columns))?;
        if !asked.has_condition() && !asked.has_order() {
            let rule = "must have a condition, or order_by a level: without both a view is the table itself";
            return Err(ServiceError::malformed("filter", rule));
        }
        let (account, owner) = (identity.account, file.owner);
        let (number, text) = (table.number, asked.to_text());
        if let Some(view) = self.store.view_of_question(owner, file.id, number, &text).await? {
            return Ok(v1::MakeViewResponse { view: Some(view_to_wire(&view)), job: None });
        }
        let (content, kind) = (table.content, kind_of(table.pieces.bytes));
        let question = TableQuestion { account, file: file.id, content, kind, question: &text };
        let job = match self.store.job_of_view(question).await? {
            Some(known) => known,
            None => {
                self.check_room((account, owner)).await?;
                let content = content.to_string();
                let parameters = Parameters { table: number, content, question: text.clone() };
                let job = NewJob {
                    title: Some(title(&asked, &file.name)),
                    file: Some(file.id),
                    is_retryable: true,
                    ..jobs::new(kind, Some(account), &parameters)?
                };
                let (job, is_new) = self.store.enqueue_view(question, &job).await?;
                if is_new {
                    self.queue.wake();
                }
                job
            }
        };
        Ok(v1::MakeViewResponse { view: None, job: Some(job_to_wire(&job)) })
    }

    /// A view of a table, by the text of its id.
    pub(super) async fn view(
        &self,
        file: &FileRecord,
        number: u32,
        id: &str,
    ) -> Result<ViewRecord, ServiceError> {
        let id = id.parse::<ViewId>().map_err(|_| TableRefusal::ViewGone)?;
        let view = self.store.file_view(file.owner, file.id, number, id).await?;
        Ok(view.ok_or(TableRefusal::ViewGone)?)
    }
}

/// The name of the job for a person.
fn title(asked: &Asked, file: &str) -> String {
    match (asked.has_condition(), asked.has_order()) {
        (true, true) => format!("Filter and sort {file}"),
        (true, false) => format!("Filter {file}"),
        (false, _) => format!("Sort {file}"),
    }
}
