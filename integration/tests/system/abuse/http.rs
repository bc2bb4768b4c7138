//! HTTP and gRPC frames that no client of the project sends.
//!
//! Not the frames of a session: see `sessions`. Invariant: the server still answers after each case.

use integration::harness::{Server, sign_up_with_token};

use super::raw::{answer, message, rapid_reset, status, web_call};

const GET_SHEET: &str = "gridloom.v1.SheetService/GetSheet";
const INVALID_ARGUMENT: i32 = 3;
const NOT_FOUND: i32 = 5;
const OUT_OF_RANGE: i32 = 11;
const UNIMPLEMENTED: i32 = 12;
const INTERNAL: i32 = 13;

/// A request: its description, headers, body, the expected codes, and a part of the answer's message.
type Case<'a> = (&'a str, &'a str, Vec<u8>, &'a [i32], &'a str);

#[tokio::test(flavor = "multi_thread")]
async fn malformed_messages_are_refused_and_the_server_continues() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let before = server.resident_bytes();
    // A bomb: sixteen bytes whose flag claims that they are compressed.
    let bomb = message(true, 16, &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0]);
    let gzip = "grpc-encoding: gzip\r\n";
    let cases: [Case<'_>; 7] = [
        ("compressed, with the encoding", gzip, bomb.clone(), &[UNIMPLEMENTED], "gzip"),
        ("compressed, without the encoding", "", bomb, &[INTERNAL, INVALID_ARGUMENT], "compress"),
        ("4 GiB", "", message(false, u32::MAX, b"x"), &[OUT_OF_RANGE], "too large"),
        ("5 MiB", "", message(false, 5 << 20, b"x"), &[OUT_OF_RANGE], "too large"),
        ("cut short", "", message(false, 100, b"x"), &[INTERNAL, INVALID_ARGUMENT], ""),
        ("no protobuf", "", message(false, 3, &[0xff; 3]), &[INTERNAL, INVALID_ARGUMENT], ""),
        ("no message", "", Vec::new(), &[INTERNAL, INVALID_ARGUMENT], ""),
    ];
    for (what, headers, body, codes, named) in cases {
        let answered =
            answer(server.authority(), &web_call(GET_SHEET, &token, headers, &body)).await;
        let (code, text) = status(&answered);
        assert!(codes.contains(&code), "{what}: {code} {text}");
        assert!(text.to_lowercase().contains(named), "{what}: {text:?} names {named:?}");
    }
    client.who_am_i().await.expect("the server still answers");
    let grown = server.resident_bytes().saturating_sub(before);
    assert!(grown < 64 << 20, "the server allocates for received bytes only: {grown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_are_limited_and_paths_stay_inside() {
    let server = Server::start();
    let ask = async |request: String| answer(server.authority(), request.as_bytes()).await;
    let many: String = (0..500).map(|number| format!("x-{number}: y\r\n")).collect();
    let get = |path: &str, headers: &str| {
        format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n")
    };
    let answered = ask(get("/", &many)).await;
    assert!(answered.starts_with("HTTP/1.1 431"), "{answered:.200}");
    let long = format!("x-long: {}\r\n", "y".repeat(1 << 20));
    let answered = ask(get("/", &long)).await;
    assert!(answered.starts_with("HTTP/1.1 431") || answered.is_empty(), "{answered:.200}");
    for path in [
        "/../../../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
        "/assets/%00",
        "/index.html%0d%0aset-cookie:%20a=b",
        "/..%5c..%5cetc%5cpasswd",
    ] {
        let answered = ask(get(path, "")).await;
        assert!(answered.starts_with("HTTP/1.1 "), "{path}: {answered:.200}");
        assert!(
            !answered.contains("root:") && !answered.contains("set-cookie"),
            "{path}: {answered:.200}"
        );
    }
    for broken in ["GET / HTTP/9.9\r\n\r\n", "\0\0\0\0\r\n\r\n", "GET\r\n\r\n"] {
        let answered = ask(broken.to_owned()).await;
        assert!(
            answered.is_empty() || answered.starts_with("HTTP/1.1 4"),
            "{broken:?}: {answered:.200}"
        );
    }
    assert!(ask(get("/healthz", "")).await.starts_with("HTTP/1.1 200"));
    // The health check of a container, which names no host.
    let healthy = ask("GET /healthz HTTP/1.0\r\n\r\n".to_owned()).await;
    assert!(healthy.starts_with("HTTP/1.0 200") && healthy.ends_with("ok\n"), "{healthy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_carry_nothing_but_a_name() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    for name in ["a\r\nset-cookie: b=c", "a\0b", "a\x1b[31m", "\u{85}", "", &"x".repeat(201)] {
        let new = client::net::NewSheet::default();
        let refused = client.create_sheet(name, new).await.expect_err("is no name");
        assert_eq!(refused.code(), Some(tonic::Code::InvalidArgument), "{name:?}: {refused:?}");
        let options = client::net::ImportOptions { name: name.to_owned(), ..Default::default() };
        if !name.is_empty() {
            let refused = client.import_csv(&b"a\n1\n"[..], &options, |_| {}).await;
            assert_eq!(refused.expect_err("is no name").code(), Some(tonic::Code::InvalidArgument));
        }
    }
    // The server treats a path as a plain name, and writes no file under it.
    let new = client::net::NewSheet::default();
    let sheet = client.create_sheet("../../etc/passwd", new).await.expect("is a name");
    assert_eq!(client.sheet(&sheet.id).await.expect("is there").name, "../../etc/passwd");
    // A value that the answer quotes can't end its header.
    let id = "x%0d%0aset-cookie: a=b\r\nset-cookie: c=d";
    let mut body = vec![0x0a, u8::try_from(id.len()).expect("short")];
    body.extend_from_slice(id.as_bytes());
    let length = u32::try_from(body.len()).expect("short");
    let call = web_call(GET_SHEET, &token, "", &message(false, length, &body));
    let answered = answer(server.authority(), &call).await;
    assert_eq!(status(&answered).0, NOT_FOUND);
    assert!(!answered.lines().any(|line| line.starts_with("set-cookie")), "{answered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_reset_at_once_end_their_connection() {
    let server = Server::start();
    let (client, _) = sign_up_with_token(&server).await;
    let answered = rapid_reset(server.authority(), 20_000).await;
    // GOAWAY (type 7) with ENHANCE_YOUR_CALM (11).
    let goaway = answered.windows(17).any(|at| at[3] == 7 && at[..3] != [0; 3] && at[16] == 11);
    assert!(goaway, "the connection continues with {} bytes", answered.len());
    client.who_am_i().await.expect("other connections continue");
}
