//! The folder of the pieces: a lost piece, a changed one, and a folder that is another one.
//!
//! Not a bucket (`bucket`). Invariant: no error of the folder is an empty list or a wrong byte.

use std::fs;
use std::path::{Path, PathBuf};

use integration::harness::{Server, eventually, new_sheet, sign_up_with_token};
use tonic::Code;

use super::{Files, PIECE, content, refused};

/// The folder of the pieces where no other place is named.
fn folder(data: &Path) -> PathBuf {
    data.join("files")
}

/// The path of a piece of the only content.
pub(super) fn piece(server: &Server, number: u32) -> PathBuf {
    let entries = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        entries.map(|entry| entry.expect("is read").path()).collect()
    };
    let contents = entries(&folder(server.home().data()).join("contents"));
    let [content] = contents.as_slice() else { panic!("not one content: {contents:?}") };
    let start = format!("{number:08}-");
    let is_piece = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start))
    };
    entries(content).into_iter().find(is_piece).expect("the piece lies there")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_piece_and_a_changed_one_leave_the_others_readable() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let content = content(1, 3 * PIECE + 9);
    let file = files.upload("Hurt", &content).await.expect("is uploaded").id;
    let piece_of =
        |number: usize| (number * PIECE) as u64..((number + 1) * PIECE).min(content.len()) as u64;
    let readable = async |number: usize| {
        let range = piece_of(number);
        let part = files.download(&file, range.start, range.end - range.start).await;
        let expected = &content[range.start as usize..range.end as usize];
        part.is_ok_and(|part| part == expected)
    };
    let path = piece(&server, 1);
    let original = fs::read(&path).expect("is read");
    assert!(original == content[PIECE..2 * PIECE], "a piece lies there as it was uploaded");

    let lost = (Code::DataLoss, "PIECE_LOST".to_owned());
    let changed = (Code::DataLoss, "PIECE_CHANGED".to_owned());
    fs::remove_file(&path).expect("is deleted");
    let damage = |at: usize| {
        let mut bytes = original.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).expect("is written");
    };
    for (at, expected) in [(None, &lost), (Some(0), &changed), (Some(PIECE - 1), &changed)] {
        at.into_iter().for_each(damage);
        assert_eq!(&refused(files.download(&file, 0, 0).await), expected, "{at:?}");
        assert_eq!(&refused(files.download(&file, PIECE as u64, 1).await), expected, "{at:?}");
        for number in [0, 2, 3] {
            assert!(readable(number).await, "piece {number} is read");
        }
        // What comes before the piece arrives before the error.
        let mut answers = files.read(&file, 0, 0).await.expect("begins");
        let mut before = Vec::new();
        while let Ok(Some(answer)) = answers.message().await {
            before.extend_from_slice(&answer.data);
        }
        assert!(before == content[..PIECE], "{} bytes came", before.len());
        assert_eq!(files.file(&file).await.expect("is listed").size_bytes, content.len() as u64);
    }
    // The same bytes that are uploaded again do not share what is damaged.
    let upload = files.start("Again", content.len()).await.expect("is started").id;
    let again = files.complete(&upload, &content).await.expect("is finished").id;
    assert!(files.download(&again, 0, 0).await.expect("is whole") == content);
    fs::write(&path, &original).expect("is written");
    assert!(files.download(&file, 0, 0).await.expect("is whole again") == content);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_another_one_is_refused_until_the_first_is_back() {
    let server = Server::start();
    let (_, token) = sign_up_with_token(&server).await;
    let files = Files::at(&server, &token).await;
    let content = content(2, PIECE + 1);
    let file = files.upload("Mounted", &content).await.expect("is uploaded").id;
    let upload = files.start("Under way", PIECE).await.expect("is started").id;
    let (stopped, _) = server.stop();
    let data = stopped.home().data().to_owned();
    let aside = data.with_file_name("files-aside");
    fs::rename(folder(&data), &aside).expect("is moved");
    fs::create_dir(folder(&data)).expect("is made");

    let server = stopped.restart();
    let files = files.again(&server).await;
    let away = [
        files.download(&file, 0, 0).await.map(drop),
        files.send(&upload, 0, &content[..PIECE]).await.map(drop),
        files.start("New", 1).await.map(drop),
    ];
    for (number, outcome) in away.into_iter().enumerate() {
        let expected = (Code::Unavailable, "WRONG_PLACE".to_owned());
        assert_eq!(refused(outcome), expected, "call {number}");
    }
    assert!(server.home().log_tail().contains("lacks the marker"), "{}", server.home().log_tail());
    // The other folder gets nothing, and sheets need none.
    assert_eq!(fs::read_dir(folder(&data)).expect("is there").count(), 0);
    let client = client::Client::connect(server.url()).await.expect("is there").with_token(&token);
    let client = client.expect("a token");
    let sheet = new_sheet(&client, "Beside", 6).await;
    client.read_cells(&sheet, 0..6).await.expect("is read");

    fs::remove_dir(folder(&data)).expect("is empty");
    fs::rename(&aside, folder(&data)).expect("is moved back");
    let downloaded = eventually("the first folder is used again", async || {
        files.download(&file, 0, 0).await.ok()
    });
    assert!(downloaded.await == content);
    files.complete(&upload, &content[..PIECE]).await.expect("continues");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_may_lie_beside_the_data_and_is_named_by_a_flag() {
    let place = tempfile::tempdir().expect("can make a temporary directory");
    let flag = place.path().to_string_lossy().into_owned();
    let server = Server::start_with(&["--files", &flag]);
    let files = Files::sign_up(&server).await;
    let content = content(3, PIECE + 1);
    let file = files.upload("Beside", &content).await.expect("is uploaded").id;
    assert!(!folder(server.home().data()).join("contents").exists());
    assert_eq!(fs::read_dir(place.path().join("contents")).expect("is there").count(), 1);
    assert!(files.download(&file, 0, 0).await.expect("is downloaded") == content);

    // A server with another database gets nothing of a place that belongs to one.
    let other = Server::start_with(&["--files", &flag]);
    let strangers = Files::sign_up(&other).await;
    let taken = refused(strangers.start("Mine", 1).await);
    assert_eq!(taken, (Code::Unavailable, "WRONG_PLACE".to_owned()));
    assert!(files.download(&file, 0, 0).await.expect("is downloaded") == content);
}
