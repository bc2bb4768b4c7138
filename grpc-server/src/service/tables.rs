//! `gridloom.v1.TableService`: reads files as tables, shows rows of them and of their views, and counts values.
//!
//! | file | holds |
//! | --- | --- |
//! | `calls` | the calls on the wire |
//! | `reading` | how a file is read: the request, and the text of a job |
//! | `preview` | the begin of a file |
//! | `begin` | the job of a reading, which is enqueued once |
//! | `room` | the room of the owner of a file for tables and views |
//! | `job` | the kinds of jobs that read a file, and what such a job does on its thread (`work`) |
//! | `question` | a filter and an order: the request, and the text of a job |
//! | `views` | views, and the kind of jobs that make them |
//! | `summary` | the values of a column, counted |
//! | `queries` | the engine, in this process or in others, and the reserve of the disk of its files |
//! | `attempt` | an attempt whose work has a thread of its own |
//! | `writer` | a table or a view as pieces of the place |
//! | `rows`, `open` | pages of rows, and the tables that are open |
//! | `content` | the pieces of a content; its bytes for readers that block (`source`), and what stays in memory (`lru`) |
//! | `failure` | errors of readings and queries, as refusals and as failures |
//! | `wire` | tables, views, previews and rows as messages |
//!
//! Not the formats (the crate `tables`), not queries (the crate `engine`), and not the rows of Postgres (the store).
//! Invariants: a call finds the files on which its account has a role; what blocks has a thread of its own, and each account few of
//! them.

pub(in crate::service) mod attempt;
mod begin;
mod calls;
mod content;
mod failure;
mod job;
mod open;
mod preview;
mod queries;
mod question;
mod reading;
mod room;
mod rows;
mod summary;
mod views;
mod wire;
mod writer;

use std::sync::Arc;

use gridloom::v1;

pub(in crate::service) use self::failure::{damaged, failed, query_failed, unanswered};
pub(crate) use self::job::ReadFile;
use self::job::Size;
pub(in crate::service) use self::open::OpenTables;
pub(crate) use self::queries::{ClusterLink, Queries, WorkerFact};
pub(in crate::service) use self::question::{columns_of, position};
pub(crate) use self::views::ViewTable;
pub(in crate::service) use self::wire::etag;
use self::wire::{check, check_etag, table_to_wire};
pub(in crate::service) use self::wire::{check_by, rows_to_wire};
pub(in crate::service) use self::writer::{Drafts, PieceWriter, leave_drafts};
use crate::edge::auth::Identity;
use crate::edge::errors::{FileRefusal, ServiceError};
use crate::edge::rights::access::Access;
use crate::service::files::CheckedPlace;
use crate::service::jobs::job_to_wire;
use crate::service::turns::Turns;
use jobs::Queue;
use model::limits::tables::{
    PREVIEWS, PREVIEWS_AT_ONCE, SUMMARIES, SUMMARIES_AT_ONCE, TABLE_READS, TABLE_READS_AT_ONCE,
};
use model::limits::{FileLimits, Limits};
use model::{FileId, FileRecord, Role, TableFacts, TableRecord};
use store::Store;

/// Serves tables.
pub(crate) struct Tables {
    store: Store,
    access: Access,
    place: Arc<CheckedPlace>,
    queue: Queue,
    limits: Limits,
    files: FileLimits,
    /// The bytes of an answer.
    message_bytes: usize,
    open: Arc<OpenTables>,
    /// The turns to read a page of rows.
    reads: Turns,
    /// The turns to make a preview.
    previews: Turns,
    /// The turns to make a summary.
    summaries: Turns,
    engine: Queries,
}

impl Tables {
    pub(crate) fn new(
        (store, access): (Store, Access),
        place: Arc<CheckedPlace>,
        queue: Queue,
        engine: Queries,
        (limits, files): (Limits, FileLimits),
    ) -> Self {
        let open = Arc::new(OpenTables::new(store.clone(), Arc::clone(&place)));
        let reads = Turns::new(TABLE_READS, TABLE_READS_AT_ONCE);
        let previews = Turns::new(PREVIEWS, PREVIEWS_AT_ONCE);
        let summaries = Turns::new(SUMMARIES, SUMMARIES_AT_ONCE);
        let message_bytes = limits.message_bytes as usize;
        Self {
            store,
            access,
            place,
            queue,
            limits,
            files,
            message_bytes,
            open,
            reads,
            previews,
            summaries,
            engine,
        }
    }

    /// A file that is not removed, of a caller whose role on it allows what `least` allows.
    async fn file(
        &self,
        identity: &Identity,
        id: &str,
        least: Role,
    ) -> Result<FileRecord, ServiceError> {
        let id = id.parse::<FileId>().map_err(|_| FileRefusal::NoFile)?;
        let file = self.access.file(identity.account, id, least).await?.file;
        match file.removed_micros {
            None => Ok(file),
            Some(_) => Err(FileRefusal::WhileRemoved.into()),
        }
    }

    /// A table of such a file with what its reading has found, unless the file was read again since the etag.
    async fn table_with_facts(
        &self,
        file: &FileRecord,
        number: u32,
        etag: &str,
    ) -> Result<(TableRecord, TableFacts), ServiceError> {
        let found = self.store.file_table_with_facts(file.owner, file.id, number).await?;
        let (table, facts) = found.ok_or(ServiceError::NotFound("table"))?;
        check_etag(&table, etag)?;
        Ok((table, facts))
    }

    async fn list(
        &self,
        identity: &Identity,
        id: &str,
    ) -> Result<v1::ListTablesResponse, ServiceError> {
        let file = self.file(identity, id, Role::Viewer).await?;
        let tables = self.store.file_tables(file.owner, file.id).await?;
        let tables = tables.into_iter().map(|(record, facts)| table_to_wire(&record, facts));
        let tables = tables.collect();
        let kind = Size::of(file.pieces.bytes).kind();
        let job = self.store.newest_job_about(identity.account, file.id, kind).await?;
        let job = job.as_ref().map(job_to_wire);
        let answer = v1::ListTablesResponse { tables, job };
        check(&answer, self.message_bytes)?;
        Ok(answer)
    }
}
