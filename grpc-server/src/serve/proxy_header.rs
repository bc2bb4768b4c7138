//! The PROXY header (version 1 or 2) with which a trusted proxy begins each connection: the address of the caller.
//!
//! Not the setting of trusted proxies (`config::proxies`), nor TLS, whose first byte follows the header. Invariant: no
//! byte after the header is read, a header has at most [`PROXY_HEADER_BYTES`] bytes, and it ends in time.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::timeout;

use model::limits::edge::{PROXY_HEADER_BYTES, PROXY_HEADER_WITHIN, PROXY_LINE_BYTES};

/// The first bytes of version 2, which no other protocol begins with.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// The first bytes of version 1.
const WORD: &[u8] = b"PROXY ";

/// Why a connection of a trusted proxy is refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum HeaderError {
    #[error("its PROXY header took longer than {PROXY_HEADER_WITHIN:?}")]
    Late,
    #[error("it ended before its PROXY header: {0}")]
    Ended(#[from] io::Error),
    #[error(
        "it does not begin with a PROXY header; let the proxy send one, or remove it from --trusted-proxy"
    )]
    Absent,
    #[error("its PROXY header {0}")]
    Malformed(&'static str),
}

/// Reads the header; `None` for a connection of the proxy itself, such as a health check.
pub(super) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<Option<SocketAddr>, HeaderError> {
    timeout(PROXY_HEADER_WITHIN, read_any(stream)).await.unwrap_or(Err(HeaderError::Late))
}

async fn read_any(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<Option<SocketAddr>, HeaderError> {
    // Each header of either version is longer than this.
    let mut first = [0; SIGNATURE.len()];
    stream.read_exact(&mut first).await?;
    if first == SIGNATURE {
        return read_binary(stream).await;
    }
    if !first.starts_with(WORD) {
        return Err(HeaderError::Absent);
    }
    let mut line = first.to_vec();
    while !line.ends_with(b"\n") {
        if line.len() == PROXY_LINE_BYTES {
            return Err(HeaderError::Malformed("is a line without an end"));
        }
        line.push(stream.read_u8().await?);
    }
    parse_line(&line).ok_or(HeaderError::Malformed("is no line of version 1"))
}

/// The caller in a line of version 1; `None` in it when the line names none.
fn parse_line(line: &[u8]) -> Option<Option<SocketAddr>> {
    let line = std::str::from_utf8(line).ok()?.strip_prefix("PROXY ")?.strip_suffix("\r\n")?;
    let mut parts = line.split(' ');
    let kind = parts.next()?;
    if kind == "UNKNOWN" {
        return Some(None);
    }
    let [source, destination] = [parts.next()?, parts.next()?];
    let [port, _] = [parts.next().and_then(port)?, parts.next().and_then(port)?];
    if parts.next().is_some() {
        return None;
    }
    let address = |text: &str| -> Option<IpAddr> {
        match kind {
            "TCP4" => text.parse().ok().map(IpAddr::V4),
            "TCP6" => text.parse().ok().map(IpAddr::V6),
            _ => None,
        }
    };
    address(destination)?;
    Some(Some(SocketAddr::new(address(source)?, port)))
}

/// A port in digits alone.
fn port(text: &str) -> Option<u16> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = text == "0" || !text.starts_with('0');
    (is_number && is_short).then(|| text.parse().ok())?
}

/// The rest of version 2: what it is, its length, and as many bytes, of which only the first are read for meaning.
async fn read_binary(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<Option<SocketAddr>, HeaderError> {
    let [command, family, high, low] = {
        let mut head = [0; 4];
        stream.read_exact(&mut head).await?;
        head
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > PROXY_HEADER_BYTES - SIGNATURE.len() - 4 {
        return Err(HeaderError::Malformed("is too long"));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    parse_body(command, family, &body).ok_or(HeaderError::Malformed("is none of version 2"))
}

fn parse_body(command: u8, family: u8, body: &[u8]) -> Option<Option<SocketAddr>> {
    /// The version in the upper bits; LOCAL and PROXY in the lower ones.
    const LOCAL: u8 = 0x20;
    const PROXY: u8 = 0x21;
    const UNSPECIFIED: u8 = 0x00;
    const TCP4: u8 = 0x11;
    const TCP6: u8 = 0x21;
    /// A caller on the proxy's own machine.
    const UNIX: u8 = 0x31;
    match (command, family) {
        (LOCAL, _) | (PROXY, UNSPECIFIED | UNIX) => Some(None),
        // Source, destination, and the port of each.
        (PROXY, TCP4) => {
            let (source, rest) = body.split_first_chunk::<4>()?;
            let (_, rest) = rest.split_first_chunk::<4>()?;
            let (ports, _) = rest.split_first_chunk::<4>()?;
            Some(Some(with_port(Ipv4Addr::from(*source).into(), *ports)))
        }
        (PROXY, TCP6) => {
            let (source, rest) = body.split_first_chunk::<16>()?;
            let (_, rest) = rest.split_first_chunk::<16>()?;
            let (ports, _) = rest.split_first_chunk::<4>()?;
            Some(Some(with_port(Ipv6Addr::from(*source).into(), *ports)))
        }
        _ => None,
    }
}

fn with_port(address: IpAddr, [high, low, ..]: [u8; 4]) -> SocketAddr {
    SocketAddr::new(address, u16::from_be_bytes([high, low]))
}

#[cfg(test)]
mod tests;
