//! Sessions that come and go leave the server as it was: tasks, open files, memory.
//!
//! Not the limits of sessions at once. Invariant: one session stays, so that its sheet stays open.

use std::fs;

use gridloom::v1;
use gridloom::v1::connect_response::Frame;
use gridloom::v1::live_service_client::LiveServiceClient;
use gridloom::v1::sheet_service_client::SheetServiceClient;
use integration::harness::{
    LocalServer, NativeSession, Server, authorized, eventually, new_sheet, sign_up_with_token,
};
use ot_engine::{Delta, Revision};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tonic::Streaming;
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

/// The same on one connection, whose frames a task of its own reads.
async fn attach_and_detach(url: &str, token: &str, sheet: &str, count: usize) {
    let endpoint = Endpoint::from_shared(url.to_owned()).expect("an address");
    let channel = endpoint.connect().await.expect("the server is there");
    let mut live = LiveServiceClient::new(channel);
    let connect = authorized(v1::ConnectRequest {}, token);
    let mut frames = live.connect(connect).await.expect("the connection opens").into_inner();
    let first = frames.message().await.expect("is open").and_then(|it| it.frame);
    let Some(Frame::Opened(opened)) = first else { panic!("the first frame is another one") };
    let reader = tokio::spawn(async move { while let Ok(Some(_)) = frames.message().await {} });
    let mut lanes = JoinSet::new();
    for lane in 0..AT_ONCE {
        let (mut live, token) = (live.clone(), token.to_owned());
        let (sheet_id, connection_id) = (sheet.to_owned(), opened.connection_id.clone());
        lanes.spawn(async move {
            for number in 0..count / AT_ONCE {
                let session = u32::try_from(number * AT_ONCE + lane).expect("a small number");
                let hello = v1::Hello { sheet_id: sheet_id.clone(), ..v1::Hello::default() };
                let (connection_id, hello) = (connection_id.clone(), Some(hello));
                let detach = v1::DetachRequest { connection_id: connection_id.clone(), session };
                let attach = v1::AttachRequest { connection_id, session, hello };
                live.attach(authorized(attach, &token)).await.expect("is attached");
                live.detach(authorized(detach, &token)).await.expect("is detached");
            }
        });
    }
    while let Some(lane) = lanes.join_next().await {
        lane.expect("each session opens");
    }
    reader.abort();
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

/// Sessions that come and go leave a server's memory and open files where they were.
async fn leave_no_memory_and_no_open_file(sessions: impl AsyncFn(&str, &str, &str, usize)) {
    let server = Server::start_with(&FLAGS);
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = new_sheet(&client, "Visited", 6).await;
    let hello = v1::Hello { sheet_id: sheet.clone(), ..v1::Hello::default() };
    let _stays = NativeSession::open(&server, &token, hello).await;
    sessions(server.url(), &token, &sheet, FIRST).await;
    let process = server.pid().to_string();
    let (files, bytes) = (open_files(&process), server.resident_bytes());
    sessions(server.url(), &token, &sheet, SESSIONS).await;
    eventually("the memory and the files of the sessions are free", async || {
        let grown = server.resident_bytes().saturating_sub(bytes);
        (open_files(&process) <= files + SPARE && grown < GROWTH_BYTES).then_some(())
    })
    .await;
}

/// Sessions that come and go leave no task of a server.
async fn leave_no_task(sessions: impl AsyncFn(&str, &str, &str, usize)) {
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
    sessions(&server.url(), &token, &sheet, FIRST).await;
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    sessions(&server.url(), &token, &sheet, LOCAL_SESSIONS).await;
    eventually("the tasks of the sessions have ended", async || {
        (tasks() <= before + SPARE).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_sessions_leave_no_memory_and_no_open_file() {
    leave_no_memory_and_no_open_file(come_and_go).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_leave_no_task() {
    leave_no_task(come_and_go).await;
}

/// The streams and connections of callers while their server stops.
struct Held {
    _session: NativeSession,
    _pieces: Streaming<v1::ExportSheetResponse>,
    _calls: SheetServiceClient<Channel>,
}

/// Edits, reads, searches, an export, an import that is not finished, a change of a role.
async fn use_everything(server: &LocalServer) -> Held {
    let (client, token) = server.sign_up().await;
    let sheet = new_sheet(&client, "Used", 500).await;
    let hello = v1::Hello { sheet_id: sheet.clone(), ..v1::Hello::default() };
    let mut session = NativeSession::open_at(&server.url(), &token, hello).await;
    session.next().await.expect("a first frame");
    let set = Delta::set_cell(1, 0, "a text");
    let set = client.apply_delta(&sheet, Revision(0), &set, v1::WaitFor::Committed, "").await;
    set.expect("is accepted");
    let link = client.create_link(&sheet, v1::Role::Editor, false, 0).await.expect("is made");
    client.delete_link(&sheet, &link.id).await.expect("is deleted");
    client.undo(&sheet, None, v1::WaitFor::Committed, "").await.expect("is undone");
    client.read_cells(&sheet, 0..9).await.expect("can be read");
    let endpoint = Endpoint::from_shared(server.url()).expect("an address");
    let mut calls = SheetServiceClient::new(endpoint.connect().await.expect("is there"));
    let query = v1::QueryRowsRequest { sheet_id: sheet.clone(), ..v1::QueryRowsRequest::default() };
    calls.query_rows(authorized(query, &token)).await.expect("is answered");
    let import =
        v1::StartImportRequest { name: "Half".into(), ..v1::StartImportRequest::default() };
    let import = calls.start_import(authorized(import, &token)).await.expect("begins").into_inner();
    let chunk = v1::ImportChunkRequest {
        import_id: import.import_id,
        data: b"Name\nx\ny\n".as_slice().into(),
        ..v1::ImportChunkRequest::default()
    };
    calls.import_chunk(authorized(chunk, &token)).await.expect("is taken");
    let export = v1::ExportSheetRequest { sheet_id: sheet, ..Default::default() };
    let mut pieces =
        calls.export_sheet(authorized(export, &token)).await.expect("begins").into_inner();
    pieces.message().await.expect("is sent").expect("a piece");
    Held { _session: session, _pieces: pieces, _calls: calls }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_leaves_no_task() {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let server = LocalServer::start(|_| {}).await;
    let held = use_everything(&server).await;
    assert!(tasks() > before);
    let home = server.stop().await;
    drop(held);
    eventually("all tasks have ended", async || (tasks() <= before).then_some(())).await;
    drop(home);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_attached_sessions_leave_no_memory_and_no_open_file() {
    leave_no_memory_and_no_open_file(attach_and_detach).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attached_sessions_leave_no_task() {
    leave_no_task(attach_and_detach).await;
}
