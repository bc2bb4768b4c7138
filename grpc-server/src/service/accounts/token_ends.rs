//! The end of tokens that are deleted: their calls and their live sessions end with them, at all nodes.
//!
//! Not the deletion. Invariant: a caller that leaves between the two keeps no session alive, since both are one task of
//! the server (`edge::rights::invalidation::announced`, and [`TokenEnds::issue`]).

use std::sync::Arc;

use crate::edge::auth::{Auth, Issued};
use crate::edge::errors::ServiceError;
use crate::edge::keys::tokens::TokenHash;
use crate::edge::rights::invalidation::{Invalidation, Invalidations};
use crate::edge::rights::session_index::SessionIndex;
use model::{AccountId, AccountRecord};
use sheet::Registry;
use store::StoreError;
use tasks::Tasks;

/// Tokens that end at once and are named to the other nodes each.
const NAMED: usize = 32;

/// Ends tokens. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct TokenEnds {
    pub(super) auth: Arc<Auth>,
    pub(super) registry: Registry,
    pub(super) session_index: Arc<SessionIndex>,
    pub(super) invalidations: Invalidations,
    pub(super) tasks: Tasks,
}

impl TokenEnds {
    /// Ends the calls and the sessions of tokens of one account, at all nodes. Few of them are named to the other nodes,
    /// which end them at once; for more, those ask Postgres about the account.
    pub(super) fn tokens(&self, account: AccountId, hashes: &[TokenHash]) {
        self.auth.doubt(account);
        for hash in hashes {
            self.auth.forget(hash);
            self.session_index.revoke(hash, &self.registry);
        }
        match hashes.len() {
            ..=NAMED => {
                hashes.iter().for_each(|hash| self.invalidations.send(Invalidation::Token(*hash)));
            }
            _ => self.invalidations.send(Invalidation::Account(account)),
        }
    }

    /// Ends the calls and the sessions of a token, at all nodes.
    pub(super) fn token(&self, hash: TokenHash) {
        self.auth.forget(&hash);
        self.session_index.revoke(&hash, &self.registry);
        self.invalidations.send(Invalidation::Token(hash));
    }

    /// Carries out a change of an account that ends tokens; `false`: it was not made. It runs to its end also where its
    /// caller leaves.
    pub(super) async fn change(
        &self,
        account: AccountId,
        change: impl Future<Output = Result<Option<Vec<TokenHash>>, StoreError>> + Send + 'static,
    ) -> Result<bool, StoreError> {
        let ends = self.clone();
        let changed = self.tasks.finish(async move {
            let ended = change.await?;
            ends.tokens(account, ended.as_deref().unwrap_or_default());
            Ok(ended.is_some())
        });
        // A panic is reported where it happened.
        changed.await.unwrap_or_else(|_| Err(StoreError::Internal("a change has failed".into())))
    }

    /// A new token for an account, after the check of its password. It runs to its end also where its caller leaves,
    /// since it may delete the tokens that were used longest ago.
    pub(super) async fn issue(
        &self,
        account: AccountRecord,
        device: &str,
    ) -> Result<Issued, ServiceError> {
        let (ends, device) = (self.clone(), device.to_owned());
        let issued = self.tasks.finish(async move {
            let id = account.id;
            let issued = ends.auth.issue(account, &device).await?;
            if !issued.ended.is_empty() {
                tracing::info!(account = %id, ended = issued.ended.len(), "oldest tokens ended for a sign-in");
                ends.tokens(id, &issued.ended);
            }
            Ok(issued)
        });
        // A panic is reported where it happened.
        issued.await.unwrap_or(Err(ServiceError::Internal))
    }
}
