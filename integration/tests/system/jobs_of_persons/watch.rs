//! Streams of jobs: what they begin with, what they send, and how they end.
//!
//! Not the looks for changes. Invariant: a test waits for a state of a job, not for a number of answers.

use std::collections::BTreeMap;

use integration::harness::eventually;
use tokio_postgres::Config;

use super::*;
use crate::two_servers::Two;

/// The next jobs of a stream.
async fn next(stream: &mut Streaming<v1::WatchJobsResponse>) -> Result<Vec<v1::Job>, Status> {
    let answer = within("an answer", stream.message()).await?;
    Ok(answer.ok_or_else(|| Status::ok("the stream ended"))?.jobs)
}

/// The next jobs of a stream that has begun; answers without jobs are passed over.
async fn changed(stream: &mut Streaming<v1::WatchJobsResponse>) -> Vec<v1::Job> {
    loop {
        let jobs = next(stream).await.expect("the stream lives");
        if !jobs.is_empty() {
            return jobs;
        }
    }
}

/// Reads a stream until it has sent a job in a state; returns that.
async fn until(
    stream: &mut Streaming<v1::WatchJobsResponse>,
    id: &str,
    state: JobState,
) -> v1::Job {
    let reading = async {
        loop {
            let jobs = changed(stream).await;
            let found = jobs.into_iter().find(|job| job.id == id && job.state() == state);
            if let Some(found) = found {
                return found;
            }
        }
    };
    within("the state of a job", reading).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_begins_with_the_jobs_that_wait_or_have_ended_of_late() {
    let server = Server::start();
    let (ada, store) = (Caller::sign_up(&server).await, store_of(&server).await);
    let mut empty = ada.watch("").await.expect("opens");
    assert_eq!(next(&mut empty).await.expect("comes at once"), []);
    let mut jobs = Vec::new();
    for _ in 0..3 {
        jobs.push(ada.enqueue(&store, "none", "Read").await);
    }
    end(&server, &jobs[1], "done").await;
    end(&server, &jobs[2], "failed").await;
    let mut stream = ada.watch("").await.expect("opens");
    let first = next(&mut stream).await.expect("comes at once");
    let states: Vec<_> = first.iter().map(|job| (&*job.id, job.state())).collect();
    let expected = [JobState::Waiting, JobState::Done, JobState::Failed];
    assert_eq!(states, jobs.iter().map(|id| &**id).zip(expected).collect::<Vec<_>>());
    // A stream of one job begins with it.
    let mut only = ada.watch(&jobs[2]).await.expect("opens");
    assert_eq!(next(&mut only).await.expect("comes at once"), first[2..]);
    ada.cancel(&jobs[0]).await.expect("waits");
    ada.retry(&jobs[2]).await.expect("may run again");
    assert_eq!(ids(&changed(&mut only).await), [&*jobs[2]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_sends_the_changes_of_callers_workers_and_other_servers() {
    let server = Server::start();
    let (ada, ben) = (Caller::sign_up(&server).await, Caller::sign_up(&server).await);
    let store = store_of(&server).await;
    let mut of_ben = ben.watch("").await.expect("opens");
    assert_eq!(next(&mut of_ben).await.expect("comes at once"), []);
    let mut stream = ada.watch("").await.expect("opens");
    let id = ada.enqueue(&store, "none", "Read").await;
    until(&mut stream, &id, JobState::Waiting).await;
    ada.cancel(&id).await.expect("waits");
    until(&mut stream, &id, JobState::Cancelled).await;
    ada.retry(&id).await.expect("may run again");
    until(&mut stream, &id, JobState::Waiting).await;
    // As another server writes it.
    end(&server, &id, "failed").await;
    assert_eq!(until(&mut stream, &id, JobState::Failed).await.error, "no room");
    // A worker of this server runs a kind of its own.
    let notice = |job| NewJob { parameters: json!({"notice": true}), ..job };
    let swept = ada.enqueue_with(&store, "sweep", "Sweep", notice).await;
    let done = until(&mut stream, &swept, JobState::Done).await;
    assert_eq!((done.attempt, &*done.title), (1, "Sweep"));
    assert!(done.started_at_micros > 0 && done.ended_at_micros >= done.started_at_micros);
    let notices = ada.client.notices("").await.expect("is signed in").notices;
    let named: Vec<_> = notices.into_iter().filter_map(|it| Some(it.job?.name)).collect();
    assert_eq!(named, ["Sweep"]);
    let of_ben_alone = ben.enqueue(&store, "none", "Read").await;
    assert_eq!(ids(&changed(&mut of_ben).await), [of_ben_alone]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_more_changes_than_may_wait_comes_to_the_newest_states() {
    let server = Server::start();
    let (ada, store) = (Caller::sign_up(&server).await, store_of(&server).await);
    let mut stream = ada.watch("").await.expect("opens");
    let last = ada.enqueue(&store, "none", "Last").await;
    let sql = server.sql().await;
    let many = "insert into jobs (id, kind, account, parameters, state, error, ended_at)
        select gen_random_uuid(), 'none', $1, jsonb_build_object('title', 'Many'), 'failed', repeat('e', 2000), now()
        from generate_series(1, 1500)";
    sql.execute(many, &[&ada.account.0]).await.expect("are made");
    for _ in 0..3 {
        let changed = "update jobs set attempt = attempt + 1 where account = $1";
        sql.execute(changed, &[&ada.account.0]).await.expect("are changed");
    }
    end(&server, &last, "done").await;
    let mut attempts = BTreeMap::new();
    let mut is_done = false;
    while attempts.len() < 1_501 || attempts.values().any(|it| *it != 3) || !is_done {
        for job in next(&mut stream).await.expect("lives") {
            is_done |= job.id == last && job.state() == JobState::Done;
            let before = attempts.insert(job.id.clone(), job.attempt);
            assert!(before.is_none_or(|before| before <= job.attempt), "{before:?}: {job:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_token() {
    let server = Server::start();
    let ada = Caller::sign_up(&server).await;
    let mut stream = ada.watch("").await.expect("opens");
    assert_eq!(next(&mut stream).await.expect("comes at once"), []);
    ada.client.sign_out().await.expect("is signed in");
    let ended = within("the end", async {
        loop {
            if let Err(status) = next(&mut stream).await {
                return status;
            }
        }
    });
    assert_eq!(reason(&ended.await), (Code::Unauthenticated, "TOKEN_INVALID".to_owned()));
    assert_eq!(ada.watch("").await.expect_err("is revoked").code(), Code::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_few_streams_and_another_one_its_own() {
    let server = Server::start();
    let (ada, ben) = (Caller::sign_up(&server).await, Caller::sign_up(&server).await);
    let mut streams = Vec::new();
    for _ in 0..32 {
        streams.push(ada.watch("").await.expect("opens"));
    }
    let refused = ada.watch("").await.expect_err("there are 32");
    assert_eq!(reason(&refused), (Code::ResourceExhausted, "QUOTA_EXCEEDED".to_owned()));
    assert!(refused.message().starts_with("job_streams: "), "{refused:?}");
    ben.watch("").await.expect("has streams of his own");
    // A stream that its reader has left gives its place back.
    drop(streams.pop());
    let opened = eventually("a place", async || ada.watch("").await.ok());
    assert_eq!(next(&mut opened.await).await.expect("comes at once"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_at_another_server_reaches_a_stream() {
    let two = Two::start().await;
    let config: Config = two.database().parse().expect("an address");
    let store = Store::connect(config, 4).await.expect("Postgres is there");
    let here = Caller::sign_up(&two.here).await;
    let there = here.at(&two.there).await;
    let mut stream = here.watch("").await.expect("opens");
    let id = here.enqueue(&store, "none", "Read").await;
    until(&mut stream, &id, JobState::Waiting).await;
    there.cancel(&id).await.expect("waits");
    until(&mut stream, &id, JobState::Cancelled).await;
    there.retry(&id).await.expect("may run again");
    until(&mut stream, &id, JobState::Waiting).await;
}
