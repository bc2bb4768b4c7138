//! Foreign names, foreign pages and odd requests: each answer has the same headers and its caller's form.
//!
//! Not the rules one by one (`grpc-server/src/serve/requests/origins.rs`). Invariant: whatever is asked, the answer passes the
//! layers of the port.

use std::net::SocketAddr;

use gridloom::v1;
use gridloom::v1::account_service_client::AccountServiceClient;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use crate::harness::{PASSWORD, TestServer, refused};
use crate::web::{grpc_web, http1};

/// A header of every answer, and the beginning of its value.
const HEADERS: [&str; 6] = [
    "content-security-policy: default-src 'self'",
    "x-content-type-options: nosniff",
    "x-frame-options: deny",
    "referrer-policy: no-referrer",
    "cross-origin-opener-policy: same-origin",
    "permissions-policy: ",
];
const SIGN_UP: &str = "POST /gridloom.v1.AccountService/SignUp";
const WEB: &str = "content-type: application/grpc-web+proto\r\n";

/// The head of an answer, in lower case, with the rest after it.
async fn ask(addr: SocketAddr, request: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let text =
        format!("{request} HTTP/1.1\r\n{headers}connection: close\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).to_lowercase()
}

fn has_all_headers(answer: &str) -> bool {
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    HEADERS.iter().all(|header| head.lines().any(|line| line.starts_with(header)))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_passes_the_layers() {
    let site = tempfile::tempdir().unwrap();
    std::fs::write(site.path().join("index.html"), "the page").unwrap();
    let root = site.path().to_owned();
    let server = TestServer::start_with(|options| options.web_dir = Some(root)).await;
    let addr = server.running.addr();
    let (own, evil) = ("host: localhost\r\n".to_owned(), "host: evil.example\r\n");
    let foreign = format!("{own}origin: http://evil.example\r\n");
    let web = format!("{own}{WEB}");
    let cases = [
        ("GET /", own.clone(), "200"),
        ("HEAD /", own.clone(), "200"),
        ("GET /healthz", own.clone(), "200"),
        ("GET /healthz", evil.to_owned(), "200"),
        ("POST /healthz", own.clone(), "405"),
        ("GET /assets/none.js", own.clone(), "404"),
        ("PUT /", own.clone(), "405"),
        (SIGN_UP, own.clone(), "415"),
        ("GET /gridloom.v1.AccountService/SignUp", own.clone(), "405"),
        ("GET /gridloom.v1.AccountService/SignUp", web.clone(), "405"),
        ("POST /gridloom.v1.NoSuchService/Rpc", web.clone(), "grpc-status 12"),
        ("POST /no/such/thing", web.clone(), "grpc-status 12"),
        ("POST /gridloom.v1.SheetService/ListSheets", web.clone(), "grpc-status 16"),
        (SIGN_UP, web.clone(), "grpc-status 13"),
        (SIGN_UP, format!("{web}grpc-timeout: soon\r\n"), "grpc-status 3"),
        ("GET /", evil.to_owned(), "421"),
        ("GET /", foreign.clone(), "403"),
        ("GET /", format!("{own}{own}"), "400"),
        ("GET http://evil.example/", own.clone(), "400"),
        (SIGN_UP, format!("{evil}{WEB}"), "grpc-status 7"),
        (SIGN_UP, format!("{foreign}{WEB}"), "grpc-status 7"),
        (SIGN_UP, format!("{own}{web}"), "grpc-status 3"),
        (
            "OPTIONS /gridloom.v1.AccountService/SignUp",
            format!("{foreign}access-control-request-method: POST\r\n"),
            "403",
        ),
    ];
    for (request, headers, expected) in cases {
        let answer = ask(addr, request, &headers).await;
        let what = format!("{request} {headers:?}: {answer}");
        match expected.strip_prefix("grpc-status ") {
            Some(code) => {
                assert!(answer.starts_with("http/1.1 200"), "{what}");
                assert!(answer.contains("content-type: application/grpc-web+proto"), "{what}");
                assert!(
                    answer.replace(": ", ":").contains(&format!("grpc-status:{code}\r\n")),
                    "{what}"
                );
            }
            None => assert!(answer.starts_with(&format!("http/1.1 {expected}")), "{what}"),
        }
        assert!(has_all_headers(&answer), "{what}");
        assert!(!answer.contains("access-control-allow-origin: *"), "{what}");
    }
    server.running.shutdown().await;
}

/// Calls over HTTP/2 under a name.
async fn as_host(server: &TestServer, host: &str, origin: &str) -> Result<(), Status> {
    let endpoint = Channel::from_shared(server.running.url()).unwrap();
    let channel = endpoint.origin(host.parse().unwrap()).connect().await.unwrap();
    let mut request =
        Request::new(v1::SignInRequest { email: "a@b".into(), password: PASSWORD.into() });
    if !origin.is_empty() {
        request.metadata_mut().insert("origin", origin.parse().unwrap());
    }
    AccountServiceClient::new(channel).sign_in(request).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_clients_call_by_known_names() {
    let server = TestServer::start_with(|options| {
        options.origins.hosts = vec!["sheets.example.org".into()];
    })
    .await;
    for (host, origin) in [
        ("http://localhost:1", ""),
        ("http://127.0.0.1", ""),
        ("http://[::1]:7400", ""),
        ("http://node1:7400", ""),
        ("https://sheets.example.org", ""),
        ("https://sheets.example.org", "https://sheets.example.org"),
    ] {
        let refusal = refused(as_host(&server, host, origin).await);
        assert_eq!(refusal.1, "BAD_CREDENTIALS", "{host} {origin}");
    }
    let refusal = refused(as_host(&server, "http://evil.example:7400", "").await);
    assert_eq!(refusal, (Code::PermissionDenied, "HOST_UNKNOWN".into()));
    // A page whose name was made to lead here has that name as its origin, too.
    let evil = "http://evil.example:7400";
    assert_eq!(refused(as_host(&server, evil, evil).await).1, "HOST_UNKNOWN");
    let refusal = refused(as_host(&server, "http://localhost:7400", "http://localhost:5173").await);
    assert_eq!(refusal, (Code::PermissionDenied, "ORIGIN_REFUSED".into()));
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_ends_at_the_deadline_of_its_client() {
    let server = TestServer::start().await;
    let ada = server.sign_up("ada@example.org").await;
    for (timeout, code) in [("0m", 4), ("1H", 0)] {
        let head = format!(
            "POST /gridloom.v1.SheetService/ListSheets HTTP/1.1\r\n{WEB}grpc-timeout: {timeout}\r\n\
             authorization: Bearer {}",
            ada.token
        );
        let message = grpc_web(&v1::ListSheetsRequest::default());
        let (head, body) = http1(server.running.addr(), &head, &message).await;
        let all = format!("{head}\r\n{}", String::from_utf8_lossy(&body)).replace(": ", ":");
        assert!(all.contains(&format!("grpc-status:{code}\r\n")), "{timeout}: {all}");
    }
    server.running.shutdown().await;
}
