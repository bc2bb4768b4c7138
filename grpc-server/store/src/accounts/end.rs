//! The end of an account by its owner.
//!
//! Not its sheets, which the caller has deleted or given away, and not the row that is left: see `gone`. Invariant: an
//! ended account has no address, no password, no token, no person of a provider, no role by its address or a link, no
//! upload, and no sheet but deleted ones. The sweep deletes its files.

use super::decode_hashes;
use crate::sql::Micros;
use crate::{QUERY_TIMEOUT, Store, StoreError};
use model::{AccountId, SheetId, now_micros};

/// Bound: an id for each sheet that an account may have.
const OWNED: &str = "select id from sheets where owner = $1 and deleted_at is null order by id";

/// The lock keeps sign-ins out, and new sheets: their row names this one.
const LOCK: &str = "select 1 from accounts where id = $1 for update";

/// Nothing where the account owns a sheet, or has another password by now. Its files may be very many: the sweep deletes
/// them in parts.
const END: &str = "
    with gone as (
        select id, email from accounts
        where id = $1 and coalesce(password_hash, '') = $2
            and not exists (select from sheets where owner = $1 and deleted_at is null)
    ), roles as (
        delete from shares using gone where shares.email = gone.email
    ), file_roles as (
        delete from file_shares using gone where file_shares.email = gone.email
    ), members as (
        delete from link_members using gone where link_members.account = gone.id
    ), networks as (
        delete from known_networks using gone where known_networks.account = gone.id
    ), links as (
        delete from mailed_links using gone
        where mailed_links.account = gone.id or mailed_links.inviter = gone.id
    ), persons as (
        delete from oidc_identities using gone where oidc_identities.account = gone.id
    ), ended as (
        delete from tokens using gone where tokens.account = gone.id returning hash
    ), uploads as (
        delete from file_uploads using gone where file_uploads.owner = gone.id
    ), purged as (
        insert into file_purges (account)
        select id from gone
        where (select true from files where files.owner = gone.id order by created_at, files.id limit 1)
    ), left_over as (
        update accounts
        set email = null, password_hash = null, locale = null, unconfirmed = false, address_proven = false, ended_at = $3
        from gone where accounts.id = gone.id
    )
    select array(select hash from ended) from gone";

impl Store {
    /// The sheets that an account owns, without deleted ones.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn owned_sheets(&self, account: AccountId) -> Result<Vec<SheetId>, StoreError> {
        let rows = self.query(OWNED, &[&account.0]).await?;
        rows.iter().map(|row| Ok(SheetId(row.try_get(0)?))).collect()
    }

    /// Ends an account with this hash of a password. Gives the hashes of its tokens; `None`: it owns a sheet, or has
    /// another password by now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn end_account(
        &self,
        account: AccountId,
        password_hash: &str,
    ) -> Result<Option<Vec<[u8; 32]>>, StoreError> {
        let connection = self.for_access().connection().await?;
        // Until the commit, the only way back is to close the connection.
        connection.discard();
        let now = Micros(now_micros());
        let statements = async {
            connection.batch_execute("begin").await?;
            connection.execute(LOCK, &[&account.0]).await?;
            let row = connection.query_opt(END, &[&account.0, &password_hash, &now]).await?;
            connection.batch_execute("commit").await?;
            Ok::<_, tokio_postgres::Error>(row)
        };
        let row = connection.within(QUERY_TIMEOUT, statements).await?;
        connection.keep();
        row.map(|row| decode_hashes(&row, 0)).transpose()
    }
}
