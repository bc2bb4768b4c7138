//! Headers of both versions, whole, split, cut off and random.

use proptest::prelude::*;
use tokio::io::AsyncWriteExt as _;
use tokio::time::Instant;

use super::*;

/// Bytes after the header.
const AFTER: &[u8] = b"PRI * HTTP/2.0\r\n\r\n";

fn line(source: SocketAddr) -> Vec<u8> {
    let (kind, other) = if source.is_ipv4() { ("TCP4", "9.9.9.9") } else { ("TCP6", "9::9") };
    format!("PROXY {kind} {} {other} {} 443\r\n", source.ip(), source.port()).into_bytes()
}

fn binary(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).expect("is short").to_be_bytes();
    [&SIGNATURE[..], &[command, family], &length, body].concat()
}

fn binary_of(source: SocketAddr, more: &[u8]) -> Vec<u8> {
    let (family, addresses) = match source.ip() {
        IpAddr::V4(address) => (0x11, [address.octets(), [9; 4]].concat()),
        IpAddr::V6(address) => (0x21, [address.octets(), [9; 16]].concat()),
    };
    let body = [&addresses[..], &source.port().to_be_bytes(), &443_u16.to_be_bytes(), more];
    binary(0x21, family, &body.concat())
}

/// The answer, and what is left of these bytes, which arrive in pieces of at most `piece` bytes.
async fn read_in_pieces(
    bytes: Vec<u8>,
    piece: usize,
) -> (Result<Option<SocketAddr>, HeaderError>, Vec<u8>) {
    let (mut far, mut near) = tokio::io::duplex(piece);
    let sending = tokio::spawn(async move {
        // The reader may refuse before it has read everything.
        let _ = far.write_all(&bytes).await;
    });
    let header = read(&mut near).await;
    let mut left = Vec::new();
    near.read_to_end(&mut left).await.expect("the end");
    sending.await.expect("ends");
    (header, left)
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(work)
}

fn refused(bytes: &[u8]) -> String {
    let (header, _) = block_on(read_in_pieces(bytes.to_vec(), 64));
    header.expect_err("is refused").to_string()
}

fn address() -> impl Strategy<Value = SocketAddr> {
    let ip = prop_oneof![
        any::<[u8; 4]>().prop_map(IpAddr::from),
        any::<[u8; 16]>().prop_map(IpAddr::from),
    ];
    (ip, any::<u16>()).prop_map(|(ip, port)| SocketAddr::new(ip, port))
}

proptest! {
    #[test]
    fn a_header_in_any_pieces_gives_its_source_and_leaves_what_follows(
        source in address(),
        piece in 1_usize..200,
        more in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        for header in [line(source), binary_of(source, &more)] {
            let sent = [&header[..], AFTER].concat();
            let (read, left) = block_on(read_in_pieces(sent, piece));
            prop_assert_eq!(read.expect("is valid"), Some(source));
            prop_assert_eq!(&left, AFTER);
        }
    }

    #[test]
    fn a_header_that_is_cut_off_gives_no_address(source in address(), at in 0_usize..1_000) {
        for header in [line(source), binary_of(source, &[])] {
            let part = header[..at % header.len()].to_vec();
            let (read, _) = block_on(read_in_pieces(part, 64));
            prop_assert!(matches!(read, Err(HeaderError::Ended(_))), "{read:?}");
        }
    }

    #[test]
    fn random_bytes_are_refused_or_read_within_the_bound(
        start in 0_usize..3,
        bytes in prop::collection::vec(any::<u8>(), 0..10_000),
    ) {
        let start = [&b""[..], WORD, &SIGNATURE][start];
        let sent = [start, &bytes].concat();
        let length = sent.len();
        let (_, left) = block_on(read_in_pieces(sent, 64));
        prop_assert!(length - left.len() <= PROXY_HEADER_BYTES);
    }
}

#[test]
fn a_connection_of_the_proxy_itself_has_no_other_caller() {
    let heads = [
        b"PROXY UNKNOWN\r\n".to_vec(),
        b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n".to_vec(),
        binary(0x20, 0x00, &[]),
        binary(0x20, 0x11, &[1; 12]),
        binary(0x21, 0x00, &[]),
        binary(0x21, 0x31, &[1; 216]),
    ];
    for head in heads {
        let (read, left) = block_on(read_in_pieces([&head[..], AFTER].concat(), 64));
        assert_eq!((read.expect("is valid"), &left[..]), (None, AFTER), "{head:?}");
    }
}

#[test]
fn what_is_no_header_is_refused_with_the_reason() {
    for absent in
        [&b"GET / HTTP/1.1\r\n"[..], b"PRI * HTTP/2.0\r\n\r\n", b"\x16\x03\x01aaaaaaaaaaaaaa"]
    {
        assert!(refused(absent).contains("--trusted-proxy"));
    }
    for bad in [
        "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
        "PROXY TCP4 1.2.3.04 1.2.3.4 1 2\r\n",
        "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 ::1 ::1 1 2\r\n",
        "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
        "PROXY \r\n         \r\n",
    ] {
        assert_eq!(refused(bad.as_bytes()), "its PROXY header is no line of version 1", "{bad}");
    }
    let endless = [WORD, &[b'x'; 200]].concat();
    assert_eq!(refused(&endless), "its PROXY header is a line without an end");
    for (command, family, body) in
        [(0x21, 0x11, 11), (0x21, 0x21, 35), (0x21, 0x12, 12), (0x31, 0x11, 12), (0x22, 0x11, 12)]
    {
        let header = binary(command, family, &vec![1; body]);
        assert_eq!(refused(&header), "its PROXY header is none of version 2", "{header:?}");
    }
    assert_eq!(
        refused(&binary(0x21, 0x11, &[0; PROXY_HEADER_BYTES])),
        "its PROXY header is too long"
    );
}

#[tokio::test(start_paused = true)]
async fn a_header_that_does_not_come_ends_its_connection() {
    for part in [&b""[..], b"PROXY TCP4 1.2", &SIGNATURE] {
        let (mut far, mut near) = tokio::io::duplex(64);
        far.write_all(part).await.expect("there is room");
        let begun = Instant::now();
        assert!(matches!(read(&mut near).await, Err(HeaderError::Late)));
        assert_eq!(begun.elapsed(), PROXY_HEADER_WITHIN);
    }
}
