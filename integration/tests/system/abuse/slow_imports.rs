//! Imports whose clients are slow, silent or gone, while another import waits for a place: one of them ends for it.
//!
//! The server runs in this process, whose clock is set forward. Not the rates themselves (`pace` of the server).
//! Invariants: one import ends for one caller that waits, and its own caller receives why; where nothing waits, an
//! import lasts as long as its client keeps it alive.

use std::time::Duration;

use gridloom::v1;
use gridloom::v1::sheet_service_client::SheetServiceClient;
use integration::harness::{LocalServer, authorized, within};
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::slow_exports::{calls, pass};

/// Imports of two accounts that take all places of the server.
const OF_ACCOUNTS: [usize; 2] = [2, 1];
/// Far below the rate where another account waits.
const PIECE_BYTES: usize = 2 << 20;
/// Less than an import lasts without a call.
const PIECE_EACH: Duration = Duration::from_secs(65);
/// Pieces after which an import has had more time than its bytes allow.
const PIECES: u64 = 2;
/// Longer than an import keeps its place without a call while another one waits.
const SILENCE: Duration = Duration::from_secs(16);

/// When a piece without a place is sent again.
const RETRY: Duration = Duration::from_secs(5);

/// An import under way, on a connection of its own.
struct Import {
    token: String,
    calls: SheetServiceClient<Channel>,
    id: String,
    sent: u64,
}

impl Import {
    async fn begin(server: &LocalServer, token: &str) -> Result<Self, Status> {
        let (name, no_header) = ("Import".to_owned(), true);
        let start = v1::StartImportRequest { name, no_header, ..Default::default() };
        let mut calls = calls(server).await;
        let begun = calls.start_import(authorized(start, token)).await?;
        Ok(Self { token: token.to_owned(), calls, id: begun.into_inner().import_id, sent: 0 })
    }

    async fn send(&mut self, data: Vec<u8>) -> Result<(), Status> {
        let (offset, bytes) = (self.sent, data.len() as u64);
        let data = data.into();
        let chunk = v1::ImportChunkRequest { import_id: self.id.clone(), offset, data };
        within("a piece", self.calls.import_chunk(authorized(chunk, &self.token))).await?;
        self.sent += bytes;
        Ok(())
    }

    async fn finish(mut self) -> Result<v1::FinishImportResponse, Status> {
        let finish = v1::FinishImportRequest { import_id: self.id };
        let finished = self.calls.finish_import(authorized(finish, &self.token)).await?;
        Ok(finished.into_inner())
    }
}

/// Lines of one long cell.
fn piece() -> Vec<u8> {
    let line = format!("{}\n", "x".repeat((32 << 10) - 1));
    line.repeat(PIECE_BYTES / line.len()).into_bytes()
}

fn line() -> Vec<u8> {
    b"x\n".to_vec()
}

/// The reason of a refusal, and when to try again.
fn refusal(status: &Status) -> (String, Option<Duration>) {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    (reason, details.retry_info().and_then(|info| info.retry_delay))
}

/// Imports that have all places of the server, and an account that has none.
async fn all_places(server: &LocalServer) -> (Vec<Import>, String) {
    let mut held = Vec::new();
    for count in OF_ACCOUNTS {
        let (_, token) = server.sign_up().await;
        for _ in 0..count {
            let mut import = Import::begin(server, &token).await.expect("begins");
            import.send(line()).await.expect("has a place");
            held.push(import);
        }
    }
    (held, server.sign_up().await.1)
}

/// One of the imports has ended for the one that waited.
async fn one_has_ended(held: &mut [Import]) {
    let mut ended = Vec::new();
    for import in held {
        ended.extend(import.send(line()).await.err());
    }
    let [status] = &ended[..] else { panic!("{} imports have ended: {ended:?}", ended.len()) };
    assert_eq!(status.code(), Code::Aborted, "{status:?}");
    assert!(status.message().contains("another one waits"), "{status:?}");
}

#[tokio::test]
async fn a_slow_import_ends_for_another_account_that_waits() {
    let server = LocalServer::start(|_| {}).await;
    let (mut held, last) = all_places(&server).await;
    for _ in 0..PIECES {
        for import in &mut held {
            import.send(piece()).await.expect("is taken");
        }
        pass(PIECE_EACH).await;
        for import in &mut held {
            import.send(Vec::new()).await.expect("is kept");
        }
    }
    let mut own = Import::begin(&server, &last).await.expect("begins");
    own.send(piece()).await.expect("is taken");
    one_has_ended(&mut held).await;
}

#[tokio::test]
async fn imports_without_a_client_block_no_other_one() {
    let server = LocalServer::start(|_| {}).await;
    let (mut held, last) = all_places(&server).await;
    let mut own = Import::begin(&server, &last).await.expect("begins");
    // Their clients are there, and say nothing.
    pass(SILENCE).await;
    own.send(line()).await.expect("has the place of a silent one");
    one_has_ended(&mut held).await;
}

#[tokio::test]
async fn imports_whose_connections_have_ended_block_no_other_one() {
    let server = LocalServer::start(|_| {}).await;
    let (held, last) = all_places(&server).await;
    let mut own = Import::begin(&server, &last).await.expect("begins");
    drop(held);
    let status = own.send(line()).await.expect_err("they may come back");
    assert_eq!(refusal(&status), ("BUSY".to_owned(), Some(RETRY)), "{status:?}");
    let sending = tokio::time::timeout(SILENCE / 2, own.send(line())).await;
    sending.expect("waits for no silence").expect("has the place of one whose client is gone");
}

#[tokio::test]
async fn an_import_that_waits_is_kept() {
    let server = LocalServer::start(|_| {}).await;
    let (held, last) = all_places(&server).await;
    let mut own = Import::begin(&server, &last).await.expect("begins");
    let status = own.send(line()).await.expect_err("all places are taken");
    assert_eq!(refusal(&status), ("BUSY".to_owned(), Some(RETRY)), "{status:?}");
    for import in held {
        import.finish().await.expect("is made");
    }
    // A piece of an import with a place waits for nothing.
    for _ in 0..100 {
        own.send(line()).await.expect("has a place");
    }
    let made = own.finish().await.expect("is made").sheet.expect("a sheet");
    assert_eq!(made.row_count, 100, "a refused piece is sent again, and read once");
}

#[tokio::test]
async fn imports_that_have_become_sheets_take_no_room_of_the_next() {
    let server = LocalServer::start(|_| {}).await;
    let (_, token) = server.sign_up().await;
    for _ in 0..20 {
        let mut import = Import::begin(&server, &token).await.expect("has room");
        import.send(line()).await.expect("is taken");
        let (id, mut calls) = (import.id.clone(), import.calls.clone());
        let made = import.finish().await.expect("is made");
        let finish = v1::FinishImportRequest { import_id: id };
        let again = calls.finish_import(authorized(finish, &token)).await.expect("is repeated");
        assert_eq!(again.into_inner(), made);
    }
}

#[tokio::test]
async fn silent_imports_of_an_account_end_for_its_next_one() {
    let server = LocalServer::start(|_| {}).await;
    let (_, token) = server.sign_up().await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut import = Import::begin(&server, &token).await.expect("begins");
        import.send(line()).await.expect("has a place");
        held.push(import);
    }
    pass(SILENCE).await;
    let mut third = Import::begin(&server, &token).await.expect("begins");
    third.send(line()).await.expect("has a place");
    one_has_ended(&mut held).await;
}

#[tokio::test]
async fn an_import_lasts_as_long_as_its_client_keeps_it_and_its_end_has_a_reason() {
    let server = LocalServer::start(|_| {}).await;
    let (_, token) = server.sign_up().await;
    let mut slow = Import::begin(&server, &token).await.expect("begins");
    slow.send(line()).await.expect("has a place");
    for _ in 0..20 {
        pass(PIECE_EACH).await;
        slow.send(Vec::new()).await.expect("is kept");
    }
    slow.send(line()).await.expect("is taken");
    assert_eq!(slow.finish().await.expect("is made").sheet.expect("a sheet").row_count, 2);

    let mut silent = Import::begin(&server, &token).await.expect("begins");
    silent.send(line()).await.expect("has a place");
    pass(2 * PIECE_EACH).await;
    for _ in 0..2 {
        let status = silent.send(line()).await.expect_err("has ended");
        assert_eq!(status.code(), Code::Aborted, "{status:?}");
        assert!(status.message().contains("no call for 120 s"), "{status:?}");
    }
    let status = silent.finish().await.expect_err("has ended");
    assert!(status.message().contains("no sheet was created"), "{status:?}");
}
