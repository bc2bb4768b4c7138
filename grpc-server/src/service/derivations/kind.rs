//! The kind of jobs that make a file of what an operation makes of rows: `derive-file`.
//!
//! Not the operation (the crate `engine`), and not the file (`transfers::make`). The query runs on a thread of its own, and
//! hands its rows to the writing of the file. Invariants: memory is that of the query and of one piece of the file; an attempt
//! ends when the job is cancelled, or when one of its tables is gone.

use std::sync::Arc;
use std::time::Duration;

use engine::{JoinOther, Progress, QueryError};
use futures_util::future::BoxFuture;
use jobs::{Failure, Job, Kind, Outcome};
use ot_engine::Value;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::operation::Checked;
use crate::service::tables::{Drafts, OpenTables, Queries, attempt, query_failed};
use crate::service::transfers::SaveParts;
use crate::service::transfers::make::{Attempt, make_once};
use crate::service::transfers::saved::Saved;
use crate::service::transfers::source::{self, Source, SourceParameters};
use crate::service::transfers::write::{NotTaken, Writing, Written};
use model::limits::derivation_jobs::{DERIVATION_WITHIN, DERIVATIONS_AT_ONCE};
use tables::{SavedFor, SavedFormat};

/// The name of the kind.
pub(super) const KIND: &str = "derive-file";

/// The parameters of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parameters {
    pub(super) source: SourceParameters,
    pub(super) operation: Checked,
    pub(super) saved: Saved,
}

/// Makes files of tables.
pub(crate) struct DeriveFile {
    parts: SaveParts,
    open: Arc<OpenTables>,
    engine: Queries,
}

impl DeriveFile {
    pub(crate) fn new(parts: SaveParts, engine: Queries) -> Self {
        let open = OpenTables::new(parts.store.clone(), Arc::clone(&parts.place));
        Self { parts, open: Arc::new(open), engine }
    }

    async fn derive(&self, job: &Job) -> Outcome {
        let Parameters { source, operation, saved } = job.parameters()?;
        let attempt = Attempt::of(job, &saved)?;
        let written = self.write(attempt, &source, operation);
        make_once(&self.parts, job, attempt.owner, &saved, written).await
    }

    /// Writes the rows of the new file, on a thread of its own.
    async fn write(
        &self,
        Attempt { job, owner, format }: Attempt<'_>,
        parameters: &SourceParameters,
        operation: Checked,
    ) -> Result<Written, Failure> {
        let store = &self.parts.store;
        let source = source::reopen(store, owner, parameters).await?;
        let of_other = operation.other().cloned();
        let other = match &of_other {
            Some(other) => Some(source::reopen(store, owner, other).await.map_err(other_failed)?),
            None => None,
        };
        let stop = CancellationToken::new();
        let _stop_at_end = stop.clone().drop_guard();
        let (progress, seen) = watch::channel((0, source.rows()));
        let drafts = self.parts.drafts(job, owner, &stop);
        let (open, engine) = (Arc::clone(&self.open), self.engine.clone());
        let work = Work { open, engine, source, other, operation, format, drafts, progress };
        let gone = || async {
            let of_source = source::gone(store, owner, parameters).await;
            match (of_source, &of_other) {
                (None, Some(other)) => source::gone(store, owner, other).await.map(other_failed),
                (why, _) => why,
            }
        };
        attempt::run_while_there((job, stop), seen, gone, move || work.run()).await
    }
}

/// What happens on the thread. Blocking.
struct Work {
    open: Arc<OpenTables>,
    engine: Queries,
    source: Source,
    /// That of a join.
    other: Option<Source>,
    operation: Checked,
    format: (SavedFormat, SavedFor),
    drafts: Drafts,
    /// The rows that are read, and those of all.
    progress: watch::Sender<(u64, u64)>,
}

impl Work {
    fn run(self) -> Result<Written, Failure> {
        let Self { open, engine, source, other, operation, format, drafts, progress } = self;
        let other = other.map(|other| JoinOther {
            table: open.bytes(other.content(), drafts.stop.clone()),
            name: other.file.name,
            columns: other.columns,
        });
        let operation = operation.over(&source, other)?;
        let table = open.bytes(source.content(), drafts.stop.clone());
        let engine = engine.with_steps(&drafts.steps);
        let columns = engine.derived_columns(&table, &source.columns, &operation);
        let columns = columns.map_err(query_failed)?;
        let (name, columns) = (&*source.table.name, &*columns);
        let writing = Writing { drafts: &drafts, format, name, columns, progress: None };
        let watch = |seen: Progress| {
            progress.send_replace((seen.rows, seen.of));
            drafts.stop.is_cancelled()
        };
        writing.taking(|take| {
            let mut each =
                |rows: Vec<Vec<Value>>| take(rows).map_err(|NotTaken| QueryError::Stopped);
            let derived = engine.derive(table, &source.columns, &operation, &mut each, &watch);
            Ok(derived.map_err(query_failed)?.notes)
        })
    }
}

/// The failure of the other table of a join.
fn other_failed(why: Failure) -> Failure {
    let of_other = |text| format!("the table that is joined: {text}");
    match why {
        Failure::Later(text) => Failure::Later(of_other(text)),
        Failure::Final(text) => Failure::Final(of_other(text)),
    }
}

impl Kind for DeriveFile {
    fn name(&self) -> &'static str {
        KIND
    }

    fn at_once(&self) -> usize {
        DERIVATIONS_AT_ONCE
    }

    fn time_limit(&self) -> Duration {
        DERIVATION_WITHIN
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Outcome> {
        Box::pin(self.derive(job))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_parameters_of_a_job_are_read_as_they_were_written() {
        let written = json!({
            "source": {"file": "f", "table": 3, "reading": "r"},
            "operation": {"add": [{"name": "total", "formula": "1 + 1"}]},
            "saved": {"format": 4, "form": 0, "name": "a.parquet"},
        });
        // The store adds members for persons.
        let mut stored = written.clone();
        stored["title"] = json!("Make a.parquet of a.csv");
        stored["file"] = json!("f");
        let read: Parameters = serde_json::from_value(stored).expect("is read");
        assert_eq!(serde_json::to_value(&read).expect("has a form"), written);
    }

    #[test]
    fn a_failure_of_the_other_table_names_it_and_may_pass_as_before() {
        let gone = other_failed(Failure::Final("the file was deleted".to_owned()));
        let text = "the table that is joined: the file was deleted".to_owned();
        assert_eq!(gone, Failure::Final(text));
        assert!(matches!(other_failed(Failure::Later(String::new())), Failure::Later(_)));
    }
}
