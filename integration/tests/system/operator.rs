//! Operators: which accounts they are, the servers and the jobs that they see, and what they do to jobs of others.
//!
//! Not the statements: the store's tests have them. Invariant: an account without the right is refused by one reason, whatever it
//! asks for.

use std::time::Duration;

use client::Client;
use gridloom::v1;
use gridloom::v1::JobState;
use gridloom::v1::operator_service_client::OperatorServiceClient;
use integration::harness::{
    Gridctl, PASSWORD, Server, authorized, email_of, embedded_config, sign_up_with_token,
};
use model::AccountId;
use serde_json::{Value, json};
use store::{JobId, NewJob, Store};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;

use crate::chat::id_of;
use crate::sign_up::admin;

/// No server runs jobs of this kind.
const KIND: &str = "none";

/// The calls of one account.
struct Caller {
    email: String,
    account: AccountId,
    token: String,
    calls: OperatorServiceClient<Channel>,
}

impl Caller {
    async fn sign_up(server: &Server) -> Self {
        let (client, token) = sign_up_with_token(server).await;
        let account = id_of(&client).await.parse().expect("an id");
        let endpoint = Endpoint::from_shared(server.url().to_owned()).expect("an address");
        let channel = endpoint.connect().await.expect("the server is there");
        let (email, calls) = (email_of(&client).await, OperatorServiceClient::new(channel));
        Self { email, account, token, calls }
    }

    async fn workers(&self) -> Result<v1::ListWorkersResponse, Status> {
        let request = authorized(v1::ListWorkersRequest {}, &self.token);
        Ok(self.calls.clone().list_workers(request).await?.into_inner())
    }

    async fn list(&self, request: v1::ListAllJobsRequest) -> Result<Vec<v1::OperatedJob>, Status> {
        let answer = self.calls.clone().list_all_jobs(authorized(request, &self.token)).await?;
        Ok(answer.into_inner().jobs)
    }

    async fn cancel(&self, id: &str) -> Result<v1::OperatedJob, Status> {
        let request = authorized(v1::CancelAnyJobRequest { job_id: id.to_owned() }, &self.token);
        let answer = self.calls.clone().cancel_any_job(request).await?;
        Ok(answer.into_inner().job.expect("a job"))
    }

    async fn retry(&self, id: &str) -> Result<v1::OperatedJob, Status> {
        let request = authorized(v1::RetryAnyJobRequest { job_id: id.to_owned() }, &self.token);
        let answer = self.calls.clone().retry_any_job(request).await?;
        Ok(answer.into_inner().job.expect("a job"))
    }

    /// A job of this account that waits.
    async fn enqueue(&self, server: &Server) -> String {
        let config = embedded_config(server.home().data());
        let store = Store::connect(config, 4).await.expect("Postgres is there");
        let job = NewJob {
            id: JobId(Uuid::now_v7()),
            kind: KIND,
            account: Some(self.account),
            key: None,
            parameters: json!({"link": "SECRET"}),
            secret: None,
            after: Duration::ZERO,
            attempts: None,
            title: Some("Read a.csv".to_owned()),
            file: None,
            is_retryable: true,
            notice_after: None,
        };
        assert!(store.enqueue(&job).await.expect("there is room"));
        job.id.to_string()
    }
}

fn reason(refused: &Status) -> (Code, String) {
    (refused.code(), refused.get_details_error_info().expect("a reason").reason)
}

fn state(found: &v1::OperatedJob) -> JobState {
    found.job.as_ref().expect("a job").state()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_counts_from_the_command_that_gives_it_to_the_one_that_takes_it() {
    let server = Server::start();
    let (ada, ben) = (Caller::sign_up(&server).await, Caller::sign_up(&server).await);
    let job = ben.enqueue(&server).await;
    let refusals = async || {
        [
            ada.workers().await.map(drop),
            ada.list(v1::ListAllJobsRequest::default()).await.map(drop),
            ada.cancel(&job).await.map(drop),
            ada.retry(&job).await.map(drop),
            ada.retry("no id").await.map(drop),
        ]
    };
    let denied = (Code::PermissionDenied, "NOT_OPERATOR".to_owned());
    for refused in refusals().await {
        assert_eq!(reason(&refused.expect_err("has not the right")), denied);
    }
    let given = admin(&server, &["operator", &ada.email.to_uppercase()]);
    assert!(given.success().contains("from its next call"));
    assert_eq!(state(&ada.cancel(&job).await.expect("has the right")), JobState::Cancelled);
    assert!(admin(&server, &["operator", &ada.email]).success().contains("already"));
    drop(admin(&server, &["operator", &ada.email, "--revoke"]).success());
    for refused in refusals().await {
        assert_eq!(reason(&refused.expect_err("has it no longer")), denied);
    }
    let unknown = admin(&server, &["operator", "none@example.org"]);
    assert!(!unknown.status.success() && unknown.stderr.contains("no account"), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_the_servers_and_cancels_and_retries_the_jobs_of_others() {
    let server = Server::start();
    let (ada, ben) = (Caller::sign_up(&server).await, Caller::sign_up(&server).await);
    drop(admin(&server, &["operator", &ada.email]).success());
    let found = ada.workers().await.expect("has the right");
    assert_eq!((&*found.engine, found.workers.len()), ("embedded", 1));
    let worker = &found.workers[0];
    assert_eq!((worker.kind(), &*worker.fault), (v1::worker::Kind::Server, ""), "{worker:?}");
    assert!(worker.cores > 0 && worker.memory_bytes > 0 && worker.heartbeat_at_micros > 0);
    assert!(!worker.release.is_empty(), "{worker:?}");

    let id = ben.enqueue(&server).await;
    let of_ben = v1::ListAllJobsRequest { email: ben.email.clone(), ..Default::default() };
    let listed = ada.list(of_ben.clone()).await.expect("has the right");
    let [found] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!((&*found.email, state(found)), (&*ben.email, JobState::Waiting));
    assert!(!format!("{listed:?}").contains("SECRET"), "{listed:?}");
    let of_none = v1::ListAllJobsRequest { email: "x@example.org".to_owned(), ..of_ben.clone() };
    assert_eq!(ada.list(of_none).await.expect("has the right"), []);
    let all = ada.list(v1::ListAllJobsRequest::default()).await.expect("has the right");
    assert!(all.iter().any(|it| it.job.as_ref().is_some_and(|job| job.id == id)));
    // Those of the server have their kinds as titles.
    let own = all.iter().filter(|found| found.email.is_empty());
    let own: Vec<&v1::Job> = own.filter_map(|found| found.job.as_ref()).collect();
    assert!(!own.is_empty() && own.iter().all(|job| job.title == job.kind), "{own:?}");

    assert_eq!(state(&ada.cancel(&id).await.expect("has the right")), JobState::Cancelled);
    assert_eq!(state(&ada.cancel(&id).await.expect("has ended")), JobState::Cancelled);
    let cancelled = vec![JobState::Cancelled.into()];
    let cancelled = v1::ListAllJobsRequest { states: cancelled, ..of_ben };
    assert_eq!(ada.list(cancelled).await.expect("has the right").len(), 1);
    assert_eq!(state(&ada.retry(&id).await.expect("may run again")), JobState::Waiting);
    for missing in ["no id", "00000000-0000-7000-8000-000000000000"] {
        let refused = ada.cancel(missing).await.expect_err("is none");
        assert_eq!(reason(&refused), (Code::NotFound, "NOT_FOUND".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gridctl_shows_an_operator_workers_and_all_jobs() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "boss@example.org");
    let ben = Caller::sign_up(&server).await;
    let id = ben.enqueue(&server).await;
    let refused = gridctl.run(&["workers"]);
    assert!(!refused.status.success() && refused.stderr.contains("operator"), "{refused:?}");
    drop(admin(&server, &["operator", "boss@example.org"]).success());
    let workers = gridctl.run(&["workers", "--json"]).success();
    let worker: Value = serde_json::from_str(workers.trim()).expect("one worker");
    assert_eq!((&worker["kind"], &worker["fault"]), (&json!("server"), &Value::Null));
    let listed = gridctl.run(&["jobs", "--all", "--email", &ben.email, "--json"]).success();
    let listed: Value = serde_json::from_str(listed.trim()).expect("one job");
    assert_eq!((&listed["id"], &listed["email"]), (&json!(id), &json!(ben.email)));
    drop(gridctl.run(&["jobs", "cancel", &id, "--any"]).success());
    drop(gridctl.run(&["jobs", "retry", &id, "--any"]).success());
    let plan = gridctl.run(&["jobs", "plan", &id, "--json"]).success();
    let plan: Value = serde_json::from_str(plan.trim()).expect("a plan");
    assert_eq!((&plan["job"]["state"], &plan["steps"]), (&json!("waiting"), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_reads_of_itself_whether_it_is_an_operator() {
    let server = Server::start();
    let (client, _) = sign_up_with_token(&server).await;
    let email = email_of(&client).await;
    let own = client.who_am_i().await.expect("is signed in").account.expect("an account");
    assert!(!own.is_operator);
    drop(admin(&server, &["operator", &email]).success());
    // Its other token may know the account as it was, for a while.
    let again = Client::connect(server.url()).await.expect("the server is there");
    let (again, _) = again.sign_in(&email, PASSWORD).await.expect("signs in");
    let own = again.who_am_i().await.expect("is signed in").account.expect("an account");
    assert!(own.is_operator);
}
