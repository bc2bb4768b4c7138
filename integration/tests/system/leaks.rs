//! Sessions that come and go leave the server as it was: tasks, open files, memory.
//!
//! Not the limits of sessions at once. Invariant: one session stays, so that its sheet stays open.

use std::fs;

use gridloom::v1;
use gridloom::v1::live_service_client::LiveServiceClient;
use integration::harness::{
    LocalServer, NativeSession, Server, authorized, eventually, new_sheet, sign_up_with_token,
};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};

/// Sessions before the first measurement: what is made once, and kept, is there.
const FIRST: usize = 500;
const SESSIONS: usize = 10_000;
/// The same where server and client share a process.
const LOCAL_SESSIONS: usize = 2_000;
const AT_ONCE: usize = 16;
/// Less than 2 KiB for each session.
const GROWTH_BYTES: u64 = 16 << 20;
/// Files and tasks that come and go by themselves.
const SPARE: usize = 8;

/// Opens sessions and leaves them, so many at once.
async fn come_and_go(url: &str, token: &str, sheet: &str, count: usize) {
    let endpoint = Endpoint::from_shared(url.to_owned()).expect("an address");
    let channel = endpoint.connect().await.expect("the server is there");
    let mut lanes = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (live, token, sheet) =
            (LiveServiceClient::new(channel.clone()), token.to_owned(), sheet.to_owned());
        lanes.spawn(async move {
            for _ in 0..count / AT_ONCE {
                visit(live.clone(), &token, &sheet).await;
            }
        });
    }
    while let Some(lane) = lanes.join_next().await {
        lane.expect("each session opens");
    }
}

async fn visit(mut live: LiveServiceClient<Channel>, token: &str, sheet: &str) {
    let hello = v1::Hello { sheet_id: sheet.to_owned(), ..v1::Hello::default() };
    let request = authorized(v1::WatchRequest { hello: Some(hello) }, token);
    let mut frames = live.watch(request).await.expect("the session opens").into_inner();
    frames.message().await.expect("the session is open").expect("a first frame");
}

fn open_files(process: &str) -> usize {
    fs::read_dir(format!("/proc/{process}/fd")).expect("a process").count()
}

/// Without a limit of the account on the sessions that it opens, however fast the machine is.
const FLAGS: [&str; 8] = [
    "--limit-account-calls-per-second",
    "1000000",
    "--limit-account-calls-burst",
    "1000000",
    "--limit-account-sessions-per-second",
    "1000000",
    "--limit-account-sessions-burst",
    "1000000",
];

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_sessions_leave_no_memory_and_no_open_file() {
    let server = Server::start_with(&FLAGS);
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = new_sheet(&client, "Visited", 6).await;
    let hello = v1::Hello { sheet_id: sheet.clone(), ..v1::Hello::default() };
    let _stays = NativeSession::open(&server, &token, hello).await;
    come_and_go(server.url(), &token, &sheet, FIRST).await;
    let process = server.pid().to_string();
    let (files, bytes) = (open_files(&process), server.resident_bytes());
    come_and_go(server.url(), &token, &sheet, SESSIONS).await;
    eventually("the memory and the files of the sessions are free", async || {
        let grown = server.resident_bytes().saturating_sub(bytes);
        (open_files(&process) <= files + SPARE && grown < GROWTH_BYTES).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_leave_no_task() {
    let server = LocalServer::start(|options| {
        options.limits.account_calls_per_second = 1_000_000;
        options.limits.account_calls_burst = 1_000_000;
        options.limits.quotas.account_sessions_per_second = 1_000_000;
        options.limits.quotas.account_sessions_burst = 1_000_000;
    })
    .await;
    let (client, token) = server.sign_up().await;
    let sheet = new_sheet(&client, "Visited", 6).await;
    let hello = v1::Hello { sheet_id: sheet.clone(), ..v1::Hello::default() };
    let _stays = NativeSession::open_at(&server.url(), &token, hello).await;
    come_and_go(&server.url(), &token, &sheet, FIRST).await;
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    come_and_go(&server.url(), &token, &sheet, LOCAL_SESSIONS).await;
    eventually("the tasks of the sessions have ended", async || {
        (tasks() <= before + SPARE).then_some(())
    })
    .await;
}
