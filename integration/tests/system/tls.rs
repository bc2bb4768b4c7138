//! TLS with real certificates: the port, its clients, Postgres, Redis, the other nodes, and a renewal under load.
//!
//! Not the parts of the server: those have tests of their own. Invariant: each refusal names what to do.

#[path = "tls/authority.rs"]
mod authority;
#[path = "tls/mail.rs"]
mod mail;
#[path = "tls/provider.rs"]
mod provider;
#[path = "tls/stores.rs"]
mod stores;

use std::fs;
use std::process::Command;

use client::Client;
use client::net::{NewSheet, Trust};
use gridloom::v1;
use gridloom::v1::account_service_client::AccountServiceClient;
use gridloom::v1::sheet_service_client::SheetServiceClient;
use integration::harness::binaries::repository;
use integration::harness::{
    DEADLINE, Gridctl, Home, OwnPostgres, PASSWORD, Server, authorized, eventually, run, within,
};
use store::{Database, Store};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::Code;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

use super::abuse::proxied;
use authority::{Authority, Files};
use stores::{TlsPostgres, TlsRedis};

fn serve(files: &Files, flags: &[&str]) -> Server {
    let own = ["--tls-cert", &files.certificate, "--tls-key", &files.key];
    Server::start_with(&[&own, flags].concat())
}

#[test]
fn the_command_line_checks_the_server_and_explains_each_refusal() {
    let (authority, other) = (Authority::new(), Authority::new());
    let files = authority.issue(&["localhost", "127.0.0.1"]);
    let server = serve(&files, &[]);
    assert!(server.url().starts_with("https://"));
    let gridctl = Gridctl::at(&server);
    let trusting = |more: &[&str]| gridctl.run(&[&["--tls-ca", authority.path()], more].concat());
    let _ = trusting(&["sign-up", "safe@example.org"]).success();
    let _ = trusting(&["create", "Stock", "--column", "Item"]).success();
    assert!(trusting(&["sheets"]).success().contains("Stock"));
    // The first of several addresses is silent.
    let several = format!("https://127.0.0.1:1,{}", server.url());
    let signed_in = trusting(&["--server", &several, "sign-in", "safe@example.org"]);
    let _ = signed_in.success();

    let refused = |flags: &[&str], words: &str| {
        let failed = gridctl.run(&[flags, &["sign-in", "safe@example.org"]].concat());
        assert!(!failed.status.success() && failed.stderr.contains(words), "{}", failed.stderr);
    };
    refused(&[], "--tls-ca");
    refused(&["--tls-ca", other.path()], "no trusted authority has signed");
    refused(&["--tls-ca", &files.key], "has no certificate of an authority");
    let plain = format!("http://{}", server.authority());
    refused(&["--server", &plain], "use https:// in the address");
    let foreign = serve(&authority.issue(&["grid.example"]), &[]);
    refused(&["--tls-ca", authority.path(), "--server", foreign.url()], "is for another name");
    let open = Server::start();
    let encrypted = format!("https://{}", open.authority());
    refused(&["--tls-ca", authority.path(), "--server", &encrypted], "use http:// in the address");
}

#[test]
fn a_browser_uses_http_2() {
    let web = repository().join("web-client/dist");
    assert!(web.join("index.html").exists(), "the browser application is not built: make web");
    let files = Authority::new().issue(&["127.0.0.1"]);
    let server = serve(&files, &["--web-dir", &web.to_string_lossy()]);
    let mut command = Command::new("node");
    command.arg(repository().join("integration/browser/run.mjs"));
    command.args(["secure", server.url()]);
    let printed = run(command, DEADLINE * 2).success();
    assert!(printed.contains("\"ok\":true"), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_tls_is_answered_in_words() {
    let server = serve(&Authority::new().issue(&["127.0.0.1"]), &[]);
    let mut stream = TcpStream::connect(server.authority()).await.expect("it listens");
    let request = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.expect("is sent");
    let mut answer = String::new();
    within("the answer", stream.read_to_string(&mut answer)).await.expect("is text");
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("use https://"), "{answer}");
    let plain = Client::connect(format!("http://{}", server.authority())).await;
    let refused = plain.expect("it listens").sign_in("a@example.org", PASSWORD).await;
    let refused = refused.expect_err("without TLS");
    assert_eq!(refused.code(), Some(Code::FailedPrecondition), "{refused}");
    assert!(refused.to_string().contains("use https://"), "{refused}");
    let log = || async {
        let log = fs::read_to_string(server.home().log()).unwrap_or_default();
        log.contains("TLS handshake failed").then_some(())
    };
    eventually("the log has a line", log).await;
}

/// The writer's connection stays; new connections get the new certificate; files that don't fit change nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_under_load() {
    let (earlier, later) = (Authority::new(), Authority::new());
    let files = earlier.issue(&["127.0.0.1"]);
    let server = serve(&files, &[]);
    let url = server.url().to_owned();
    let trusting = |authority: &Authority| {
        let trust = Trust::new(Some(authority.path().as_ref())).expect("an authority");
        let url = url.clone();
        async move { Client::connect_trusting(url, &trust).await }
    };
    let client = trusting(&earlier).await.expect("is trusted");
    let (_, session) = client.sign_up("load@example.org", PASSWORD, "").await.expect("signs up");
    let writer = client.with_token(&session.token).expect("a token");
    let (stop, mut stopped) = tokio::sync::watch::channel(());
    let writing = tokio::spawn(async move {
        let mut made = 0_u32;
        while !stopped.has_changed().unwrap_or(true) {
            writer.create_sheet("Load", NewSheet::default()).await.expect("is made");
            made += 1;
        }
        stopped.mark_unchanged();
        made
    });
    later.issue_into(&files, &["127.0.0.1"]);
    eventually("the new certificate is served", || async { trusting(&later).await.ok() }).await;
    let refused = trusting(&earlier).await.map(drop).expect_err("another authority now");
    assert!(refused.to_string().contains("no trusted authority"), "{refused}");
    fs::write(&files.key, "no key").expect("is written");
    let log = || async {
        let log = fs::read_to_string(server.home().log()).unwrap_or_default();
        log.contains("the earlier one stays in use").then_some(())
    };
    eventually("the log names the files", log).await;
    trusting(&later).await.expect("the certificate before is served");
    stop.send(()).expect("the writer lives");
    assert!(writing.await.expect("no call failed") > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_checked_as_far_as_its_url_says() {
    let (authority, other) = (Authority::new(), Authority::new());
    let right = TlsPostgres::start(&authority, "localhost").await;
    let wrong = TlsPostgres::start(&authority, "db.example").await;
    let (ours, theirs) = (authority.path(), other.path());
    let cases = [
        (&right, "sslmode=verify-full", Some(ours), Ok(())),
        (&right, "sslmode=verify-full", Some(theirs), Err("UnknownIssuer")),
        (&right, "sslmode=verify-full", None, Err("UnknownIssuer")),
        (&right, "sslmode=require", Some(theirs), Err("UnknownIssuer")),
        (&right, "sslmode=require", None, Ok(())),
        (&right, "", None, Ok(())),
        (&wrong, "sslmode=verify-full", Some(ours), Err("not valid for name")),
        (&wrong, "sslmode=verify-ca", Some(ours), Ok(())),
    ];
    for (postgres, mode, root, expected) in cases {
        let root = root.map(|root| format!("&sslrootcert={root}")).unwrap_or_default();
        let url = format!("{}?{mode}{root}", postgres.url());
        let trust = Trust::new(None).expect("the machine's");
        let database = Database::from_url(&url, &trust).expect("a URL");
        let connected = Store::connect(database, 1).await;
        match (connected, expected) {
            (Ok(_), Ok(())) => {}
            (Err(error), Err(words)) => {
                assert!(error.to_string().contains(words), "{mode}: {error}")
            }
            (connected, expected) => panic!("{mode} {root}: {connected:?}, not {expected:?}"),
        }
    }
    let mut config = right.url().parse::<tokio_postgres::Config>().expect("a URL");
    config.ssl_mode(tokio_postgres::config::SslMode::Disable);
    let plain = Store::connect(config, 1).await.map(drop).expect_err("the server wants TLS");
    assert!(!plain.to_string().contains("secret"), "{plain}");
}

/// The header of a proxy comes before the handshake, and the log has the caller's address.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_names_its_caller_before_the_handshake() {
    let authority = Authority::new();
    let files = authority.issue(&["127.0.0.1"]);
    let server = serve(&files, &["--trusted-proxy", proxied::PROXY]);
    let caller = [10, 1, 1, 1].into();
    let proxy = proxied::Proxy::start(proxied::address(&server), caller).await;
    let trust = Trust::new(Some(authority.path().as_ref())).expect("an authority");
    let url = proxy.url.replace("http://", "https://");
    let client = Client::connect_trusting(url, &trust).await.expect("is there");
    client.sign_up("behind@example.org", PASSWORD, "").await.expect("is new");
    let plain = Client::connect_lazy(&proxy.url).expect("an address");
    plain.sign_in("behind@example.org", PASSWORD).await.expect_err("the port serves TLS");
    let (stopped, _) = server.stop();
    let log = fs::read_to_string(stopped.home().log()).expect("is written");
    let failed = |line: &str| line.contains("TLS handshake failed") && line.contains("10.1.1.1");
    assert!(log.lines().any(failed), "{log}");
}

/// A query whose caller has left ends in Postgres, which accepts no request to cancel it without TLS.
#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_cancelled_over_tls() {
    let authority = Authority::new();
    let postgres = TlsPostgres::start(&authority, "localhost").await;
    let root = authority.path();
    let url = format!("{}?sslmode=verify-full&sslrootcert={root}", postgres.url());
    let trust = Trust::new(None).expect("the machine's");
    let database = Database::from_url(&url, &trust).expect("a URL");
    let store = Store::connect(database, 1).await.expect("is there");
    store.migrate().await.expect("is new");
    let locked = postgres.session().await;
    locked.batch_execute("begin; lock table accounts").await.expect("is locked");
    let waiting = "select count(*) from pg_stat_activity where application_name = 'gridloom' \
        and wait_event_type = 'Lock'";
    let counts = async |expected: i64| {
        let found = async || (postgres.sql(waiting).await == expected).then_some(());
        eventually("the number of queries that wait", found).await;
    };
    let query = tokio::spawn(async move { store.account_by_email("a@example.org").await });
    counts(1).await;
    query.abort();
    counts(0).await;
    drop(locked);
}

/// Every connection of a cluster is encrypted: clients, Postgres, Redis, and calls that a node relays.
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_uses_tls_everywhere() {
    let authority = Authority::new();
    let files = authority.issue(&["127.0.0.1", "localhost"]);
    let postgres = TlsPostgres::start(&authority, "localhost").await;
    let redis = TlsRedis::start(&files, authority.path()).await;
    let database = format!("{}?sslmode=verify-full", postgres.url());
    let start = || {
        let flags = ["--tls-cert", &files.certificate, "--tls-key", &files.key];
        let flags = [&flags[..], &["--tls-ca", authority.path(), "--drain-seconds", "1"]].concat();
        Server::start_sharing(&database, &redis.url(), &flags)
    };
    let (here, there) = (start(), start());
    let (at_here, at_there) = (channel(&here, &authority).await, channel(&there, &authority).await);
    let signing = v1::SignUpRequest {
        email: "all@example.org".into(),
        password: PASSWORD.into(),
        ..Default::default()
    };
    let signed = AccountServiceClient::new(at_here.clone()).sign_up(signing).await;
    let token = signed.expect("signs up").into_inner().session.expect("a session").token;
    let (mut first, mut second) =
        (SheetServiceClient::new(at_here), SheetServiceClient::new(at_there));
    let start = v1::StartImportRequest { name: "Parts".into(), ..Default::default() };
    let started = first.start_import(authorized(start, &token)).await.expect("starts");
    let import_id = started.into_inner().import_id;
    let cancel = v1::CancelImportRequest { import_id };
    second.cancel_import(authorized(cancel.clone(), &token)).await.expect("is relayed");
    let gone = first.cancel_import(authorized(cancel, &token)).await.expect_err("is cancelled");
    assert_eq!(gone.code(), Code::NotFound, "{gone}");
    let plain = postgres
        .sql(
            "select count(*) from pg_stat_ssl s join pg_stat_activity a using (pid) \
        where application_name = 'gridloom' and not ssl",
        )
        .await;
    let encrypted = postgres
        .sql(
            "select count(*) from pg_stat_ssl s join pg_stat_activity a using (pid) \
        where application_name = 'gridloom' and ssl",
        )
        .await;
    assert!(plain == 0 && encrypted > 0, "{plain} {encrypted}");
}

async fn channel(server: &Server, authority: &Authority) -> Channel {
    let pem = fs::read(authority.path()).expect("is there");
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem));
    let endpoint = Endpoint::from_shared(server.url().to_owned()).expect("an address");
    endpoint.tls_config(tls).expect("TLS").connect().await.expect("the server is there")
}

/// A start with files that can't be used names them.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_does_not_start_with_files_that_do_not_fit() {
    let own = OwnPostgres::start().await;
    let files = Authority::new().issue(&["127.0.0.1"]);
    let other = Authority::new().issue(&["127.0.0.1"]);
    for (certificate, key, words) in [
        (&files.certificate, &other.key, "does not fit the key"),
        (&files.key, &files.key, "has no certificate"),
        (&files.certificate, &"/no/key".to_owned(), "can't read /no/key"),
    ] {
        let home = Home::new();
        let mut command = Command::new(integration::harness::binaries::gridloom());
        command.args(["serve", "--listen", "127.0.0.1:0", "--database-url", &own.tcp_url()]);
        command.arg("--data-dir").arg(home.data());
        command.args(["--tls-cert", certificate, "--tls-key", key]);
        let failed = run(command, DEADLINE);
        assert!(!failed.status.success() && failed.stderr.contains(words), "{}", failed.stderr);
    }
}
