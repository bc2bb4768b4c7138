//! Silent connections, and too many of one address: the server closes them, and others have room.
//!
//! Not calls. Invariant: a client of another address is always served.

use std::time::{Duration, Instant};

use integration::harness::{Server, sign_up_with_token, within};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::raw::{connect, rest};

/// Connections of one address.
const ALLOWED: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_a_limit_and_others_have_room() {
    let allowed = ALLOWED.to_string();
    let server = Server::start_with(&["--address-connections", &allowed]);
    let (client, _) = sign_up_with_token(&server).await;
    let mut held = Vec::new();
    let mut refused = 0;
    while refused < 50 {
        let mut stream = connect(server.authority()).await;
        match is_answered(&mut stream).await {
            true => held.push(stream),
            false => refused += 1,
        }
    }
    assert!(held.len() < ALLOWED, "{} beside the client's own", held.len());
    assert!(held.len() >= ALLOWED - 4, "{} are held", held.len());
    client.who_am_i().await.expect("an open connection continues");
    let mut other = from_another_address(server.authority()).await;
    assert!(is_answered(&mut other).await, "another address has room");
    // Each connection that ends makes room.
    drop(held);
    let begun = Instant::now();
    while !is_answered(&mut connect(server.authority()).await).await {
        assert!(begun.elapsed() < Duration::from_secs(20), "the server makes no room");
    }
}

/// Whether a connection is served; one that is refused is closed.
async fn is_answered(stream: &mut TcpStream) -> bool {
    if stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.is_err() {
        return false;
    }
    let mut answer = [0; 12];
    let read = within("an answer or an end", stream.read_exact(&mut answer)).await;
    read.is_ok() && answer == *b"HTTP/1.1 200"
}

async fn from_another_address(authority: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.2:0".parse().expect("an address")).expect("this machine's, too");
    socket.connect(authority.parse().expect("an address")).await.expect("the server listens")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_connection_is_closed() {
    let server = Server::start();
    let (client, _) = sign_up_with_token(&server).await;
    let begun = Instant::now();
    let beginnings: [&[u8]; 4] =
        [b"", b"PRI * HT", b"GET / HT", b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: "];
    let mut silent = tokio::task::JoinSet::new();
    for beginning in beginnings {
        let mut stream = connect(server.authority()).await;
        stream.write_all(beginning).await.expect("is taken");
        silent.spawn(async move {
            rest(&mut stream).await;
        });
    }
    client.who_am_i().await.expect("other connections continue");
    while let Some(ended) = silent.join_next().await {
        ended.expect("is closed by the server");
    }
    assert!(begun.elapsed() < Duration::from_secs(45), "{:?}", begun.elapsed());
    client.who_am_i().await.expect("other connections continue");
}
