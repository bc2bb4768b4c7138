//! The persons of OpenID providers, and the accounts that they are linked to.
//!
//! Not a sign-in under way: see `provider_sign_ins`. Invariants: a person has one account, and an account has one person of
//! each provider; an account whose address may be another person's is linked only with the password that was checked; no
//! token of an account outlives the link to the person that it may come by.

use tokio_postgres::types::ToSql;

use super::{Refusal, decode_account};
use crate::sql::{Micros, check_text};
use crate::{Store, StoreError};
use model::{AccountId, AccountRecord};

const OF_PERSON: &str = concat!(
    "select ",
    account_columns!(),
    " from oidc_identities as person join accounts as account on account.id = person.account
    where person.issuer = $1 and person.subject = $2"
);

/// The invitations of the address end with it.
const CREATE: &str = "
    with made as (
        insert into accounts (id, email, display_name, created_at, address_proven)
        values ($1, $2, $3, $4, true) returning id
    ), invitations as (
        delete from mailed_links where purpose = 'invite' and email = $2
    )
    insert into oidc_identities (issuer, subject, account) select $5, $6, id from made";

/// Without a password the address has to be proven, and the account has no other person of the provider.
const LINK_PROVEN: &str = "
    with owner as (
        select id from accounts
        where id = $1 and address_proven and not unconfirmed
            and disabled_at is null and ended_at is null
        for update
    ), linked as (
        insert into oidc_identities (issuer, subject, account) select $2, $3, id from owner
        on conflict (account, issuer) do nothing
        returning account
    )
    select array[]::bytea[] from linked";

/// The password proves that the account is the person's, also in place of another person of the provider, whose tokens
/// end. Which tokens these are is not known, so that all tokens end.
const LINK_WITH_PASSWORD: &str = "
    with owner as (
        update accounts set unconfirmed = false, address_proven = true
        where id = $1 and password_hash = $4 and disabled_at is null and ended_at is null
        returning id
    ), earlier as (
        select account from oidc_identities join owner on owner.id = account
        where issuer = $2 and subject <> $3
    ), ended as (
        delete from tokens using earlier where tokens.account = earlier.account returning hash
    ), linked as (
        insert into oidc_identities (issuer, subject, account) select $2, $3, id from owner
        on conflict (account, issuer) do update set subject = excluded.subject, linked_at = now()
        returning account
    )
    select array(select hash from ended) from linked";

/// The account has given no token yet. Its password and its links are those of a person who perhaps does not own the
/// address.
const TAKE_UNCONFIRMED: &str = "
    with taken as (
        update accounts
        set password_hash = null, display_name = $4, unconfirmed = false, address_proven = true
        where id = $1 and unconfirmed and disabled_at is null and ended_at is null
        returning id, email
    ), links as (
        delete from mailed_links using taken
        where mailed_links.account = taken.id or mailed_links.inviter = taken.id
            or (purpose = 'invite' and mailed_links.email = taken.email)
    ), ended as (
        delete from tokens using taken where tokens.account = taken.id returning hash
    ), linked as (
        insert into oidc_identities (issuer, subject, account) select $2, $3, id from taken
        returning account
    )
    select array(select hash from ended) from linked";

const PROVE_TOKEN: &str = "update tokens set proven_at = now() where hash = $1";

const IS_PROVEN: &str = "
    select 1 from tokens where hash = $1 and proven_at > now() - make_interval(secs => $2)";

/// A person of a provider.
#[derive(Clone, Copy, Debug)]
pub struct PersonOf<'a> {
    /// The provider.
    pub issuer: &'a str,
    /// The id there.
    pub subject: &'a str,
}

impl Store {
    /// The account of a person; `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn account_of_person(
        &self,
        PersonOf { issuer, subject }: PersonOf<'_>,
    ) -> Result<Option<AccountRecord>, StoreError> {
        check_text(subject)?;
        let row = self.for_access().look_up(OF_PERSON, &[&issuer, &subject]).await?;
        row.as_ref().map(decode_account).transpose()
    }

    /// Makes an account without a password for a person whose address (in lower case) the provider has confirmed.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] when the address or the person has an account; [`StoreError::Invalid`],
    /// [`StoreError::Unavailable`].
    pub async fn create_account_of_person(
        &self,
        account: &AccountRecord,
        PersonOf { issuer, subject }: PersonOf<'_>,
    ) -> Result<(), StoreError> {
        for text in [&account.email, &account.display_name, subject] {
            check_text(text)?;
        }
        let created = Micros(account.created_micros);
        let parameters: [&(dyn ToSql + Sync); 6] =
            [&account.id.0, &&*account.email, &&*account.display_name, &created, &issuer, &subject];
        match self.change(CREATE, &parameters).await {
            Err(Refusal::Taken) => Err(StoreError::AlreadyExists("account")),
            other => Ok(other.map(|_| ())?),
        }
    }

    /// Links a person to an account: with the hash of the password that was checked, or to one whose address is proven
    /// and that has no other person of the provider. Gives the hashes of the tokens that end, since they may be those of
    /// the person that was linked before; `None`: it may not be linked so.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] when the person has another account; [`StoreError::Invalid`],
    /// [`StoreError::Unavailable`].
    pub async fn link_person(
        &self,
        account: AccountId,
        PersonOf { issuer, subject }: PersonOf<'_>,
        password_hash: Option<&str>,
    ) -> Result<Option<Vec<[u8; 32]>>, StoreError> {
        check_text(subject)?;
        let linked = match &password_hash {
            None => self.locked(account, LINK_PROVEN, &[&account.0, &issuer, &subject]).await,
            Some(hash) => {
                let parameters: [&(dyn ToSql + Sync); 4] = [&account.0, &issuer, &subject, hash];
                self.locked(account, LINK_WITH_PASSWORD, &parameters).await
            }
        };
        match linked {
            Err(Refusal::Taken) => Err(StoreError::AlreadyExists("person")),
            other => Ok(other?),
        }
    }

    /// Gives an account whose address is not confirmed to a person whose address the provider has confirmed: without a
    /// password, and under the person's name. Gives the hashes of the tokens that end; `None`: it was confirmed, disabled or
    /// deleted meanwhile.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] when the person has another account; [`StoreError::Invalid`],
    /// [`StoreError::Unavailable`].
    pub async fn take_unconfirmed_for_person(
        &self,
        account: AccountId,
        PersonOf { issuer, subject }: PersonOf<'_>,
        name: &str,
    ) -> Result<Option<Vec<[u8; 32]>>, StoreError> {
        for text in [subject, name] {
            check_text(text)?;
        }
        let parameters: [&(dyn ToSql + Sync); 4] = [&account.0, &issuer, &subject, &name];
        match self.locked(account, TAKE_UNCONFIRMED, &parameters).await {
            Err(Refusal::Taken) => Err(StoreError::AlreadyExists("person")),
            other => Ok(other?),
        }
    }

    /// Notes that the owner of a token has signed in again at the provider.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn prove_token(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        self.for_access().execute(PROVE_TOKEN, &[&hash.as_slice()]).await.map(drop)
    }

    /// Whether the owner of a token has signed in again at the provider within some seconds.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn is_token_proven(
        &self,
        hash: &[u8; 32],
        within_seconds: f64,
    ) -> Result<bool, StoreError> {
        let row =
            self.for_access().query_opt(IS_PROVEN, &[&hash.as_slice(), &within_seconds]).await?;
        Ok(row.is_some())
    }
}
