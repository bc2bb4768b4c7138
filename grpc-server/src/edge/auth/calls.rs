//! The calls under way by token, so that a revoked token ends them.
//!
//! Not live sessions, which may continue under another token (`invalidation`). Invariant: a token has an entry
//! exactly as long as one of its calls runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use tokio_util::sync::CancellationToken;

use crate::edge::keys::tokens::TokenHash;
use model::AccountId;

/// The calls of each token.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    tokens: Mutex<FxHashMap<TokenHash, Running>>,
}

#[derive(Debug)]
struct Running {
    account: AccountId,
    count: usize,
    revoked: CancellationToken,
}

/// A call under way; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Call {
    calls: Arc<Calls>,
    token: TokenHash,
    revoked: CancellationToken,
}

impl Calls {
    /// A call begins.
    pub(crate) fn begin(self: &Arc<Self>, token: TokenHash, account: AccountId) -> Call {
        let mut tokens = self.tokens();
        let running = tokens.entry(token).or_insert_with(|| Running {
            account,
            count: 0,
            revoked: CancellationToken::new(),
        });
        running.count += 1;
        Call { calls: Arc::clone(self), token, revoked: running.revoked.clone() }
    }

    /// Ends the calls of a token.
    pub(crate) fn revoke(&self, token: &TokenHash) {
        if let Some(running) = self.tokens().get(token) {
            running.revoked.cancel();
        }
    }

    /// The tokens of an account that have calls under way.
    pub(crate) fn tokens_of(&self, account: AccountId) -> Vec<TokenHash> {
        let tokens = self.tokens();
        let of = tokens.iter().filter(|(_, running)| running.account == account);
        of.map(|(token, _)| *token).collect()
    }

    /// The tokens with calls under way.
    pub(crate) fn all(&self) -> Vec<TokenHash> {
        self.tokens().keys().copied().collect()
    }

    fn tokens(&self) -> MutexGuard<'_, FxHashMap<TokenHash, Running>> {
        // A count is changed together with its entry, and no code between them can panic.
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Call {
    /// Resolves when the token is revoked.
    pub(crate) async fn revoked(&self) {
        self.revoked.cancelled().await;
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut tokens = self.calls.tokens();
        if let Some(running) = tokens.get_mut(&self.token) {
            running.count -= 1;
            if running.count == 0 {
                tokens.remove(&self.token);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn calls_end_with_their_token_and_leave_nothing() {
        let calls = Arc::new(Calls::default());
        let (ada, ben) = (AccountId::generate(), AccountId::generate());
        let (one, two) = (calls.begin([1; 32], ada), calls.begin([1; 32], ada));
        let other = calls.begin([2; 32], ben);
        assert_eq!((calls.tokens_of(ada), calls.tokens_of(ben)), (vec![[1; 32]], vec![[2; 32]]));
        assert_eq!(calls.all().len(), 2);
        calls.revoke(&[1; 32]);
        one.revoked().await;
        two.revoked().await;
        assert!(!other.revoked.is_cancelled());
        drop((one, two, other));
        assert!(calls.tokens().is_empty());
        calls.revoke(&[1; 32]);
        assert!(
            !calls.begin([1; 32], ada).revoked.is_cancelled(),
            "the check of the token refuses it"
        );
    }
}
