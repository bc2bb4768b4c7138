//! Several servers of one database: they share the place of the files, or one of them alone has it.
//!
//! Not a folder of one server (`place`). Invariant: two places are never used at once.

use integration::harness::{OwnPostgres, OwnRedis, Server, sign_up_with_token, within};
use tonic::Code;

use super::{Files, PIECE, content, refused};
use crate::two_servers::Two;

#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_with_folders_of_their_own_one_has_the_place() {
    let two = Two::start().await;
    let (_, token) = sign_up_with_token(&two.here).await;
    let here = Files::at(&two.here, &token).await;
    let there = Files::at(&two.there, &token).await;
    // The very first calls, at once.
    let starts = async { tokio::join!(here.start("Here", 1), there.start("There", 1)) };
    let (first, second) = within("both starts", starts).await;
    let (has_place, upload, refusal) = match (first, second) {
        (Ok(upload), refusal) => (here.clone(), upload, refusal),
        (refusal, Ok(upload)) => (there.clone(), upload, refusal),
        (first, second) => panic!("no server has a place: {first:?} {second:?}"),
    };
    let wrong = (Code::Unavailable, "WRONG_PLACE".to_owned());
    assert_eq!(refused(refusal), wrong);
    has_place.complete(&upload.id, b"x").await.expect("is finished");
    let mut are_refused = 0;
    for files in [&here, &there] {
        match files.start("Again", 1).await {
            Ok(_) => {}
            outcome => {
                assert_eq!(refused(outcome), wrong);
                are_refused += 1;
            }
        }
    }
    assert_eq!(are_refused, 1, "the same server");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_with_one_folder_serve_each_other_s_pieces() {
    let folder = tempfile::tempdir().expect("can make a temporary directory");
    let flags = ["--files", &folder.path().to_string_lossy()];
    let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    let (database, journal) = (postgres.tcp_url(), redis.url());
    let start = || Server::start_sharing(&database, &journal, &flags);
    let (one, other) = (start(), start());
    let (_, token) = sign_up_with_token(&one).await;
    let here = Files::at(&one, &token).await;
    let there = Files::at(&other, &token).await;
    let content = content(1, PIECE + 1);
    let upload = here.start("Shared", content.len()).await.expect("is started").id;
    here.send(&upload, 0, &content[..PIECE]).await.expect("is taken");
    assert_eq!(there.missing(&upload).await, [(1, 1)]);
    there.send(&upload, 1, &content[PIECE..]).await.expect("is taken");
    let file = here.finish(&upload).await.expect("is whole").file.expect("a file");
    assert!(there.download(&file.id, 0, 0).await.expect("is downloaded") == content);
}
