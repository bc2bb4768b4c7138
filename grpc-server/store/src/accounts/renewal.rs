//! A new token in place of one that is valid still.
//!
//! Not a sign-in, which a password precedes. Invariants: a token that was ended, or has expired, gives no other one, also
//! where the end and the renewal run beside each other; no renewed token outlasts its sign-in by more than a bound.

use std::time::Duration;

use tokio_postgres::types::ToSql;

use super::{Refusal, decode_hashes};
use crate::sql::{Micros, check_text};
use crate::{Store, StoreError};
use model::limits::edge::TOKENS_OF_ACCOUNT;
use model::{AccountId, now_micros};

/// The account is locked, as for a sign-in. An end of the old token that commits first leaves no row of it to change. A
/// token that lasts to the end of its sign-in is not renewed. Of very many tokens those that were used longest ago end,
/// but not the old one.
const RENEW: &str = "
    with owner as (
        select id from accounts
        where id = $2 and disabled_at is null and ended_at is null for share
    ), found as (
        select account, expires_at, signed_in_at, coalesce(sign_in, hash) as sign_in,
            signed_in_at + make_interval(secs => $9) as sign_in_ends_at
        from tokens join owner on owner.id = tokens.account
        where hash = $1 and expires_at > now()
        for update of tokens
    ), old as (
        update tokens set expires_at = least(tokens.expires_at, $7) from found
        where tokens.hash = $1 and found.expires_at < found.sign_in_ends_at
        returning found.*
    ), ended as (
        delete from tokens where hash in (
            select tokens.hash from tokens join old on old.account = tokens.account
            where tokens.hash <> $1
            order by tokens.used_at desc, tokens.hash offset $8
        ) returning hash
    ), inserted as (
        insert into tokens (hash, account, created_at, expires_at, device, signed_in_at, sign_in)
        select $3, account, $4, least($5, sign_in_ends_at), $6, signed_in_at, sign_in from old
        returning expires_at
    )
    select inserted.expires_at, array(select hash from ended) from found left join inserted on true";

/// A token that takes the place of another one.
#[derive(Clone, Copy, Debug)]
pub struct Renewal<'a> {
    /// The hash of the old token.
    pub old: &'a [u8; 32],
    /// When the old token ends, unless it ends earlier.
    pub old_ends_micros: i64,
    /// The hash of the new token.
    pub new: &'a [u8; 32],
    /// When the new token ends, unless its sign-in ends earlier.
    pub expires_micros: i64,
    /// How long after the sign-in its tokens end.
    pub sign_in_valid: Duration,
    /// The program that asks.
    pub device: &'a str,
}

/// The answer to a renewal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renewed {
    /// The new token is remembered.
    Token {
        /// When it ends.
        expires_micros: i64,
        /// The hashes of the tokens that end for it.
        ended: Vec<[u8; 32]>,
    },
    /// The old token lasts as long as its sign-in does.
    SignInTooOld,
}

impl Store {
    /// Remembers a new token in place of a valid one of the account, which ends soon.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the account has no such valid token, is disabled or has ended;
    /// [`StoreError::AlreadyExists`], [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn renew_token(
        &self,
        account: AccountId,
        renewal: Renewal<'_>,
    ) -> Result<Renewed, StoreError> {
        let Renewal { old, old_ends_micros, new, expires_micros, sign_in_valid, device } = renewal;
        check_text(device)?;
        let (now, end) = (Micros(now_micros()), Micros(expires_micros));
        let old_end = Micros(old_ends_micros);
        let (old, new) = (old.as_slice(), new.as_slice());
        // The old token and the new one have two of the places.
        let others = i64::from(TOKENS_OF_ACCOUNT) - 2;
        let valid = sign_in_valid.as_secs_f64();
        let parameters: [&(dyn ToSql + Sync); 9] =
            [&old, &account.0, &new, &now, &end, &device, &old_end, &others, &valid];
        match self.change_row(RENEW, &parameters).await {
            Err(Refusal::Taken) => Err(StoreError::AlreadyExists("token")),
            Ok(None) => Err(StoreError::NotFound("token")),
            Ok(Some(row)) => Ok(match row.try_get::<_, Option<Micros>>(0)? {
                Some(end) => {
                    Renewed::Token { expires_micros: end.0, ended: decode_hashes(&row, 1)? }
                }
                None => Renewed::SignInTooOld,
            }),
            Err(other) => Err(other.into()),
        }
    }
}
