//! A bucket as the place of the pieces: one that is away at first, and one that goes away.
//!
//! Not each call (`uploads`). Invariant: a bucket that is away ends no server, and no file is empty for it.

use integration::harness::{BucketServer, Server, eventually, new_sheet, sign_up_with_token};
use tonic::Code;

use super::{Files, PIECE, content, refused};

/// A server whose files lie in the bucket at a port.
fn server_at(port: u16) -> Server {
    let flags = BucketServer::flags(port);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    Server::start_with(&flags)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_comes_after_the_server_is_used() {
    let port = BucketServer::free_port();
    let server = server_at(port);
    let (client, token) = sign_up_with_token(&server).await;
    let files = Files::at(&server, &token).await;
    let status = files.start("Early", 1).await.expect_err("the bucket is away");
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    let sheet = new_sheet(&client, "Beside", 6).await;
    client.read_cells(&sheet, 0..6).await.expect("is read");

    let bucket = BucketServer::start_at(port);
    let content = content(1, 2 * PIECE + 3);
    let upload = eventually("the bucket is used", async || {
        files.start_as("In a bucket", content.len() as u64, "once").await.ok()?.upload
    });
    let upload = upload.await.id;
    let file = files.complete(&upload, &content).await.expect("is finished").id;
    assert!(files.download(&file, 0, 0).await.expect("is downloaded") == content);
    let part = files.download(&file, PIECE as u64 - 1, 2).await.expect("is downloaded");
    assert_eq!(part, content[PIECE - 1..=PIECE]);
    assert!(!server.home().data().join("files/contents").exists());

    // A bucket that was replaced by an empty one is no empty place.
    let uploading = files.start("Later", PIECE).await.expect("is started").id;
    drop(bucket);
    let status = files.download(&file, 0, 0).await.expect_err("the bucket is away");
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    let _empty = BucketServer::start_at(port);
    let server = {
        let (stopped, _) = server.stop();
        stopped.restart()
    };
    let files = files.again(&server).await;
    let other = (Code::Unavailable, "WRONG_PLACE".to_owned());
    assert_eq!(refused(files.download(&file, 0, 0).await), other);
    assert_eq!(refused(files.send(&uploading, 0, &content[..PIECE]).await), other);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_server_reads_its_bucket() {
    let bucket = BucketServer::start();
    let server = server_at(bucket.port());
    let files = Files::sign_up(&server).await;
    let content = content(2, 2 * PIECE + 3);
    let upload = files.start("Killed", content.len()).await.expect("is started").id;
    files.send(&upload, 1, &content[PIECE..2 * PIECE]).await.expect("is taken");
    let server = server.kill().restart();
    let files = files.again(&server).await;
    assert_eq!(files.missing(&upload).await, [(0, 1), (2, 1)]);
    let file = files.complete(&upload, &content).await.expect("is finished").id;
    assert!(files.download(&file, 0, 0).await.expect("is downloaded") == content);
    assert!(!server.home().log_tail().contains(BucketServer::SECRET), "the log shows the login");
}
