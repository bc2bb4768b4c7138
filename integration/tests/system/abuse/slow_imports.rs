//! Imports that are sent slowly, while another account waits for a place: one of them ends for it.
//!
//! The server runs in this process, whose clock is set forward. Not the rates themselves (`pace` of the server).
//! Invariant: one import ends for one caller that waits, and its own caller receives why.

use std::time::Duration;

use gridloom::v1;
use integration::harness::{LocalServer, authorized, within};
use tonic::{Code, Status};

use super::slow_exports::{calls, pass};

/// Imports of two accounts that take all places of the server.
const OF_ACCOUNTS: [usize; 2] = [2, 1];
/// Above the least rate, and far below the rate where another account waits.
const PIECE_BYTES: usize = 2 << 20;
const PIECE_EACH: Duration = Duration::from_secs(65);
/// Pieces after which an import has had more time than its bytes allow.
const PIECES: u64 = 2;

/// An import under way.
struct Import<'a> {
    token: &'a str,
    id: String,
    sent: u64,
}

impl<'a> Import<'a> {
    async fn begin(server: &LocalServer, token: &'a str) -> Result<Self, Status> {
        let (name, no_header) = ("Import".to_owned(), true);
        let start = v1::StartImportRequest { name, no_header, ..Default::default() };
        let begun = calls(server).await.start_import(authorized(start, token)).await?;
        Ok(Self { token, id: begun.into_inner().import_id, sent: 0 })
    }

    async fn send(&mut self, server: &LocalServer, data: Vec<u8>) -> Result<(), Status> {
        let (offset, bytes) = (self.sent, data.len() as u64);
        let data = data.into();
        let chunk = v1::ImportChunkRequest { import_id: self.id.clone(), offset, data };
        let mut calls = calls(server).await;
        within("a piece", calls.import_chunk(authorized(chunk, self.token))).await?;
        self.sent += bytes;
        Ok(())
    }
}

/// Lines of one long cell.
fn piece() -> Vec<u8> {
    let line = format!("{}\n", "x".repeat((32 << 10) - 1));
    line.repeat(PIECE_BYTES / line.len()).into_bytes()
}

#[tokio::test]
async fn a_slow_import_ends_for_another_account_that_waits() {
    let server = LocalServer::start(|_| {}).await;
    let mut tokens = Vec::new();
    for _ in 0..=OF_ACCOUNTS.len() {
        tokens.push(server.sign_up().await.1);
    }
    let mut held = Vec::new();
    for (token, count) in tokens.iter().zip(OF_ACCOUNTS) {
        for _ in 0..count {
            held.push(Import::begin(&server, token).await.expect("has a place"));
        }
    }
    for _ in 0..PIECES {
        for import in &mut held {
            import.send(&server, piece()).await.expect("is taken");
        }
        pass(PIECE_EACH).await;
    }
    let last = tokens.last().expect("three accounts");
    let mut own = within("a place", Import::begin(&server, last)).await.expect("has a place");
    own.send(&server, piece()).await.expect("is taken");
    let mut ended = Vec::new();
    for import in &mut held {
        ended.extend(import.send(&server, b"x\n".to_vec()).await.err());
    }
    match &ended[..] {
        [status] => {
            assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
            assert!(status.message().contains("another account waits"), "{status:?}");
        }
        other => panic!("{} imports have ended: {other:?}", other.len()),
    }
}
