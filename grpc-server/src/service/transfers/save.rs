//! The kind of jobs that save a table or a sheet as a file: `save-file`.
//!
//! Not the rows (`table_rows`, `sheet_rows`), not the bytes (`write`), and not the file (`make`). Invariant: an attempt reports
//! its progress in rows, and stops its thread when the job is cancelled or its source is gone.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use heavy_work::Caller;
use jobs::{Failure, Job, Kind, Outcome};
use ot_engine::Revision;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::make::{Attempt, SaveParts, make_once, other_release};
use super::saved::Saved;
use super::sheet_rows::{self, Asked};
use super::source::{self, SourceParameters};
use super::table_rows::TableWork;
use super::write::Written;
use crate::service::tables::{OpenTables, attempt};
use model::limits::tables::{SAVES_AT_ONCE, TRANSFER_WITHIN};
use model::{AccountId, SheetId};

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

/// Saves tables and sheets as files.
pub(crate) struct SaveFile {
    parts: SaveParts,
    open: Arc<OpenTables>,
}

impl SaveFile {
    pub(crate) fn new(parts: SaveParts) -> Self {
        let open = OpenTables::new(parts.store.clone(), Arc::clone(&parts.place));
        Self { parts, open: Arc::new(open) }
    }

    async fn save(&self, job: &Job) -> Outcome {
        let Parameters { saved, rows } = job.parameters()?;
        let attempt = Attempt::of(job, &saved)?;
        let owner = attempt.owner;
        let written = async {
            match &rows {
                Rows::Table(parameters) => self.table(attempt, parameters).await,
                Rows::Sheet(parameters) => self.sheet(attempt, parameters).await,
            }
        };
        make_once(&self.parts, job, owner, &saved, written).await
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
        let drafts = self.parts.drafts(job, owner, &stop);
        let work = TableWork { open: Arc::clone(&self.open), source, format, drafts, progress };
        let gone = || source::gone(store, owner, parameters);
        attempt::run_while_there((job, stop), seen, gone, move || work.run()).await
    }

    /// Writes a sheet: its rows are read beside the thread that writes them.
    async fn sheet(
        &self,
        attempt: Attempt<'_>,
        parameters: &SheetParameters,
    ) -> Result<Written, Failure> {
        let Attempt { job, owner, format } = attempt;
        let sheet = parameters.sheet.parse::<SheetId>().map_err(|_| other_release())?;
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
        let drafts = self.parts.drafts(job, owner, &stop);
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use tables::{SavedFor, SavedFormat};

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
