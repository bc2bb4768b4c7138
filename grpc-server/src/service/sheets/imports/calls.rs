//! The calls that the task of an import receives.
//!
//! Not what it does with them (`job`). Invariant: each has one answer; none means that the task has ended.

use bytes::Bytes;
use gridloom::v1;
use tokio::sync::oneshot;

use crate::edge::connection_end::ConnectionEnd;
use crate::edge::errors::ServiceError;

pub(super) type Reply<T> = oneshot::Sender<Result<T, ServiceError>>;

/// The requests to an import.
pub(super) enum Ask {
    /// Take a piece.
    Chunk {
        /// Where in the file it stands.
        offset: u64,
        /// The piece.
        data: Bytes,
        /// Where the answer goes.
        reply: Reply<v1::ImportChunkResponse>,
    },
    /// Make the sheet.
    Finish(Reply<v1::FinishImportResponse>),
    /// Give up.
    Cancel(Reply<v1::CancelImportResponse>),
}

/// A request.
pub(super) struct Call {
    pub(super) ask: Ask,
    /// The connection of its client; `None` where another server passes the request on.
    pub(super) connection: Option<ConnectionEnd>,
    /// Whether another server passes it on: such a request waits for nothing, as it takes room between the servers.
    pub(super) is_passed_on: bool,
}
