//! The roles on files: given to e-mail addresses, used by the accounts that have these, and ended.
//!
//! Not what a role allows (`model::Role`), and not the decision about a call. Invariants: the role of an account is that of
//! the function `file_role_on` alone, in every statement; a removed file has no role but that of its owner.

use tokio_postgres::types::ToSql;

use super::decode::{self, FOUND_COLUMNS};
use crate::sharing::{account_of, decode_share};
use crate::sql::{Micros, check_text};
use crate::{Store, StoreError};
use model::{AccountId, FileId, FoundFile, Role, ShareRecord, now_micros};

/// With whether a role of the address has not been used before.
const FOUND: &str = concat!(
    "select ",
    found_columns!("$1"),
    ", files.owner <> $1 and exists (
        select from accounts join file_shares on file_shares.email = accounts.email
        where accounts.id = $1 and file_shares.file = files.id and file_shares.opened_at is null)
    from files left join file_contents as content on content.id = files.content
    where files.id = $2 and (files.owner = $1 or file_role_on(files.id, $1) is not null)"
);

const OPENED: &str = "
    update file_shares set opened_at = $3 from accounts
    where accounts.id = $2 and file_shares.email = accounts.email and file_shares.file = $1
        and file_shares.opened_at is null";

/// The role of an address with a place among the most that a file of the account may have, and its notice.
const SHARE: &str = concat!(
    "with before as (
        select role from file_shares where file = $1 and email = $2
    ), given as (
        insert into file_shares (file, email, role, given_at)
        select $1::uuid, $2::text, $3::text, $4::timestamptz
        where exists (select from files where id = $1 and owner = $6 and removed_at is null)
            and (exists (select from before)
                or (select count(*) from file_shares where file = $1) < $5::bigint)
        on conflict (file, email) do update set role = excluded.role
        returning file, email, role
    ), noted as (
        select notify_role(",
    account_of!("given.email"),
    ",
            case when exists (select from before) then 'role' else 'share' end, $6::uuid, null::uuid,
            jsonb_build_object('role', given.role, 'file', given.file,
                'name', (select name from files where id = given.file))) as account
        from given where role is distinct from (select role from before)
    )
    select (select count(*) from given), array(select account from noted)"
);

const ROLE_OF: &str = "select role from file_shares where file = $1 and email = $2";

/// What an invitation names, while the account owns the file, shares it with the address, and is not disabled.
const INVITATION: &str = "
    select files.name, accounts.display_name
    from file_shares join files on files.id = file_shares.file join accounts on accounts.id = files.owner
    where files.id = $1 and files.owner = $2 and files.removed_at is null and file_shares.email = $3
        and accounts.disabled_at is null";

/// By the owner.
const UNSHARE: &str = concat!(
    "with ended as (
        delete from file_shares using files
        where file = $1 and email = $2 and files.id = $1 and files.owner = $3 and files.removed_at is null
        returning file, email
    ), noted as (
        select notify_role(",
    account_of!("ended.email"),
    ", 'role', $3::uuid, null::uuid,
            jsonb_build_object('file', ended.file,
                'name', (select name from files where id = ended.file))) as account
        from ended
    )
    select (select count(*) from ended), array(select account from noted)"
);

/// The owner, then the addresses by their times.
/// Bound: two texts, an id and a role for each address that a file may have.
const SHARES: &str = "
    select email, role, account, name, given_at, null::uuid, color from (
        select 0 as place, accounts.email, 'owner' as role, accounts.id as account,
            accounts.display_name as name, files.created_at as given_at, accounts.color
        from files join accounts on accounts.id = files.owner where files.id = $1
        union all
        select 1, file_shares.email, file_shares.role,
            case when file_shares.opened_at is not null then accounts.id end,
            case when file_shares.opened_at is not null then accounts.display_name end,
            file_shares.given_at,
            case when file_shares.opened_at is not null then accounts.color end
        from file_shares left join accounts on accounts.email = file_shares.email
        where file_shares.file = $1
    ) as listed
    order by place, given_at, email";

const SHARE_OF: &str = "
    select file_shares.email, file_shares.role,
        case when file_shares.opened_at is not null then accounts.id end,
        case when file_shares.opened_at is not null then accounts.display_name end,
        file_shares.given_at, null::uuid,
        case when file_shares.opened_at is not null then accounts.color end
    from file_shares left join accounts on accounts.email = file_shares.email
    where file_shares.file = $1 and file_shares.email = $2";

const LEAVE: &str = "
    delete from file_shares using accounts
    where accounts.id = $2 and file_shares.email = accounts.email and file_shares.file = $1";

impl Store {
    /// A file with the role of an account on it. True: it is the first use of a role that was given to the account's address,
    /// which [`Store::note_first_use_of_file`] notes. `None`: there is no such file, or the account has no role.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn found_file(
        &self,
        file: FileId,
        account: AccountId,
    ) -> Result<Option<(FoundFile, bool)>, StoreError> {
        let row = self.query_opt(FOUND, &[&account.0, &file.0]).await?;
        row.map(|row| Ok((decode::found(&row)?, row.try_get(FOUND_COLUMNS)?))).transpose()
    }

    /// Notes the first use of a role that was given to the account's address: the list of roles names the person from then
    /// on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn note_first_use_of_file(
        &self,
        file: FileId,
        account: AccountId,
    ) -> Result<(), StoreError> {
        let now = Micros(now_micros());
        self.execute(OPENED, &[&file.0, &account.0, &now]).await.map(drop)
    }

    /// Gives a role on a file to an e-mail address (in lower case), by the owner. False when the file is shared with `most`
    /// others, is removed, or `by` does not own it.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Refused`] for a role that files have not; [`StoreError::Unavailable`].
    pub async fn share_file(
        &self,
        file: FileId,
        (email, role): (&str, Role),
        most: u32,
        by: AccountId,
    ) -> Result<bool, StoreError> {
        check_text(email)?;
        let (now, most) = (Micros(now_micros()), i64::from(most));
        let role = role.name();
        let parameters: [&(dyn ToSql + Sync); 6] = [&file.0, &email, &role, &now, &most, &by.0];
        self.give(SHARE, &parameters).await
    }

    /// The role on a file that was given to an address.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn file_role_of(
        &self,
        file: FileId,
        email: &str,
    ) -> Result<Option<Role>, StoreError> {
        self.given_role(ROLE_OF, (file.0, email)).await
    }

    /// The name of a file and of its owner, while this account owns it, shares it with an address, and is not disabled.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn invitation_to_file(
        &self,
        file: FileId,
        owner: AccountId,
        email: &str,
    ) -> Result<Option<(String, String)>, StoreError> {
        self.invitation_of(INVITATION, (file.0, owner, email)).await
    }

    /// Ends the role of an e-mail address on a file, by the owner. False when it had none, the file is removed, or `by` does
    /// not own it.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn unshare_file(
        &self,
        file: FileId,
        email: &str,
        by: AccountId,
    ) -> Result<bool, StoreError> {
        check_text(email)?;
        self.give(UNSHARE, &[&file.0, &email, &by.0]).await
    }

    /// The owner, then the other roles on a file by their times.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn file_shares(&self, file: FileId) -> Result<Vec<ShareRecord>, StoreError> {
        self.query(SHARES, &[&file.0]).await?.iter().map(decode_share).collect()
    }

    /// The role on a file that was given to an e-mail address, with its account once that has used it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn file_share_of(
        &self,
        file: FileId,
        email: &str,
    ) -> Result<Option<ShareRecord>, StoreError> {
        self.given_share(SHARE_OF, (file.0, email)).await
    }

    /// Ends the role on a file that an account has by its address.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn leave_file(&self, file: FileId, account: AccountId) -> Result<(), StoreError> {
        self.execute(LEAVE, &[&file.0, &account.0]).await.map(drop)
    }
}
