//! The kinds of jobs that make a view: `view-table`, and `view-small-table` for a table of which one is soon made.
//!
//! Not the query (the crate `engine`). The query runs on a thread of its own, and its rows become pieces of a draft.
//! Invariants: an attempt makes a whole view or none; one that follows an attempt whose view is committed finds that view.

use std::sync::Arc;
use std::time::Duration;

use engine::{Progress, Question};
use futures_util::future::BoxFuture;
use jobs::{Failure, Job, Kind, Outcome};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::service::files::{self, CheckedPlace, file_of_job};
use crate::service::sheets::columns::{ColumnIndex, Holder};
use crate::service::tables::attempt;
use crate::service::tables::content::Content;
use crate::service::tables::content::source::{Source, kept_pieces};
use crate::service::tables::failure::query_failed;
use crate::service::tables::queries::Queries;
use crate::service::tables::question::{Asked, columns_of};
use crate::service::tables::writer::{Drafts, leave_drafts};
use model::limits::FileLimits;
use model::limits::tables::{READING_PIECE_BYTES, SMALL_FILE_BYTES, VIEW_WITHIN, VIEWS_AT_ONCE};
use model::{AccountId, ContentId, FileId, Role, TableRecord, ViewId};
use store::{CommittedView, NewView, Store};

/// The name of the kind for a table of so many bytes: small ones do not wait for a large one.
pub(super) const fn kind_of(bytes: u64) -> &'static str {
    if bytes <= SMALL_FILE_BYTES { SMALL } else { LARGE }
}

const SMALL: &str = "view-small-table";
const LARGE: &str = "view-table";

/// The parameters besides those of each job about a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parameters {
    /// The number of the table in the file.
    pub(super) table: u32,
    /// The content of the table: one that is read again has another.
    pub(super) content: String,
    /// The filter and the order.
    pub(super) question: String,
}

/// The parameters with the file.
#[derive(Deserialize)]
struct OfFile {
    file: String,
    #[serde(flatten)]
    parameters: Parameters,
}

/// The table of a job.
#[derive(Clone, Copy, Debug)]
struct Target {
    /// Whose job it is.
    account: AccountId,
    /// Whose file it is, and whose bytes the view takes.
    owner: AccountId,
    file: FileId,
    number: u32,
    content: ContentId,
}

/// Makes views of tables of one size.
pub(crate) struct ViewTable {
    kind: &'static str,
    store: Store,
    place: Arc<CheckedPlace>,
    files: FileLimits,
    engine: Queries,
}

impl ViewTable {
    /// The kinds for tables of each size.
    pub(crate) fn kinds(
        store: &Store,
        place: &Arc<CheckedPlace>,
        files: FileLimits,
        engine: &Queries,
    ) -> [Self; 2] {
        [SMALL, LARGE].map(|kind| {
            let (store, place, engine) = (store.clone(), Arc::clone(place), engine.clone());
            Self { kind, store, place, files, engine }
        })
    }

    async fn make(&self, job: &Job) -> Outcome {
        let other = || Failure::Final("its parameters are not those of this release".to_owned());
        let OfFile { file, parameters } = job.parameters()?;
        let Parameters { table: number, content, question } = parameters;
        let file = file.parse::<FileId>().map_err(|_| other())?;
        let content = content.parse::<ContentId>().map_err(|_| other())?;
        let account = job.account().ok_or_else(other)?;
        let owner = file_of_job(&self.store, account, file, Role::Viewer).await?.file.owner;
        let target = Target { account, owner, file, number, content };
        let found = self.store.file_table_with_facts(owner, file, number).await?;
        let (table, facts) =
            found.filter(|(table, _)| table.content == content).ok_or_else(gone)?;
        // Made by an attempt before, or for another job of the same question.
        if let Some(made) = self.made(target, &question).await? {
            return Ok(made);
        }
        let columns = columns_of(&facts);
        let asked = Asked::of_text(&question, &ColumnIndex::of(Holder::Table, &columns));
        let asked = asked.ok_or_else(other)?;
        let (content, rows) = self.write(job, target, &table, asked.question).await?;
        if let Some(made) = self.made(target, &question).await? {
            // Another account has made it meanwhile, and may show it already.
            leave_drafts(&self.store, job.hold()).await;
            return Ok(made);
        }
        let view = NewView { number, table: table.content, content, question, rows };
        let committed = self.store.commit_view(job.hold(), (owner, file), &view).await;
        if !matches!(committed, Ok(CommittedView::View)) {
            // One that is a view after all is no draft any longer.
            leave_drafts(&self.store, job.hold()).await;
        }
        match committed? {
            CommittedView::View => Ok(result(ViewId(job.id().0), rows)),
            CommittedView::NoTable => Err(gone()),
            CommittedView::NoRole => Err(no_role()),
            CommittedView::Lost => {
                Err(Failure::Later("what was written is gone: another attempt has the job".into()))
            }
        }
    }

    /// The result of a view that the table has.
    async fn made(&self, target: Target, question: &str) -> Result<Option<Value>, Failure> {
        let Target { owner, file, number, .. } = target;
        let made = self.store.view_of_question(owner, file, number, question).await?;
        Ok(made.map(|view| result(view.id, view.rows)))
    }

    /// Answers the question on a thread of its own: the content, and its number of rows.
    async fn write(
        &self,
        job: &Job,
        target: Target,
        table: &TableRecord,
        question: Question,
    ) -> Result<(ContentId, u64), Failure> {
        let stop = CancellationToken::new();
        let _stop_at_end = stop.clone().drop_guard();
        let content = (table.content, table.pieces);
        let content = Content::new(self.store.clone(), Arc::clone(&self.place), content);
        let source = Source::of_reading(content, kept_pieces(READING_PIECE_BYTES), stop.clone());
        let Target { account, owner, .. } = target;
        let parts = (&self.store, &self.place, self.files);
        let drafts = Drafts::of_attempt(job, (account, owner), parts, &stop);
        let (progress, seen) = watch::channel((0, table.rows));
        let engine = self.engine.clone();
        let work = Work { table: Arc::new(source), question, engine, drafts, progress };
        let gone = || self.gone(target);
        let written = attempt::run((job, stop), seen, gone, move || work.run()).await;
        if written.is_err() {
            leave_drafts(&self.store, job.hold()).await;
        }
        written
    }

    /// Why no attempt can succeed any longer; `None`: the table and the role are there, or Postgres is away.
    async fn gone(&self, target: Target) -> Option<Failure> {
        let Target { account, owner, file, number, content } = target;
        if let Some(why) = files::gone(&self.store, account, file, Role::Viewer).await {
            return Some(why);
        }
        match self.store.file_table(owner, file, number).await {
            Ok(Some(table)) if table.content == content => None,
            Ok(_) => Some(gone()),
            Err(error) => {
                tracing::debug!(%error, "not seen whether a table is still there; retrying");
                None
            }
        }
    }
}

/// What happens on the thread. Blocking.
struct Work {
    table: Arc<Source>,
    question: Question,
    engine: Queries,
    drafts: Drafts,
    /// The rows that are read, and those of all.
    progress: watch::Sender<(u64, u64)>,
}

impl Work {
    fn run(self) -> Result<(ContentId, u64), Failure> {
        let mut writer = self.drafts.begin()?;
        let (stop, progress) = (&self.drafts.stop, &self.progress);
        let watch = |seen: Progress| {
            progress.send_replace((seen.rows, seen.of));
            stop.is_cancelled()
        };
        let engine = self.engine.with_steps(&self.drafts.steps);
        match engine.view(self.table, &self.question, &mut writer, &watch) {
            Ok(rows) => Ok((writer.finish()?, rows)),
            // The first error of a piece says more than that of the query.
            Err(error) => Err(writer.failure().unwrap_or_else(|| query_failed(error))),
        }
    }
}

impl Kind for ViewTable {
    fn name(&self) -> &'static str {
        self.kind
    }

    fn at_once(&self) -> usize {
        VIEWS_AT_ONCE
    }

    fn time_limit(&self) -> Duration {
        VIEW_WITHIN
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Outcome> {
        Box::pin(self.make(job))
    }
}

fn result(view: ViewId, rows: u64) -> Value {
    json!({"view": view.to_string(), "rows": rows})
}

fn no_role() -> Failure {
    Failure::Final("the file is no longer shared with you".to_owned())
}

fn gone() -> Failure {
    Failure::Final("the table is gone: its file was removed, deleted or read again".to_owned())
}
