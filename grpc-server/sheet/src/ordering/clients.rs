//! The clients of an open sheet: the account of each, and the last of its edits that was accepted.
//!
//! Not here: clients that sent nothing since the sheet was opened; the operation log has those.
//!
//! Invariant: a client whose edits are not all committed is never forgotten.

use model::{AccountId, Entry};
use ot_engine::{ClientId, Revision, Sequence};
use rustc_hash::FxHashMap;

/// Clients that are kept beyond those in session.
const CLIENTS_KEPT: usize = 50_000;

/// The last accepted edit of a client, and its account.
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

/// The clients of a sheet.
#[derive(Debug, Default)]
pub(super) struct Clients {
    by_id: FxHashMap<ClientId, ClientState>,
}

impl Clients {
    pub(super) fn get(&self, client: ClientId) -> Option<ClientState> {
        self.by_id.get(&client).copied()
    }

    /// Adds a client as the operation log has it. False when it is already known: an edit that was accepted
    /// since the lookup began is newer.
    pub(super) fn restore(&mut self, client: ClientId, state: ClientState) -> bool {
        let new = !self.by_id.contains_key(&client);
        if new {
            self.by_id.insert(client, state);
        }
        new
    }

    /// Adds a client that has no edit yet.
    pub(super) fn enter(&mut self, client: ClientId, account: AccountId) {
        self.by_id.entry(client).or_insert_with(|| ClientState::new(account));
    }

    /// Notes a durable entry.
    pub(super) fn accepted(&mut self, entry: &Entry) {
        let state =
            self.by_id.entry(entry.client).or_insert_with(|| ClientState::new(entry.account));
        (state.sequence, state.revision) = (entry.sequence, entry.revision);
    }

    /// Whether so many are kept that some should be removed.
    pub(super) fn are_many(&self) -> bool {
        self.by_id.len() > CLIENTS_KEPT
    }

    /// Removes clients that are not needed and whose edits are committed. Returns them.
    pub(super) fn forget(
        &mut self,
        committed: Revision,
        needed: impl Fn(ClientId) -> bool,
    ) -> Vec<ClientId> {
        let gone = |client: &ClientId, state: &mut ClientState| {
            state.revision <= committed && !needed(*client)
        };
        self.by_id.extract_if(gone).map(|(client, _)| client).collect()
    }
}
