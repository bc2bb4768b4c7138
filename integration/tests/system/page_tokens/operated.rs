//! The pages of the jobs of all accounts.
//!
//! Not the right to them: see `operator`. Invariant: the same as that of all pages.

use gridloom::v1;
use integration::harness::{Server, email_of, sign_up_with_token};
use tonic::transport::Channel;
use uuid::Uuid;

use super::{Caller, ITEMS, MESSAGE_BYTES, PAGE_SIZE, Paged};
use crate::chat::id_of;

/// Its items have their ids further inside.
impl Paged for v1::ListAllJobsRequest {
    type Answer = v1::ListAllJobsResponse;
    const RPC: &'static str = "OperatorService/ListAllJobs";

    fn with_token(&self, token: &str) -> Self {
        Self { page_token: token.to_owned(), ..self.clone() }
    }

    fn items(answer: &v1::ListAllJobsResponse) -> (Vec<String>, String) {
        let jobs = answer.jobs.iter().filter_map(|found| found.job.as_ref());
        (jobs.map(|job| job.id.clone()).collect(), answer.next_page_token.clone())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_all_jobs_fit_messages_and_their_tokens_belong_to_their_requests() {
    let server = Server::start_with(&["--limit-message-bytes", &MESSAGE_BYTES.to_string()]);
    let (ada, token) = sign_up_with_token(&server).await;
    let channel = Channel::from_shared(server.url().to_owned()).expect("an address");
    let caller = Caller { channel: channel.connect().await.expect("the server is there"), token };
    let failed = "insert into jobs (id, kind, account, parameters, state, error, ended_at)
        select gen_random_uuid(), 'none', $1, '{}', 'failed', repeat('e', 4000), now()
        from generate_series(1, $2::bigint)";
    let (account, count) = (id_of(&ada).await.parse::<Uuid>().expect("an id"), ITEMS as i64);
    let sql = server.sql().await;
    sql.execute(failed, &[&account, &count]).await.expect("are made");
    let right = "update accounts set is_operator = true where id = $1";
    sql.execute(right, &[&account]).await.expect("is an operator");
    let (page_size, email) = (PAGE_SIZE, email_of(&ada).await);
    let list = v1::ListAllJobsRequest { page_size, email, ..Default::default() };
    let states = vec![v1::JobState::Failed.into()];
    let other = v1::ListAllJobsRequest { states, ..list.clone() };
    caller.walk(list, other, ITEMS).await;
}
