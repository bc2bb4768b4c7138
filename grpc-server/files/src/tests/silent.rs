//! A place that never answers: each call ends.
//!
//! Not a refusal.

use std::net::TcpListener;

use bytes::Bytes;
use model::{ContentId, PieceDigest};
use uuid::Uuid;

use crate::{BucketOptions, Vault, VaultError};

fn is_unavailable<T>(result: &Result<T, VaultError>) -> bool {
    matches!(result, Err(VaultError::Unavailable(_)))
}

#[tokio::test(start_paused = true)]
async fn each_call_of_a_silent_bucket_is_an_error() {
    // Connections are established by the system, and nothing is accepted.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = silent.local_addr().expect("is bound").port();
    let options = BucketOptions {
        endpoint: Some(format!("http://127.0.0.1:{port}")),
        access_key_id: Some("id".to_owned()),
        secret_access_key: Some("secret".to_owned()),
        allow_http: true,
        ..BucketOptions::default()
    };
    let place = "s3://bucket/prefix".parse().expect("a place");
    let vault = Vault::new(&place, &options).expect("is complete");
    assert_eq!(format!("{vault:?}"), "Vault(s3://bucket/prefix)");
    let content = ContentId::generate();
    for bytes in [vec![0], vec![0; 1 << 20]] {
        assert!(is_unavailable(&vault.put(content, 0, Bytes::from(bytes)).await));
    }
    assert!(is_unavailable(&vault.get(content, 0, PieceDigest([0; 32]), 1).await));
    assert!(is_unavailable(&vault.delete(content).await));
    assert!(is_unavailable(&vault.contents_after(None, 10).await));
    assert!(is_unavailable(&vault.marker().await));
    assert!(is_unavailable(&vault.claim(Uuid::new_v4()).await));
}
