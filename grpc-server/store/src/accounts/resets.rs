//! Links by which the owner of an account sets a new password.
//!
//! Not the form of a link, and not the mail. Invariants: a link works once, and only its hash is stored. A new password
//! ends every token of the account: also one that a sign-in with the old password is about to insert, since that
//! insertion locks the account and compares its password.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{decode_account, decode_hash};
use crate::sql::Micros;
use crate::{QUERY_TIMEOUT, Store, StoreError};
use model::{AccountId, AccountRecord};

const EXPIRY: &str = "select expires_at from password_resets where request = $1";

const PUT: &str = "
    insert into password_resets (request, hash, account, expires_at) values ($1, $2, $3, $4)
    on conflict (request) do nothing";

const OF_LINK: &str = "
    select account.id, account.email, account.display_name, account.password_hash, account.created_at
    from password_resets as link join accounts as account on account.id = link.account
    where link.hash = $1 and link.expires_at > $2";

/// The lock of the account comes before the statement that deletes its tokens, so that it sees all of them.
const LOCK: &str = "
    select account.id from password_resets as link join accounts as account on account.id = link.account
    where link.hash = $1 for update of account";

const USE: &str = "
    with used as (
        delete from password_resets where hash = $1 and expires_at > $3 returning account
    ), changed as (
        update accounts set password_hash = $2 from used where accounts.id = used.account
    ), others as (
        delete from password_resets using used
        where password_resets.account = used.account and password_resets.hash <> $1
    ), ended as (
        delete from tokens using used where tokens.account = used.account returning tokens.hash
    )
    select account, array(select hash from ended) from used";

const DELETE_EXPIRED: &str = "delete from password_resets where expires_at <= $1";

/// A password that was set by a link.
#[derive(Clone, Debug)]
pub struct PasswordReset {
    /// Whose it is.
    pub account: AccountId,
    /// The hashes of the tokens that ended with the old one.
    pub ended: Vec<[u8; 32]>,
}

impl Store {
    /// When the link of a request expires; `None`: none was made.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn reset_expiry(&self, request: Uuid) -> Result<Option<i64>, StoreError> {
        let row = self.for_access().query_opt(EXPIRY, &[&request]).await?;
        row.map(|row| Ok(row.try_get::<_, Micros>(0)?.0)).transpose()
    }

    /// Keeps the hash of a request's link. A second link of one request changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn put_reset(
        &self,
        request: Uuid,
        hash: &[u8; 32],
        account: AccountId,
        expires_micros: i64,
    ) -> Result<(), StoreError> {
        let expires = Micros(expires_micros);
        let parameters: [&(dyn ToSql + Sync); 4] =
            [&request, &hash.as_slice(), &account.0, &expires];
        self.for_access().execute(PUT, &parameters).await.map(drop)
    }

    /// The account of a link that is neither used nor expired.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn account_of_reset(
        &self,
        hash: &[u8; 32],
        now_micros: i64,
    ) -> Result<Option<AccountRecord>, StoreError> {
        let (hash, now) = (hash.as_slice(), Micros(now_micros));
        let row = self.for_access().query_opt(OF_LINK, &[&hash, &now]).await?;
        row.as_ref().map(decode_account).transpose()
    }

    /// Uses a link: sets the password, deletes the account's links and ends all of its tokens. `None`: the link is
    /// used or expired.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn reset_password(
        &self,
        hash: &[u8; 32],
        password_hash: &str,
        now_micros: i64,
    ) -> Result<Option<PasswordReset>, StoreError> {
        let connection = self.for_access().connection().await?;
        // Until the commit, the only way back is to close the connection.
        connection.discard();
        let (hash, now) = (hash.as_slice(), Micros(now_micros));
        let statements = async {
            connection.batch_execute("begin").await?;
            connection.execute(LOCK, &[&hash]).await?;
            let row = connection.query_opt(USE, &[&hash, &password_hash, &now]).await?;
            connection.batch_execute("commit").await?;
            Ok::<_, tokio_postgres::Error>(row)
        };
        let row = connection.within(QUERY_TIMEOUT, statements).await?;
        connection.keep();
        row.as_ref().map(decode).transpose()
    }

    /// Deletes the links that expired before a time. Gives their number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn delete_expired_resets(&self, before_micros: i64) -> Result<u64, StoreError> {
        self.for_access().execute(DELETE_EXPIRED, &[&Micros(before_micros)]).await
    }
}

fn decode(row: &Row) -> Result<PasswordReset, StoreError> {
    let ended: Vec<&[u8]> = row.try_get(1)?;
    let ended = ended.into_iter().map(decode_hash).collect::<Result<_, _>>()?;
    Ok(PasswordReset { account: AccountId(row.try_get(0)?), ended })
}
