//! Behind a balancer any server takes any call: it relays a call to the server that its session or import
//! belongs to.
//!
//! Not Redis: the servers share a Postgres alone. Invariant: a call is answered as at its own server.

use client::Client;
use client::net::NewSheet;
use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use integration::harness::{
    ConnectEvent, OwnPostgres, Server, WebConnection, WebSession, authorized, sheet_calls,
    sign_up_with_token, within,
};
use tonic::Code;
use tonic_types::StatusExt;

/// Two servers on one database, and a client that is signed in.
async fn two(own: &OwnPostgres) -> (Server, Server, Client, String) {
    let start = || Server::start_with(&["--database-url", &own.tcp_url(), "--drain-seconds", "1"]);
    let (here, there) = (start(), start());
    let (client, token) = sign_up_with_token(&here).await;
    (here, there, client, token)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_session_takes_calls_at_any_server() {
    let own = OwnPostgres::start().await;
    let (here, there, client, token) = two(&own).await;
    let sheet_id = client.create_sheet("Here", NewSheet::default()).await.expect("is made").id;
    let hello = v1::Hello { sheet_id, ..v1::Hello::default() };
    let (mut session, _) = WebSession::open(&here, &token, hello).await;
    session.call_at(&there);
    for number in 1..=3 {
        let received = within("the answer", session.try_ping()).await.expect("is relayed");
        assert_eq!(received, number);
        loop {
            let frame = within("the pong", session.next()).await.expect("the stream continues");
            if frame == Frame::Pong(v1::Pong { nonce: number }) {
                break;
            }
        }
    }

    // Every server answers NotFound for a session of another account.
    let (_, stranger) = sign_up_with_token(&there).await;
    let mine = session.signed_in_as(&stranger);
    let refused = within("the answer", session.try_ping()).await.expect_err("not theirs");
    assert_eq!(refused.code(), Code::NotFound, "{refused}");
    drop(session.signed_in_as(&mine));

    // A server that can't be reached is Unavailable; after its restart the session is NotFound.
    let dead = here.kill();
    let away = within("the answer", session.try_ping()).await.expect_err("no server answers");
    assert_eq!(away.code(), Code::Unavailable, "{away}");
    assert!(away.get_details_retry_info().is_some(), "{away:?}");
    let again = dead.restart();
    let gone = within("the answer", session.try_ping()).await.expect_err("it ended");
    assert_eq!(gone.code(), Code::NotFound, "{gone}");
    drop(again);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_takes_calls_at_any_server() {
    let own = OwnPostgres::start().await;
    let (here, there, client, token) = two(&own).await;
    let sheet_id = client.create_sheet("Here", NewSheet::default()).await.expect("is made").id;
    let hello = || v1::Hello { sheet_id: sheet_id.clone(), ..v1::Hello::default() };
    let mut connection = WebConnection::open(here.url(), &token).await;
    connection.call_at(there.url());
    connection.join(1, hello()).await;
    connection.answers(1, 1).await;
    connection.keep(4).await.expect("is relayed");
    let pong = |event| matches!(event, ConnectEvent::Pong(4)).then_some(());
    connection.until("a pong", pong).await;
    connection.detach(1).await.expect("is relayed");
    let refused = connection.attach(2, v1::Hello::default()).await.expect_err("names no sheet");
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    drop(here);
    let gone = within("the answer", connection.keep(5)).await.expect_err("no server answers");
    assert!(matches!(gone.code(), Code::Unavailable | Code::NotFound), "{gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_continues_at_any_server() {
    let own = OwnPostgres::start().await;
    let (here, there, client, token) = two(&own).await;
    let (mut first, mut second) = (sheet_calls(&here).await, sheet_calls(&there).await);
    let start = v1::StartImportRequest { name: "Parts".into(), ..Default::default() };
    let started = first.start_import(authorized(start, &token)).await.expect("starts");
    let import_id = started.into_inner().import_id;
    // Pieces of 700 kB, sent to both servers in turn.
    let file: String = std::iter::once("a,b\n".to_owned())
        .chain((0..200_000).map(|row| format!("{row},x\n")))
        .collect();
    let mut offset = 0;
    for (number, piece) in file.as_bytes().chunks(700_000).enumerate() {
        let chunk = v1::ImportChunkRequest {
            import_id: import_id.clone(),
            offset,
            data: piece.to_vec().into(),
        };
        let calls = if number % 2 == 0 { &mut second } else { &mut first };
        let answer = calls.import_chunk(authorized(chunk, &token)).await.expect("is taken");
        offset += piece.len() as u64;
        assert_eq!(answer.into_inner().received, offset);
    }
    let finish = v1::FinishImportRequest { import_id: import_id.clone() };
    let made = second.finish_import(authorized(finish, &token)).await.expect("is made");
    let sheet = made.into_inner().sheet.expect("a sheet");
    assert_eq!(sheet.row_count, 200_000);
    assert_eq!(client.sheet(&sheet.id).await.expect("is there").row_count, 200_000);

    let start = v1::StartImportRequest { name: "Never".into(), ..Default::default() };
    let import_id = second.start_import(authorized(start, &token)).await.expect("starts");
    let import_id = import_id.into_inner().import_id;
    let cancel = v1::CancelImportRequest { import_id };
    first.cancel_import(authorized(cancel.clone(), &token)).await.expect("is cancelled");
    let gone = first.cancel_import(authorized(cancel, &token)).await.expect_err("is gone");
    assert_eq!(gone.code(), Code::NotFound, "{gone}");
}
