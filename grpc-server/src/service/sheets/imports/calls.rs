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

/// A request, and the connection that it came on; `None` for one that another server passes on.
pub(super) struct Call {
    pub(super) ask: Ask,
    pub(super) connection: Option<ConnectionEnd>,
}
