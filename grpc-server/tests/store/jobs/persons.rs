//! The jobs that an account is shown: those of one account, their order, what has changed, and what runs again.
//!
//! Not the calls. Invariant: each test has an account of its own.

use std::time::Duration;

use model::limits::edge::{ACCOUNT_JOBS_WAITING, JOB_ATTEMPTS};
use model::limits::jobs::JOB_TITLE_CHARACTERS;
use model::{AccountId, FileId};
use serde_json::json;
use store::{JobFilter, JobId, JobPlace, JobState, NewJob, PersonJob, Retried, Store, StoreError};

use super::{job, kind, node, take};
use crate::support::{Fixture, Outcome, connect};

const HOUR: Duration = Duration::from_secs(3_600);

/// A job that its account is shown and that may run again.
fn titled(kind: &'static str, account: AccountId, title: &str) -> NewJob {
    let title = Some(title.to_owned());
    let (account, secret) = (Some(account), None);
    NewJob { account, secret, title, is_retryable: true, ..job(kind) }
}

/// Enqueues a job, and gives its id.
async fn enqueue(store: &Store, new: NewJob) -> JobId {
    assert!(store.enqueue(&new).await.expect("Postgres answers"));
    new.id
}

async fn shown(store: &Store, account: AccountId, id: JobId) -> PersonJob {
    store.job_of(account, id).await.expect("Postgres answers").expect("is shown")
}

fn ids(jobs: &[PersonJob]) -> Vec<JobId> {
    jobs.iter().map(|job| job.id).collect()
}

#[tokio::test]
async fn an_account_is_shown_its_jobs_with_a_title_alone() -> Outcome {
    let (Fixture { store, owner, .. }, kind) = (Fixture::new().await, kind());
    let (other, file) = (Fixture::new().await.owner, FileId::generate());
    let about = NewJob { file: Some(file), ..titled(kind, owner, "Read Stock") };
    let (about, plain) = (enqueue(&store, about).await, job(kind));
    let hidden = enqueue(&store, NewJob { account: Some(owner), ..plain }).await;
    let of_other = enqueue(&store, titled(kind, other, "Read Stock")).await;
    let listed = store.jobs_of(owner, &JobFilter::default(), None, 10).await?;
    assert_eq!(ids(&listed), [about]);
    for unknown in [hidden, of_other, JobId(uuid::Uuid::new_v4())] {
        assert_eq!(store.job_of(owner, unknown).await?, None);
        assert_eq!(store.cancel_job_of(owner, unknown).await?, None);
        assert_eq!(store.retry_job(owner, unknown).await?, Retried::NoJob);
    }
    let found = shown(&store, owner, about).await;
    assert_eq!(listed, std::slice::from_ref(&found));
    assert_eq!(
        (&*found.title, found.file, found.state),
        ("Read Stock", Some(file), JobState::Waiting)
    );
    assert_eq!((found.attempts, found.is_retryable), (JOB_ATTEMPTS, false), "no file has the id");
    // A kind finds its own parameters beside the members for persons.
    let node = node(&store).await;
    let taken = take(&store, node, kind).await;
    let taken = taken.iter().find(|it| it.hold.job == about).ok_or("the job")?;
    let file = file.to_string();
    assert_eq!(taken.parameters, json!({"a": 1, "title": "Read Stock", "file": file}));
    Ok(())
}

#[tokio::test]
async fn a_list_has_the_newest_first_in_pages_by_state_and_by_file() -> Outcome {
    let (Fixture { store, owner, .. }, kind) = (Fixture::new().await, kind());
    let file = FileId::generate();
    let mut enqueued = Vec::new();
    for number in 0..7 {
        let file = (number % 3 == 0).then_some(file);
        let new = NewJob { file, ..titled(kind, owner, "Read") };
        enqueued.insert(0, enqueue(&store, new).await);
    }
    for id in &enqueued[..3] {
        store.cancel_job_of(owner, *id).await?.ok_or("is shown")?;
    }
    let all = JobFilter::default();
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = store.jobs_of(owner, &all, after, 2).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.place());
        listed.extend(ids(&page));
    }
    assert_eq!(listed, enqueued);
    let of = async |states: &[JobState], file| {
        let filter = JobFilter { states: states.to_vec(), file };
        store.jobs_of(owner, &filter, None, 10).await.map(|jobs| ids(&jobs))
    };
    let (waiting, cancelled) = (JobState::Waiting, JobState::Cancelled);
    assert_eq!(of(&[cancelled], None).await?, enqueued[..3]);
    assert_eq!(of(&[waiting, JobState::Done, waiting], None).await?, enqueued[3..]);
    assert_eq!(of(&[JobState::Failed], None).await?, []);
    let about = [enqueued[0], enqueued[3], enqueued[6]];
    assert_eq!(of(&[], Some(file)).await?, about);
    assert_eq!(of(&[waiting], Some(file)).await?, about[1..]);
    assert_eq!(of(&[], Some(FileId::generate())).await?, []);
    let second = shown(&store, owner, about[1]).await.place();
    let filter = JobFilter { states: Vec::new(), file: Some(file) };
    let rest = store.jobs_of(owner, &filter, Some(second), 10).await?;
    assert_eq!(ids(&rest), about[2..]);
    Ok(())
}

#[tokio::test]
async fn each_write_of_a_job_is_a_change_that_is_found_once_after_its_place() -> Outcome {
    let (Fixture { store, owner, .. }, kind) = (Fixture::new().await, kind());
    let (other, node) = (Fixture::new().await.owner, node(&store).await);
    let (accounts, mut after) = ([owner, other], JobPlace::FIRST);
    let id = enqueue(&store, titled(kind, owner, "Read")).await;
    let mut changed = async |state: JobState| {
        let found = store.jobs_changed(&accounts, HOUR, after, 10).await.expect("an answer");
        assert_eq!(found.len(), 1, "{state:?}: {found:?}");
        assert_eq!((found[0].id, found[0].account, found[0].state), (id, owner, state));
        assert!(found[0].change().micros > after.micros);
        after = found[0].change();
        found[0].clone()
    };
    changed(JobState::Waiting).await;
    let hold = take(&store, node, kind).await.pop().ok_or("a job")?.hold;
    assert!(changed(JobState::Running).await.started_micros.is_some());
    assert!(store.note_progress(hold, (3, Some(4))).await?);
    assert_eq!(changed(JobState::Running).await.progress, (3, Some(4)));
    store.cancel_job(id, Some(owner)).await?;
    assert!(changed(JobState::Running).await.cancel_asked);
    assert_eq!(store.retry_job(owner, id).await?, Retried::BeingCancelled);
    store.fail_job(hold, "stopped", false, Duration::ZERO).await?;
    let ended = changed(JobState::Cancelled).await;
    assert!(ended.ended_micros.is_some() && ended.error.is_none(), "its state says it");
    assert!(matches!(store.retry_job(owner, id).await?, Retried::Job(_)));
    changed(JobState::Waiting).await;
    let further = store.jobs_changed(&accounts, HOUR, after, 10).await?;
    assert_eq!(further, [], "no write since");
    // Of both accounts, by the time of the change.
    let of_other = enqueue(&store, titled(kind, other, "Read")).await;
    let both = store.jobs_changed(&accounts, HOUR, JobPlace::FIRST, 10).await?;
    assert_eq!(ids(&both), [id, of_other]);
    assert_eq!(ids(&store.jobs_changed(&[other], HOUR, JobPlace::FIRST, 10).await?), [of_other]);
    assert_eq!(store.jobs_changed(&accounts, Duration::ZERO, JobPlace::FIRST, 10).await?, []);
    Ok(())
}

#[tokio::test]
async fn a_job_that_failed_or_was_cancelled_runs_again_with_all_attempts() -> Outcome {
    let (Fixture { store, owner, .. }, kind) = (Fixture::new().await, kind());
    let node = node(&store).await;
    let id = enqueue(&store, titled(kind, owner, "Read")).await;
    for _ in 0..2 {
        let waits = store.retry_job(owner, id).await?;
        assert!(matches!(&waits, Retried::Job(job) if job.state == JobState::Waiting), "{waits:?}");
        for attempt in 1..=JOB_ATTEMPTS {
            let taken = take(&store, node, kind).await.pop().ok_or("a job")?;
            assert_eq!(taken.attempt, attempt);
            let runs = store.retry_job(owner, id).await?;
            assert!(matches!(&runs, Retried::Job(job) if job.state == JobState::Running));
            assert!(store.note_progress(taken.hold, (1, Some(2))).await?);
            store.fail_job(taken.hold, "no", false, Duration::ZERO).await?;
        }
        assert_eq!(shown(&store, owner, id).await.state, JobState::Failed);
        let Retried::Job(again) = store.retry_job(owner, id).await? else { panic!("is shown") };
        let error = again.error.as_deref();
        assert_eq!((again.state, again.attempt, error), (JobState::Waiting, 0, None));
        assert_eq!((again.progress, again.started_micros), ((0, None), None));
    }
    let cancelled = store.cancel_job_of(owner, id).await?.ok_or("is shown")?;
    assert_eq!(cancelled.state, JobState::Cancelled);
    assert_eq!(store.cancel_job_of(owner, id).await?, Some(cancelled), "it has ended");
    let Retried::Job(again) = store.retry_job(owner, id).await? else { panic!("is shown") };
    assert!(!again.cancel_asked);
    let taken = take(&store, node, kind).await.pop().ok_or("a job")?;
    assert!(store.finish_job(taken.hold, &json!({})).await?);
    assert_eq!(store.retry_job(owner, id).await?, Retried::Done);
    let once = NewJob { is_retryable: false, ..titled(kind, owner, "Read") };
    let once = enqueue(&store, once).await;
    store.cancel_job_of(owner, once).await?;
    assert_eq!(store.retry_job(owner, once).await?, Retried::NotRetryable);
    Ok(())
}

#[tokio::test]
async fn a_retry_keeps_the_limit_of_jobs_that_wait_also_for_calls_at_once() -> Outcome {
    let (Fixture { store, owner, .. }, kind) = (Fixture::new().await, kind());
    let mut ended = Vec::new();
    for _ in 0..5 {
        let id = enqueue(&store, titled(kind, owner, "Read")).await;
        store.cancel_job_of(owner, id).await?;
        ended.push(id);
    }
    for _ in 2..ACCOUNT_JOBS_WAITING {
        enqueue(&store, titled(kind, owner, "Read")).await;
    }
    let retries = ended.iter().map(|id| {
        let (store, id) = (store.clone(), *id);
        tokio::spawn(async move { store.retry_job(owner, id).await })
    });
    let mut refused = 0;
    for retry in retries.collect::<Vec<_>>() {
        match retry.await? {
            Ok(retried) => assert!(matches!(retried, Retried::Job(_)), "{retried:?}"),
            Err(StoreError::TooManyJobs { limit: ACCOUNT_JOBS_WAITING, .. }) => refused += 1,
            Err(error) => return Err(error.into()),
        }
    }
    assert_eq!(refused, 3);
    Ok(())
}

#[tokio::test]
async fn fields_for_persons_that_do_not_go_together_are_refused() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, owner, kind) = (&fixture.store, fixture.owner, kind());
    let titled = || titled(kind, owner, "Read");
    let long = Some("x".repeat(JOB_TITLE_CHARACTERS + 1));
    for bad in [
        NewJob { title: None, ..titled() },
        NewJob { title: None, is_retryable: false, file: Some(FileId::generate()), ..titled() },
        NewJob { title: Some(String::new()), ..titled() },
        NewJob { title: Some("a\0".to_owned()), ..titled() },
        NewJob { title: long, ..titled() },
        NewJob { account: None, ..titled() },
        NewJob { parameters: json!([]), ..titled() },
        NewJob { parameters: json!({"title": "other"}), ..titled() },
        NewJob { secret: Some(json!({})), ..titled() },
        NewJob { key: Some("key"), ..titled() },
    ] {
        let refused = store.enqueue(&bad).await;
        assert!(matches!(refused, Err(StoreError::Invalid(_))), "{refused:?}: {:?}", bad.title);
    }
    let longest = Some("\u{e9}".repeat(JOB_TITLE_CHARACTERS));
    enqueue(store, NewJob { title: longest, ..titled() }).await;
    // The table has the rule as well.
    let hidden = enqueue(store, job(kind)).await;
    let client = connect(&fixture.config).await;
    let marked = "update jobs set is_retryable = true where id = $1";
    client.execute(marked, &[&hidden.0]).await.expect_err("it has a secret");
    Ok(())
}

#[tokio::test]
async fn the_notice_of_a_job_has_its_title() -> Outcome {
    let (Fixture { store, owner, .. }, kind) = (Fixture::new().await, kind());
    let parameters = json!({"notice": true, "notice_of": "failed"});
    let node = node(&store).await;
    for is_done in [true, false] {
        let new = NewJob { parameters: parameters.clone(), ..titled(kind, owner, "Read Stock") };
        enqueue(&store, new).await;
        let taken = take(&store, node, kind).await.pop().ok_or("a job")?;
        match is_done {
            true => drop(store.finish_job(taken.hold, &json!({})).await?),
            false => drop(store.fail_job(taken.hold, "no", true, Duration::ZERO).await?),
        }
    }
    let (notices, _) = store.notices(owner, 0, 10).await?;
    assert_eq!(notices.len(), 1, "of the state that the job asks for");
    let ended = notices[0].job.clone().ok_or("a job")?;
    assert_eq!((&*ended.name, &*ended.state), ("Read Stock", "failed"));
    assert!(ended.is_listed && ended.made_file.is_none() && ended.made_sheet.is_none());
    Ok(())
}

#[tokio::test]
async fn the_notice_of_a_job_names_what_it_has_made_where_it_took_long() -> Outcome {
    let (Fixture { store, owner, .. }, kind) = (Fixture::new().await, kind());
    let node = node(&store).await;
    let file = FileId::generate();
    let sheet = model::SheetId(uuid::Uuid::from_u128(7));
    let made = json!({"file": file.to_string(), "sheet": sheet.0.to_string()});
    for (after, is_done) in [(Duration::ZERO, true), (HOUR, true), (HOUR, false)] {
        let new = NewJob { notice_after: Some(after), ..titled(kind, owner, "Save Stock") };
        enqueue(&store, new).await;
        let taken = take(&store, node, kind).await.pop().ok_or("a job")?;
        match is_done {
            true => drop(store.finish_job(taken.hold, &made).await?),
            false => drop(store.fail_job(taken.hold, "no", true, Duration::ZERO).await?),
        }
    }
    let cancelled = NewJob { notice_after: Some(Duration::ZERO), ..titled(kind, owner, "Save") };
    let id = enqueue(&store, cancelled).await;
    store.cancel_job(id, Some(owner)).await?;
    let (notices, _) = store.notices(owner, 0, 10).await?;
    let ends: Vec<_> = notices.into_iter().filter_map(|notice| notice.job).collect();
    let states: Vec<&str> = ends.iter().map(|job| &*job.state).collect();
    assert_eq!(states, ["failed", "done"], "neither the short nor the cancelled one");
    assert_eq!((ends[1].made_file, ends[1].made_sheet), (Some(file), Some(sheet)));
    assert_eq!((ends[0].made_file, ends[0].made_sheet), (None, None));
    Ok(())
}
