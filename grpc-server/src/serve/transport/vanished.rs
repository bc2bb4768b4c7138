//! The end of a connection whose peer has vanished: a network that is gone sends no end of its connections.
//!
//! Not a peer that answers: HTTP/2 has pings, and a reader that takes nothing is cut by `guard`. Invariant: a peer that
//! acknowledges nothing of what was sent has ended after [`ANSWER_QUIET_AT_MOST`].

use tokio::net::TcpStream;

use model::limits::edge::ANSWER_QUIET_AT_MOST;

/// Bounds the time for which sent bytes may be unacknowledged. It is that of a reader that takes nothing: the system does not
/// distinguish the two. By default the system tries for a quarter of an hour.
pub(super) fn bound(stream: &TcpStream) {
    #[cfg(target_os = "linux")]
    {
        let millis = u32::try_from(ANSWER_QUIET_AT_MOST.as_millis()).unwrap_or(u32::MAX);
        if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(stream, millis) {
            tracing::debug!(%error, "the time of a vanished peer was not set");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::Ipv4Addr;

    use rustix::net::sockopt::tcp_user_timeout;
    use tokio::net::TcpListener;

    use super::super::Transport;
    use super::*;
    use crate::serve::transport::Stream;

    #[tokio::test]
    async fn an_accepted_connection_ends_when_its_peer_acknowledges_nothing() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (client, (stream, peer)) = (client.expect("connects"), accepted.expect("accepts"));
        let before = tcp_user_timeout(&stream).expect("an option");
        let opened = Transport(None).open(stream, axum::Router::new(), peer).await;
        let Some(Stream::Plain(stream)) = opened.map(|opened| opened.stream) else {
            panic!("not opened")
        };
        let after = tcp_user_timeout(&stream).expect("an option");
        assert_eq!((before, u128::from(after)), (0, ANSWER_QUIET_AT_MOST.as_millis()));
        drop(client);
    }
}
