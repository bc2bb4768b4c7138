//! Starts that fail do so with one sentence, and a stopped server leaves its place free.

use std::path::{Path, PathBuf};

use grpc_server::config::Options;
use grpc_server::serve::{Server, StartError};

use crate::harness::{TestServer, options};

async fn failure(options: Options) -> (StartError, String) {
    let error = Server::start(options).await.unwrap_err();
    let text = error.to_string();
    assert!(!text.contains('\n') && text.len() > 20, "{text}");
    (error, text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_or_directory_in_use_is_reported() {
    let server = TestServer::start().await;
    let other = tempfile::tempdir().unwrap();
    let taken = Options { listen: server.running.addr(), ..options(&other) };
    let (error, text) = failure(taken).await;
    assert!(matches!(error, StartError::PortInUse(_)) && text.contains("--listen"), "{text}");
    let same = Options { data_dir: server.data_dir().into(), ..options(&other) };
    let (error, text) = failure(same).await;
    assert!(matches!(error, StartError::DataDirInUse(_)), "{text}");
    let server = server.restart().await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_can_not_be_reached_is_reported() {
    let data = tempfile::tempdir().unwrap();
    let url = "postgres://me:secret@127.0.0.1:1/grid".parse().unwrap();
    let (error, text) = failure(Options { database_url: Some(url), ..options(&data) }).await;
    assert!(matches!(error, StartError::Database(_)) && !text.contains("secret"), "{text}");
    std::fs::write(data.path().join("file"), "").unwrap();
    let file = Options { data_dir: data.path().join("file/x"), ..options(&data) };
    let (error, text) = failure(file).await;
    assert!(matches!(error, StartError::DataDir(..)), "{text}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_keeps_is_for_its_owner_alone() {
    use std::fs::{Permissions, read_dir, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let files = |dir: &Path| -> Vec<PathBuf> {
        read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let server = TestServer::start().await;
    let data = server.data_dir().to_owned();
    let journal = data.join("journal");
    let kept = files(&journal);
    assert!(kept.iter().any(|file| file.extension().is_some_and(|it| it == "log")), "{kept:?}");
    assert_eq!(mode(&journal), 0o700);
    assert!(kept.iter().all(|file| mode(file) == 0o600), "{kept:?}");

    // As a former release left them.
    for dir in [&data, &journal] {
        set_permissions(dir, Permissions::from_mode(0o755)).unwrap();
    }
    for file in &kept {
        set_permissions(file, Permissions::from_mode(0o644)).unwrap();
    }
    let server = server.restart().await;
    // Root's Postgres is another user, who goes through.
    let expected = if rustix::process::geteuid().is_root() { 0o711 } else { 0o700 };
    assert_eq!((mode(&data), mode(&journal)), (expected, 0o700));
    assert!(files(&journal).iter().all(|file| mode(file) == 0o600));
    server.running.shutdown().await;
}
