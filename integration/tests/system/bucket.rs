//! A vault in a bucket of a server with the protocol of S3.
//!
//! Not a folder: its tests are in the crate `files`. Invariant: each test has a server of its own.

use bytes::Bytes;
use files::{BucketOptions, Vault, VaultError, piece_digest};
use integration::harness::BucketServer;
use model::{ContentId, PieceDigest};
use tokio::task::JoinSet;
use uuid::Uuid;

fn vault(server: &BucketServer) -> Vault {
    Vault::new(&server.place("a/b"), &server.options()).expect("is complete")
}

fn key(content: ContentId, number: u32, digest: PieceDigest) -> String {
    let start: String = digest.0[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("a/b/contents/{content}/{number:08}-{start}")
}

fn is_unavailable<T>(result: &Result<T, VaultError>) -> bool {
    matches!(result, Err(VaultError::Unavailable(_)))
}

#[tokio::test]
async fn pieces_in_a_bucket_come_back_as_they_were_put() {
    let server = BucketServer::start();
    let vault = vault(&server);
    let content = ContentId::generate();
    for (number, size) in [(0, 0), (1, 1), (2, 100_000), (3, 2 << 20)] {
        let bytes: Bytes = (0..size).map(|at: u32| at.to_le_bytes()[0]).collect();
        let digest = vault.put(content, number, bytes.clone()).await.expect("is written");
        assert_eq!(digest, piece_digest(&bytes));
        assert_eq!(vault.put(content, number, bytes.clone()).await, Ok(digest), "and again");
        assert_eq!(vault.get(content, number, digest, size).await, Ok(bytes));
    }
}

#[tokio::test]
async fn a_damaged_bucket_is_seen() {
    let server = BucketServer::start();
    let vault = vault(&server);
    let content = ContentId::generate();
    let bytes = Bytes::from_static(b"bytes");
    let digest = vault.put(content, 0, bytes.clone()).await.expect("is written");
    let key = key(content, 0, digest);
    assert_eq!(server.read(&key).as_deref(), Some("bytes"));
    let changed = Err(VaultError::Changed { content, number: 0 });
    for other in ["bytez", "byte", "bytes and more", ""] {
        server.write(&key, other);
        assert_eq!(vault.get(content, 0, digest, 5).await, changed, "{other}");
    }
    assert_eq!(vault.put(content, 0, bytes.clone()).await, Ok(digest), "is repaired");
    assert_eq!(vault.get(content, 0, digest, 5).await, Ok(bytes));
    server.remove(&key);
    assert!(is_unavailable(&vault.get(content, 0, digest, 5).await), "without a marker");
    vault.claim(Uuid::new_v4()).await.expect("is claimed");
    let lost = Err(VaultError::Lost { content, number: 0 });
    assert_eq!(vault.get(content, 0, digest, 5).await, lost);
}

#[tokio::test]
async fn a_deleted_content_leaves_no_key_and_no_other_content_is_touched() {
    let server = BucketServer::start();
    let vault = vault(&server);
    vault.claim(Uuid::new_v4()).await.expect("is claimed");
    let (content, other) = (ContentId::generate(), ContentId::generate());
    // More keys than one answer lists.
    for number in 0..1005 {
        let name = key(content, number, piece_digest(&number.to_le_bytes()));
        server.write(&name, "piece");
    }
    let kept = vault.put(other, 0, Bytes::from_static(b"bytes")).await.expect("is written");
    vault.delete(content).await.expect("is deleted");
    assert_eq!(vault.contents_after(None, 10).await, Ok(vec![other]));
    assert_eq!(vault.delete(content).await, Ok(()), "and again");
    assert_eq!(vault.get(other, 0, kept, 5).await, Ok(Bytes::from_static(b"bytes")));
}

#[tokio::test]
async fn contents_of_a_bucket_are_listed_in_order_and_at_most_as_many_as_are_wanted() {
    let server = BucketServer::start();
    let vault = vault(&server);
    assert_eq!(vault.contents_after(None, 10).await, Ok(Vec::new()));
    let mut contents: Vec<ContentId> = (0..20).map(|_| ContentId(Uuid::new_v4())).collect();
    for content in &contents {
        for number in 0..2 {
            vault.put(*content, number, Bytes::from_static(b"bytes")).await.expect("is written");
        }
    }
    // None of these is a content of the place.
    server.write("a/b/contents/of-others/key", "bytes");
    server.write(&format!("a/contents/{}/key", Uuid::new_v4()), "bytes");
    server.write(&format!("a/b/contents/{}", Uuid::new_v4()), "bytes");
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
async fn of_claims_of_a_bucket_at_once_one_wins() {
    let server = BucketServer::start();
    assert_eq!(vault(&server).marker().await, Ok(None));
    let mut claims = JoinSet::new();
    let ids: Vec<Uuid> = (0..8).map(|_| Uuid::new_v4()).collect();
    for id in ids.clone() {
        let vault = vault(&server);
        claims.spawn(async move { vault.claim(id).await });
    }
    let mut won: Vec<Uuid> =
        claims.join_all().await.into_iter().map(|id| id.expect("is claimed")).collect();
    won.sort();
    won.dedup();
    assert!(won.len() == 1 && ids.contains(&won[0]), "{won:?}");
    assert_eq!(vault(&server).marker().await, Ok(Some(won[0])));
    assert_eq!(server.read("a/b/gridloom-place"), Some(format!("{}\n", won[0])));
    server.write("a/b/gridloom-place", "no id");
    assert!(matches!(vault(&server).marker().await, Err(VaultError::BadPlace(_))));
}

#[tokio::test]
async fn a_bucket_that_is_missing_is_unavailable() {
    let server = BucketServer::start();
    let place = "s3://no-such-bucket/a".parse().expect("is a place");
    let vault = Vault::new(&place, &server.options()).expect("is complete");
    let content = ContentId::generate();
    let bytes = Bytes::from_static(b"bytes");
    assert!(is_unavailable(&vault.put(content, 0, bytes.clone()).await));
    assert!(is_unavailable(&vault.get(content, 0, piece_digest(&bytes), 5).await));
    assert!(is_unavailable(&vault.contents_after(None, 10).await));
    assert!(is_unavailable(&vault.claim(Uuid::new_v4()).await));
}

#[tokio::test]
async fn a_server_that_has_ended_is_unavailable() {
    let server = BucketServer::start();
    let vault = vault(&server);
    drop(server);
    let claim = vault.claim(Uuid::new_v4()).await;
    assert!(is_unavailable(&claim), "{claim:?}");
    let half = BucketOptions { access_key_id: Some("key".to_owned()), ..BucketOptions::default() };
    let place = "s3://bucket".parse().expect("is a place");
    assert!(matches!(Vault::new(&place, &half), Err(VaultError::BadPlace(_))));
}
