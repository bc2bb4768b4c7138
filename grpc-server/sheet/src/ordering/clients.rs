//! The clients of an open sheet: the account of each, and the last of its edits that was accepted.
//!
//! Not here: clients that sent nothing since the sheet was opened; the operation log has those.
//!
//! Invariants: a client whose edits are not all committed is never forgotten; a request that was accepted, or may be, has
//! one name, at whatever place it is sent again.

use std::collections::HashMap;

use model::gesture::request_of;
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
    /// The names of requests that were staged or accepted, by a part that callers choose.
    names: HashMap<u64, ClientId>,
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

    /// The name of the request that has this name at its place: the one under which it was sent first.
    pub(super) fn name(&mut self, client: ClientId) -> ClientId {
        *self.names.entry(request_of(client)).or_insert(client)
    }

    /// As [`Self::name`], of a request that may not have been staged.
    pub(super) fn known_name(&self, client: ClientId) -> ClientId {
        self.names.get(&request_of(client)).copied().unwrap_or(client)
    }

    /// A request was refused: it may be sent again at another place.
    pub(super) fn forget_name(&mut self, client: ClientId) {
        let request = request_of(client);
        if self.names.get(&request) == Some(&client) && !self.by_id.contains_key(&client) {
            self.names.remove(&request);
        }
    }

    /// Notes a durable entry.
    pub(super) fn accepted(&mut self, entry: &Entry) {
        if entry.sequence == Sequence(1) {
            // Another server may have accepted it at another place.
            self.names.insert(request_of(entry.client), entry.client);
        }
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
        let gone: Vec<_> = self.by_id.extract_if(gone).map(|(client, _)| client).collect();
        gone.iter().for_each(|client| self.forget_name(*client));
        gone
    }
}
