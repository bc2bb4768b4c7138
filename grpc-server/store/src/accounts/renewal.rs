//! A new token in place of one that is valid still.
//!
//! Not a sign-in, which a password precedes. Invariant: a token that was ended, or has expired, gives no other one, also
//! where the end and the renewal run beside each other.

use tokio_postgres::types::ToSql;

use super::{Refusal, decode_hashes};
use crate::sql::{Micros, check_text};
use crate::{Store, StoreError};
use model::limits::edge::TOKENS_OF_ACCOUNT;
use model::{AccountId, now_micros};

/// The account is locked, as for a sign-in. An end of the old token that commits first leaves no row of it to change. Of
/// very many tokens those that were used longest ago end, but not the old one.
const RENEW: &str = "
    with owner as (
        select id from accounts
        where id = $2 and disabled_at is null and ended_at is null for share
    ), old as (
        update tokens set expires_at = least(expires_at, $7) from owner
        where tokens.hash = $1 and tokens.account = owner.id and tokens.expires_at > now()
        returning tokens.account
    ), ended as (
        delete from tokens where hash in (
            select tokens.hash from tokens join old on old.account = tokens.account
            where tokens.hash <> $1
            order by tokens.used_at desc, tokens.hash offset $8
        ) returning hash
    ), inserted as (
        insert into tokens (hash, account, created_at, expires_at, device)
        select $3, account, $4, $5, $6 from old returning hash
    )
    select array(select hash from ended) from inserted";

/// A token that takes the place of another one.
#[derive(Clone, Copy, Debug)]
pub struct Renewal<'a> {
    /// The hash of the old token.
    pub old: &'a [u8; 32],
    /// When the old token ends, unless it ends earlier.
    pub old_ends_micros: i64,
    /// The hash of the new token.
    pub new: &'a [u8; 32],
    /// When the new token ends.
    pub expires_micros: i64,
    /// The program that asks.
    pub device: &'a str,
}

impl Store {
    /// Remembers a new token in place of a valid one of the account, which ends soon. Gives the hashes of the tokens that
    /// end for it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the account has no such valid token, is disabled or has ended;
    /// [`StoreError::AlreadyExists`], [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn renew_token(
        &self,
        account: AccountId,
        renewal: Renewal<'_>,
    ) -> Result<Vec<[u8; 32]>, StoreError> {
        let Renewal { old, old_ends_micros, new, expires_micros, device } = renewal;
        check_text(device)?;
        let (now, end) = (Micros(now_micros()), Micros(expires_micros));
        let old_end = Micros(old_ends_micros);
        let (old, new) = (old.as_slice(), new.as_slice());
        // The old token and the new one have two of the places.
        let others = i64::from(TOKENS_OF_ACCOUNT) - 2;
        let parameters: [&(dyn ToSql + Sync); 8] =
            [&old, &account.0, &new, &now, &end, &device, &old_end, &others];
        match self.change_row(RENEW, &parameters).await {
            Err(Refusal::Taken) => Err(StoreError::AlreadyExists("token")),
            Ok(None) => Err(StoreError::NotFound("token")),
            Ok(Some(row)) => decode_hashes(&row, 0),
            Err(other) => Err(other.into()),
        }
    }
}
