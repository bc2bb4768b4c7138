//! The end of the connection that a call came on: what a client began over several calls can end with it.
//!
//! Not when a connection ends (`serve`). Invariant: a call that another server passes on has none.

use tokio_util::sync::{CancellationToken, DropGuard};

/// Ends with a connection. Cheap to clone; each request of the connection has it among its extensions.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionEnd(CancellationToken);

impl ConnectionEnd {
    /// The end of a new connection, which is there when the guard is dropped.
    pub(crate) fn of_new() -> (Self, DropGuard) {
        let token = CancellationToken::new();
        (Self(token.clone()), token.drop_guard())
    }

    /// Resolves at the end of the connection.
    pub(crate) async fn reached(&self) {
        self.0.cancelled().await;
    }
}
