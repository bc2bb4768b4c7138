//! Memory of a transfer: a server holds a few pieces of a file, whatever its size.
//!
//! Not the memory of sheets (`crate::memory`). Invariant: the file is larger than what is allowed.

use integration::harness::{Server, within};

use super::{Files, PIECE, content};

/// Pieces of the large file.
const PIECES: usize = 32;
/// What the server may hold beyond what the transfer of one piece took.
const HELD_MOST: u64 = 32 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_holds_a_few_pieces_of_a_large_file() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let content = content(1, PIECES * PIECE);
    assert!(content.len() as u64 >= 2 * HELD_MOST);
    // Code is loaded, and buffers have their sizes, before the large file.
    let small = files.upload("Small", &content[..PIECE]).await.expect("is uploaded").id;
    files.download(&small, 0, 0).await.expect("is downloaded");
    let before = server.peak_bytes();
    let held = || server.peak_bytes().saturating_sub(before);

    let large = files.upload("Large", &content).await.expect("is uploaded").id;
    assert!(held() < HELD_MOST, "the upload holds {} MiB", held() >> 20);
    // A download whose reader has not read further, while another one is read to its end.
    let mut waits = files.read(&large, 0, 0).await.expect("begins");
    let first = within("the first bytes", waits.message()).await.expect("is open");
    let mut read = first.expect("an answer").data.to_vec();
    let beside = files.again(&server).await;
    assert!(beside.download(&large, 0, 0).await.expect("is downloaded") == content);
    while let Some(answer) = within("the next bytes", waits.message()).await.expect("is open") {
        read.extend_from_slice(&answer.data);
    }
    assert!(read == content, "{} bytes came", read.len());
    assert!(held() < HELD_MOST, "the downloads hold {} MiB", held() >> 20);
}
