//! A new password by a mailed link.
//!
//! Not the links: see `mailed_links`. Invariants: a link works once. A new password ends every token of the account:
//! also one that a sign-in with the old password is about to insert, since that insertion locks the account and
//! compares its password.

use tokio_postgres::Row;

use super::decode_hashes;
use crate::sql::Micros;
use crate::{QUERY_TIMEOUT, Store, StoreError};
use model::AccountId;

/// The lock of the account comes before the statement that deletes its tokens, so that it sees all of them.
const LOCK: &str = "
    select account.id from mailed_links as link join accounts as account on account.id = link.account
    where link.hash = $1 and link.purpose = 'password' for update of account";

/// A link that was mailed confirms the address, too. The person of a provider that was linked may be another one than the
/// owner of the address, and is linked again at the next sign-in.
const USE: &str = "
    with used as (
        delete from mailed_links where hash = $1 and purpose = 'password' and expires_at > $3
        returning account
    ), changed as (
        update accounts set password_hash = $2, unconfirmed = false, address_proven = true
        from used where accounts.id = used.account
    ), others as (
        delete from mailed_links using used
        where mailed_links.account = used.account and mailed_links.hash <> $1
    ), persons as (
        delete from oidc_identities using used where oidc_identities.account = used.account
    ), ended as (
        delete from tokens using used where tokens.account = used.account returning tokens.hash
    )
    select account, array(select hash from ended) from used";

/// A password that was set by a link.
#[derive(Clone, Debug)]
pub struct PasswordReset {
    /// Whose it is.
    pub account: AccountId,
    /// The hashes of the tokens that ended with the old one.
    pub ended: Vec<[u8; 32]>,
}

impl Store {
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
}

fn decode(row: &Row) -> Result<PasswordReset, StoreError> {
    Ok(PasswordReset { account: AccountId(row.try_get(0)?), ended: decode_hashes(row, 1)? })
}
