//! The kind of jobs that save a table or a sheet as a file: `save-file`.
//!
//! Not the rows (`table_rows`, `sheet_rows`), and not the bytes (`write`). The attempt reports its progress in rows, and stops
//! its thread when the job is cancelled or its source is gone. Invariants: an attempt makes one file or none; the id of the file
//! is that of the job, so an attempt that follows one whose file is committed makes none, and has the result of then.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use heavy_work::Caller;
use jobs::{Failure, Job, Kind, Outcome};
use ot_engine::Revision;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::notes::bounded;
use super::saved::Saved;
use super::sheet_rows::{self, Asked};
use super::source::{self, SourceParameters};
use super::table_rows::TableWork;
use super::write::Written;
use crate::edge::errors::FileRefusal;
use crate::edge::rights::access::Access;
use crate::service::files::CheckedPlace;
use crate::service::jobs::plan;
use crate::service::tables::{Drafts, OpenTables, attempt, failed};
use model::limits::FileLimits;
use model::limits::tables::{SAVES_AT_ONCE, TRANSFER_WITHIN};
use model::{AccountId, FileId, SheetId};
use sheet::Registry;
use store::{CommittedFile, MadeFile, Store};
use tables::{SavedFor, SavedFormat};

/// The name of the kind.
pub(super) const KIND: &str = "save-file";

/// The parameters of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parameters {
    pub(super) saved: Saved,
    pub(super) rows: Rows,
}

/// The rows that are saved.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Rows {
    Table(SourceParameters),
    Sheet(SheetParameters),
}

/// A sheet in the parameters of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SheetParameters {
    pub(super) sheet: String,
    /// Absent: the newest one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) revision: Option<u64>,
}

/// The parts that the kind uses.
pub(crate) struct SaveParts {
    pub(crate) store: Store,
    pub(crate) place: Arc<CheckedPlace>,
    pub(crate) access: Access,
    pub(crate) registry: Registry,
    pub(crate) files: FileLimits,
}

/// Saves tables and sheets as files.
pub(crate) struct SaveFile {
    parts: SaveParts,
    open: Arc<OpenTables>,
}

/// What an attempt has of its job.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    job: &'a Job,
    owner: AccountId,
    format: (SavedFormat, SavedFor),
}

impl SaveFile {
    pub(crate) fn new(parts: SaveParts) -> Self {
        let open = OpenTables::new(parts.store.clone(), Arc::clone(&parts.place));
        Self { parts, open: Arc::new(open) }
    }

    async fn save(&self, job: &Job) -> Outcome {
        let Parameters { saved, rows } = job.parameters()?;
        let owner = job.account().ok_or_else(other)?;
        let format = saved.format().ok_or_else(other)?;
        let id = FileId(job.id().0);
        if self.parts.store.file(owner, id).await?.is_some() {
            return self.made(job, id).await;
        }
        let attempt = Attempt { job, owner, format };
        let written = match &rows {
            Rows::Table(parameters) => self.table(attempt, parameters).await,
            Rows::Sheet(parameters) => self.sheet(attempt, parameters).await,
        };
        let made = match written {
            Ok(written) => self.make(attempt, (id, saved.name.as_str()), written).await,
            Err(why) => Err(why),
        };
        if made.is_err() {
            // What is not left here, the sweep finds an hour after its last piece.
            let left = self.parts.store.leave_table_drafts(job.hold()).await;
            left.unwrap_or_else(|error| tracing::debug!(%error, "drafts not left"));
        }
        made
    }

    /// Makes what is written a file.
    async fn make(
        &self,
        Attempt { job, owner, .. }: Attempt<'_>,
        (id, name): (FileId, &str),
        written: Written,
    ) -> Outcome {
        let Written { content, digest, rows, notes } = written;
        let result = &json!({"file": id.to_string(), "rows": rows, "notes": bounded(notes)});
        let made = MadeFile { id, content, name, digest, result };
        let files = self.parts.files;
        let committed = self.parts.store.commit_made_file(job.hold(), owner, made, &files).await?;
        match committed {
            // Perhaps that of an earlier attempt, whose commit had no answer.
            CommittedFile::File(_) => self.made(job, id).await,
            CommittedFile::Full(usage) => {
                Err(failed(FileRefusal::StorageFull(usage, files).into()))
            }
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
    async fn made(&self, job: &Job, id: FileId) -> Outcome {
        let kept = self.parts.store.kept_result(job.hold()).await?;
        Ok(kept.unwrap_or_else(|| json!({"file": id.to_string()})))
    }

    /// Writes a table or a view, on a thread of its own.
    async fn table(
        &self,
        attempt: Attempt<'_>,
        parameters: &SourceParameters,
    ) -> Result<Written, Failure> {
        let Attempt { job, owner, format } = attempt;
        let store = &self.parts.store;
        let source = source::reopen(store, owner, parameters).await?;
        let stop = CancellationToken::new();
        let _stop_at_end = stop.clone().drop_guard();
        let (progress, seen) = watch::channel((0, source.rows()));
        let drafts = self.drafts(attempt, &stop);
        let work = TableWork { open: Arc::clone(&self.open), source, format, drafts, progress };
        let gone = || source::gone(store, owner, parameters);
        let written = attempt::run((job, stop), seen, gone, move || work.run()).await?;
        // The role may have ended since the last look.
        gone().await.map_or(Ok(written), Err)
    }

    /// Writes a sheet: its rows are read beside the thread that writes them.
    async fn sheet(
        &self,
        attempt: Attempt<'_>,
        parameters: &SheetParameters,
    ) -> Result<Written, Failure> {
        let Attempt { job, owner, format } = attempt;
        let sheet = parameters.sheet.parse::<SheetId>().map_err(|_| other())?;
        self.check_role(owner, sheet).await?;
        let stop = CancellationToken::new();
        let _stop_at_end = stop.clone().drop_guard();
        let (progress, seen) = watch::channel((0, 0));
        let SaveParts { store, registry, .. } = &self.parts;
        let asked = Asked {
            store: store.clone(),
            registry: registry.clone(),
            account: owner,
            sheet,
            revision: parameters.revision.map(Revision),
        };
        let drafts = self.drafts(attempt, &stop);
        let (reader, work) = sheet_rows::open(asked, format, (drafts, progress));
        let reading = heavy_work::drive(Caller::Account(owner), reader.run());
        let gone = || async {
            let refused = self.check_role(owner, sheet).await.err();
            refused.filter(|why| matches!(why, Failure::Final(_)))
        };
        let written = attempt::run((job, stop), seen, gone, move || work.run());
        let written = tokio::select! {
            written = written => written?,
            // The thread finds that rows are missing, or that there are no more.
            never = until_dropped(reading) => match never {},
        };
        // The role may have ended since the last look.
        self.check_role(owner, sheet).await?;
        Ok(written)
    }

    /// Fails for an account that may not read the sheet as Postgres has it now.
    async fn check_role(&self, owner: AccountId, sheet: SheetId) -> Result<(), Failure> {
        let role = self.parts.access.look_up(sheet, owner).await?;
        role.map(drop).ok_or_else(sheet_rows::gone)
    }

    fn drafts(&self, Attempt { job, owner, .. }: Attempt<'_>, stop: &CancellationToken) -> Drafts {
        let SaveParts { store, place, files, .. } = &self.parts;
        Drafts {
            store: store.clone(),
            place: Arc::clone(place),
            limits: *files,
            hold: job.hold(),
            owner,
            runtime: Handle::current(),
            stop: stop.clone(),
            steps: plan::begin(job),
        }
    }
}

impl Kind for SaveFile {
    fn name(&self) -> &'static str {
        KIND
    }

    fn at_once(&self) -> usize {
        SAVES_AT_ONCE
    }

    fn time_limit(&self) -> Duration {
        TRANSFER_WITHIN
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Outcome> {
        Box::pin(self.save(job))
    }
}

/// Runs a future to its end, and waits then.
async fn until_dropped<T>(work: impl Future<Output = T>) -> Infallible {
    work.await;
    pending().await
}

fn other() -> Failure {
    Failure::Final("its parameters are not those of this release".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_of_a_job_are_read_as_they_were_written() {
        let saved = json!({"format": 4, "form": 0, "name": "a.parquet"});
        let table = json!({"file": "f", "table": 3, "reading": "r"});
        let view = json!({"file": "f", "table": 3, "reading": "r", "view": "v", "columns": [2, 0]});
        let (sheet, at) = (json!({"sheet": "s"}), json!({"sheet": "s", "revision": 7}));
        let rows = [
            json!({"table": table}),
            json!({"table": view}),
            json!({"sheet": sheet}),
            json!({"sheet": at}),
        ];
        for rows in rows {
            let written = json!({"saved": saved, "rows": rows});
            // The store adds members for persons.
            let mut stored = written.clone();
            stored["title"] = json!("Save a.parquet");
            let read: Parameters = serde_json::from_value(stored).expect("is read");
            assert_eq!(serde_json::to_value(&read).expect("has a form"), written);
            assert_eq!(read.saved.format(), Some((SavedFormat::Parquet, SavedFor::Programs)));
        }
    }
}
