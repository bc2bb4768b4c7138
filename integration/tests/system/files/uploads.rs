//! An upload: its pieces in any order, what is refused of them, its end, and its start with an id.
//!
//! Not a server that is killed (`crashes`). Invariant: a refused piece leaves the upload as it was.

use std::collections::BTreeSet;
use std::fs;

use gridloom::v1;
use integration::harness::{Server, within};
use tokio::task::JoinSet;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{Files, PIECE, content, digest, digest_of_pieces, refused};

/// The fact `missing` of a refusal.
fn missing_pieces(outcome: Result<v1::FinishUploadResponse, Status>) -> String {
    let status = outcome.expect_err("pieces are missing");
    let details = status.get_error_details();
    let info = details.error_info().expect("a reason");
    assert_eq!((status.code(), &*info.reason), (Code::FailedPrecondition, "PIECES_MISSING"));
    info.metadata.get("missing").expect("the fact").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_arrive_in_any_order_and_at_once() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let content = content(1, 6 * PIECE + 7);
    let upload = files.start("Parts", content.len()).await.expect("is started");
    assert_eq!((upload.piece_bytes as usize, upload.received_bytes), (PIECE, 0));
    assert!(upload.ends_at_micros > upload.started_at_micros, "{upload:?}");
    assert_eq!(files.missing(&upload.id).await, [(0, 7)]);
    let pieces: Vec<&[u8]> = content.chunks(PIECE).collect();
    assert_eq!(files.send(&upload.id, 6, pieces[6]).await.expect("is taken"), 7);
    assert_eq!(files.send(&upload.id, 2, pieces[2]).await.expect("is taken"), PIECE as u64 + 7);
    assert_eq!(files.missing(&upload.id).await, [(0, 2), (3, 3)]);
    assert_eq!(missing_pieces(files.finish(&upload.id).await), "5");

    let mut sent = JoinSet::new();
    for number in [5_u32, 4, 3, 1, 0] {
        let (files, id) = (files.clone(), upload.id.clone());
        let data = pieces[number as usize].to_vec();
        sent.spawn(async move { files.send(&id, number, &data).await.expect("is taken") });
    }
    let received = within("all pieces", sent.join_all()).await;
    assert!(received.into_iter().all(|bytes| bytes <= content.len() as u64));
    let whole = files.under_way(&upload.id).await.expect("is under way");
    let whole = (whole.missing.len(), whole.upload.expect("an upload").received_bytes);
    assert_eq!(whole, (0, content.len() as u64));
    assert_eq!(files.uploads().await.len(), 1);

    let finished = files.finish(&upload.id).await.expect("is whole");
    let file = finished.file.expect("a file");
    assert_eq!((&file.id, finished.content_known), (&upload.id, false));
    assert_eq!(file.digest, digest_of_pieces(&content));
    assert!(files.download(&file.id, 0, 0).await.expect("is downloaded") == content);
    assert!(files.uploads().await.is_empty());
    assert_eq!(files.under_way(&upload.id).await.expect_err("is a file").code(), Code::NotFound);
    let late = files.send(&upload.id, 0, pieces[0]).await.expect_err("is a file");
    assert_eq!(late.code(), Code::NotFound);
    let again = files.finish(&upload.id).await.expect("is the same file").file.expect("a file");
    assert_eq!(again, file);
    assert_eq!(files.names().await, ["Parts"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_that_breaks_a_rule_is_refused_by_its_field() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let content = content(2, PIECE + 100);
    let upload = files.start("Bad", content.len()).await.expect("is started").id;
    let (first, last) = content.split_at(PIECE);
    let other = digest(b"other bytes");
    let bad = |field: &str| (Code::InvalidArgument, field.to_owned());
    assert_eq!(refused(files.send_with(&upload, 0, first, &other).await), bad("digest"));
    assert_eq!(refused(files.send_with(&upload, 0, first, &other[1..]).await), bad("digest"));
    for (number, data) in
        [(0, &first[1..]), (0, last), (1, &last[1..]), (1, first), (1, &last[..0])]
    {
        let outcome = refused(files.send(&upload, number, data).await);
        assert_eq!(outcome, bad("data"), "{} bytes as piece {number}", data.len());
    }
    for number in [2, u32::MAX] {
        assert_eq!(refused(files.send(&upload, number, last).await), bad("number"), "{number}");
    }
    let answer = files.under_way(&upload).await.expect("is under way");
    assert_eq!(answer.upload.expect("an upload").received_bytes, 0);

    // Without a digest there is nothing to compare; the same piece again changes nothing.
    for _ in 0..2 {
        let received = files.send_with(&upload, 1, last, &[]).await.expect("is taken");
        assert_eq!(received, last.len() as u64);
    }
    let mut changed = last.to_vec();
    changed[50] ^= 1;
    let outcome = refused(files.send(&upload, 1, &changed).await);
    assert_eq!(outcome, (Code::FailedPrecondition, "OTHER_PIECE".to_owned()));
    let file = files.complete(&upload, &content).await.expect("is finished");
    assert!(files.download(&file.id, 0, 0).await.expect("is downloaded") == content);
}

/// The number of objects in the folder.
fn objects(server: &Server) -> usize {
    let folder = server.home().data().join("files/contents");
    let contents = fs::read_dir(folder).into_iter().flatten();
    let of_content = |content: std::io::Result<fs::DirEntry>| {
        fs::read_dir(content.expect("is read").path()).map_or(0, Iterator::count)
    };
    contents.map(of_content).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_at_once_occupy_no_more_than_what_counts() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let upload = files.start("Once", PIECE).await.expect("is started").id;
    let mut sent = JoinSet::new();
    for seed in 0..4 {
        let (files, id) = (files.clone(), upload.clone());
        sent.spawn(async move { files.send(&id, 0, &content(seed, PIECE)).await });
    }
    let outcomes = within("all pieces", sent.join_all()).await;
    let (taken, others): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((taken.len(), objects(&server)), (1, 1));
    for outcome in others {
        let expected = (Code::FailedPrecondition, "OTHER_PIECE".to_owned());
        assert_eq!(refused(outcome), expected);
    }
    files.finish(&upload).await.expect("is whole");

    // Of an upload that is cancelled, the pieces under way arrive or are deleted.
    let upload = files.start("Cancelled", 4 * PIECE).await.expect("is started").id;
    let mut sent = JoinSet::new();
    for number in 0..4 {
        let (files, id) = (files.clone(), upload.clone());
        sent.spawn(async move { files.send(&id, number, &content(9, PIECE)).await });
    }
    files.cancel(&upload).await.expect("is cancelled");
    drop(within("all pieces", sent.join_all()).await);
    let used = files.usage().await.used_bytes;
    assert_eq!(objects(&server) as u64 * PIECE as u64, used);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_names_one_upload_and_then_its_file() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let content = content(3, 100);
    let mut starts = JoinSet::new();
    for _ in 0..8 {
        let files = files.clone();
        starts
            .spawn(async move { files.start_as("Once", 100, "first").await.expect("is started") });
    }
    let started = within("all starts", starts.join_all()).await;
    let ids = started.into_iter().map(|answer| answer.upload.expect("an upload").id);
    let ids: Vec<String> = ids.collect::<BTreeSet<_>>().into_iter().collect();
    let [id] = ids.as_slice() else { panic!("several uploads: {ids:?}") };
    assert_eq!(files.usage().await.used_bytes, 100);

    let other = || (Code::AlreadyExists, "OTHER_UPLOAD".to_owned());
    assert_eq!(refused(files.start_as("Once", 101, "first").await), other());
    assert_eq!(refused(files.start_as("Twice", 100, "first").await), other());
    let stranger = Files::sign_up(&server).await;
    let of_stranger = stranger.start_as("Twice", 7, "first").await.expect("is another account's");
    assert_ne!(&of_stranger.upload.expect("an upload").id, id);

    files.send(id, 0, &content).await.expect("is taken");
    let again = files.start_as("Once", 100, "first").await.expect("is the same");
    assert_eq!((again.upload.expect("an upload").received_bytes, again.missing.len()), (100, 0));
    let file = files.finish(id).await.expect("is whole").file;
    let again = files.start_as("Once", 100, "first").await.expect("is a file");
    assert_eq!((again.upload, again.file), (None, file));
    assert_eq!(refused(files.start_as("Once", 101, "first").await), other());
    // Without an id each start is an upload.
    for _ in 0..2 {
        files.start("Once", 100).await.expect("is started");
    }
    assert_eq!(files.uploads().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_breaks_a_rule_is_refused_by_its_field() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let bad = |field: &str| (Code::InvalidArgument, field.to_owned());
    for name in ["", "line\nbreak", "a\0b", &"x".repeat(201)] {
        assert_eq!(refused(files.start(name, 1).await), bad("name"), "{name:?}");
    }
    let long = "x".repeat(101);
    assert_eq!(refused(files.start_as("Name", 1, &long).await), bad("request_id"));
    for size in [u64::MAX, 1 << 63] {
        assert_eq!(refused(files.start_as("Name", size, "").await), bad("size_bytes"), "{size}");
    }
    assert!(files.uploads().await.is_empty());
    let name = "é".repeat(200);
    let file = files.upload(&name, b"text").await.expect("has 200 characters");
    assert_eq!(file.name, name);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_upload_gives_back_what_has_not_arrived() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let content = content(4, 2 * PIECE);
    let upload = files.start("Away", content.len()).await.expect("is started").id;
    files.send(&upload, 0, &content[..PIECE]).await.expect("is taken");
    let usage = files.usage().await;
    assert_eq!((usage.used_bytes, usage.files), (content.len() as u64, 1));
    for _ in 0..2 {
        files.cancel(&upload).await.expect("is cancelled");
        let usage = files.usage().await;
        assert_eq!((usage.used_bytes, usage.files), (PIECE as u64, 0));
        assert_eq!(usage.leaving_bytes, PIECE as u64);
    }
    assert!(files.uploads().await.is_empty());
    let late = files.send(&upload, 1, &content[PIECE..]).await.expect_err("is cancelled");
    assert_eq!(late.code(), Code::NotFound);
    assert_eq!(files.finish(&upload).await.expect_err("is cancelled").code(), Code::NotFound);

    // A file is no upload: to cancel it changes nothing.
    let file = files.upload("Stays", b"text").await.expect("is uploaded");
    files.cancel(&file.id).await.expect("changes nothing");
    assert_eq!(files.download(&file.id, 0, 0).await.expect("is there"), b"text");
}
