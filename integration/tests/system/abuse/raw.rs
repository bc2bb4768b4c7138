//! Raw bytes on a connection, which no client of the project sends.
//!
//! Not a client. Invariant: each read ends with the connection, or fails at a deadline.

use std::time::Duration;

use integration::harness::within;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The connection preface of HTTP/2, and empty settings.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

pub(crate) async fn connect(authority: &str) -> TcpStream {
    TcpStream::connect(authority).await.expect("the server listens")
}

/// The bytes that the server answers until it closes the connection.
pub(crate) async fn answer(authority: &str, request: &[u8]) -> String {
    let mut stream = connect(authority).await;
    // The server may close before it has read everything.
    let _ = stream.write_all(request).await;
    String::from_utf8_lossy(&rest(&mut stream).await).into_owned()
}

/// Reads to the end of the connection; a reset is an end, too.
pub(crate) async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 4096];
    while let Ok(count @ 1..) = within("the end", stream.read(&mut chunk)).await {
        bytes.extend_from_slice(&chunk[..count]);
    }
    bytes
}

/// A grpc-web call on HTTP/1.1, after which the connection closes.
pub(crate) fn web_call(path: &str, token: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /{path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/grpc-web+proto\r\n\
         authorization: Bearer {token}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// A gRPC message: the compressed flag, the claimed length, the bytes that follow.
pub(crate) fn message(compressed: bool, length: u32, body: &[u8]) -> Vec<u8> {
    [&[u8::from(compressed)][..], &length.to_be_bytes(), body].concat()
}

/// Status and message of a grpc-web answer, which stand in its headers or at its end.
pub(crate) fn status(answer: &str) -> (i32, String) {
    let value = |name: &str| {
        let line = answer.lines().find_map(|line| {
            let at = line.find(name)?;
            line[at + name.len()..].strip_prefix(':')
        });
        line.unwrap_or_default().trim().replace("%20", " ")
    };
    let code = value("grpc-status").parse();
    (code.unwrap_or_else(|_| panic!("no status in {answer:?}")), value("grpc-message"))
}

/// An HTTP/2 connection that requests a page and resets the stream, so many times.
pub(crate) async fn rapid_reset(authority: &str, times: u32) -> Vec<u8> {
    let mut stream = connect(authority).await;
    let mut bytes = PREFACE.to_vec();
    for number in 0..times {
        let id = (number * 2 + 1).to_be_bytes();
        // GET / with plain HTTP, from the static table; then RST_STREAM with CANCEL.
        bytes.extend_from_slice(&[0, 0, 6, 1, 5]);
        bytes.extend_from_slice(&id);
        bytes.extend_from_slice(&[0x82, 0x86, 0x84, 0x41, 1, b'x']);
        bytes.extend_from_slice(&[0, 0, 4, 3, 0]);
        bytes.extend_from_slice(&id);
        bytes.extend_from_slice(&[0, 0, 0, 8]);
    }
    let _ = tokio::time::timeout(Duration::from_secs(10), stream.write_all(&bytes)).await;
    rest(&mut stream).await
}
