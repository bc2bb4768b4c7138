//! A vault in a folder.
//!
//! Not the names of objects, but where a test looks at the disk.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use model::{ContentId, PieceDigest};
use tempfile::TempDir;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{BucketOptions, PlaceUrl, Vault, VaultError, names, piece_digest};

fn vault(root: &Path) -> Vault {
    Vault::new(&PlaceUrl::folder(root), &BucketOptions::default()).expect("a folder")
}

/// A place with a marker, below a folder that goes with the test.
async fn claimed() -> (TempDir, PathBuf, Vault) {
    let dir = tempfile::tempdir().expect("a place for files");
    let root = dir.path().join("above/files");
    let vault = vault(&root);
    vault.claim(Uuid::new_v4()).await.expect("is claimed");
    (dir, root, vault)
}

fn path_of(root: &Path, content: ContentId, number: u32, digest: PieceDigest) -> PathBuf {
    root.join("contents").join(content.to_string()).join(names::piece(number, digest))
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("is there").map(|entry| entry.expect("is read"));
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn is_unavailable<T>(result: &Result<T, VaultError>) -> bool {
    matches!(result, Err(VaultError::Unavailable(_)))
}

#[tokio::test]
async fn pieces_come_back_as_they_were_put() {
    let (_dir, root, vault) = claimed().await;
    let content = ContentId::generate();
    for (number, size) in [(0, 0), (1, 1), (2, 100_000), (u32::MAX, 2 << 20)] {
        let bytes: Bytes = (0..size).map(|at: u32| at.to_le_bytes()[0]).collect();
        let digest = vault.put(content, number, bytes.clone()).await.expect("is written");
        assert_eq!(digest, piece_digest(&bytes));
        assert_eq!(vault.get(content, number, digest, size).await, Ok(bytes));
        let mode = fs::metadata(path_of(&root, content, number, digest)).expect("is there").mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let folder = root.join("contents").join(content.to_string());
    assert_eq!(names_in(&folder).len(), 4, "no temporary file stays");
    for folder in [&folder, &root.join("contents"), &root] {
        assert_eq!(fs::metadata(folder).expect("is there").mode() & 0o777, 0o700);
    }
}

#[tokio::test]
async fn the_same_piece_again_is_one_object_and_repairs_a_damaged_one() {
    let (_dir, root, vault) = claimed().await;
    let content = ContentId::generate();
    let bytes = Bytes::from_static(b"some bytes");
    let digest = vault.put(content, 3, bytes.clone()).await.expect("is written");
    assert_eq!(vault.put(content, 3, bytes.clone()).await, Ok(digest));
    let path = path_of(&root, content, 3, digest);
    assert_eq!(names_in(path.parent().expect("a folder")).len(), 1);
    fs::write(&path, b"other text").expect("is ours");
    assert_eq!(vault.put(content, 3, bytes.clone()).await, Ok(digest));
    assert_eq!(vault.get(content, 3, digest, 10).await, Ok(bytes));
}

#[tokio::test]
async fn other_bytes_of_a_number_are_another_object() {
    let (_dir, _root, vault) = claimed().await;
    let content = ContentId::generate();
    let first = vault.put(content, 0, Bytes::from_static(b"first")).await.expect("is written");
    vault.put(content, 0, Bytes::from_static(b"other")).await.expect("is written");
    assert_eq!(vault.get(content, 0, first, 5).await, Ok(Bytes::from_static(b"first")));
}

#[tokio::test]
async fn a_piece_is_deleted_alone() {
    let (_dir, root, vault) = claimed().await;
    let content = ContentId::generate();
    let kept = vault.put(content, 0, Bytes::from_static(b"first")).await.expect("is written");
    let other = vault.put(content, 0, Bytes::from_static(b"other")).await.expect("is written");
    for _ in 0..2 {
        assert_eq!(vault.delete_piece(content, 0, other).await, Ok(()));
    }
    assert_eq!(vault.delete_piece(ContentId::generate(), 0, other).await, Ok(()), "no content");
    assert_eq!(vault.get(content, 0, kept, 5).await, Ok(Bytes::from_static(b"first")));
    assert!(!path_of(&root, content, 0, other).exists());
}

#[tokio::test]
async fn a_piece_with_other_bytes_has_changed() {
    let (_dir, root, vault) = claimed().await;
    let content = ContentId::generate();
    let digest = vault.put(content, 0, Bytes::from_static(b"bytes")).await.expect("is written");
    let path = path_of(&root, content, 0, digest);
    let changed = Err(VaultError::Changed { content, number: 0 });
    assert_eq!(vault.get(content, 0, digest, 6).await, changed, "another size is expected");
    for other in ["bytez", "byte", "bytes and more", ""] {
        fs::write(&path, other).expect("is ours");
        assert_eq!(vault.get(content, 0, digest, 5).await, changed, "{other}");
    }
    fs::remove_file(&path).expect("is ours");
    fs::create_dir(&path).expect("is ours");
    assert_eq!(vault.get(content, 0, digest, 5).await, changed, "a folder");
}

#[tokio::test]
async fn links_are_not_followed() {
    let (dir, root, vault) = claimed().await;
    let content = ContentId::generate();
    let bytes = Bytes::from_static(b"bytes");
    let digest = vault.put(content, 0, bytes.clone()).await.expect("is written");
    let path = path_of(&root, content, 0, digest);
    let outside = dir.path().join("outside");
    fs::rename(&path, &outside).expect("is ours");
    symlink(&outside, &path).expect("is ours");
    let changed = Err(VaultError::Changed { content, number: 0 });
    assert_eq!(vault.get(content, 0, digest, 5).await, changed);
    vault.delete(content).await.expect("is deleted");
    assert!(outside.exists() && !path.exists());
    // A folder of a content that leads out.
    let folder = dir.path().join("another");
    fs::create_dir(&folder).expect("is ours");
    fs::write(folder.join(names::piece(0, digest)), &bytes).expect("is ours");
    symlink(&folder, path.parent().expect("a folder")).expect("is ours");
    assert!(is_unavailable(&vault.get(content, 0, digest, 5).await));
    assert!(is_unavailable(&vault.put(content, 1, bytes).await));
    assert!(is_unavailable(&vault.delete(content).await));
    assert_eq!(names_in(&folder).len(), 1);
}

#[tokio::test]
async fn a_missing_piece_is_lost_only_in_a_place_with_its_marker() {
    let (_dir, root, vault) = claimed().await;
    let content = ContentId::generate();
    let digest = piece_digest(b"bytes");
    let lost = Err(VaultError::Lost { content, number: 5 });
    assert_eq!(vault.get(content, 5, digest, 5).await, lost, "without a folder");
    let kept = vault.put(content, 0, Bytes::from_static(b"bytes")).await.expect("is written");
    assert_eq!(vault.get(content, 5, digest, 5).await, lost);
    fs::rename(&root, root.with_file_name("moved")).expect("is ours");
    assert!(is_unavailable(&vault.get(content, 0, kept, 5).await), "without a root");
    fs::create_dir(&root).expect("is ours");
    assert!(is_unavailable(&vault.get(content, 0, kept, 5).await), "with an empty root");
    assert!(is_unavailable(&vault.put(content, 0, Bytes::new()).await));
    assert!(is_unavailable(&vault.delete(content).await));
    assert!(is_unavailable(&vault.contents_after(None, 10).await));
    assert_eq!(vault.marker().await, Ok(None));
    assert!(names_in(&root).is_empty(), "nothing is written into another folder");
}

#[tokio::test]
async fn a_deleted_content_is_gone_with_what_crashes_left() {
    let (_dir, root, vault) = claimed().await;
    let (content, other) = (ContentId::generate(), ContentId::generate());
    let mut digests = Vec::new();
    for content in [content, other] {
        let digest = vault.put(content, 0, Bytes::from_static(b"bytes")).await;
        digests.push(digest.expect("is written"));
    }
    let folder = root.join("contents").join(content.to_string());
    // More names than are read at once.
    for _ in 0..1500 {
        fs::write(folder.join(names::temporary()), b"half").expect("is ours");
    }
    vault.delete(content).await.expect("is deleted");
    assert!(!folder.exists());
    assert_eq!(vault.delete(content).await, Ok(()), "and again");
    let lost = Err(VaultError::Lost { content, number: 0 });
    assert_eq!(vault.get(content, 0, digests[0], 5).await, lost);
    assert!(vault.get(other, 0, digests[1], 5).await.is_ok());
}

#[tokio::test]
async fn contents_are_listed_in_order_and_at_most_as_many_as_are_wanted() {
    let (_dir, root, vault) = claimed().await;
    assert_eq!(vault.contents_after(None, 10).await, Ok(Vec::new()));
    let mut contents: Vec<ContentId> = (0..20).map(|_| ContentId(Uuid::new_v4())).collect();
    for content in &contents {
        vault.put(*content, 0, Bytes::from_static(b"bytes")).await.expect("is written");
    }
    // None of these is a content.
    fs::create_dir(root.join("contents/lost+found")).expect("is ours");
    fs::write(root.join("contents").join(Uuid::new_v4().to_string()), b"").expect("is ours");
    contents.sort();
    assert_eq!(vault.contents_after(None, 100).await.as_ref(), Ok(&contents));
    assert_eq!(vault.contents_after(None, 0).await, Ok(Vec::new()));
    let mut listed = Vec::new();
    loop {
        let part = vault.contents_after(listed.last().copied(), 7).await.expect("is listed");
        assert!(part.len() <= 7);
        if part.is_empty() {
            break;
        }
        listed.extend(part);
    }
    assert_eq!(listed, contents);
}

#[tokio::test]
async fn of_claims_at_once_one_wins() {
    let dir = tempfile::tempdir().expect("a place for files");
    let root = dir.path().join("files");
    assert_eq!(vault(&root).marker().await, Ok(None), "a root that is missing has no marker");
    let mut claims = JoinSet::new();
    let ids: Vec<Uuid> = (0..8).map(|_| Uuid::new_v4()).collect();
    for id in ids.clone() {
        let vault = vault(&root);
        claims.spawn(async move { vault.claim(id).await });
    }
    let mut won: Vec<Uuid> =
        claims.join_all().await.into_iter().map(|id| id.expect("is claimed")).collect();
    won.sort();
    won.dedup();
    assert!(won.len() == 1 && ids.contains(&won[0]), "{won:?}");
    let vault = vault(&root);
    assert_eq!(vault.marker().await, Ok(Some(won[0])));
    assert_eq!(vault.claim(Uuid::new_v4()).await, Ok(won[0]), "a later claim changes nothing");
    assert_eq!(names_in(&root), ["contents", names::MARKER], "no temporary file stays");
}

#[tokio::test]
async fn a_marker_without_an_id_is_an_error_and_stays() {
    let (_dir, root, vault) = claimed().await;
    for text in ["", "no id", &"a".repeat(1000)] {
        fs::write(root.join(names::MARKER), text).expect("is ours");
        assert!(matches!(vault.marker().await, Err(VaultError::BadPlace(_))));
        assert!(matches!(vault.claim(Uuid::new_v4()).await, Err(VaultError::BadPlace(_))));
        let kept = fs::read(root.join(names::MARKER)).expect("is there");
        assert_eq!(kept, text.as_bytes());
    }
}

#[tokio::test]
async fn a_folder_that_refuses_is_unavailable() {
    let dir = tempfile::tempdir().expect("a place for files");
    let file = dir.path().join("file");
    fs::write(&file, b"").expect("is ours");
    for root in [file.clone(), file.join("below"), "/proc/gridloom-files".into()] {
        let claim = vault(&root).claim(Uuid::new_v4()).await;
        assert!(is_unavailable(&claim), "{}: {claim:?}", root.display());
    }
    if !rustix::process::geteuid().is_root() {
        let root = dir.path().join("closed");
        fs::create_dir(&root).expect("is ours");
        fs::set_permissions(&root, fs::Permissions::from_mode(0o500)).expect("is ours");
        assert!(is_unavailable(&vault(&root).claim(Uuid::new_v4()).await));
    }
}
