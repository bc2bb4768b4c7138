//! What an operator sees: the jobs of all accounts, the steps of a job, and the servers; and the right to it.
//!
//! Not the calls. Invariant: other tests have jobs and nodes, too.

use std::time::Duration;

use model::NodeId;
use model::limits::jobs::JOB_PLAN_BYTES;
use serde_json::{Value, json};
use store::{JobId, JobState, NewJob, NodeFacts, Retried};

use super::{job, kind, node, take};
use crate::support::{Fixture, Outcome, account, connect};

#[tokio::test]
async fn the_steps_of_an_attempt_are_those_that_it_has_written_last() -> Outcome {
    let (Fixture { store, owner, .. }, kind) = (Fixture::new().await, kind());
    let here = node(&store).await;
    let title = Some("Read".to_owned());
    let new = jobs::new(kind, Some(owner), &json!({}))?;
    let new = NewJob { title, is_retryable: true, ..new };
    store.enqueue(&new).await?;
    assert_eq!(store.job_plan(new.id).await?.steps, None);
    let first = take(&store, here, kind).await.pop().ok_or("a job")?.hold;
    let steps = json!([{"name": "read", "rows": 3}]);
    assert!(store.note_steps(first, (1, Some(2)), Some(&steps)).await?);
    let plan = store.job_plan(new.id).await?;
    assert_eq!((plan.steps, plan.node), (Some(steps.clone()), Some(here.0.to_string())));
    // Neither a report without steps nor one with too many changes them.
    assert!(store.note_progress(first, (2, Some(2))).await?);
    let large = Value::from("x".repeat(JOB_PLAN_BYTES));
    assert!(store.note_steps(first, (2, Some(2)), Some(&large)).await?);
    assert_eq!(store.job_plan(new.id).await?.steps, Some(steps.clone()));
    store.fail_job(first, "no", false, Duration::ZERO).await?;
    assert_eq!(store.job_plan(new.id).await?.steps, Some(steps.clone()), "of the last attempt");
    let second = take(&store, here, kind).await.pop().ok_or("the job again")?.hold;
    assert_eq!(store.job_plan(new.id).await?.steps, None, "another attempt has begun");
    assert!(!store.note_steps(first, (1, None), Some(&steps)).await?, "it has lost the job");
    assert!(store.note_steps(second, (1, None), Some(&steps)).await?);
    store.fail_job(second, "no", true, Duration::ZERO).await?;
    assert_eq!(store.job_plan(new.id).await?.steps, Some(steps));
    let retried = store.retry_job(owner, new.id).await?;
    assert!(matches!(retried, Retried::Job(_)), "{retried:?}");
    assert_eq!(store.job_plan(new.id).await?.steps, None);
    assert_eq!(store.job_plan(JobId(uuid::Uuid::new_v4())).await?, store::JobPlan::default());
    Ok(())
}

#[tokio::test]
async fn an_operator_sees_all_jobs_of_an_account_in_pages_and_none_of_their_parameters() -> Outcome
{
    let (Fixture { store, owner, .. }, kind) = (Fixture::new().await, kind());
    let here = node(&store).await;
    let titled = |title: &str| {
        let new = jobs::new(kind, Some(owner), &json!({"link": "SECRET"})).expect("small");
        NewJob { title: Some(title.to_owned()), ..new }
    };
    for title in ["one", "two"] {
        store.enqueue(&titled(title)).await?;
    }
    // It is shown to no person.
    let plain = NewJob {
        secret: Some(json!({"a": "SECRET"})),
        ..jobs::new(kind, Some(owner), &json!({"file": "x"}))?
    };
    store.enqueue(&plain).await?;
    take(&store, here, kind).await;
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = store.all_jobs(&[], Some(owner), after, 2).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.job.place());
        found.extend(page);
    }
    let titles: Vec<&str> = found.iter().map(|it| it.job.title.as_str()).collect();
    assert_eq!(titles, [kind, "two", "one"], "the newest first");
    assert!(
        found.iter().all(|it| it.account == Some(owner) && it.node == Some(here.0.to_string()))
    );
    assert!(!format!("{found:?}").contains("SECRET"), "{found:?}");
    let waiting = store.all_jobs(&[JobState::Waiting], Some(owner), None, 9).await?;
    assert!(waiting.is_empty(), "{waiting:?}");
    Ok(())
}

#[tokio::test]
async fn a_job_of_the_server_has_its_kind_as_title_and_no_account() -> Outcome {
    let (Fixture { store, owner, .. }, kind) = (Fixture::new().await, kind());
    let new = job(kind);
    store.enqueue(&new).await?;
    let found = store.any_job(new.id).await?.ok_or("a job")?;
    assert_eq!((found.job.title.as_str(), found.account, &*found.email), (kind, None, ""));
    assert_eq!(store.job_of(owner, new.id).await?, None, "it is no person's");
    let among = store.all_jobs(&[JobState::Waiting], None, None, 500).await?;
    assert!(among.iter().any(|it| it.job.id == new.id));
    store.cancel_job(new.id, None).await?;
    let cancelled = store.any_job(new.id).await?.ok_or("a job")?;
    assert_eq!(cancelled.job.state, JobState::Cancelled);
    Ok(())
}

#[tokio::test]
async fn the_right_of_an_operator_is_given_and_taken_by_address() -> Outcome {
    let Fixture { store, config, .. } = Fixture::new().await;
    let sql = connect(&config).await;
    let email = format!("{}@example.org", uuid::Uuid::new_v4());
    let ada = account(&email);
    store.create_account(&ada).await?;
    assert!(!store.is_operator(ada.id).await?);
    assert_eq!(store.set_operator("none@example.org", true).await?, None);
    assert_eq!(store.set_operator(&email, true).await?, Some(true));
    assert_eq!(store.set_operator(&email, true).await?, Some(false), "it has it already");
    assert!(store.is_operator(ada.id).await?);
    assert!(store.account(ada.id).await?.ok_or("an account")?.is_operator);
    for column in ["disabled_at", "ended_at"] {
        let set = |value| format!("update accounts set {column} = {value} where email = '{email}'");
        sql.batch_execute(&set("now()")).await?;
        assert!(!store.is_operator(ada.id).await?, "{column}");
        sql.batch_execute(&set("null")).await?;
    }
    assert!(store.is_operator(ada.id).await?);
    assert_eq!(store.set_operator(&email, false).await?, Some(true));
    assert!(!store.is_operator(ada.id).await?);
    assert!(!store.is_operator(model::AccountId::generate()).await?);
    Ok(())
}

#[tokio::test]
async fn a_server_is_shown_with_what_it_has_and_how_many_jobs_it_runs() -> Outcome {
    let (Fixture { store, .. }, kind) = (Fixture::new().await, kind());
    let here = node(&store).await;
    for _ in 0..2 {
        store.enqueue(&NewJob { secret: None, ..job(kind) }).await?;
    }
    assert_eq!(take(&store, here, kind).await.len(), 2);
    let found = async |node: NodeId| {
        let nodes = store.working_nodes().await?;
        Ok::<_, store::StoreError>(nodes.into_iter().find(|it| it.id == node))
    };
    let plain = found(here).await?.ok_or("a server")?;
    assert_eq!((plain.running, plain.facts), (2, NodeFacts::default()));
    let facts = NodeFacts { threads: 2, memory_bytes: 1 << 40, release: "1.2.3".to_owned() };
    store.describe_node(here, &facts).await?;
    let described = found(here).await?.ok_or("a server")?;
    assert_eq!((described.facts, described.name), (facts, here.0.to_string()));
    assert!(described.heartbeat_micros > 0 && described.silent < Duration::from_secs(600));
    store.end_node(here.0).await?;
    assert_eq!(found(here).await?, None);
    Ok(())
}
