//! Calls for one connection that come at once, out of order, and while it is cut: no session and no place is left.
//!
//! Not the rights of a session: see `rights`. Invariant: each call has an answer.

use gridloom::v1;
use gridloom::v1::live_service_client::LiveServiceClient;
use integration::harness::{
    NativeSession, Server, WebConnection, authorized, eventually, new_sheet, sign_up_with_token,
};
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

const ROUNDS: usize = 24;
/// Calls of one round, for each number.
const CALLS: usize = 6;
const NUMBERS: u32 = 8;
/// Places of the account: fewer than the sessions of all rounds, so a place that is not given back shows.
const PLACES: &str = "64";

/// One call: every third one detaches.
async fn one(
    mut live: LiveServiceClient<Channel>,
    token: String,
    (connection_id, session, turn): (String, u32, usize),
    sheet_id: String,
) -> Result<(), Status> {
    if turn % 3 == 2 {
        let detach = v1::DetachRequest { connection_id, session };
        return live.detach(authorized(detach, &token)).await.map(drop);
    }
    let hello = Some(v1::Hello { sheet_id, ..v1::Hello::default() });
    let attach = v1::AttachRequest { connection_id, session, hello };
    live.attach(authorized(attach, &token)).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_at_once_for_a_connection_that_is_cut_leave_nothing() {
    let server = Server::start_with(&["--limit-account-sessions", PLACES]);
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = new_sheet(&client, "Attacked", 6).await;
    let (_stays, _) = NativeSession::join(server.url(), &token, &sheet).await;
    let endpoint = Endpoint::from_shared(server.url().to_owned()).expect("an address");
    let channel = endpoint.connect().await.expect("the server is there");
    let live = LiveServiceClient::new(channel);
    for round in 0..ROUNDS {
        let connection = eventually("there is a place", async || {
            WebConnection::try_open(server.url(), &token).await.ok()
        })
        .await;
        let id = connection.opened.connection_id.clone();
        let mut calls = JoinSet::new();
        for turn in 0..CALLS {
            for session in 0..NUMBERS {
                let what = (id.clone(), session, turn + session as usize);
                calls.spawn(one(live.clone(), token.clone(), what, sheet.clone()));
            }
        }
        // Every other connection is cut while its calls run.
        let connection = (round % 2 == 0).then_some(connection);
        while let Some(answer) = calls.join_next().await {
            let code = answer.expect("ends").err().map_or(Code::Ok, |status| status.code());
            let expected = [
                Code::Ok,
                Code::InvalidArgument,
                Code::NotFound,
                Code::Cancelled,
                Code::ResourceExhausted,
            ];
            assert!(expected.contains(&code), "{code:?}");
        }
        drop(connection);
    }
    let sql = server.sql().await;
    eventually("only the first session is left", async || {
        let open = "select count(*) from live_sessions where ended_at is null";
        let left: i64 = sql.query_one(open, &[]).await.expect("can be read").get(0);
        (left == 1).then_some(())
    })
    .await;
    let mut connection = WebConnection::open(server.url(), &token).await;
    let hello = v1::Hello { sheet_id: sheet, ..v1::Hello::default() };
    // All places but those of the first session and of the connection.
    for session in 0..62 {
        connection.join(session, hello.clone()).await;
    }
    let full = connection.attach(62, hello).await.expect_err("has no place");
    assert!(full.message().contains("account_sessions"), "{full:?}");
}
