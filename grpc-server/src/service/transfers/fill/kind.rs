//! The kind of jobs that fill sheets: `fill-sheet`.
//!
//! Not what happens to a sheet (`new_sheet`, `append`, `merge`). Invariant: an attempt that follows one which has made the sheet
//! makes none.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jobs::{Failure, Job, Kind, Outcome};
use tokio::time::sleep;

use super::context::{Context, Filled};
use super::done::Done;
use super::failures::other_release;
use super::names::Names;
use super::target::{KIND, Parameters, Target};
use super::{append, merge, new_sheet};
use crate::service::files::CheckedPlace;
use crate::service::jobs::plan;
use crate::service::transfers::parts::FillParts;
use crate::service::transfers::source::{Source, SourceParameters, gone, reopen};
use model::limits::tables::{FILLS_AT_ONCE, TRANSFER_WITHIN};
use model::{AccountId, EditPlace, SheetId};
use store::Store;

/// Between two looks whether the source is still there.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Fills sheets.
pub(crate) struct FillSheet(Context);

impl FillSheet {
    pub(crate) fn new(store: Store, place: Arc<CheckedPlace>, parts: FillParts) -> Self {
        Self(Context::new(store, place, parts))
    }

    async fn fill(&self, job: &Job) -> Outcome {
        let context = &self.0.of_attempt(plan::begin(job));
        let Parameters { source, target, place } = job.parameters()?;
        let account = job.account().ok_or_else(other_release)?;
        if let Target::NewSheet { .. } = target
            && let Some(made) = new_sheet::made(&context.store, job).await?
        {
            return Ok(made.into_result());
        }
        let done = Done::of(&target, job.attempt());
        let found = reopen(&context.store, account, &source).await;
        let found = found.map_err(|why| done.interrupted(why))?;
        let names = Names::new(job.id(), place.and_then(EditPlace::new));
        let filled = tokio::select! {
            filled = of(context, job, (account, &found), target, (names, &done)) => filled,
            why = until_gone(&context.store, account, &source) => Err(why),
        };
        filled.map(Filled::into_result).map_err(|why| done.interrupted(why))
    }
}

/// Fills the target with the rows.
async fn of(
    context: &Context,
    job: &Job,
    source: (AccountId, &Source),
    target: Target,
    (names, done): (Names, &Done),
) -> Result<Filled, Failure> {
    match target {
        Target::NewSheet { name } => new_sheet::fill(context, job, source, &name).await,
        Target::Append { sheet, edit_cells, edit_bytes } => {
            let sheet = sheet.parse::<SheetId>().map_err(|_| other_release())?;
            let of = (sheet, (edit_cells, edit_bytes));
            append::fill(context, job, source, of, (names, done)).await
        }
        Target::Merge { sheet, key, sheet_key, since } => {
            let sheet = sheet.parse::<SheetId>().map_err(|_| other_release())?;
            let of = (sheet, key, sheet_key);
            merge::fill(context, job, source, of, (since, names, done)).await
        }
    }
}

/// Resolves when no attempt can succeed any longer: the source is gone. Each look keeps a view, as a use of it does.
async fn until_gone(store: &Store, owner: AccountId, source: &SourceParameters) -> Failure {
    loop {
        sleep(LOOK_EVERY).await;
        if let Some(why) = gone(store, owner, source).await {
            return why;
        }
    }
}

impl Kind for FillSheet {
    fn name(&self) -> &'static str {
        KIND
    }

    fn at_once(&self) -> usize {
        FILLS_AT_ONCE
    }

    fn time_limit(&self) -> Duration {
        TRANSFER_WITHIN
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Outcome> {
        Box::pin(self.fill(job))
    }
}
