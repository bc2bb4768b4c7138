//! Removed files: restored, or deleted for good.
//!
//! Not their bytes in the quota (`limits`). Invariant: a removed file keeps its content until it is deleted.

use gridloom::v1;
use integration::harness::Server;
use model::limits::files::REMOVED_KEPT;
use tonic::Code;

use super::{Files, PIECE, content};

/// The names of the removed files.
async fn removed(files: &Files) -> Vec<String> {
    let request = v1::ListFilesRequest { removed: true, ..v1::ListFilesRequest::default() };
    let page = files.page(request).await.expect("is listed");
    page.files.into_iter().map(|file| file.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_file_is_restored_with_its_content() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let content = content(1, PIECE + 1);
    let file = files.upload("Kept", &content).await.expect("is uploaded");
    files.upload("Beside", b"text").await.expect("is uploaded");
    let gone = files.remove(&file.id, false).await.expect("is removed").expect("can be restored");
    let kept = i64::try_from(REMOVED_KEPT.as_micros()).expect("30 days");
    assert_eq!(gone.deleted_at_micros - gone.removed_at_micros, kept);
    assert!(gone.removed_at_micros >= file.created_at_micros, "{gone:?}");
    let again = files.remove(&file.id, false).await.expect("is removed").expect("can be restored");
    assert_eq!(again, gone, "nothing has changed");
    assert_eq!(files.file(&file.id).await.expect("is there"), gone);
    assert_eq!(files.names().await, ["Beside"]);
    assert_eq!(removed(&files).await, ["Kept"]);
    let hidden = files.download(&file.id, 0, 0).await.expect_err("is removed");
    assert_eq!(hidden.code(), Code::NotFound);

    for _ in 0..2 {
        let back = files.restore(&file.id).await.expect("is restored");
        assert_eq!((back.removed_at_micros, back.deleted_at_micros), (0, 0));
        assert_eq!((&back.name, &back.digest), (&file.name, &file.digest));
    }
    assert!(files.download(&file.id, 0, 0).await.expect("is downloaded") == content);
    assert!(removed(&files).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_deleted_for_good_is_gone_for_each_call() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    for is_removed_before in [false, true] {
        let file = files.upload("Gone", b"text").await.expect("is uploaded");
        if is_removed_before {
            files.remove(&file.id, false).await.expect("is removed");
        }
        assert_eq!(files.remove(&file.id, true).await.expect("is deleted"), None);
        let calls = [
            files.file(&file.id).await.map(drop),
            files.restore(&file.id).await.map(drop),
            files.rename(&file.id, "Name", "").await.map(drop),
            files.remove(&file.id, false).await.map(drop),
            files.download(&file.id, 0, 0).await.map(drop),
            files.finish(&file.id).await.map(drop),
        ];
        for (number, outcome) in calls.into_iter().enumerate() {
            let code = outcome.expect_err("is deleted").code();
            assert_eq!(code, Code::NotFound, "call {number}");
        }
        assert!(files.names().await.is_empty() && removed(&files).await.is_empty());
    }
}
