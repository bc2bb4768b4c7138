//! A cluster that is away: calls are refused with the reason, jobs wait for it, and no other engine takes its place.

use gridloom::v1::JobState;
use integration::harness::{EngineCluster, eventually};
use tonic::Code;

use super::{by, rows_of, server_with, table_of};
use crate::files::refused;
use crate::tables::{numbers, values_of};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_scheduler_calls_are_refused_and_jobs_wait_with_the_reason() {
    let mut cluster = EngineCluster::start(1);
    let (_server, tables) = server_with(&cluster).await;
    let file = table_of(&tables, &numbers(1_000)).await;
    cluster.kill_scheduler();
    let status = tables.summarize(values_of(&file, "at")).await.expect_err("is refused");
    let message = format!("the engine at {} is unavailable", cluster.address());
    assert!(status.message().contains(&message), "{status:?}");
    assert_eq!(refused(Err::<(), _>(status)), (Code::Unavailable, "ENGINE_AWAY".to_owned()));
    let job = tables.make_view(by(&file, &["at"])).await.expect("begins").job.expect("a job");
    let waiting = eventually("the reason on the job", async || {
        let job = tables.job(&job.id).await;
        (!job.error.is_empty()).then_some(job)
    })
    .await;
    assert!(waiting.error.contains(&message), "{waiting:?}");
    assert_eq!(waiting.state(), JobState::Waiting, "{waiting:?}");
    cluster.restart_scheduler();
    let ended = tables.ended(&job.id).await;
    assert_eq!((ended.state(), ended.rows), (JobState::Done, 1_000), "{ended:?}");
    let view = tables.view(by(&file, &["at"])).await;
    let rows = rows_of(&tables, &file, &view).await;
    assert!(rows.iter().map(|(position, _)| *position).eq((0..1_000).rev()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduler_without_executors_is_named() {
    let cluster = EngineCluster::start(0);
    let (_server, tables) = server_with(&cluster).await;
    let file = table_of(&tables, &numbers(100)).await;
    let status = tables.summarize(values_of(&file, "at")).await.expect_err("is refused");
    assert!(status.message().contains("the scheduler has no executor"), "{status:?}");
    assert_eq!(status.code(), Code::Unavailable);
}
