//! The session index: the sheets and tokens of the sessions that are open at this server.
//!
//! Not the sessions themselves (`sheet`). Invariant: a session is in the index from before it joins its sheet until
//! its stream is dropped, so each revocation finds it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use tokio_util::sync::CancellationToken;

use crate::edge::keys::tokens::TokenHash;
use model::{AccountId, SheetId};
use sheet::Registry;

/// The sessions, by their numbers and by their tokens.
#[derive(Debug, Default)]
pub(crate) struct SessionIndex {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    sessions: FxHashMap<u64, Indexed>,
    of_token: FxHashMap<TokenHash, FxHashSet<u64>>,
    /// The sessions of each account on each sheet.
    of_sheet: FxHashMap<SheetId, FxHashMap<AccountId, u32>>,
}

#[derive(Debug)]
struct Indexed {
    sheet: SheetId,
    account: AccountId,
    token: TokenHash,
    ended: CancellationToken,
}

impl State {
    fn add(&mut self, session: u64, indexed: Indexed) {
        self.of_token.entry(indexed.token).or_default().insert(session);
        let of_sheet = self.of_sheet.entry(indexed.sheet).or_default();
        *of_sheet.entry(indexed.account).or_default() += 1;
        self.sessions.insert(session, indexed);
    }

    fn remove(&mut self, session: u64) -> Option<Indexed> {
        let indexed = self.sessions.remove(&session)?;
        if let Some(of_token) = self.of_token.get_mut(&indexed.token) {
            of_token.remove(&session);
            if of_token.is_empty() {
                self.of_token.remove(&indexed.token);
            }
        }
        self.remove_from_sheet(&indexed);
        Some(indexed)
    }

    fn remove_from_sheet(&mut self, indexed: &Indexed) {
        let Some(of_sheet) = self.of_sheet.get_mut(&indexed.sheet) else { return };
        if let Some(count) = of_sheet.get_mut(&indexed.account) {
            *count -= 1;
            if *count == 0 {
                of_sheet.remove(&indexed.account);
            }
        }
        if of_sheet.is_empty() {
            self.of_sheet.remove(&indexed.sheet);
        }
    }
}

/// A session in the index; dropping it removes the session.
#[derive(Debug)]
pub(crate) struct IndexedSession {
    session_index: Arc<SessionIndex>,
    session: u64,
    /// Cancelled when its token is revoked.
    pub(crate) ended: CancellationToken,
}

impl SessionIndex {
    /// Adds a session, by its number.
    pub(crate) fn begin(
        self: &Arc<Self>,
        session: u64,
        (sheet, account): (SheetId, AccountId),
        token: TokenHash,
    ) -> IndexedSession {
        let ended = CancellationToken::new();
        self.state().add(session, Indexed { sheet, account, token, ended: ended.clone() });
        IndexedSession { session_index: Arc::clone(self), session, ended }
    }

    /// A session continues under another token.
    pub(crate) fn refreshed(&self, session: u64, token: TokenHash) {
        let mut state = self.state();
        if let Some(indexed) = state.remove(session) {
            state.add(session, Indexed { token, ..indexed });
        }
    }

    /// Ends the sessions of a token: their streams at once, and their place in each sheet when its task
    /// comes to it.
    pub(crate) fn revoke(&self, token: &TokenHash, registry: &Registry) {
        for sheet in self.end(token) {
            registry.revoke(sheet, *token);
        }
    }

    /// Ends the streams of a token. Returns their sheets.
    fn end(&self, token: &TokenHash) -> HashSet<SheetId> {
        let state = self.state();
        let revoked = state.of_token.get(token).into_iter().flatten();
        let revoked = revoked.filter_map(|session| state.sessions.get(session));
        revoked.inspect(|it| it.ended.cancel()).map(|it| it.sheet).collect()
    }

    /// All sheets and tokens.
    pub(crate) fn all(&self) -> (Vec<SheetId>, Vec<TokenHash>) {
        let state = self.state();
        (state.of_sheet.keys().copied().collect(), state.of_token.keys().copied().collect())
    }

    /// The tokens of an account that have sessions.
    pub(crate) fn tokens_of(&self, account: AccountId) -> Vec<TokenHash> {
        let state = self.state();
        let of = state.sessions.values().filter(|it| it.account == account);
        let tokens: HashSet<TokenHash> = of.map(|it| it.token).collect();
        tokens.into_iter().collect()
    }

    /// Whether an account has a session on a sheet.
    pub(crate) fn has(&self, sheet: SheetId, account: AccountId) -> bool {
        self.state().of_sheet.get(&sheet).is_some_and(|of_sheet| of_sheet.contains_key(&account))
    }

    /// Whether a sheet has sessions.
    pub(crate) fn has_sheet(&self, sheet: SheetId) -> bool {
        self.state().of_sheet.contains_key(&sheet)
    }

    /// The sheets on which an account has sessions.
    pub(crate) fn sheets_of(&self, account: AccountId) -> HashSet<SheetId> {
        let state = self.state();
        let of = state.sessions.values().filter(|it| it.account == account);
        of.map(|it| it.sheet).collect()
    }

    /// The accounts that have sessions on some sheets.
    pub(crate) fn accounts_of(&self, sheets: &[SheetId]) -> Vec<(SheetId, AccountId)> {
        let state = self.state();
        let of = |sheet: &SheetId| Some((*sheet, state.of_sheet.get(sheet)?.keys().copied()));
        let each = sheets.iter().filter_map(of);
        each.flat_map(|(sheet, of)| of.map(move |account| (sheet, account))).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The two maps are changed together, and no code between them can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for IndexedSession {
    fn drop(&mut self) {
        self.session_index.state().remove(self.session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revoked_token_ends_its_sessions_alone() {
        let index = Arc::new(SessionIndex::default());
        let sheet = |number| SheetId(uuid::Uuid::from_u128(number));
        let ada = AccountId(uuid::Uuid::from_u128(9));
        let one = index.begin(1, (sheet(1), ada), [1; 32]);
        let two = index.begin(2, (sheet(2), ada), [2; 32]);
        let three = index.begin(3, (sheet(1), ada), [2; 32]);
        index.refreshed(3, [1; 32]);
        assert_eq!(index.end(&[1; 32]), HashSet::from([sheet(1)]));
        assert!(one.ended.is_cancelled() && three.ended.is_cancelled());
        assert!(!two.ended.is_cancelled());
        assert_eq!(index.accounts_of(&[sheet(1), sheet(3)]), [(sheet(1), ada)]);
        assert!(index.has(sheet(1), ada) && !index.has(sheet(3), ada));
        assert!(index.has_sheet(sheet(1)) && !index.has_sheet(sheet(3)));
        let mut tokens = index.tokens_of(ada);
        tokens.sort_unstable();
        assert_eq!(tokens, [[1; 32], [2; 32]]);
        assert!(index.tokens_of(AccountId(uuid::Uuid::from_u128(8))).is_empty());
        assert_eq!(index.sheets_of(ada), HashSet::from([sheet(1), sheet(2)]));
        drop(one);
        assert_eq!(index.accounts_of(&[sheet(1)]), [(sheet(1), ada)]);
        drop(three);
        assert_eq!(index.accounts_of(&[sheet(1)]), []);
        assert_eq!(index.all(), (vec![sheet(2)], vec![[2; 32]]));
    }
}
