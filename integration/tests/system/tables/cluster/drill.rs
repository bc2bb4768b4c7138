//! A process of a cluster, or the server, is killed in the middle of a job: each view is made once, and none is lost.

use gridloom::v1::{self, JobState};
use integration::harness::{EngineCluster, Server, eventually};

use super::{ROWS, by, rows_of, server_with, table_of};
use crate::tables::{Tables, begun, hold_account, numbers};

/// The view of a job that has ended well is the only one, and has all rows.
async fn check(server: &Server, tables: &Tables, file: &str, ended: &v1::Job) {
    assert_eq!((ended.state(), ended.rows), (JobState::Done, ROWS.into()), "{ended:?}");
    let view = tables.view(by(file, &["at"])).await;
    assert_eq!(view.id, ended.view_id);
    let rows = rows_of(tables, file, &view).await;
    assert!(rows.iter().map(|(position, _)| *position).eq((0..u64::from(ROWS)).rev()));
    let count = "select count(*) from file_views";
    let count: i64 = server.sql().await.query_one(count, &[]).await.expect("a count").get(0);
    assert_eq!(count, 1);
}

/// Waits until tasks of a plan run.
async fn tasks_run(cluster: &EngineCluster) {
    eventually("a task", async || {
        let stages = cluster.stages().await;
        stages.iter().any(|stage| !stage.tasks.is_empty()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_that_is_killed_costs_time_alone() {
    let mut cluster = EngineCluster::start(2);
    let (server, tables) = server_with(&cluster).await;
    let file = table_of(&tables, &numbers(ROWS)).await;
    let job = tables.make_view(by(&file, &["at"])).await.expect("begins").job.expect("a job");
    tasks_run(&cluster).await;
    let [first, second] = <[String; 2]>::try_from(cluster.executors()).expect("two");
    cluster.kill_executor(&first);
    let ended = tables.ended(&job.id).await;
    check(&server, &tables, &file, &ended).await;
    let left = eventually("the loss of an executor", async || {
        let workers = cluster.workers().await;
        (workers.len() == 1).then(|| workers[0].id.clone())
    })
    .await;
    assert_eq!(left, second);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_that_is_killed_with_the_answer_has_the_plan_made_again() {
    let mut cluster = EngineCluster::start(2);
    let (server, tables) = server_with(&cluster).await;
    let file = table_of(&tables, &numbers(ROWS)).await;
    // The job has its first piece, and waits with the rest of the answer.
    let held = hold_account(&server, &file).await;
    let job = tables.make_view(by(&file, &["at"])).await.expect("begins").job.expect("a job");
    begun(&held, &job).await;
    let owner = eventually("the answer", async || {
        let stages = cluster.stages().await;
        let last = stages.iter().max_by_key(|stage| stage.id)?;
        let task = last.tasks.first().filter(|_| last.state == "done")?;
        Some(task.worker.clone())
    })
    .await;
    cluster.kill_executor(&owner);
    held.batch_execute("commit").await.expect("commits");
    let ended = tables.ended(&job.id).await;
    assert!(ended.attempt > 1, "{ended:?}");
    check(&server, &tables, &file, &ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduler_that_is_killed_has_its_plans_made_again() {
    let mut cluster = EngineCluster::start(2);
    let (server, tables) = server_with(&cluster).await;
    let file = table_of(&tables, &numbers(ROWS)).await;
    // The job has its first piece, and waits with the rest of the answer.
    let held = hold_account(&server, &file).await;
    let job = tables.make_view(by(&file, &["at"])).await.expect("begins").job.expect("a job");
    begun(&held, &job).await;
    tasks_run(&cluster).await;
    cluster.restart_scheduler();
    eventually("both executors", async || (cluster.workers().await.len() == 2).then_some(())).await;
    held.batch_execute("commit").await.expect("commits");
    drop(held);
    let ended = tables.ended(&job.id).await;
    assert!(ended.attempt > 1, "{ended:?}");
    check(&server, &tables, &file, &ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_has_its_view_made_once_and_its_plan_ends() {
    let cluster = EngineCluster::start(2);
    let (server, tables) = server_with(&cluster).await;
    let file = table_of(&tables, &numbers(ROWS)).await;
    let held = hold_account(&server, &file).await;
    let job = tables.make_view(by(&file, &["at"])).await.expect("begins").job.expect("a job");
    begun(&held, &job).await;
    tasks_run(&cluster).await;
    let stopped = server.kill();
    drop(held);
    let server = stopped.restart();
    let tables = tables.again(&server).await;
    let ended = tables.ended(&job.id).await;
    assert_eq!(ended.attempt, 2, "{ended:?}");
    check(&server, &tables, &file, &ended).await;
    eventually("the end of all plans", async || {
        let stages = cluster.stages().await;
        stages.iter().all(|stage| stage.state == "done" || stage.state == "failed").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_view_ends_its_plan() {
    let cluster = EngineCluster::start(2);
    let (server, tables) = server_with(&cluster).await;
    let file = table_of(&tables, &numbers(ROWS)).await;
    let held = hold_account(&server, &file).await;
    let job = tables.make_view(by(&file, &["at"])).await.expect("begins").job.expect("a job");
    begun(&held, &job).await;
    tables.cancel(&job.id).await;
    held.batch_execute("commit").await.expect("commits");
    let ended = tables.ended(&job.id).await;
    assert_eq!(ended.state(), JobState::Cancelled, "{ended:?}");
    eventually("the end of the plan", async || {
        let stages = cluster.stages().await;
        stages.iter().all(|stage| stage.state != "running").then_some(())
    })
    .await;
}
