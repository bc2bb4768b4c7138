//! Links that are mailed to an address: for a new password, to confirm the address, to invite.
//!
//! Not the form of a link, and not the mail. A new password by a link: see `resets`. Invariants: a link works once, and
//! only its hash is stored.

use std::time::Duration;

use tokio_postgres::types::ToSql;

use super::decode_account;
use crate::sql::{Micros, check_text};
use crate::{Store, StoreError};
use model::{AccountId, AccountRecord};

const PUT: &str = "
    insert into mailed_links (hash, purpose, account, email, inviter, expires_at)
    values ($1, $2, $3, $4, $5, $6)";

const ACCOUNT_OF: &str = concat!(
    "select ",
    account_columns!(),
    " from mailed_links as link join accounts as account on account.id = link.account
    where link.hash = $1 and link.purpose = $2 and link.expires_at > $3"
);

/// The invitation of an account ends with its right to sign in, and with its last share to the address.
const INVITED: &str = "
    select link.email, link.inviter is null
    from mailed_links as link left join accounts as inviter on inviter.id = link.inviter
    where link.hash = $1 and link.purpose = 'invite' and link.expires_at > $2
        and (link.inviter is null or inviter.disabled_at is null and (
            exists (
                select from shares join sheets on sheets.id = shares.sheet
                where shares.email = link.email and sheets.owner = link.inviter
                    and sheets.deleted_at is null)
            or exists (
                select from file_shares join files on files.id = file_shares.file
                where file_shares.email = link.email and files.owner = link.inviter
                    and files.removed_at is null)))";

/// Only while the account has the password that was checked. The links of the account to confirm its address end with the
/// first use of one.
const CONFIRM: &str = "
    with owner as (
        select accounts.id from mailed_links as link join accounts on accounts.id = link.account
        where link.hash = $1 and link.purpose = 'confirm' and accounts.password_hash = $3
        for update of accounts
    ), used as (
        delete from mailed_links using owner
        where hash = $1 and purpose = 'confirm' and expires_at > $2 and account = owner.id
        returning account
    ), others as (
        delete from mailed_links using used
        where mailed_links.account = used.account and purpose = 'confirm' and hash <> $1
    )
    update accounts set unconfirmed = false, address_proven = true
    from used where accounts.id = used.account returning accounts.id";

/// The password may be that of a person who does not own the address: the links and the tokens of the account end with it.
/// So do the invitations of the address, one of which was used.
const TAKE_UNCONFIRMED: &str = "
    with taken as (
        update accounts
        set password_hash = $2, display_name = $3, unconfirmed = false, address_proven = true
        where email = $1 and unconfirmed and disabled_at is null returning id
    ), links as (
        delete from mailed_links using taken
        where mailed_links.account = taken.id or mailed_links.inviter = taken.id
            or (purpose = 'invite' and mailed_links.email = $1)
    ), ended as (
        delete from tokens using taken where tokens.account = taken.id
    )
    select id from taken";

/// Not while a live server of this database confirms addresses: the account may be one that it has made.
const NEED_NONE: &str = "
    with confirmation as (
        select exists (
            select from nodes where ended_at is null and confirms_email
                and heartbeat_at > now() - $2::float8 * interval '1 second') as is_asked
    ), noted as (
        update accounts set unconfirmed = false from confirmation
        where accounts.id = $1 and not confirmation.is_asked
    )
    select not is_asked from confirmation";

const DELETE_EXPIRED: &str = "delete from mailed_links where expires_at <= $1";

/// What a mailed link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// The owner of an account sets a new password.
    Password,
    /// The owner of an account confirms its address.
    Confirm,
    /// The owner of an address makes an account.
    Invite,
}

impl LinkPurpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Confirm => "confirm",
            Self::Invite => "invite",
        }
    }
}

/// Whose link it is, and what for.
#[derive(Clone, Copy, Debug)]
pub enum LinkFor<'a> {
    /// An account's, for a new password.
    Password(AccountId),
    /// An account's, to confirm its address.
    Confirm(AccountId),
    /// An address's (in lower case), by the account that invites; `None` for the operator.
    Invite(&'a str, Option<AccountId>),
}

impl LinkFor<'_> {
    /// What it is for.
    #[must_use]
    pub const fn purpose(&self) -> LinkPurpose {
        match self {
            Self::Password(_) => LinkPurpose::Password,
            Self::Confirm(_) => LinkPurpose::Confirm,
            Self::Invite(..) => LinkPurpose::Invite,
        }
    }
}

impl Store {
    /// Keeps the hash of a link.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn put_link(
        &self,
        hash: &[u8; 32],
        of: LinkFor<'_>,
        expires_micros: i64,
    ) -> Result<(), StoreError> {
        let expires = Micros(expires_micros);
        let (account, email, inviter) = match of {
            LinkFor::Password(account) | LinkFor::Confirm(account) => (Some(account.0), None, None),
            LinkFor::Invite(email, inviter) => (None, Some(email), inviter.map(|it| it.0)),
        };
        check_text(email.unwrap_or_default())?;
        let purpose = of.purpose().name();
        let parameters: [&(dyn ToSql + Sync); 6] =
            [&hash.as_slice(), &purpose, &account, &email, &inviter, &expires];
        self.for_access().execute(PUT, &parameters).await.map(drop)
    }

    /// The account of a link that is neither used nor expired.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn account_of_link(
        &self,
        hash: &[u8; 32],
        purpose: LinkPurpose,
        now_micros: i64,
    ) -> Result<Option<AccountRecord>, StoreError> {
        let (hash, now) = (hash.as_slice(), Micros(now_micros));
        let row = self.for_access().query_opt(ACCOUNT_OF, &[&hash, &purpose.name(), &now]).await?;
        row.as_ref().map(decode_account).transpose()
    }

    /// The address of an invitation that is neither used nor expired, and whether the operator invites.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn invited(
        &self,
        hash: &[u8; 32],
        now_micros: i64,
    ) -> Result<Option<(String, bool)>, StoreError> {
        let (hash, now) = (hash.as_slice(), Micros(now_micros));
        let row = self.for_access().query_opt(INVITED, &[&hash, &now]).await?;
        row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
    }

    /// Notes that an account needs no confirmation, since no server with a heartbeat `within` this time asks for one.
    /// False: one does, and the account stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn need_no_confirmation(
        &self,
        account: AccountId,
        within: Duration,
    ) -> Result<bool, StoreError> {
        let parameters: [&(dyn ToSql + Sync); 2] = [&account.0, &within.as_secs_f64()];
        Ok(self.for_access().query_one(NEED_NONE, &parameters).await?.try_get(0)?)
    }

    /// Gives an account whose address is not confirmed to the owner of the address: with a password and a name of theirs.
    /// `None`: no such account has the address (in lower case).
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn take_unconfirmed(
        &self,
        email: &str,
        password_hash: &str,
        name: &str,
    ) -> Result<Option<AccountId>, StoreError> {
        for text in [email, password_hash, name] {
            check_text(text)?;
        }
        let parameters: [&(dyn ToSql + Sync); 3] = [&email, &password_hash, &name];
        let row = self.for_access().query_opt(TAKE_UNCONFIRMED, &parameters).await?;
        row.map(|row| Ok(AccountId(row.try_get(0)?))).transpose()
    }

    /// Uses a link that confirms the address of an account with this hash of a password. `None`: the link is used or
    /// expired, or the password is another by now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn confirm(
        &self,
        hash: &[u8; 32],
        password_hash: &str,
        now_micros: i64,
    ) -> Result<Option<AccountId>, StoreError> {
        let (hash, now) = (hash.as_slice(), Micros(now_micros));
        let parameters: [&(dyn ToSql + Sync); 3] = [&hash, &now, &password_hash];
        let row = self.for_access().query_opt(CONFIRM, &parameters).await?;
        row.map(|row| Ok(AccountId(row.try_get(0)?))).transpose()
    }

    /// Deletes the links that expired before a time. Gives their number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn delete_expired_links(&self, before_micros: i64) -> Result<u64, StoreError> {
        self.for_access().execute(DELETE_EXPIRED, &[&Micros(before_micros)]).await
    }
}
