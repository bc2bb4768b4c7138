//! Exports that are read slowly, while another account waits for a place: one of them ends for it.
//!
//! The server runs in this process, whose clock is set forward. Not the rates themselves (`pace` of the server).
//! Invariant: a caller that waits has a place within the time that the slow ones have, and no more than one ends for it.

use std::time::Duration;

use gridloom::v1;
use gridloom::v1::sheet_service_client::SheetServiceClient;
use integration::harness::{LocalServer, authorized, within};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Streaming};

use super::turns::{export, large_sheet};

type Pieces = Streaming<v1::ExportSheetResponse>;

/// Accounts that take all places of the server, two each.
const ACCOUNTS: usize = 3;
const OF_ACCOUNT: usize = 2;

pub(super) async fn calls(server: &LocalServer) -> SheetServiceClient<Channel> {
    let endpoint = Endpoint::from_shared(server.url()).expect("an address");
    SheetServiceClient::new(endpoint.connect().await.expect("the server is there"))
}

/// Sets the clock forward.
pub(super) async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// Reads a piece of each export, and sets the clock forward.
async fn read_and_pass(held: &mut [Pieces], seconds: u64) {
    for pieces in held {
        within("a piece", pieces.message()).await.expect("is sent").expect("a piece");
    }
    pass(Duration::from_secs(seconds)).await;
}

#[tokio::test]
async fn a_slow_export_ends_for_another_account_that_waits() {
    let server = LocalServer::start(|_| {}).await;
    let mut held: Vec<Pieces> = Vec::new();
    for _ in 0..ACCOUNTS {
        let (client, token) = server.sign_up().await;
        let sheet = large_sheet(&client).await;
        for _ in 0..OF_ACCOUNT {
            let begun = calls(&server).await.export_sheet(authorized(export(&sheet), &token)).await;
            held.push(begun.expect("begins").into_inner());
        }
    }
    // Each reads a piece in a while: far less than 1 MiB/s, and more than nothing. They have a minute and a second for each
    // MiB; the caller that waits comes later, and has a minute of its own.
    read_and_pass(&mut held, 20).await;
    let (client, token) = server.sign_up().await;
    let own = large_sheet(&client).await;
    let mut calls = calls(&server).await;
    let waiting =
        tokio::spawn(async move { calls.export_sheet(authorized(export(&own), &token)).await });
    for seconds in [30, 16] {
        read_and_pass(&mut held, seconds).await;
    }
    let begun = within("a place", waiting).await.expect("no panic").expect("begins");
    let mut own = begun.into_inner();
    while within("a piece", own.message()).await.expect("is whole").is_some() {}
    let mut ended = Vec::new();
    for pieces in &mut held {
        loop {
            match within("a piece", pieces.message()).await {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(status) => break ended.push(status),
            }
        }
    }
    match &ended[..] {
        [status] => {
            assert_eq!(status.code(), Code::DeadlineExceeded);
            assert!(status.message().contains("another account waits"), "{status:?}");
        }
        other => panic!("{} exports have ended: {other:?}", other.len()),
    }
}
