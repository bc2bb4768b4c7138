//! What the recurring job deletes: old uploads, old removed files, and the pieces that no file has.
//!
//! Not the age of real time: the rows are made older. Invariant: the pieces of a file that is not deleted stay.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use integration::harness::{Server, eventually, within};
use model::limits::files::REMOVED_KEPT;
use tonic::Code;
use uuid::{NoContext, Timestamp, Uuid};

use super::{Files, PIECE, content};

/// The number of contents in the folder.
fn contents(server: &Server) -> usize {
    let folder = server.home().data().join("files/contents");
    fs::read_dir(&folder).map_or(0, Iterator::count)
}

/// A content that no row names, left by a crash.
fn leave_unknown(server: &Server, age: Duration) -> PathBuf {
    let at = SystemTime::now() - age;
    let seconds = at.duration_since(UNIX_EPOCH).expect("is later").as_secs();
    let id = Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, 0));
    let folder = server.home().data().join("files/contents").join(id.to_string());
    fs::create_dir(&folder).expect("is made");
    let piece = folder.join("00000000-0123456789abcdef");
    fs::write(&piece, b"bytes").expect("is written");
    for path in [&piece, &folder] {
        fs::File::open(path).and_then(|file| file.set_modified(at)).expect("has this age");
    }
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_names_is_deleted_in_time() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let large = content(1, PIECE + 1);
    let kept = files.upload("Kept", &large).await.expect("is uploaded").id;
    let twin = files.upload("Twin", &large).await.expect("is uploaded").id;
    let old = files.upload("Old", &content(2, PIECE + 1)).await.expect("is uploaded").id;
    let young = files.upload("Young", b"young").await.expect("is uploaded").id;
    let idle = files.start("Idle", 2 * PIECE).await.expect("is started").id;
    files.send(&idle, 0, &large[..PIECE]).await.expect("is taken");
    for id in [&twin, &old, &young] {
        files.remove(id, false).await.expect("is removed");
    }
    // The pieces of the twin are its own until they are swept.
    assert_eq!(contents(&server), 5);

    let sql = server.sql().await;
    let ids: Vec<Uuid> = [&twin, &old].iter().map(|id| id.parse().expect("an id")).collect();
    let older = "update files set removed_at = removed_at - interval '31 days' where id = any($1)";
    sql.execute(older, &[&ids]).await.expect("are older");
    let older = "update file_uploads set last_at = last_at - interval '8 days'";
    sql.execute(older, &[]).await.expect("is older");
    let due = "update jobs set run_at = now() where kind = 'files' and state = 'waiting'";
    eventually("old files and uploads end", async || {
        sql.execute(due, &[]).await.expect("is due");
        let mut is_gone = files.uploads().await.is_empty();
        for id in [&twin, &old] {
            let found = files.file(id).await;
            is_gone &= found.is_err_and(|status| status.code() == Code::NotFound);
        }
        is_gone.then_some(())
    })
    .await;
    assert_eq!(contents(&server), 5, "downloads that have begun read them to the end");
    assert_eq!(files.usage().await.files, 2);

    let unknown = leave_unknown(&server, REMOVED_KEPT);
    let recent = leave_unknown(&server, Duration::ZERO);
    let older = "update file_contents set released_at = released_at - interval '2 hours'";
    let seen = "update file_strays set seen_at = seen_at - interval '8 days'";
    eventually("the pieces that no file has are deleted", async || {
        sql.execute(older, &[]).await.expect("are older");
        sql.execute(seen, &[]).await.expect("are older");
        sql.execute(due, &[]).await.expect("is due");
        (contents(&server) == 3 && !unknown.exists()).then_some(())
    })
    .await;
    assert!(recent.exists(), "its rows may be in a backup that is still to be restored");
    assert!(files.download(&kept, 0, 0).await.expect("is downloaded") == large);
    files.restore(&young).await.expect("is not old");
    assert_eq!(files.download(&young, 0, 0).await.expect("is downloaded"), b"young");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_whose_file_is_deleted_and_swept_ends_without_a_damage() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    // Far more than what waits on its way to the reader.
    let large = content(3, 24 * PIECE);
    let file = files.upload("Large", &large).await.expect("is uploaded").id;
    let mut answers = files.read(&file, 0, 0).await.expect("begins");
    let first = within("the first bytes", answers.message()).await.expect("is open");
    let mut read = first.expect("an answer").data.len();
    files.again(&server).await.remove(&file, true).await.expect("is deleted");
    let sql = server.sql().await;
    let older = "update file_contents set released_at = released_at - interval '2 hours'";
    let due = "update jobs set run_at = now() where kind = 'files' and state = 'waiting'";
    eventually("its pieces are deleted", async || {
        sql.execute(older, &[]).await.expect("is older");
        sql.execute(due, &[]).await.expect("is due");
        (contents(&server) == 0).then_some(())
    })
    .await;
    let end = loop {
        match within("the next bytes", answers.message()).await {
            Ok(Some(answer)) => read += answer.data.len(),
            Ok(None) => panic!("{read} bytes came, of a file that is gone"),
            Err(status) => break status,
        }
    };
    assert_eq!(end.code(), Code::NotFound, "{end:?}");
    assert!(read < large.len() && !server.home().log_tail().contains("is not in its place"));
}
