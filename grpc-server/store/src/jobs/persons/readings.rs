//! Jobs that read a file: the one of a reading, which is enqueued once, and the newest one.
//!
//! Not what a reading is: a text, which the caller compares by its bytes, in the member `reading` of the parameters. Invariant:
//! of several calls at once with the same reading one enqueues a job, since the look and the job are one transaction that holds
//! the lock on the jobs of the account.

use tokio_postgres::types::ToSql;

use super::unless::enqueue_unless;
use super::{PersonJob, person_job};
use crate::jobs::NewJob;
use crate::{Store, StoreError};
use model::{AccountId, FileId};

macro_rules! about_file {
    ($condition:literal) => {
        concat!(
            "select ",
            columns!(),
            " from jobs
            where account = $1 and parameters ? 'title' and parameters ->> 'file' = $2 and kind = $3 ",
            $condition,
            " order by created_at desc, id desc limit 1"
        )
    };
}

/// One that is about to be cancelled is not the answer to a call that wants the tables, and neither is one whose tables
/// another one has replaced, or of whose tables the place has lost a part.
const READING: &str = about_file!(
    "and parameters ->> 'reading' = $4 and not cancel_asked and (
        state in ('waiting', 'running')
        or state = 'done' and exists (
            select from file_tables where file_tables.file = $5 and file_tables.reading = jobs.id)
            and not exists (
                select from file_tables join file_contents as content on content.id = file_tables.content
                where file_tables.file = $5 and content.is_damaged)
    )"
);

const NEWEST: &str = about_file!("");

/// A reading of a file by a kind of jobs.
#[derive(Clone, Copy, Debug)]
pub struct FileReading<'a> {
    /// Whose file it is.
    pub account: AccountId,
    /// The file.
    pub file: FileId,
    /// The kind of the job, by name.
    pub kind: &'a str,
    /// How it is read, as the parameters of the job have it.
    pub reading: &'a str,
}

impl Store {
    /// The job that reads a file so, or has read it so with the tables that the file has.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn job_of_reading(
        &self,
        reading: FileReading<'_>,
    ) -> Result<Option<PersonJob>, StoreError> {
        let FileReading { account, file, kind, reading } = reading;
        let id = file.to_string();
        let parameters: [&(dyn ToSql + Sync); 5] = [&account.0, &id, &kind, &reading, &file.0];
        self.query_opt(READING, &parameters[..]).await?.as_ref().map(person_job).transpose()
    }

    /// Enqueues a job for a reading, unless [`Store::job_of_reading`] has one. Gives the job, and whether it is new.
    ///
    /// # Errors
    /// As [`Store::enqueue`]; [`StoreError::Corrupt`].
    pub async fn enqueue_reading(
        &self,
        reading: FileReading<'_>,
        job: &NewJob,
    ) -> Result<(PersonJob, bool), StoreError> {
        let FileReading { account, file, kind, reading } = reading;
        let id = file.to_string();
        let parameters: [&(dyn ToSql + Sync); 5] = [&account.0, &id, &kind, &reading, &file.0];
        enqueue_unless(self, (READING, &parameters[..]), job).await
    }

    /// The newest job of a kind about a file; `None`: there is none, or its record is deleted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn newest_job_about(
        &self,
        account: AccountId,
        file: FileId,
        kind: &str,
    ) -> Result<Option<PersonJob>, StoreError> {
        let row = self.query_opt(NEWEST, &[&account.0, &file.to_string(), &kind]).await?;
        row.as_ref().map(person_job).transpose()
    }
}
