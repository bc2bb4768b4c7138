//! New tokens: after a sign-in, and in place of a valid token.
//!
//! Not the lookup of tokens (`edge::auth`). Invariant: a token is given out once Postgres has its hash.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Auth, Issued, Known};
use crate::edge::errors::{AccountRefusal, ServiceError};
use crate::edge::keys::tokens::{self, Form, TokenHash};
use model::limits::edge::{RENEWED_KEPT, SIGN_IN_VALID};
use model::{AccountRecord, TokenRecord, now_micros};
use store::{Renewal, Renewed, StoreError};

/// A token that Postgres does not have yet.
struct Fresh {
    token: String,
    hash: TokenHash,
    expires_micros: i64,
}

impl Auth {
    /// A new token for an account. An account that has as many as it may loses those that were used longest ago.
    pub(crate) async fn issue(
        &self,
        account: AccountRecord,
        device: &str,
    ) -> Result<Issued, ServiceError> {
        let Fresh { token, hash, expires_micros } = self.fresh()?;
        let (asked_of_token, asked) = (self.known.asked(), self.doubted.asked());
        let of = (account.id, &*account.password_hash);
        let inserted = self.store.insert_token(&hash, of, expires_micros, device).await;
        let ended = inserted.map_err(|error| match error {
            // The password was changed since it was checked.
            StoreError::NotFound(_) => {
                ServiceError::from(AccountRefusal::BadSignIn { or_unconfirmed: false })
            }
            error => error.into(),
        })?;
        let record = TokenRecord { account, expires_micros };
        let known = Arc::new(Known { record, asked });
        // Not a token that was revoked since.
        self.known.learn(&hash, asked_of_token, Some(&known), Instant::now());
        Ok(Issued { token, expires_micros, ended })
    }

    /// A new token in place of a valid one of the account, which ends a little later. The lookup of the new one is left to
    /// its first call.
    pub(crate) async fn renew(
        &self,
        account: &AccountRecord,
        old: &TokenHash,
        device: &str,
    ) -> Result<Issued, ServiceError> {
        let Fresh { token, hash, expires_micros } = self.fresh()?;
        let renewal = Renewal {
            old,
            old_ends_micros: now_micros().saturating_add(micros(RENEWED_KEPT)),
            new: &hash,
            expires_micros,
            sign_in_valid: SIGN_IN_VALID,
            device,
        };
        let renewed = self.store.renew_token(account.id, renewal).await;
        // The next call asks Postgres for the end of the old token.
        self.ask_again(old);
        match renewed {
            Ok(Renewed::Token { expires_micros, ended }) => {
                Ok(Issued { token, expires_micros, ended })
            }
            Ok(Renewed::SignInTooOld) => Err(AccountRefusal::SignInTooOld.into()),
            // The token was ended since it was looked up.
            Err(StoreError::NotFound(_)) => Err(ServiceError::BadToken),
            Err(error) => Err(error.into()),
        }
    }

    fn fresh(&self) -> Result<Fresh, ServiceError> {
        let token = tokens::generate(&self.key).map_err(ServiceError::internal)?;
        let Some(Form::Tagged(hash)) = tokens::read(&token, &self.key) else {
            return Err(ServiceError::internal("bad own token"));
        };
        let expires_micros = now_micros().saturating_add(micros(self.lifetime));
        Ok(Fresh { token, hash, expires_micros })
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}
