//! A disk of the pieces of files that is full, and one that has less than its reserve.
//!
//! Here: uploads, and a small disk. Not jobs (`tables/full_disk.rs`), and not the bytes of an account (`limits`). Invariant: what is
//! refused leaves nothing, and succeeds once there is room. Mounting a disk needs root; without it there is nothing to test.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use integration::harness::{Ballast, Home, Server, SmallDisk, eventually};
use tonic::Code;

use super::limits::delete_what_leaves;
use super::{Files, PIECE, content, refused};

const MIB: u64 = 1024 * 1024;
/// The bytes of the disk.
const DISK_BYTES: u64 = 64 * MIB;

/// A server whose pieces of files lie on a small disk.
pub(crate) struct SmallPlace {
    // In this order: it is unmounted before the directory of the server is deleted.
    _disk: SmallDisk,
    pub(crate) server: Server,
}

impl SmallPlace {
    /// Starts one that keeps so many bytes free; `None` where this process may not mount a disk.
    pub(crate) fn start(reserve: &str) -> Option<Self> {
        if !SmallDisk::is_possible() {
            return None;
        }
        let home = Home::new();
        let disk = SmallDisk::mount(&home.data().join("files"), DISK_BYTES).expect("is mounted");
        Some(Self { _disk: disk, server: Server::start_in(home, &["--disk-reserve", reserve]) })
    }

    fn folder(&self) -> PathBuf {
        self.server.home().data().join("files")
    }

    /// Fills the disk up to so many bytes, until the file that it gives is deleted.
    pub(crate) fn fill_but(&self, left: u64) -> PathBuf {
        let disk = rustix::fs::statvfs(self.folder()).expect("a disk");
        let free = disk.f_bavail * disk.f_frsize;
        let bytes = usize::try_from(free.saturating_sub(left)).expect("a small disk");
        let path = self.folder().join("filler");
        fs::write(&path, vec![0; bytes]).expect("has room");
        path
    }

    /// The files of all contents: pieces, and what has a temporary name.
    pub(crate) fn pieces(&self) -> BTreeSet<PathBuf> {
        let entries = |path: &Path| -> Vec<PathBuf> {
            let entries = fs::read_dir(path).into_iter().flatten();
            entries.map(|entry| entry.expect("is read").path()).collect()
        };
        let contents = entries(&self.folder().join("contents"));
        contents.iter().flat_map(|content| entries(content)).collect()
    }

    /// Lets what leaves be deleted, and waits until these pieces alone are there.
    pub(crate) async fn sweep_down_to(&self, files: &Files, pieces: &BTreeSet<PathBuf>) {
        delete_what_leaves(&self.server, files).await;
        eventually("no other piece is there", async || (self.pieces() == *pieces).then_some(()))
            .await;
    }
}

fn place_full() -> (Code, String) {
    (Code::ResourceExhausted, "PLACE_FULL".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_a_piece_keeps_nothing_of_it_and_takes_it_when_there_is_room() {
    let Some(place) = SmallPlace::start("0") else { return };
    let files = Files::sign_up(&place.server).await;
    let content = content(1, 2 * PIECE);
    let upload = files.start("Large", content.len()).await.expect("is started").id;
    files.send(&upload, 0, &content[..PIECE]).await.expect("has room");
    let (pieces, usage) = (place.pieces(), files.usage().await);
    let ballast = Ballast::fill(&place.folder());
    for _ in 0..2 {
        assert_eq!(refused(files.send(&upload, 1, &content[PIECE..]).await), place_full());
        assert_eq!(place.pieces(), pieces, "nothing of the piece is left");
    }
    assert_eq!(files.missing(&upload).await, [(1, 1)]);
    assert_eq!(files.usage().await, usage);
    drop(ballast);
    let file = files.complete(&upload, &content).await.expect("has room again").id;
    assert!(files.download(&file, 0, 0).await.expect("is downloaded") == content);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_below_its_reserve_begins_no_upload_until_it_has_room() {
    let Some(place) = SmallPlace::start("8MiB") else { return };
    let files = Files::sign_up(&place.server).await;
    // The pieces would fit.
    let filler = place.fill_but(6 * MIB);
    let content = content(2, PIECE + 9);
    assert_eq!(refused(files.start("Late", content.len()).await), place_full());
    assert_eq!((files.uploads().await.len(), files.usage().await.used_bytes), (0, 0));
    fs::remove_file(filler).expect("is deleted");
    let upload =
        eventually("there is room", async || files.start("Late", content.len()).await.ok());
    let upload = upload.await.id;
    let file = files.complete(&upload, &content).await.expect("has room").id;
    assert!(files.download(&file, 0, 0).await.expect("is downloaded") == content);
}
