//! A session that does not read never slows the others: the server sends it a resync and closes it.

use client::net::NewSheet;
use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use integration::harness::{NativeSession, Server, sign_up_with_token, within};
use ot_engine::Value;
use tonic::Code;

/// More than all buffers hold between the server and a client that does not read.
const TEXT_BYTES: usize = 60_000;
const EDITS: u32 = 400;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_does_not_read_receives_a_resync() {
    let server = Server::start_with(&["--limit-session-frames", "16"]);
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = client.create_sheet("Busy", NewSheet::default()).await.expect("can be made");
    let hello = v1::Hello { sheet_id: sheet.id.clone(), ..v1::Hello::default() };
    let mut unread = NativeSession::open(&server, &token, hello).await;

    let writer = client.open(&sheet.id).await.expect("opens");
    let text: Value = "x".repeat(TEXT_BYTES).as_str().into();
    for number in 0..EDITS {
        let ticket = writer.set(number % 100, 0, text.clone()).await.expect("open");
        within("an edit", ticket.accepted()).await.expect("is accepted");
    }

    let mut resync = None;
    let end = loop {
        match within("the end", unread.next()).await {
            Ok(frame) => {
                assert_eq!(resync, None, "nothing comes after the resync but the end: {frame:?}");
                if let Frame::Resync(sent) = frame {
                    resync = Some(sent.reason());
                }
            }
            Err(status) => break status,
        }
    };
    assert_eq!(resync, Some(v1::resync::Reason::SlowReader));
    assert_eq!(end.code(), Code::ResourceExhausted, "{end:?}");
}
