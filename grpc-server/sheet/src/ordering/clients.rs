//! What an open sheet knows of a client: its account, and the last of its edits that was accepted.
//!
//! Not here: clients that sent nothing since the sheet was opened; the log knows those.

use model::AccountId;
use ot_engine::{Revision, Sequence};

/// The last accepted edit of a client, and whose client it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientState {
    pub(crate) account: AccountId,
    pub(crate) sequence: Sequence,
    pub(crate) revision: Revision,
}

impl ClientState {
    /// A client that has had no edit accepted.
    pub(crate) fn new(account: AccountId) -> Self {
        Self { account, sequence: Sequence(0), revision: Revision(0) }
    }
}
