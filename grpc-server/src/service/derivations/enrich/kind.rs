//! The kind of jobs that enrich a table: `enrich-file`.
//!
//! Not the requests (`asker`), not the rows (`rows`), and not the file (`make`). An attempt finds the keys, asks the API for each, and
//! writes the file; its progress is that of the keys. Answers are in memory alone, so an attempt after one that was interrupted asks
//! for all keys again. While it asks it has no thread, so many wait for APIs at once; passes over the rows and many bytes of values
//! have turns, which accounts share. Invariant: a cancelled attempt sends nothing more, and ends within a second of its cancellation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engine::{Meter, Steps};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _};
use heavy_work::Caller;
use jobs::{Failure, Job, Kind, Outcome};
use outbound::Outbound;
use serde::{Deserialize, Serialize};
use tables::{SavedFor, SavedFormat};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use super::answers::{Answers, Ended};
use super::api::Api;
use super::asked::{Asked, Secret};
use super::asker::Asker;
use super::keys::Keys;
use super::pace::Pace;
use super::rows::{KeyWork, RowWork};
use crate::service::tables::{OpenTables, attempt, failed};
use crate::service::transfers::SaveParts;
use crate::service::transfers::make::{self, make_once};
use crate::service::transfers::saved::Saved;
use crate::service::transfers::source::{self, Source, SourceParameters};
use crate::service::transfers::write::Written;
use crate::service::turns::{Turn, Turns};
use model::AccountId;
use model::limits::outbound::{
    ENRICH_ASKING_WITHIN, ENRICH_AT_ONCE, ENRICH_PASSES, ENRICH_TRIES, ENRICH_WITHIN,
    ENRICHMENTS_AT_ONCE, ENRICHMENTS_LARGE, ENRICHMENTS_OF_ACCOUNT,
};

/// The name of the kind.
pub(super) const KIND: &str = "enrich-file";
/// Between two looks whether the source is still there.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The parameters of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parameters {
    pub(super) saved: Saved,
    pub(super) source: SourceParameters,
    pub(super) asked: Asked,
}

/// Enriches tables.
pub(crate) struct EnrichFile {
    parts: SaveParts,
    outbound: Outbound,
    open: Arc<OpenTables>,
    /// Those of passes over the rows.
    passes: Turns,
    /// Those of enrichments with many bytes of values.
    large: Arc<Turns>,
}

/// What an attempt has of its job.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    job: &'a Job,
    owner: AccountId,
    format: (SavedFormat, SavedFor),
    source: &'a SourceParameters,
}

impl EnrichFile {
    pub(crate) fn new(parts: SaveParts, outbound: Outbound) -> Self {
        let open = OpenTables::new(parts.store.clone(), Arc::clone(&parts.place));
        let passes = Turns::new(ENRICH_PASSES, 1);
        let large = Arc::new(Turns::new(ENRICHMENTS_LARGE, 1));
        Self { parts, outbound, open: Arc::new(open), passes, large }
    }

    async fn enrich(&self, job: &Job) -> Outcome {
        let Parameters { saved, source, asked } = job.parameters()?;
        let make::Attempt { owner, format, .. } = make::Attempt::of(job, &saved)?;
        let secret = match asked.has_secret {
            true => job.secret()?,
            false => Secret::default(),
        };
        let attempt = Attempt { job, owner, format, source: &source };
        let written = self.written(attempt, (&asked, &secret));
        make_once(&self.parts, job, owner, &saved, written).await
    }

    async fn written(
        &self,
        attempt: Attempt<'_>,
        (asked, secret): (&Asked, &Secret),
    ) -> Result<Written, Failure> {
        let Attempt { job, owner, format, source: parameters } = attempt;
        let source = source::reopen(&self.parts.store, owner, parameters).await?;
        let api = Arc::new(Api::of(asked, secret, &source.facts).map_err(failed)?);
        let stop = CancellationToken::new();
        let _stop_at_end = stop.clone().drop_guard();
        let drafts = self.parts.drafts(job, owner, &stop);
        let steps = drafts.steps.clone();
        let (keys, without) = self.keys(attempt, (&source, &api), &steps).await?;
        let count = keys.all().len();
        check_time(count, &api)?;
        job.progress(0, Some(count as u64));
        let (answers, doubles) = self.answers(attempt, (&api, &keys), &steps).await?;
        let notes = notes(job, without, doubles);
        let (open, turn) = (Arc::clone(&self.open), self.pass(attempt).await?);
        let work = RowWork { open, source, api, keys, answers, format, drafts, notes };
        let gone = || source::gone(&self.parts.store, owner, parameters);
        // The progress stays that of the keys.
        let (_unseen, seen) = watch::channel((0, 0));
        let run = move || {
            let _turn = turn;
            work.run()
        };
        attempt::run_while_there((job, stop), seen, gone, run).await
    }

    /// The different keys of the rows, and the number of rows without one.
    async fn keys(
        &self,
        attempt: Attempt<'_>,
        (source, api): (&Source, &Api),
        steps: &Steps,
    ) -> Result<(Keys, u64), Failure> {
        let Attempt { job, owner, source: parameters, .. } = attempt;
        let turn = self.pass(attempt).await?;
        let stop = CancellationToken::new();
        let _stop_at_end = stop.clone().drop_guard();
        let meter = Meter::new("read keys", 1);
        steps.begin(&meter);
        let work = KeyWork {
            open: Arc::clone(&self.open),
            source: source.clone(),
            columns: api.asked_columns.clone(),
            stop: stop.clone(),
            meter,
        };
        let gone = || source::gone(&self.parts.store, owner, parameters);
        let (_unseen, seen) = watch::channel((0, 0));
        let run = move || {
            // A thread that is left keeps its turn until it has ended.
            let _turn = turn;
            work.run()
        };
        attempt::run((job, stop), seen, gone, run).await
    }

    /// A turn for a pass over the rows, unless the job is to end before.
    async fn pass(&self, attempt: Attempt<'_>) -> Result<Turn, Failure> {
        let Attempt { job, owner, source: parameters, .. } = attempt;
        tokio::select! {
            turn = self.passes.turn(owner) => {
                turn.ok_or_else(|| Failure::Later("there is no turn".to_owned()))
            }
            () = job.cancelled() => Err(Failure::Later("cancelled".to_owned())),
            why = self.gone(owner, parameters) => Err(why),
        }
    }

    /// The answers to all keys, and how many objects have the key of another one. Ends when the job is cancelled or its source is
    /// gone.
    async fn answers(
        &self,
        attempt: Attempt<'_>,
        (api, keys): (&Arc<Api>, &Keys),
        steps: &Steps,
    ) -> Result<(Answers, u64), Failure> {
        let Attempt { job, owner, source: parameters, .. } = attempt;
        let asker = Asker {
            outbound: self.outbound.clone(),
            api: Arc::clone(api),
            pace: Pace::new(api.per_second),
            tries: ENRICH_TRIES,
            job: job.id().0,
            caller: Caller::Account(owner),
            large: Some((Arc::clone(&self.large), owner)),
            waits: AtomicBool::new(false),
            meter: Meter::new("ask", 1),
        };
        steps.begin(&asker.meter);
        let progress = |done: usize| {
            asker.meter.rows_are(done as u64);
            job.progress(done as u64, Some(keys.all().len() as u64));
        };
        let asked = tokio::select! {
            answers = answers(&asker, keys, &progress) => answers,
            // Another attempt would begin again, and would take as long.
            () = asked_too_long(&asker) => Err(too_slow(keys.all().len())),
            () = job.cancelled() => Err(Failure::Later("cancelled".to_owned())),
            why = self.gone(owner, parameters) => Err(why),
        };
        asked.inspect(|_| asker.meter.task_ends())
    }

    /// Resolves when the source is gone.
    async fn gone(&self, owner: AccountId, parameters: &SourceParameters) -> Failure {
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            if let Some(why) = source::gone(&self.parts.store, owner, parameters).await {
                return why;
            }
        }
    }
}

impl Kind for EnrichFile {
    fn name(&self) -> &'static str {
        KIND
    }

    fn at_once(&self) -> usize {
        ENRICHMENTS_AT_ONCE
    }

    fn of_account_at_once(&self) -> usize {
        ENRICHMENTS_OF_ACCOUNT
    }

    fn time_limit(&self) -> Duration {
        ENRICH_WITHIN
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Outcome> {
        Box::pin(self.enrich(job))
    }
}

/// Asks for all keys, some at once.
pub(super) async fn answers(
    asker: &Asker,
    keys: &Keys,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<(Answers, u64), Failure> {
    let (api, all) = (&asker.api, keys.all());
    let mut answers = Answers::new(all.len(), api.names.len());
    let name = |number: usize| all.get(number).map_or("", |key| api.key_of(key));
    if !api.is_per_key {
        let (turn, (objects, doubles)) = match all.is_empty() {
            true => Default::default(),
            false => asker.all(all).await.map_err(Failure::Final)?,
        };
        for (number, key) in all.iter().enumerate() {
            // Several keys may have one normal form.
            let taken = objects.get(&*values::normal(api.key_of(key))).cloned();
            let ended = taken.map_or(Ended::NotFound, Ended::Values);
            answers.enter((number, name(number)), ended)?;
        }
        progress(all.len());
        let turn = turn.filter(|_| answers.is_large());
        answers.hold(turn);
        return Ok((answers, doubles));
    }
    let one = move |number: usize| async move {
        let key: &str = all.get(number).map_or("", |key| &**key);
        (number, asker.key(key).await)
    };
    let mut asked = stream::iter((0..all.len()).map(one)).buffer_unordered(ENRICH_AT_ONCE);
    let mut done = 0;
    while let Some((number, ended)) = asked.next().await {
        answers.enter((number, name(number)), ended)?;
        if answers.is_large() && !answers.has_turn() {
            answers.hold(asker.large_turn().await);
        }
        done += 1;
        progress(done);
    }
    answers.check()?;
    Ok((answers, 0))
}

/// Resolves after the time of asking, of which waits for a turn are no part.
async fn asked_too_long(asker: &Asker) {
    let mut left = ENRICH_ASKING_WITHIN;
    while !left.is_zero() {
        let step = left.min(LOOK_EVERY);
        sleep(step).await;
        if !asker.waits.load(Ordering::Relaxed) {
            left = left.saturating_sub(step);
        }
    }
}

/// Fails where so many keys can't be asked in the time of an attempt.
fn check_time(keys: usize, api: &Api) -> Result<(), Failure> {
    let seconds = keys as u64 / u64::from(api.per_second.max(1));
    if !api.is_per_key || seconds < ENRICH_ASKING_WITHIN.as_secs() {
        return Ok(());
    }
    let hours = ENRICH_ASKING_WITHIN.as_secs() / 3600;
    Err(Failure::Final(format!(
        "{keys} keys at {} requests in a second take more than {hours} h, the most of one attempt; raise requests_per_second, or \
         filter the rows and enrich each part",
        api.per_second
    )))
}

fn too_slow(keys: usize) -> Failure {
    let hours = ENRICH_ASKING_WITHIN.as_secs() / 3600;
    Failure::Final(format!(
        "the API has not answered for all {keys} keys within {hours} h, the most of one attempt; filter the rows and enrich each \
         part"
    ))
}

/// Sentences about the rows without a key, about keys that came twice, and about an attempt before.
fn notes(job: &Job, without: u64, doubles: u64) -> Vec<String> {
    let mut notes = Vec::new();
    if job.attempt() > 1 {
        let text = "an attempt before was interrupted, so its keys were asked for again";
        notes.push(text.to_owned());
    }
    match without {
        0 => {}
        1 => notes.push("1 row has no key, and its new columns are empty".to_owned()),
        rows => notes.push(format!("{rows} rows have no key, and their new columns are empty")),
    }
    notes.extend(doubled(doubles));
    notes
}

/// A sentence about objects that have the key of another one.
pub(super) fn doubled(objects: u64) -> Option<String> {
    match objects {
        0 => None,
        1 => Some("1 object of the API has the key of another one, and is left out".to_owned()),
        objects => {
            Some(format!("{objects} objects of the API have keys of others, and are left out"))
        }
    }
}
