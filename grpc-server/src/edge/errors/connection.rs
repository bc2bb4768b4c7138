//! The statuses of a connection of `Connect`.
//!
//! Not those of its sessions (`sheet`). Invariant: each of them ends with what to do.

use std::time::Duration;

use tonic::{Code, Status};

use super::status_builder::StatusBuilder;
use model::limits::edge::CONNECTION_SESSIONS;

/// No connection has this id.
pub(crate) fn connection_gone() -> Status {
    let message = "no such connection, or it has ended; open Connect again";
    StatusBuilder::new(Code::NotFound, "CONNECTION_NOT_FOUND", message).into()
}

/// The client of a connection did not call for it in time.
pub(crate) fn connection_silent(within: Duration) -> Status {
    let seconds = within.as_secs();
    let message = format!(
        "no KeepConnection for {seconds} seconds; open Connect again, and call it every few seconds"
    );
    StatusBuilder::new(Code::DeadlineExceeded, "CONNECTION_SILENT", message)
        .with("seconds", seconds)
        .into()
}

/// A connection has as many sessions as it may have.
pub(crate) fn connection_full() -> Status {
    let limit = CONNECTION_SESSIONS as u64;
    let message = format!(
        "connection_sessions: the connection has {limit} sessions and may have {limit}; detach some, or open \
         Connect again"
    );
    StatusBuilder::quota("connection_sessions", limit, limit, message).logged().into()
}
