//! What an account may keep: equal contents count once, and each limit is refused by its reason.
//!
//! Not the bytes of sheets (`quotas`). Invariant: starts at once pass no limit, and another account has its own.

use integration::harness::{Server, eventually, within};
use model::limits::files::UPLOADS;
use tokio::task::JoinSet;
use tonic::Code;

use super::{Files, PIECE, content, refused};

fn full(reason: &str) -> (Code, String) {
    (Code::ResourceExhausted, reason.to_owned())
}

/// Used bytes without those that leave, those of removed files alone, and the number of files.
async fn usage(files: &Files) -> (u64, u64, u32) {
    let usage = files.usage().await;
    (usage.used_bytes - usage.leaving_bytes, usage.removed_bytes, usage.files)
}

/// Lets time pass for what leaves, and waits until it is deleted.
pub(super) async fn delete_what_leaves(server: &Server, files: &Files) {
    let sql = server.sql().await;
    let older = "update file_contents set released_at = released_at - interval '2 hours'";
    let due = "update jobs set run_at = now() where kind = 'files' and state = 'waiting'";
    eventually("what leaves is deleted", async || {
        sql.execute(older, &[]).await.expect("is older");
        sql.execute(due, &[]).await.expect("is due");
        (files.usage().await.leaving_bytes == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_contents_of_an_account_count_once() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let content = content(1, PIECE + 10);
    let bytes = content.len() as u64;
    let first = files.upload("First", &content).await.expect("is uploaded");
    assert_eq!(usage(&files).await, (bytes, 0, 1));

    let upload = files.start("Second", content.len()).await.expect("is started").id;
    assert_eq!(usage(&files).await, (2 * bytes, 0, 2), "its bytes are reserved");
    for (number, data) in (0..).zip(content.chunks(PIECE)) {
        files.send(&upload, number, data).await.expect("is taken");
    }
    let finished = files.finish(&upload).await.expect("is whole");
    assert!(finished.content_known);
    let second = finished.file.expect("a file");
    assert_eq!(second.digest, first.digest);
    assert_eq!(usage(&files).await, (bytes, 0, 2));

    // A removed file knows the content, too, and only the last file takes it along.
    files.remove(&first.id, false).await.expect("is removed");
    assert_eq!(usage(&files).await, (bytes, 0, 2), "the second file has the content");
    files.remove(&second.id, false).await.expect("is removed");
    assert_eq!(usage(&files).await, (bytes, bytes, 2));
    let third = files.upload("Third", &content).await.expect("is uploaded");
    assert_eq!(usage(&files).await, (bytes, 0, 3));
    for id in [&first.id, &second.id] {
        files.remove(id, true).await.expect("is deleted");
    }
    assert_eq!(usage(&files).await, (bytes, 0, 1));
    assert!(files.download(&third.id, 0, 0).await.expect("is downloaded") == content);
    files.remove(&third.id, true).await.expect("is deleted");
    assert_eq!(usage(&files).await, (0, 0, 0));

    let other = Files::sign_up(&server).await;
    let content = self::content(9, content.len());
    other.upload("Other", &content).await.expect("is uploaded");
    let upload = files.start("Again", content.len()).await.expect("is started").id;
    for (number, data) in (0..).zip(content.chunks(PIECE)) {
        files.send(&upload, number, data).await.expect("is taken");
    }
    let finished = files.finish(&upload).await.expect("is whole");
    assert!(!finished.content_known, "accounts share no content");
    assert_eq!(usage(&other).await, (bytes, 0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_end_at_those_of_a_file_and_those_of_an_account() {
    let flags = ["--limit-file-bytes", "2000", "--limit-account-file-bytes", "4000"];
    let server = Server::start_with(&flags);
    let files = Files::sign_up(&server).await;
    let limits = files.usage().await;
    assert_eq!((limits.file_most_bytes, limits.most_bytes), (2000, 4000));
    let large = refused(files.start("Large", 2001).await);
    assert_eq!(large, (Code::InvalidArgument, "size_bytes".to_owned()));
    let first = files.upload("First", &content(1, 2000)).await.expect("is uploaded");
    let second = files.start("Second", 1500).await.expect("is started");
    assert_eq!(refused(files.start("Third", 501).await), full("STORAGE_FULL"));
    let third = files.start("Third", 500).await.expect("has exactly what is left");
    assert_eq!(refused(files.start("Fourth", 1).await), full("STORAGE_FULL"));
    files.start("Empty", 0).await.expect("takes no bytes");
    files.cancel(&third.id).await.expect("is cancelled");
    files.cancel(&second.id).await.expect("is cancelled");
    // A removed file counts until it is deleted for good.
    files.remove(&first.id, false).await.expect("is removed");
    let fourth = files.start("Fourth", 2000).await.expect("has room").id;
    assert_eq!(refused(files.start("Fifth", 1).await), full("STORAGE_FULL"));
    files.remove(&first.id, true).await.expect("is deleted");
    // Its pieces are still in the folder.
    let usage_now = files.usage().await;
    assert_eq!((usage_now.used_bytes, usage_now.leaving_bytes), (4000, 2000));
    assert_eq!(refused(files.start("Fifth", 1).await), full("STORAGE_FULL"));
    delete_what_leaves(&server, &files).await;
    files.start("Fifth", 2000).await.expect("has room");
    files.complete(&fourth, &content(2, 2000)).await.expect("is finished at the limit");

    let other = Files::sign_up(&server).await;
    let mut starts = JoinSet::new();
    for number in 0..12 {
        let other = other.clone();
        starts.spawn(async move { other.start(&format!("At once {number}"), 1000).await });
    }
    let started = within("all starts", starts.join_all()).await;
    let (started, over): (Vec<_>, Vec<_>) = started.into_iter().partition(Result::is_ok);
    assert_eq!((started.len(), over.len()), (4, 8));
    for outcome in over {
        assert_eq!(refused(outcome), full("STORAGE_FULL"));
    }
    assert_eq!(usage(&other).await, (4000, 0, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_uploads_end_at_their_numbers() {
    let server = Server::start_with(&["--limit-account-files", "70"]);
    let files = Files::sign_up(&server).await;
    assert_eq!(files.usage().await.most_files, 70);
    let mut starts = JoinSet::new();
    for number in 0..UPLOADS {
        let files = files.clone();
        starts.spawn(async move { files.start(&number.to_string(), 1).await.expect("is started") });
    }
    let started = within("all starts", starts.join_all()).await;
    assert_eq!(files.uploads().await.len(), UPLOADS as usize);
    assert_eq!(refused(files.start("One more", 1).await), full("UPLOADS_EXCEEDED"));
    let mut made = Vec::new();
    for upload in &started[..7] {
        made.push(files.complete(&upload.id, b"x").await.expect("is finished").id);
    }
    for number in 0..70 - UPLOADS {
        files.start(&format!("More {number}"), 1).await.expect("is one of 70");
    }
    assert_eq!(refused(files.start("Too many", 1).await), full("FILES_EXCEEDED"));
    files.remove(&made[0], false).await.expect("is removed");
    assert_eq!(refused(files.start("Too many", 1).await), full("FILES_EXCEEDED"));
    files.remove(&made[0], true).await.expect("is deleted");
    files.start("Fits", 1).await.expect("has a place");
    assert_eq!(files.usage().await.files, 70);
    Files::sign_up(&server).await.start("Other", 1).await.expect("is another account's");
}
