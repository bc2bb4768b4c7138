//! Changes of an account by its owner: password, name, and the end of its tokens.
//!
//! Not the links for forgotten passwords: see `resets`. Invariant: the account is locked before its tokens are deleted,
//! so that none which a sign-in inserts beside it is left out.

use std::sync::Arc;

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::{Refusal, decode_color, decode_hash, decode_hashes, decode_locale};
use crate::sql::{Micros, check_text};
use crate::{QUERY_TIMEOUT, Store, StoreError};
use model::limits::edge::TOKENS_OF_ACCOUNT;
use model::{AccountColor, AccountId};

const LOCK: &str = "select 1 from accounts where id = $1 for update";

/// It changes nothing where the password has been changed since it was checked.
const CHANGE_PASSWORD: &str = "
    with changed as (
        update accounts set password_hash = $3 where id = $1 and password_hash = $2 returning id
    ), links as (
        delete from mailed_links using changed where account = changed.id
    ), ended as (
        delete from tokens using changed where account = changed.id and hash <> $4 returning hash
    )
    select array(select hash from ended) from changed";

const END_TOKENS: &str = "
    with ended as (delete from tokens where account = $1 returning hash)
    select array(select hash from ended)";

/// The tokens of one sign-in: the first one, and those that took its place.
const END_SIGN_IN: &str = "
    with own as (
        select coalesce(sign_in, hash) as sign_in from tokens where hash = $2 and account = $1
    ), ended as (
        delete from tokens using own
        where tokens.account = $1 and coalesce(tokens.sign_in, tokens.hash) = own.sign_in
        returning tokens.hash
    )
    select array(select hash from ended)";

const UPDATE: &str = "
    update accounts set display_name = coalesce($2, display_name), color = coalesce($3, color),
        locale = case when $5 then coalesce(locale, $4) else coalesce($4, locale) end
    where id = $1 returning display_name, color, locale";

/// Bound: a hash, a device and three times for each of [`TOKENS_OF_ACCOUNT`].
const TOKENS: &str = "
    select hash, device, signed_in_at, used_at, expires_at, coalesce(sign_in, hash) from tokens
    where account = $1 and expires_at > now() order by used_at desc, hash limit $2";

const USED: &str = "update tokens set used_at = now() where hash = $1";

/// A token of an account, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountToken {
    /// Its hash.
    pub hash: [u8; 32],
    /// The program that signed in.
    pub device: String,
    /// When it signed in, in microseconds since the Unix epoch.
    pub signed_in_micros: i64,
    /// When it was used last, as far as that was noted.
    pub used_micros: i64,
    /// When it ends.
    pub expires_micros: i64,
    /// The hash of the first token of its sign-in.
    pub sign_in: [u8; 32],
}

/// What the owner of an account changes of it; `None`: it stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Profile<'a> {
    /// The name that others see.
    pub name: Option<&'a str>,
    /// The color that others see.
    pub color: Option<AccountColor>,
    /// The language tag by which its texts are read; empty: by no language.
    pub locale: Option<&'a str>,
    /// Whether the locale is set only where none is set.
    pub is_first_locale: bool,
}

impl Store {
    /// Sets a password in place of one with this hash, and ends the account's links and its tokens, but for `kept`.
    /// Gives the hashes of the ended ones; `None`: the password is another by now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn change_password(
        &self,
        account: AccountId,
        (old_hash, new_hash): (&str, &str),
        kept: &[u8; 32],
    ) -> Result<Option<Vec<[u8; 32]>>, StoreError> {
        let kept = kept.as_slice();
        let parameters: [&(dyn ToSql + Sync); 4] = [&account.0, &old_hash, &new_hash, &kept];
        Ok(self.locked(account, CHANGE_PASSWORD, &parameters).await?)
    }

    /// Ends every token of an account. Gives their hashes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn end_tokens(&self, account: AccountId) -> Result<Vec<[u8; 32]>, StoreError> {
        Ok(self.locked(account, END_TOKENS, &[&account.0]).await?.unwrap_or_default())
    }

    /// Ends the tokens of the sign-in that one token of an account comes from, also renewed and replaced ones. Gives
    /// their hashes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn end_sign_in(
        &self,
        account: AccountId,
        hash: &[u8; 32],
    ) -> Result<Vec<[u8; 32]>, StoreError> {
        let ended = self.locked(account, END_SIGN_IN, &[&account.0, &hash.as_slice()]).await?;
        Ok(ended.unwrap_or_default())
    }

    /// Sets what is given. Gives all three as they are then.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::NotFound`] when the account is deleted, [`StoreError::Unavailable`].
    pub async fn update_account(
        &self,
        account: AccountId,
        profile: Profile<'_>,
    ) -> Result<(String, AccountColor, Option<Arc<str>>), StoreError> {
        let Profile { name, color, locale, is_first_locale } = profile;
        [name, locale].into_iter().flatten().try_for_each(check_text)?;
        let color = color.map(|color| i16::from(color.number()));
        let parameters: [&(dyn ToSql + Sync); 5] =
            [&account.0, &name, &color, &locale, &is_first_locale];
        let row = self.for_access().query_opt(UPDATE, &parameters).await?;
        let row = row.ok_or(StoreError::NotFound("account"))?;
        Ok((row.try_get(0)?, decode_color(&row, 1)?, decode_locale(&row, 2)?))
    }

    /// The tokens of an account, the last used one first; of very many, the first thousand.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn tokens_of(&self, account: AccountId) -> Result<Vec<AccountToken>, StoreError> {
        let rows =
            self.for_access().query(TOKENS, &[&account.0, &i64::from(TOKENS_OF_ACCOUNT)]).await?;
        let token = |row: &Row| {
            let micros = |column: usize| Ok::<_, StoreError>(row.try_get::<_, Micros>(column)?.0);
            Ok(AccountToken {
                hash: decode_hash(row.try_get(0)?)?,
                device: row.try_get(1)?,
                signed_in_micros: micros(2)?,
                used_micros: micros(3)?,
                expires_micros: micros(4)?,
                sign_in: decode_hash(row.try_get(5)?)?,
            })
        };
        rows.iter().map(token).collect()
    }

    /// Notes that a token was used.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn note_token_use(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        self.for_access().execute(USED, &[&hash.as_slice()]).await.map(drop)
    }

    /// Runs a statement on an account that is locked before it. The statement gives hashes of tokens.
    pub(super) async fn locked(
        &self,
        account: AccountId,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Vec<[u8; 32]>>, Refusal> {
        let connection = self.for_access().connection().await?;
        // Until the commit, the only way back is to close the connection.
        connection.discard();
        let statements = async {
            connection.batch_execute("begin").await?;
            connection.execute(LOCK, &[&account.0]).await?;
            // Distinguished here, while the names of the constraints are known.
            let row = match connection.query_opt(sql, parameters).await {
                Ok(row) => row,
                Err(error) => return Ok(Err(error)),
            };
            connection.batch_execute("commit").await?;
            Ok::<_, tokio_postgres::Error>(Ok(row))
        };
        let row = connection.within(QUERY_TIMEOUT, statements).await?.map_err(Refusal::of)?;
        connection.keep();
        let Some(row) = row else { return Ok(None) };
        Ok(Some(decode_hashes(&row, 0)?))
    }
}
