//! Links that are mailed to an address: for a new password, to confirm the address, to invite.
//!
//! Not the form of a link, and not the mail. A new password by a link: see `resets`. Invariants: a link works once, and
//! only its hash is stored.

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

const INVITED: &str = "
    select email, inviter is null from mailed_links
    where hash = $1 and purpose = 'invite' and expires_at > $2";

const END_INVITATIONS: &str = "delete from mailed_links where purpose = 'invite' and email = $1";

/// The links of the account to confirm its address end with the first use of one.
const CONFIRM: &str = "
    with used as (
        delete from mailed_links where hash = $1 and purpose = 'confirm' and expires_at > $2
        returning account
    ), others as (
        delete from mailed_links using used
        where mailed_links.account = used.account and purpose = 'confirm' and hash <> $1
    )
    update accounts set unconfirmed = false from used where accounts.id = used.account
    returning accounts.id";

const NEED_NONE: &str = "update accounts set unconfirmed = false where id = $1";

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

    /// Deletes the invitations of an address, which has an account now.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn end_invitations(&self, email: &str) -> Result<(), StoreError> {
        check_text(email)?;
        self.for_access().execute(END_INVITATIONS, &[&email]).await.map(drop)
    }

    /// Notes that an account needs no confirmation, since its server asks for none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn need_no_confirmation(&self, account: AccountId) -> Result<(), StoreError> {
        self.for_access().execute(NEED_NONE, &[&account.0]).await.map(drop)
    }

    /// Uses a link that confirms the address of an account. `None`: the link is used or expired.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn confirm(
        &self,
        hash: &[u8; 32],
        now_micros: i64,
    ) -> Result<Option<AccountId>, StoreError> {
        let (hash, now) = (hash.as_slice(), Micros(now_micros));
        let row = self.for_access().query_opt(CONFIRM, &[&hash, &now]).await?;
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
