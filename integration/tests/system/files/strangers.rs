//! The files of one account under the token of another one, under an unknown id, and without a token.
//!
//! Not a rate. Invariant: a call of a stranger changes nothing and shows nothing.

use gridloom::v1;
use integration::harness::Server;
use tonic::{Code, Status};
use uuid::Uuid;

use super::{Files, PIECE, content};

/// Each call that names an upload or a file.
async fn calls(files: &Files, upload: &str, file: &str) -> Vec<(&'static str, Result<(), Status>)> {
    vec![
        ("UploadPiece", files.send(upload, 0, b"text").await.map(drop)),
        ("GetUpload", files.under_way(upload).await.map(drop)),
        ("FinishUpload", files.finish(upload).await.map(drop)),
        ("FinishUpload of a file", files.finish(file).await.map(drop)),
        ("GetFile", files.file(file).await.map(drop)),
        ("RenameFile", files.rename(file, "Mine", "").await.map(drop)),
        ("RemoveFile", files.remove(file, false).await.map(drop)),
        ("RemoveFile for good", files.remove(file, true).await.map(drop)),
        ("RestoreFile", files.restore(file).await.map(drop)),
        ("DownloadFile", files.download(file, 0, 0).await.map(drop)),
        ("CreateDownloadLink", files.link(file).await.map(drop)),
        ("DownloadFile after the end", files.download(file, 1 << 40, 1).await.map(drop)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_finds_no_file_and_no_upload() {
    let server = Server::start();
    let (ada, eve) = (Files::sign_up(&server).await, Files::sign_up(&server).await);
    let content = content(1, PIECE + 5);
    let file = ada.upload("Secret", &content).await.expect("is uploaded");
    let upload = ada.start("Under way", 4).await.expect("is started").id;
    let none = Uuid::new_v4().to_string();
    let asked = [(&eve, &upload, &file.id), (&eve, &none, &none), (&ada, &none, &none)];
    for (files, upload, file) in asked {
        for (call, outcome) in calls(files, upload, file).await {
            assert_eq!(outcome.expect_err(call).code(), Code::NotFound, "{call}");
        }
        // To cancel what is not there changes nothing.
        if let Err(status) = files.cancel(upload).await {
            assert_eq!(status.code(), Code::NotFound);
        }
    }
    assert!(eve.names().await.is_empty() && eve.uploads().await.is_empty());
    assert_eq!(eve.usage().await.used_bytes, 0);
    assert_eq!(ada.file(&file.id).await.expect("is there"), file);
    assert!(ada.download(&file.id, 0, 0).await.expect("is downloaded") == content);
    assert_eq!(ada.missing(&upload).await, [(0, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_a_valid_token_is_refused() {
    let server = Server::start();
    let ada = Files::sign_up(&server).await;
    let file = ada.upload("Secret", b"text").await.expect("is uploaded");
    let stranger = Files::at(&server, "no token of this server").await;
    let mut outcomes = calls(&stranger, &file.id, &file.id).await;
    outcomes.push(("StartUpload", stranger.start("Mine", 1).await.map(drop)));
    outcomes.push(("CancelUpload", stranger.cancel(&file.id).await));
    outcomes.push(("ListFiles", stranger.page(v1::ListFilesRequest::default()).await.map(drop)));
    for (call, outcome) in outcomes {
        assert_eq!(outcome.expect_err(call).code(), Code::Unauthenticated, "{call}");
    }
}
