//! The answer to a connection for which there is no room: HTTP 503, or GOAWAY on HTTP/2, and then its end.
//!
//! Not a connection that is served. Invariant: a few are answered at once, each in a moment and with a few bytes; all
//! others are closed at once.

use std::io;
use std::sync::LazyLock;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use model::limits::edge::{TURNED_AWAY_AT_ONCE, TURNED_AWAY_RETRY_SECONDS, TURNED_AWAY_WITHIN};

static TURNS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(TURNED_AWAY_AT_ONCE));

/// The first bytes of HTTP/2.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Bytes of a request that are read and thrown away, so that the answer is not lost with them.
const REST_BYTES: usize = 16 * 1024;
const TEXT: &str = "this server has as many connections as it may have, or your network address has; close some, or \
    try again later\n";

/// Answers a connection without TLS, if that is possible now.
pub(super) async fn answer(mut stream: TcpStream) {
    let Ok(_turn) = TURNS.try_acquire() else { return };
    // Neither an error nor a slow client is of interest: the connection ends.
    let _ = timeout(TURNED_AWAY_WITHIN, answer_one(&mut stream)).await;
}

async fn answer_one(stream: &mut TcpStream) -> io::Result<()> {
    let mut first = [0; PREFACE.len()];
    let count = stream.read(&mut first).await?;
    let is_http_2 = count > 0 && PREFACE.starts_with(&first[..count]);
    let answer = if is_http_2 { go_away() } else { unavailable() };
    stream.write_all(&answer).await?;
    stream.shutdown().await?;
    let mut rest = stream.take(REST_BYTES as u64);
    tokio::io::copy(&mut rest, &mut tokio::io::sink()).await.map(drop)
}

fn unavailable() -> Vec<u8> {
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: {TURNED_AWAY_RETRY_SECONDS}\r\n\
         content-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{TEXT}",
        TEXT.len()
    )
    .into_bytes()
}

/// Empty settings, and GOAWAY with `ENHANCE_YOUR_CALM`: no stream was processed.
fn go_away() -> Vec<u8> {
    const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    const LAST_STREAM: [u8; 4] = [0; 4];
    const ENHANCE_YOUR_CALM: [u8; 4] = [0, 0, 0, 0x0b];
    let length = u8::try_from(8 + TEXT.len()).unwrap_or(8);
    let head = [0, 0, length, 7, 0, 0, 0, 0, 0];
    let text = &TEXT.as_bytes()[..usize::from(length) - 8];
    [&SETTINGS[..], &head, &LAST_STREAM, &ENHANCE_YOUR_CALM, text].concat()
}
