//! What connections hold together, and the refusal where a sum is full.
//!
//! Not the bytes of one connection (`bytes`). Invariant: connections without a token have sums of their own.

use std::net::IpAddr;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use tonic::{Code, Status};

use crate::edge::errors::StatusBuilder;

/// Closes a connection where others need the room of its bytes.
pub(super) trait MakeRoom: std::fmt::Debug + Send + Sync {
    /// Closes the connection that holds most of a kind, of a network or of all, if that is more than so many bytes.
    fn close_heaviest(&self, kind: Counted, of: Option<IpAddr>, than: usize) -> bool;
}

/// What the connections of a network, or of the server, hold together.
#[derive(Debug, Default)]
pub(super) struct Sums {
    pub(super) strangers: AtomicUsize,
    pub(super) with_token: AtomicUsize,
}

/// What one connection holds.
#[derive(Debug, Default)]
pub(super) struct Own {
    pub(super) bytes: usize,
    pub(super) counted: Counted,
}

/// The sums in which a connection counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Counted {
    #[default]
    Stranger,
    WithToken,
    /// In none: the server has closed the connection.
    Closed,
}

/// What has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Connection,
    Network,
    Server,
}

/// Why no more bytes can be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::serve) struct Full {
    pub(super) of: Of,
    pub(super) counted: Counted,
    pub(super) most: usize,
}

impl Full {
    pub(super) fn holders(self) -> &'static str {
        match (self.counted, self.of) {
            (Counted::Stranger, Of::Connection) => "a connection that has shown no valid token",
            (Counted::Stranger, Of::Network) => {
                "all connections of one network address that have shown no valid token"
            }
            (Counted::Stranger, Of::Server) => {
                "all connections of the server that have shown no valid token"
            }
            (_, Of::Connection) => "one connection",
            (_, Of::Network) => "one network address",
            (_, Of::Server) => "one server",
        }
    }
}

impl From<Full> for StatusBuilder {
    fn from(full: Full) -> Self {
        let (most, holders) = (full.most, full.holders());
        let message = format!(
            "requests under way and answers that are not read may hold {most} bytes for {holders}; read answers, or \
             have fewer calls under way"
        );
        let builder = Self::new(Code::ResourceExhausted, "TOO_MANY_BYTES", message);
        builder.with("bytes", most).retry(Duration::from_secs(1))
    }
}

impl From<Full> for Status {
    fn from(full: Full) -> Self {
        StatusBuilder::from(full).into()
    }
}
