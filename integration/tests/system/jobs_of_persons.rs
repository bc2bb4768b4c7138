//! The jobs that an account is shown: lists, cancellation, retry, and streams of those that change.
//!
//! Not the workers, nor the statements: the store's tests have them. The jobs are enqueued past the server, as another
//! server does: those of the kind `sweep` run here, and no server runs those of the kind `none`. Invariant: no test knows
//! more of a job than its account is shown.

#[path = "jobs_of_persons/watch.rs"]
mod watch;

use std::time::Duration;

use client::Client;
use gridloom::v1;
use gridloom::v1::JobState;
use gridloom::v1::job_service_client::JobServiceClient;
use integration::harness::{
    Server, authorized, embedded_config, new_sheet, sign_up_with_token, within,
};
use model::limits::edge::ACCOUNT_JOBS_WAITING;
use model::{AccountId, FileId};
use serde_json::json;
use store::{JobId, NewJob, Store};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status, Streaming};
use tonic_types::StatusExt as _;
use uuid::Uuid;

use crate::chat::id_of;

/// The store of a server, past it.
async fn store_of(server: &Server) -> Store {
    Store::connect(embedded_config(server.home().data()), 4).await.expect("Postgres is there")
}

/// The calls of one account for its jobs.
struct Caller {
    client: Client,
    account: AccountId,
    token: String,
    calls: JobServiceClient<Channel>,
}

impl Caller {
    async fn sign_up(server: &Server) -> Self {
        let (client, token) = sign_up_with_token(server).await;
        let account = id_of(&client).await.parse().expect("an id");
        Self { client, account, token, calls: calls(server.url()).await }
    }

    /// The same account at another server.
    async fn at(&self, server: &Server) -> Self {
        let (client, token) = (self.client.clone(), self.token.clone());
        Self { client, account: self.account, token, calls: calls(server.url()).await }
    }

    fn authorized<T>(&self, message: T) -> Request<T> {
        authorized(message, &self.token)
    }

    /// Enqueues a job that this account is shown, and that may run again.
    async fn enqueue(&self, store: &Store, kind: &'static str, title: &str) -> String {
        self.enqueue_with(store, kind, title, |job| job).await
    }

    /// The same, with other fields.
    async fn enqueue_with(
        &self,
        store: &Store,
        kind: &'static str,
        title: &str,
        with: impl FnOnce(NewJob) -> NewJob,
    ) -> String {
        let job = with(NewJob {
            id: JobId(Uuid::now_v7()),
            kind,
            account: Some(self.account),
            key: None,
            parameters: json!({}),
            secret: None,
            after: Duration::ZERO,
            attempts: None,
            title: Some(title.to_owned()),
            file: None,
            is_retryable: true,
            notice_after: None,
        });
        assert!(store.enqueue(&job).await.expect("there is room"));
        job.id.to_string()
    }

    async fn job(&self, id: &str) -> Result<v1::Job, Status> {
        let request = self.authorized(v1::GetJobRequest { job_id: id.to_owned() });
        let answer = self.calls.clone().get_job(request).await?;
        Ok(answer.into_inner().job.expect("a job"))
    }

    async fn list(&self, request: v1::ListJobsRequest) -> v1::ListJobsResponse {
        let answer = self.calls.clone().list_jobs(self.authorized(request)).await;
        answer.expect("may list").into_inner()
    }

    async fn cancel(&self, id: &str) -> Result<v1::Job, Status> {
        let request = self.authorized(v1::CancelJobRequest { job_id: id.to_owned() });
        let answer = self.calls.clone().cancel_job(request).await?;
        Ok(answer.into_inner().job.expect("a job"))
    }

    async fn retry(&self, id: &str) -> Result<v1::Job, Status> {
        let request = self.authorized(v1::RetryJobRequest { job_id: id.to_owned() });
        let answer = self.calls.clone().retry_job(request).await?;
        Ok(answer.into_inner().job.expect("a job"))
    }

    /// A stream of one job, or of all where the id is empty.
    async fn watch(&self, id: &str) -> Result<Streaming<v1::WatchJobsResponse>, Status> {
        let request = self.authorized(v1::WatchJobsRequest { job_id: id.to_owned() });
        let answer = within("the stream opens", self.calls.clone().watch_jobs(request)).await?;
        Ok(answer.into_inner())
    }
}

async fn calls(url: &str) -> JobServiceClient<Channel> {
    let endpoint = Endpoint::from_shared(url.to_owned()).expect("an address");
    JobServiceClient::new(endpoint.connect().await.expect("the server is there"))
}

fn reason(refused: &Status) -> (Code, String) {
    (refused.code(), refused.get_details_error_info().expect("a reason").reason)
}

fn ids(jobs: &[v1::Job]) -> Vec<String> {
    jobs.iter().map(|job| job.id.clone()).collect()
}

/// Ends a job as its last attempt does.
async fn end(server: &Server, id: &str, state: &str) {
    let ended = "update jobs set state = $2, ended_at = now(), attempt = 3, error = 'no room'
        where id = $1";
    let id: Uuid = id.parse().expect("an id");
    assert_eq!(server.sql().await.execute(ended, &[&id, &state]).await.expect("a job"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_lists_its_jobs_in_pages_by_state_and_by_file() {
    let server = Server::start();
    let (ada, store) = (Caller::sign_up(&server).await, store_of(&server).await);
    assert_eq!(ada.list(v1::ListJobsRequest::default()).await, v1::ListJobsResponse::default());
    let file = FileId::generate();
    let mut jobs = Vec::new();
    for number in 0..5 {
        let title = format!("Read {number}");
        let about = |job| NewJob { file: (number == 1).then_some(file), ..job };
        jobs.insert(0, ada.enqueue_with(&store, "none", &title, about).await);
    }
    end(&server, &jobs[0], "failed").await;
    ada.cancel(&jobs[1]).await.expect("waits");
    let (mut listed, mut request) =
        (Vec::new(), v1::ListJobsRequest { page_size: 2, ..Default::default() });
    loop {
        let page = ada.list(request.clone()).await;
        assert!(page.jobs.len() <= 2);
        listed.extend(page.jobs);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(ids(&listed), jobs);
    let of_file = file.to_string();
    let (last, ended) = (&listed[3], &listed[0]);
    assert_eq!((&*last.kind, &*last.title, &last.file_id), ("none", "Read 1", &of_file));
    assert_eq!((last.state(), last.attempt, last.attempts), (JobState::Waiting, 0, 3));
    assert!(last.created_at_micros > 0 && !last.cancel_asked && ended.is_retryable);
    assert!(!last.is_retryable, "no file has the id");
    assert_eq!((last.started_at_micros, last.ended_at_micros), (0, 0));
    assert_eq!((ended.state(), ended.attempt, &*ended.error), (JobState::Failed, 3, "no room"));
    assert!(ended.ended_at_micros >= ended.created_at_micros);
    assert_eq!(&ada.job(&jobs[0]).await.expect("is hers"), ended);

    let by_state = |states: &[JobState]| {
        let states = states.iter().map(|state| (*state).into()).collect();
        ada.list(v1::ListJobsRequest { states, ..Default::default() })
    };
    let over = by_state(&[JobState::Cancelled, JobState::Failed]).await;
    assert_eq!(ids(&over.jobs), jobs[..2]);
    assert_eq!(ids(&by_state(&[JobState::Waiting]).await.jobs), jobs[2..]);
    assert_eq!(by_state(&[JobState::Done]).await.jobs, []);
    let about = v1::ListJobsRequest { file_id: of_file, ..Default::default() };
    assert_eq!(ids(&ada.list(about).await.jobs), [&*jobs[3]]);
    for (bad, field) in [
        (v1::ListJobsRequest { states: vec![0], ..Default::default() }, "states: "),
        (v1::ListJobsRequest { file_id: "x".to_owned(), ..Default::default() }, "file_id: "),
    ] {
        let refused = ada.calls.clone().list_jobs(ada.authorized(bad)).await;
        let refused = refused.expect_err("is malformed");
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(refused.message().starts_with(field), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_another_account_and_a_letter_do_not_exist() {
    let server = Server::start();
    let (ada, ben) = (Caller::sign_up(&server).await, Caller::sign_up(&server).await);
    let of_ben = ben.enqueue(&store_of(&server).await, "none", "Read").await;
    // The job of a letter, which has her account.
    let sheet = new_sheet(&ada.client, "Stock", 6).await;
    ada.client.share(&sheet, "new@example.org", v1::Role::Viewer).await.expect("is shared");
    let letter = "select id from jobs where account = $1";
    let letter = server.sql().await.query_one(letter, &[&ada.account.0]).await.expect("a letter");
    let letter = letter.get::<_, Uuid>(0).to_string();
    let unknown = Uuid::new_v4().to_string();
    for id in [&*of_ben, &*letter, &*unknown, "x"] {
        for refused in [
            ada.job(id).await.err(),
            ada.cancel(id).await.err(),
            ada.retry(id).await.err(),
            ada.watch(id).await.err(),
        ] {
            let refused = refused.expect("is none of hers");
            assert_eq!(reason(&refused), (Code::NotFound, "NOT_FOUND".to_owned()), "{id}");
        }
    }
    assert_eq!(ada.list(v1::ListJobsRequest::default()).await.jobs, []);
    assert_eq!(ben.job(&of_ben).await.expect("is his").state(), JobState::Waiting);
    let mut stream = ada.watch("").await.expect("opens");
    let first = within("the first answer", stream.message()).await.expect("lives");
    assert_eq!(first.expect("an answer").jobs, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_is_cancelled_once_and_waits_again_after_a_retry() {
    let server = Server::start();
    let (ada, store) = (Caller::sign_up(&server).await, store_of(&server).await);
    let id = ada.enqueue(&store, "none", "Read").await;
    let waiting = ada.job(&id).await.expect("is hers");
    assert_eq!(ada.retry(&id).await.expect("stays as it is"), waiting);
    let cancelled = ada.cancel(&id).await.expect("waits");
    assert_eq!((cancelled.state(), cancelled.cancel_asked), (JobState::Cancelled, true));
    assert!(cancelled.ended_at_micros > 0);
    assert_eq!(ada.cancel(&id).await.expect("stays as it is"), cancelled);
    assert_eq!(ada.retry(&id).await.expect("may run again"), waiting);
    assert_eq!(ada.retry(&id).await.expect("stays as it is"), waiting);
    end(&server, &id, "failed").await;
    let again = ada.retry(&id).await.expect("may run again");
    assert_eq!((again.state(), again.attempt, &*again.error), (JobState::Waiting, 0, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_done_or_lacks_what_it_needs_does_not_run_again() {
    let server = Server::start();
    let (ada, store) = (Caller::sign_up(&server).await, store_of(&server).await);
    let done = ada.enqueue(&store, "none", "Read").await;
    end(&server, &done, "done").await;
    let refused = ada.retry(&done).await.expect_err("is done");
    assert_eq!(reason(&refused), (Code::FailedPrecondition, "JOB_DONE".to_owned()));
    assert_eq!(ada.cancel(&done).await.expect("stays as it is").state(), JobState::Done);
    let once = |job| NewJob { is_retryable: false, ..job };
    let once = ada.enqueue_with(&store, "none", "Read", once).await;
    assert!(!ada.cancel(&once).await.expect("waits").is_retryable);
    let refused = ada.retry(&once).await.expect_err("lacks what it needs");
    assert_eq!(reason(&refused), (Code::FailedPrecondition, "JOB_NOT_RETRYABLE".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_of_a_job_that_is_being_cancelled_is_refused_until_it_has_ended() {
    let server = Server::start();
    let (ada, store) = (Caller::sign_up(&server).await, store_of(&server).await);
    let id = ada.enqueue(&store, "none", "Read").await;
    // As of a job whose attempt has not seen its cancellation yet.
    let asked = "update jobs set cancel_asked = true where id = $1";
    let of_job: Uuid = id.parse().expect("an id");
    server.sql().await.execute(asked, &[&of_job]).await.expect("is asked for");
    let refused = ada.retry(&id).await.expect_err("is being cancelled");
    assert_eq!(reason(&refused), (Code::FailedPrecondition, "JOB_BEING_CANCELLED".to_owned()));
    assert!(refused.message().contains("when it has ended"), "{refused:?}");
    end(&server, &id, "cancelled").await;
    let again = ada.retry(&id).await.expect("has ended");
    assert_eq!((again.state(), again.cancel_asked), (JobState::Waiting, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_is_refused_while_as_many_jobs_wait_as_may() {
    let server = Server::start();
    let (ada, store) = (Caller::sign_up(&server).await, store_of(&server).await);
    let id = ada.enqueue(&store, "none", "Read").await;
    ada.cancel(&id).await.expect("waits");
    let fill = "insert into jobs (id, kind, account, parameters)
        select gen_random_uuid(), 'none', $1, '{}' from generate_series(1, $2::bigint)";
    let (sql, most) = (server.sql().await, ACCOUNT_JOBS_WAITING.cast_signed());
    sql.execute(fill, &[&ada.account.0, &most]).await.expect("as many wait as may");
    let refused = ada.retry(&id).await.expect_err("there is no room");
    assert_eq!(reason(&refused), (Code::ResourceExhausted, "TOO_MANY_JOBS".to_owned()));
    assert!(refused.get_details_retry_info().is_some_and(|it| it.retry_delay.is_some()));
    let one = "delete from jobs where id = (select id from jobs where parameters = '{}' and account = $1 limit 1)";
    sql.execute(one, &[&ada.account.0]).await.expect("is gone");
    assert_eq!(ada.retry(&id).await.expect("there is room").state(), JobState::Waiting);
}
