//! Which waiting job a node takes: first those of accounts that run fewer of its kind, then those that have waited longer.
//!
//! Not how many a node runs at once. Invariant: each test has a kind of its own, so its jobs are the only ones that are compared.

use std::collections::{BTreeSet, VecDeque};

use model::{AccountId, NodeId};
use serde_json::json;
use store::{Hold, JobId, NewJob, Store};
use uuid::Uuid;

use super::{kind, node, take};
use crate::support::{Fixture, Outcome, account};

async fn further_account(store: &Store) -> AccountId {
    let account = account(&format!("{}@example.com", Uuid::new_v4()));
    store.create_account(&account).await.expect("an account");
    account.id
}

/// Enqueues so many jobs of an account, the oldest one first.
async fn enqueue(
    store: &Store,
    kind: &'static str,
    account: Option<AccountId>,
    count: usize,
) -> Result<Vec<JobId>, Box<dyn std::error::Error>> {
    let mut jobs = Vec::new();
    for _ in 0..count {
        let job: NewJob = jobs::new(kind, account, &json!({}))?;
        store.enqueue(&job).await?;
        jobs.push(job.id);
    }
    Ok(jobs)
}

/// Takes one job.
async fn next(store: &Store, node: NodeId, kind: &str) -> Option<Hold> {
    let taken = store.take_jobs(node, &[(kind, 1)], &[]).await.expect("Postgres answers");
    assert!(taken.len() <= 1, "{taken:?}");
    taken.first().map(|taken| taken.hold)
}

#[tokio::test]
async fn accounts_take_turns_over_all_nodes_and_each_has_its_oldest_job_first() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let other = further_account(&store).await;
    let (kind, nodes) = (kind(), [node(&store).await, node(&store).await]);
    let many = enqueue(&store, kind, Some(owner), 4).await?;
    let few = enqueue(&store, kind, Some(other), 2).await?;
    let expected = [many[0], few[0], many[1], few[1], many[2], many[3]];
    let mut taken = Vec::new();
    for node in nodes.iter().cycle().take(expected.len()) {
        taken.push(next(&store, *node, kind).await.ok_or("a job")?.job);
    }
    assert_eq!(taken, expected);
    assert_eq!(next(&store, nodes[0], kind).await, None);
    Ok(())
}

#[tokio::test]
async fn a_take_of_several_jobs_counts_those_that_it_takes() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let other = further_account(&store).await;
    let (kind, node) = (kind(), node(&store).await);
    let many = enqueue(&store, kind, Some(owner), 12).await?;
    let few = enqueue(&store, kind, Some(other), 3).await?;
    let first: BTreeSet<JobId> =
        take(&store, node, kind).await.into_iter().map(|taken| taken.hold.job).collect();
    // Ten places: three turns of both, and four further ones of the account that has more.
    let expected: BTreeSet<JobId> = many.iter().take(7).chain(&few).copied().collect();
    assert_eq!(first, expected);
    Ok(())
}

#[tokio::test]
async fn an_account_that_runs_none_has_the_next_turn_by_age_however_many_others_come() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (kind, node) = (kind(), node(&store).await);
    let waiting = enqueue(&store, kind, Some(owner), 5).await?;
    let mut others = VecDeque::new();
    for job in waiting {
        let own = next(&store, node, kind).await.ok_or("a job")?;
        assert_eq!(own.job, job, "it has waited longest, and its account runs none");
        // Two further accounts come in each round, and one of them has a turn.
        for _ in 0..2 {
            let account = further_account(&store).await;
            others.extend(enqueue(&store, kind, Some(account), 1).await?);
        }
        let taken = next(&store, node, kind).await.ok_or("a job")?;
        assert_eq!(Some(taken.job), others.pop_front(), "its account runs none");
        assert!(store.finish_job(own, &json!({})).await?);
    }
    Ok(())
}

#[tokio::test]
async fn jobs_without_an_account_count_as_those_of_one() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (kind, node) = (kind(), node(&store).await);
    let of_none = enqueue(&store, kind, None, 3).await?;
    let of_one = enqueue(&store, kind, Some(owner), 1).await?;
    for expected in [of_none[0], of_one[0], of_none[1], of_none[2]] {
        assert_eq!(next(&store, node, kind).await.ok_or("a job")?.job, expected);
    }
    Ok(())
}

#[tokio::test]
async fn a_busy_account_is_passed_over_and_the_others_take_turns() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let other = further_account(&store).await;
    let (kind, node) = (kind(), node(&store).await);
    enqueue(&store, kind, Some(owner), 2).await?;
    let few = enqueue(&store, kind, Some(other), 1).await?;
    let taken = store.take_jobs(node, &[(kind, 10)], &[(kind, owner)]).await?;
    let taken: Vec<JobId> = taken.iter().map(|taken| taken.hold.job).collect();
    assert_eq!(taken, few);
    Ok(())
}
