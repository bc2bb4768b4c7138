//! A server that is killed during an upload or its end, or while files are changed.
//!
//! Not a loss of the folder (`place`). Invariant: an acknowledged piece is there after the restart, and each upload becomes
//! one file.

use integration::harness::{Server, within};

use super::{Files, PIECE, content};

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_keeps_each_acknowledged_piece() {
    let mut server = Server::start();
    let mut files = Files::sign_up(&server).await;
    let content = content(1, 6 * PIECE + 7);
    let pieces: Vec<Vec<u8>> = content.chunks(PIECE).map(<[u8]>::to_vec).collect();
    let upload = files.start("Killed", content.len()).await.expect("is started").id;
    let mut acknowledged = Vec::new();
    for round in [[4, 0], [6, 2]] {
        for number in round {
            files.send(&upload, number, &pieces[number as usize]).await.expect("is taken");
            acknowledged.push(number);
        }
        // A piece is under way when the server is killed; it may arrive or not.
        let under_way = {
            let (files, upload, data) = (files.clone(), upload.clone(), pieces[1].clone());
            tokio::spawn(async move { files.send(&upload, 1, &data).await })
        };
        server = server.kill().restart();
        if within("the end of the call", under_way).await.expect("no panic").is_ok() {
            acknowledged.push(1);
        }
        files = files.again(&server).await;
        let missing = files.missing(&upload).await;
        for number in &acknowledged {
            let lacks =
                missing.iter().any(|(first, count)| (*first..first + count).contains(number));
            assert!(!lacks, "piece {number} is missing: {missing:?}");
        }
        assert!(missing.iter().any(|(first, count)| (*first..first + count).contains(&3)));
    }
    let file = files.complete(&upload, &content).await.expect("is finished");
    assert!(files.download(&file.id, 0, 0).await.expect("is downloaded") == content);
    assert_eq!(files.usage().await.used_bytes, content.len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_was_finished_when_its_server_was_killed_is_one_file() {
    let mut server = Server::start();
    let mut files = Files::sign_up(&server).await;
    let content = content(2, PIECE + 1);
    for round in 1..=3 {
        let name = format!("File {round}");
        let id = format!("round {round}");
        let started = files.start_as(&name, content.len() as u64, &id).await.expect("is started");
        let upload = started.upload.expect("an upload").id;
        for (number, data) in (0..).zip(content.chunks(PIECE)) {
            files.send(&upload, number, data).await.expect("is taken");
        }
        let finishing = {
            let (files, upload) = (files.clone(), upload.clone());
            tokio::spawn(async move { files.finish(&upload).await })
        };
        server = server.kill().restart();
        // It has an answer or none; what follows holds in both cases.
        drop(within("the end of the call", finishing).await.expect("no panic"));
        files = files.again(&server).await;
        let file = files.finish(&upload).await.expect("is whole").file.expect("a file");
        assert_eq!(file.id, upload);
        let again = files.start_as(&name, content.len() as u64, &id).await.expect("is a file");
        assert_eq!((again.upload, again.file), (None, Some(file)));
        assert_eq!(files.names().await.len(), round);
        assert!(files.download(&upload, 0, 0).await.expect("is downloaded") == content);
    }
    assert!(files.uploads().await.is_empty());
    let usage = files.usage().await;
    let used = usage.used_bytes - usage.leaving_bytes;
    assert_eq!((used, usage.files), (content.len() as u64, 3), "one content");
}
