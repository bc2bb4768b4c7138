//! The protocol between a server and the scheduler of a cluster: `proto/engine.proto` as stubs of both ends.
//!
//! It is no part of the public protocol: both programs are of one release. Not the queries (the crate `engine`), and not the
//! cluster (the program `gridloom-engine`). Invariant: no message is larger than [`MESSAGE_BYTES`].

#[allow(missing_docs, unreachable_pub, clippy::all, reason = "generated")]
mod v1 {
    tonic::include_proto!("gridloom.engine.v1");
}

pub use v1::*;

/// The most bytes of a message. One message may start as many tasks as an executor has cores, each with all digests.
pub const MESSAGE_BYTES: usize = 64 * 1024 * 1024;
/// The most bytes of an answer in one message.
pub const PART_BYTES: usize = 1024 * 1024;
/// The most pieces of a table of a plan, whose digests take 2 MiB: 128 GiB in pieces of 2 MiB.
pub const PIECES: u32 = 64 * 1024;
/// Bytes of a digest.
pub const DIGEST_BYTES: usize = 32;
/// The detail of a status, under which the reason of a failure stands.
pub const REASON: &str = "gridloom-engine-reason";

/// Why a plan has failed, as far as that matters to a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It needs more memory or disk than the executors have for one.
    TooLarge,
    /// A piece of the table is lost or has changed.
    Lost,
    /// No executor is there, or the plan has lost too many of them.
    Away,
    /// Anything else.
    Failed,
}

impl Reason {
    /// Its text on the wire.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::Lost => "lost",
            Self::Away => "away",
            Self::Failed => "failed",
        }
    }

    /// The reason of such a text; another text is [`Self::Failed`].
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let all = [Self::TooLarge, Self::Lost, Self::Away];
        all.into_iter().find(|reason| reason.text() == text).unwrap_or(Self::Failed)
    }
}
