//! A session over grpc-web on HTTP/1.1 and one over HTTP/2 receive the same revisions in the same order, also
//! when the web client's requests arrive twice.
//!
//! Not a browser: see `browser`. Invariant: both sessions receive equal changes.

use client::core::{Event, LiveOptions, LiveSheet, Looking};
use client::net::NewSheet;
use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use integration::harness::{Grid, NativeSession, Server, WebSession, sign_up_with_token, within};
use ot_engine::{Revision, Value};

const EDITS_OF_EACH: u64 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn both_transports_receive_one_order() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id =
        client.create_sheet("Transports", NewSheet::default()).await.expect("is made").id;
    let hello = || v1::Hello { sheet_id: sheet_id.clone(), ..v1::Hello::default() };
    let mut native = NativeSession::open(&server, &token, hello()).await;
    let (mut web, _) = WebSession::open(&server, &token, hello()).await;

    let options = LiveOptions { looking: Looking::All, ..LiveOptions::default() };
    let mut live = LiveSheet::new(sheet_id.clone(), options);
    let (editor, editor_welcome) = WebSession::open(&server, &token, live.hello()).await;
    let sdk = client.open(&sheet_id).await.expect("opens");
    let from_web = tokio::spawn(edit_from_the_web(editor, editor_welcome, live));
    for number in 0..EDITS_OF_EACH {
        let ticket = sdk.edit(move |live| {
            let row = number as u32;
            match number % 3 {
                0 => live.insert_rows(row, 1),
                1 => live.move_rows(row, 2, 0),
                _ => live.set_cell(row, 0, Value::Number(number as f64)),
            }
        });
        within("an answer", ticket.await.expect("open").accepted()).await.expect("is accepted");
    }
    within("the web's edits", from_web).await.expect("nothing failed");

    let last = 2 * EDITS_OF_EACH;
    let (mut over_http2, mut over_web) = (Vec::new(), Vec::new());
    while over_http2.len() < last as usize {
        take(within("a change", native.next()).await.expect("stays open"), &mut over_http2);
    }
    while over_web.len() < last as usize {
        take(within("a change", web.next()).await.expect("stays open"), &mut over_web);
    }
    let revisions: Vec<u64> = over_web.iter().map(|change| change.revision).collect();
    assert_eq!(revisions, (1..=last).collect::<Vec<_>>());
    assert_eq!(over_http2, over_web);

    within("all", sdk.wait_revision(Revision(last))).await.expect("is connected");
    within("loading", sdk.wait_synced()).await.expect("loads");
    assert_eq!(Grid::seen_by(&sdk).await, Grid::read(&client, &sheet_id).await);
}

fn take(frame: Frame, changes: &mut Vec<v1::Change>) {
    if let Frame::Changes(encoded) = frame {
        let decoded = encoded
            .changes
            .into_iter()
            .map(|change| prost::Message::decode(change).expect("the server sends a change"));
        changes.extend(decoded);
    }
}

/// Edits through `Watch` and `Send`, each request sent twice, as after a lost answer.
async fn edit_from_the_web(mut session: WebSession, welcome: v1::Welcome, mut live: LiveSheet) {
    let welcome = v1::ServerFrame { frame: Some(Frame::Welcome(welcome)) };
    live.on_frame(welcome).expect("a welcome");
    let (mut made, mut accepted) = (0, 0);
    while accepted < EDITS_OF_EACH {
        if live.pending() == 0 && made < EDITS_OF_EACH {
            made += 1;
            let edited = match made % 2 {
                0 => live.delete_rows((made % 7) as u32, 1),
                _ => live.set_cell((made % 11) as u32, 1, Value::Bool(made % 3 == 0)),
            };
            edited.expect("the sheet is large enough");
        }
        session.send(live.outgoing(), 2).await;
        let frame = within("a frame", session.next()).await.expect("the session stays open");
        let frame = v1::ServerFrame { frame: Some(frame) };
        for event in live.on_frame(frame).expect("the server keeps to the protocol") {
            match event {
                Event::Accepted { .. } => accepted += 1,
                Event::Rejected { status, .. } => panic!("{}", status.message),
                _ => {}
            }
        }
    }
}
