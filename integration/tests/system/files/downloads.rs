//! Parts of a file: each edge of its pieces, and what lies behind its end.
//!
//! Not a lost piece (`place`). Invariant: a part is the same bytes of the content.

use integration::harness::Server;
use tonic::Code;

use super::{Files, PIECE, content};

#[tokio::test(flavor = "multi_thread")]
async fn a_part_begins_and_ends_at_any_byte() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let content = content(1, 2 * PIECE + 5);
    let file = files.upload("Parts", &content).await.expect("is uploaded").id;
    let end = content.len();
    for offset in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE - 1, 2 * PIECE, end - 1, end] {
        for length in [1, 2, PIECE - 1, PIECE, PIECE + 1, end, end + 100] {
            let part = files.download(&file, offset as u64, length as u64).await;
            let part = part.unwrap_or_else(|status| panic!("{length} from {offset}: {status:?}"));
            let expected = &content[offset..end.min(offset + length)];
            assert!(part == expected, "{length} from {offset}: {} bytes differ", part.len());
        }
        let rest = files.download(&file, offset as u64, 0).await.expect("is downloaded");
        assert!(rest == content[offset..], "the rest from {offset}");
    }
    let rest = files.download(&file, 1, u64::MAX).await.expect("is downloaded");
    assert!(rest == content[1..]);
    for offset in [end as u64 + 1, u64::MAX] {
        for length in [0, 1, u64::MAX] {
            let behind = files.download(&file, offset, length).await.expect_err("is behind");
            assert_eq!(behind.code(), Code::OutOfRange, "{length} from {offset}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_has_no_byte_and_one_answer() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let file = files.upload("Empty", b"").await.expect("is uploaded");
    assert_eq!(file.size_bytes, 0);
    for length in [0, 1] {
        assert_eq!(files.download(&file.id, 0, length).await.expect("is there"), b"");
        let behind = files.download(&file.id, 1, length).await.expect_err("is behind");
        assert_eq!(behind.code(), Code::OutOfRange);
    }
}
