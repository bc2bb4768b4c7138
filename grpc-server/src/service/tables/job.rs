//! The kinds of jobs that read a file: `read-file`, and `read-small-file` for one that is soon read.
//!
//! Not what happens on its thread (`work`). The attempt reports its progress, and stops the thread when the job is cancelled or
//! the attempt ends otherwise. Invariants: an attempt makes all tables of its reading or none; one that follows an attempt whose
//! tables are committed reads nothing again.

mod work;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jobs::{Failure, Job, Kind, Outcome};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use values::Locale;

use self::work::Work;
use super::attempt;
use super::content::Content;
use super::content::source::{Source, kept_pieces};
use super::reading::Reading;
use super::writer::{Drafts, leave_drafts};
use crate::service::files::{
    CheckedPlace, READ_FILE, READ_SMALL_FILE, file_of_job, gone, without_original,
};
use model::limits::tables::{
    READING_PIECE_BYTES, READING_WITHIN, READINGS, SMALL_FILE_BYTES, SMALL_READINGS,
};
use model::limits::{FileLimits, Limits};
use model::{AccountId, FileId, FileRecord, Role};
use store::{CommittedTables, NewTable, Store};

/// The parameters besides those of each job about a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parameters {
    /// How the file is read.
    pub(super) reading: String,
}

/// The parameters with the file.
#[derive(Deserialize)]
struct OfFile {
    file: String,
    reading: String,
}

/// The files that a kind reads: small ones do not wait for a large one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    Small,
    Large,
}

impl Size {
    /// That of a file of so many bytes.
    pub(super) const fn of(bytes: u64) -> Self {
        if bytes <= SMALL_FILE_BYTES { Self::Small } else { Self::Large }
    }

    /// The name of the kind.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Small => READ_SMALL_FILE,
            Self::Large => READ_FILE,
        }
    }
}

/// Reads files of one size.
pub(crate) struct ReadFile {
    size: Size,
    store: Store,
    place: Arc<CheckedPlace>,
    limits: Limits,
    files: FileLimits,
}

impl ReadFile {
    /// The kinds for files of each size.
    pub(crate) fn kinds(
        store: &Store,
        place: &Arc<CheckedPlace>,
        (limits, files): (Limits, FileLimits),
    ) -> [Self; 2] {
        [Size::Small, Size::Large].map(|size| {
            let (store, place) = (store.clone(), Arc::clone(place));
            Self { size, store, place, limits, files }
        })
    }

    async fn read(&self, job: &Job) -> Outcome {
        let other = || Failure::Final("its parameters are not those of this release".to_owned());
        let OfFile { file, reading } = job.parameters()?;
        let file = file.parse::<FileId>().map_err(|_| other())?;
        let account = job.account().ok_or_else(other)?;
        let read = Reading::with_locale(&reading, &self.limits).ok_or_else(other)?;
        let record = file_of_job(&self.store, account, file, Role::Editor).await?.file;
        let owner = record.owner;
        let done = self.store.file_tables(owner, file).await?;
        if !done.is_empty() && done.iter().all(|(table, _)| table.reading == job.id().0) {
            return Ok(json!({"tables": done.len()}));
        }
        let tables = self.tables(job, account, record, read).await?;
        let committed = self.store.commit_tables(job.hold(), (owner, file), &tables).await;
        if !matches!(committed, Ok(CommittedTables::Tables)) {
            // Those that are tables after all are no drafts any longer.
            leave_drafts(&self.store, job.hold()).await;
        }
        match committed? {
            CommittedTables::Tables => Ok(json!({"tables": tables.len()})),
            CommittedTables::NoFile => Err(removed()),
            CommittedTables::NoRole => Err(no_role()),
            CommittedTables::Lost => {
                Err(Failure::Later("what was written is gone: another attempt has the job".into()))
            }
        }
    }

    /// Reads the tables on a thread of its own. They count for the owner of the file.
    async fn tables(
        &self,
        job: &Job,
        account: AccountId,
        file: FileRecord,
        (reading, locale): (Reading, Locale),
    ) -> Result<Vec<NewTable>, Failure> {
        let original = file.original.ok_or_else(without_original)?;
        let (id, owner, stop) = (file.id, file.owner, CancellationToken::new());
        let _stop_at_end = stop.clone().drop_guard();
        let content = (original.content, file.pieces);
        let content = Content::new(self.store.clone(), Arc::clone(&self.place), content);
        let source = Source::of_reading(content, kept_pieces(READING_PIECE_BYTES), stop.clone());
        let parts = (&self.store, &self.place, self.files);
        let drafts = Drafts::of_attempt(job, (account, owner), parts, &stop);
        let (progress, seen) = watch::channel((0, file.pieces.bytes));
        let work = Work {
            bytes: Arc::new(source),
            name: file.name,
            reading,
            locale,
            limits: self.limits,
            drafts,
            progress,
        };
        let gone = || gone(&self.store, account, id, Role::Editor);
        let read = attempt::run((job, stop), seen, gone, move || work.run()).await;
        if read.is_err() {
            leave_drafts(&self.store, job.hold()).await;
        }
        read
    }
}

impl Kind for ReadFile {
    fn name(&self) -> &'static str {
        self.size.kind()
    }

    fn at_once(&self) -> usize {
        match self.size {
            Size::Small => SMALL_READINGS,
            Size::Large => READINGS,
        }
    }

    fn time_limit(&self) -> Duration {
        READING_WITHIN
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Outcome> {
        Box::pin(self.read(job))
    }
}

fn no_role() -> Failure {
    Failure::Final("your role on the file does not allow to read it again any more".to_owned())
}

fn removed() -> Failure {
    Failure::Final("the file was removed; restore it, then read it again".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_has_a_kind_of_its_own() {
        let kinds = [0, SMALL_FILE_BYTES, SMALL_FILE_BYTES + 1].map(|bytes| Size::of(bytes).kind());
        assert_eq!(kinds, ["read-small-file", "read-small-file", "read-file"]);
    }
}
