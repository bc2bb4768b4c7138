//! Requests to servers of this test, which answer byte by byte as a test says.
//!
//! Not the addresses alone (`inward`, `address`). Invariant: a server reads one request of a connection, and answers once.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use model::limits::outbound::{OUTBOUND_ANSWER_BYTES, OUTBOUND_REDIRECTS};
use tls::Trust;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::{Address, Allowed, Allowing, Outbound, OutboundError, chosen};

/// Long enough for each answer of these tests.
const WITHIN: Duration = Duration::from_secs(20);

/// A server; it ends with its handle.
struct Server {
    at: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The bytes of an answer, and whether the connection stays open behind them.
#[derive(Clone)]
struct Script {
    bytes: Vec<u8>,
    hangs: bool,
}

fn script(bytes: impl Into<Vec<u8>>) -> Script {
    Script { bytes: bytes.into(), hangs: false }
}

fn json(body: &str) -> Script {
    let length = body.len();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nretry-after: 7\r\n";
    script(format!("{head}content-length: {length}\r\n\r\n{body}"))
}

fn redirect(to: &str) -> Script {
    script(format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"))
}

impl Server {
    async fn start(answer: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("is bound");
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read(&mut stream).await;
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                // The client may leave before the end.
                let _ = stream.write_all(&answer.bytes).await;
                if answer.hangs {
                    open.push(stream);
                }
            }
        });
        Self { at, requests, task }
    }

    fn url(&self) -> String {
        format!("http://{}/items", self.at)
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A request up to its empty line.
async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => bytes.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn client(allowed: &[&Server], within: Duration) -> Outbound {
    let allowed = allowed.iter().map(|it| it.at.to_string().parse().expect("an exception"));
    let trust = Trust::new(None).expect("the machine's own");
    Outbound::new(&trust, Allowed::new(allowed.collect()), within).expect("is one")
}

fn address(url: &str) -> Address {
    Address::parse(url).expect(url)
}

fn secret() -> HeaderMap {
    HeaderMap::from_iter([chosen("authorization", "Bearer hunter2").expect("is one")])
}

/// The error of a request to a server with this answer.
async fn error_of(answer: Script, within: Duration) -> OutboundError {
    let server = Server::start(answer).await;
    let asked = client(&[&server], within);
    let error = asked.get(&address(&server.url()), &secret()).await.expect_err("has no answer");
    assert!(!error.to_string().contains("hunter2"), "{error}");
    error
}

#[tokio::test]
async fn an_answer_is_read_and_a_request_has_the_chosen_headers() {
    let server = Server::start(json("[1]")).await;
    let asked = client(&[&server], WITHIN);
    let answer = asked.get(&address(&format!("{}?q=a%20b", server.url())), &secret()).await;
    let answer = answer.expect("is there");
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &b"[1]"[..]));
    assert_eq!(answer.content_type, "application/json");
    assert_eq!(answer.retry_after, Some(Duration::from_secs(7)));
    let request = server.requests().concat();
    assert!(request.starts_with("GET /items?q=a%20b HTTP/1.1\r\n"), "{request}");
    for line in ["authorization: Bearer hunter2", "accept-encoding: identity", "connection: close"]
    {
        assert!(request.contains(line), "{request}");
    }
    assert!(request.contains(&format!("host: {}", server.at)), "{request}");
}

#[tokio::test]
async fn an_address_of_the_own_network_is_refused_without_a_connection() {
    let server = Server::start(json("[1]")).await;
    let nothing = client(&[], WITHIN);
    let port = server.at.port();
    for host in
        ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]", "0"]
    {
        let url = address(&format!("http://{host}:{port}/?key=hunter2"));
        for refused in [nothing.check(&url).await, nothing.get(&url, &secret()).await.map(drop)] {
            let Err(OutboundError::Refused(text)) = refused else { panic!("{host}: {refused:?}") };
            assert!(text.contains("--outbound-allow") && !text.contains("hunter2"), "{text}");
        }
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_redirect_into_the_own_network_is_refused() {
    let inner = Server::start(json("[1]")).await;
    let outer = Server::start(redirect(&inner.url())).await;
    let asked = client(&[&outer], WITHIN);
    let refused = asked.get(&address(&outer.url()), &secret()).await;
    assert!(matches!(&refused, Err(OutboundError::Refused(_))), "{refused:?}");
    assert!(inner.requests().is_empty());
    let followed = client(&[&outer, &inner], WITHIN).get(&address(&outer.url()), &secret()).await;
    assert_eq!(&followed.expect("is allowed").body[..], b"[1]");
    let request = inner.requests().concat();
    assert!(!request.contains("hunter2") && !request.contains("authorization"), "{request}");
}

#[tokio::test]
async fn the_host_of_a_redirect_is_in_no_error_of_a_request_with_a_secret() {
    let (headers, none) = (secret(), HeaderMap::new());
    for (location, host) in [
        // Nothing listens there.
        ("http://127.0.0.77:1/", "127.0.0.77"),
        ("https://127.0.0.77:1/", "127.0.0.77"),
        // It is not allowed.
        ("http://127.0.0.77:2/", "127.0.0.77"),
        // No such name is there.
        ("http://hunter2.invalid/", "hunter2.invalid"),
    ] {
        let server = Server::start(redirect(location)).await;
        let allowed = [server.at.to_string(), "127.0.0.77:1".to_owned()];
        let allowed = allowed.map(|it| it.parse::<Allowing>().expect("an exception")).to_vec();
        let trust = Trust::new(None).expect("the machine's own");
        let asked = Outbound::new(&trust, Allowed::new(allowed), WITHIN).expect("is one");
        let url = server.url();
        for (url, headers) in [(url.clone(), &headers), (format!("{url}?key=hunter2"), &none)] {
            let error = asked.get(&address(&url), headers).await.expect_err("is not there");
            let error = error.to_string();
            assert!(!error.contains(host), "{error}");
            assert!(error.contains("the place to which 127.0.0.1 redirects"), "{error}");
        }
        let shown = asked.get(&address(&url), &none).await.expect_err("is not there");
        assert!(shown.to_string().contains(host), "{shown}");
    }
}

#[tokio::test]
async fn a_redirect_that_leads_back_keeps_its_headers_and_ends() {
    let server = Server::start(redirect("/items")).await;
    let asked = client(&[&server], WITHIN);
    let error = asked.get(&address(&server.url()), &secret()).await.expect_err("has no end");
    assert!(matches!(&error, OutboundError::Answer(text) if text.contains("redirects")), "{error}");
    let requests = server.requests();
    assert_eq!(requests.len(), OUTBOUND_REDIRECTS + 1);
    assert!(requests.iter().all(|request| request.contains("hunter2")));
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_refused() {
    let states =
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", OUTBOUND_ANSWER_BYTES + 1);
    let mut endless = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..OUTBOUND_ANSWER_BYTES / 0xffff + 2 {
        endless.extend_from_slice(b"ffff\r\n");
        endless.resize(endless.len() + 0xffff, b'x');
        endless.extend_from_slice(b"\r\n");
    }
    let mut unstated = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    unstated.resize(unstated.len() + OUTBOUND_ANSWER_BYTES + 1, b'x');
    for bytes in [states.into_bytes(), endless, unstated] {
        let error = error_of(script(bytes), WITHIN).await;
        assert!(matches!(&error, OutboundError::Answer(text) if text.contains("bytes")), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_may_pass() {
    for bytes in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[1]",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n[1]\r\n",
        b"no http\r\n\r\n",
    ] {
        let error = error_of(script(bytes), WITHIN).await;
        assert!(error.may_pass(), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_left() {
    for bytes in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[1]"] {
        let hanging = Script { bytes: bytes.to_vec(), hangs: true };
        let error = error_of(hanging, Duration::from_millis(300)).await;
        assert!(error.may_pass() && error.to_string().contains("not answered"), "{error}");
    }
}

#[tokio::test]
async fn a_packed_answer_is_refused() {
    let packed = script("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n");
    let error = error_of(packed, WITHIN).await;
    assert!(matches!(&error, OutboundError::Answer(text) if text.contains("packed")), "{error}");
}

#[tokio::test]
async fn a_port_without_a_server_may_have_one_later() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("is bound");
    drop(listener);
    let trust = Trust::new(None).expect("the machine's own");
    let allowed = Allowed::new(vec![at.to_string().parse().expect("an exception")]);
    let asked = Outbound::new(&trust, allowed, WITHIN).expect("is one");
    let error = asked.get(&address(&format!("http://{at}/")), &HeaderMap::new()).await;
    assert!(error.expect_err("is not there").may_pass());
}
