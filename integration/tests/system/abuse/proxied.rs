//! Callers behind a proxy that sends PROXY headers: each has the address that the proxy names, and no other caller
//! can name one.
//!
//! Not the parser of headers. Invariant: what one network does wrong concerns that network alone.

use std::net::{Ipv4Addr, SocketAddr};

use client::Client;
use client::net::Error;
use integration::harness::{PASSWORD, Server, sign_up_with_token, within};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use super::raw::{answer, rest};

/// The proxy's address for connections to the server, which no other client of these tests uses.
pub(crate) const PROXY: &str = "127.0.0.9";
/// The first bytes of a header of version 2.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// More wrong passwords than one network may try for an account.
const GUESSES: usize = 12;
const GET: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/// A header that names a caller, or none, as a health check does.
fn header(caller: Option<Ipv4Addr>) -> Vec<u8> {
    let Some(caller) = caller else { return [&SIGNATURE[..], &[0x20, 0, 0, 0]].concat() };
    let (source, destination, ports) = (caller.octets(), [9; 4], [0x12, 0x34, 0x1c, 0xe8]);
    [&SIGNATURE[..], &[0x21, 0x11, 0, 12], &source, &destination, &ports].concat()
}

/// A connection from the proxy's address.
async fn from_proxy(server: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::new(PROXY.parse().expect("an address"), 0)).expect("this machine's");
    socket.connect(server).await.expect("the server listens")
}

/// What the server answers to these bytes from the proxy's address.
async fn answer_to_proxy(server: &Server, bytes: &[u8]) -> String {
    let mut stream = from_proxy(address(server)).await;
    // The server may close before it has read everything.
    let _ = stream.write_all(bytes).await;
    String::from_utf8_lossy(&rest(&mut stream).await).into_owned()
}

pub(crate) fn address(server: &Server) -> SocketAddr {
    server.authority().parse().expect("an address")
}

/// A proxy whose callers all have one address.
pub(crate) struct Proxy {
    pub(crate) url: String,
    accepting: JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn start(server: SocketAddr, caller: Ipv4Addr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let accepting = tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut far = from_proxy(server).await;
                    far.write_all(&header(Some(caller))).await.expect("is taken");
                    // Either side may end the connection.
                    let _ = copy_bidirectional(&mut near, &mut far).await;
                });
            }
        });
        Self { url, accepting }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_of_one_network_behind_a_proxy_leave_another_alone() {
    let server = Server::start_with(&["--trusted-proxy", PROXY]);
    let hostile = Proxy::start(address(&server), Ipv4Addr::new(10, 1, 1, 1)).await;
    let friendly = Proxy::start(address(&server), Ipv4Addr::new(10, 2, 2, 2)).await;
    let owner = Client::connect(&friendly.url).await.expect("is there");
    owner.sign_up("owner@example.org", PASSWORD, "").await.expect("is new");
    let guesser = Client::connect(&hostile.url).await.expect("is there");
    let mut refused = false;
    for _ in 0..GUESSES {
        let guessed = guesser.sign_in("owner@example.org", "not the password").await;
        let Err(Error::Refused(refusal)) = guessed else { panic!("{guessed:?}") };
        refused |= refusal.reason.as_deref() == Some("TOO_MANY_ATTEMPTS");
    }
    assert!(refused, "the network that guesses is held up");
    let again = guesser.sign_in("owner@example.org", PASSWORD).await;
    assert!(again.is_err(), "also with the right password, as it is one network");
    // Twice as often as that network may, so the two do not share a limit.
    for _ in 0..GUESSES * 2 {
        owner.sign_in("owner@example.org", PASSWORD).await.expect("is not held up");
    }
    let another = Proxy::start(address(&server), Ipv4Addr::new(10, 3, 3, 3)).await;
    let other = Client::connect(&another.url).await.expect("is there");
    other.sign_in("owner@example.org", PASSWORD).await.expect("a network that is new to it");
    let (stopped, _) = server.stop();
    let log = std::fs::read_to_string(stopped.home().log()).expect("is written");
    assert!(log.contains("10.1.1.1") && !log.contains("by=127.0.0.9"), "{log}");
}

/// Whether an open connection answers another request.
async fn is_answered(stream: &mut TcpStream) -> bool {
    if stream.write_all(b"HEAD /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.is_err() {
        return false;
    }
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        match within("an answer or an end", stream.read_u8()).await {
            Ok(byte) => answer.push(byte),
            Err(_) => return false,
        }
    }
    answer.starts_with(b"HTTP/1.1 200")
}

#[tokio::test(flavor = "multi_thread")]
async fn shares_of_connections_count_the_caller_and_not_the_proxy() {
    let flags = ["--trusted-proxy", PROXY, "--address-connections", "2"];
    let server = Server::start_with(&flags);
    let open = async |caller: Option<Ipv4Addr>| {
        let mut stream = from_proxy(address(&server)).await;
        stream.write_all(&header(caller)).await.expect("is taken");
        assert!(is_answered(&mut stream).await, "{caller:?} has room");
        stream
    };
    let mut held = Vec::new();
    for network in 1..=5 {
        let caller = Some(Ipv4Addr::new(10, 0, 0, network));
        held.push([open(caller).await, open(caller).await]);
    }
    let mut checks = Vec::new();
    for _ in 0..5 {
        checks.push(open(None).await);
    }
    // A third one of the first network takes the place of its first one.
    let mut third = open(Some(Ipv4Addr::new(10, 0, 0, 1))).await;
    assert!(!is_answered(&mut held[0][0]).await, "is closed for it");
    let others = held.iter_mut().flatten().skip(1).chain(&mut checks).chain([&mut third]);
    for (number, stream) in others.enumerate() {
        assert!(is_answered(stream).await, "{number} is open");
    }
    let (client, _) = sign_up_with_token(&server).await;
    client.who_am_i().await.expect("a connection past the proxy has its own address");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_is_needed_from_the_proxy_and_believed_from_no_other_address() {
    let server = Server::start_with(&["--trusted-proxy", PROXY]);
    let caller = Some(Ipv4Addr::new(10, 1, 1, 1));
    let line = b"PROXY TCP4 10.1.1.1 9.9.9.9 4660 7400\r\n".to_vec();
    for header in [header(caller), header(None), line.clone(), b"PROXY UNKNOWN\r\n".to_vec()] {
        let answered = answer_to_proxy(&server, &[&header, GET].concat()).await;
        assert!(answered.starts_with("HTTP/1.1 200"), "{answered}");
        let forged = answer(server.authority(), &[&header, GET].concat()).await;
        assert!(forged.starts_with("HTTP/1.1 400"), "{forged}");
    }
    assert_eq!(answer_to_proxy(&server, GET).await, "", "a proxy without a header");
    assert_eq!(answer_to_proxy(&server, &[&line[..10], b"\r\n", GET].concat()).await, "");
    // A header that does not come ends, and holds up no other caller.
    let mut silent = from_proxy(address(&server)).await;
    silent.write_all(&line[..20]).await.expect("is taken");
    assert!(answer(server.authority(), GET).await.starts_with("HTTP/1.1 200"));
    assert_eq!(rest(&mut silent).await, b"");
    let (stopped, _) = server.stop();
    let log = std::fs::read_to_string(stopped.home().log()).expect("is written");
    assert!(log.contains("does not begin with a PROXY header"), "{log}");
}
