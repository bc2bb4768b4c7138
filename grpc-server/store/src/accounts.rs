//! The tables of accounts and of their tokens.
//!
//! Not authentication: the caller hashes passwords and tokens, and compares times. Invariant: no secret in clear text
//! is stored.

/// What [`decode_account`] reads, of the table `account`.
macro_rules! account_columns {
    () => {
        "account.id, account.email, account.display_name, account.password_hash, account.created_at,
        account.disabled_at is not null, account.unconfirmed, account.color, account.locale, account.is_operator"
    };
}

mod attempts;
pub(crate) mod changes;
mod end;
mod gone;
pub(crate) mod identities;
pub(crate) mod mailed_links;
pub(crate) mod operator;
pub(crate) mod provider_sign_ins;
pub(crate) mod renewal;
pub(crate) mod resets;
mod unconfirmed;

use std::sync::Arc;

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::error::{violated_unique, violates_reference};
use super::sql::{Micros, check_text};
use super::{QUERY_TIMEOUT, Store, StoreError};
use model::limits::edge::TOKENS_OF_ACCOUNT;
use model::{AccountColor, AccountId, AccountRecord, AccountState, TokenRecord, now_micros};

/// The invitations of the address end with it, unless its owner has to confirm it first.
const CREATE_ACCOUNT: &str = "
    with made as (
        insert into accounts (id, email, display_name, password_hash, created_at, unconfirmed, address_proven)
        values ($1, $2, $3, $4, $5, $6, $7) returning email, unconfirmed
    )
    delete from mailed_links using made
    where purpose = 'invite' and mailed_links.email = made.email and not made.unconfirmed";

const ACCOUNT_BY_EMAIL: &str =
    concat!("select ", account_columns!(), " from accounts as account where email = $1");

const ACCOUNT: &str =
    concat!("select ", account_columns!(), " from accounts as account where id = $1");

/// The account is locked, so that a new password ends this token or keeps it from being inserted; so does the operator
/// who disables the account. A guest has no password. Of very many tokens those that were used longest ago end.
const INSERT_TOKEN: &str = "
    with owner as (
        select id from accounts
        where id = $2 and coalesce(password_hash, '') = $5
            and disabled_at is null and ended_at is null for share
    ), ended as (
        delete from tokens where hash in (
            select tokens.hash from tokens join owner on owner.id = tokens.account
            order by tokens.used_at desc, tokens.hash offset $7
        ) returning hash
    ), inserted as (
        insert into tokens (hash, account, created_at, signed_in_at, expires_at, device)
        select $1, id, $3, $3, $4, $6 from owner returning hash
    )
    select array(select hash from ended) from inserted";

const TOKEN: &str = concat!(
    "select ",
    account_columns!(),
    ", token.expires_at, token.used_at < now() - interval '10 minutes'
    from tokens as token join accounts as account on account.id = token.account
    where token.hash = $1"
);

/// Bound: no more hashes than are given.
const INVALID_TOKENS: &str = "
    select given.hash from unnest($1::bytea[]) as given (hash)
    where not exists (
        select from tokens where tokens.hash = given.hash and expires_at > now())";

/// Tokens of sessions that are open: each connects once, and is used as long as it is open.
const USED: &str = "
    update tokens set used_at = now() where hash = any(array(
        select hash from tokens
        where hash = any($1) and used_at < now() - interval '10 minutes' and expires_at > now()
        for update skip locked))";

const DELETE_TOKEN: &str = "delete from tokens where hash = $1";

const DELETE_EXPIRED_TOKENS: &str = "delete from tokens where expires_at <= $1";

impl Store {
    /// Makes an account, and ends the invitations of its address. The email must be in lower case already.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] when the email is taken; [`StoreError::Invalid`],
    /// [`StoreError::Unavailable`].
    pub async fn create_account(&self, account: &AccountRecord) -> Result<(), StoreError> {
        self.insert_account(account, false).await
    }

    /// The same for one that was made by an invitation, which proves its address.
    ///
    /// # Errors
    /// As [`Store::create_account`].
    pub async fn create_invited_account(&self, account: &AccountRecord) -> Result<(), StoreError> {
        self.insert_account(account, true).await
    }

    async fn insert_account(
        &self,
        account: &AccountRecord,
        is_proven: bool,
    ) -> Result<(), StoreError> {
        for text in [&account.email, &account.display_name, &account.password_hash] {
            check_text(text)?;
        }
        let created = Micros(account.created_micros);
        let unconfirmed = account.state == AccountState::Unconfirmed;
        let parameters: [&(dyn ToSql + Sync); 7] = [
            &account.id.0,
            &&*account.email,
            &&*account.display_name,
            &&*account.password_hash,
            &created,
            &unconfirmed,
            &is_proven,
        ];
        match self.change(CREATE_ACCOUNT, &parameters).await {
            Err(Refusal::Taken) => Err(StoreError::AlreadyExists("account")),
            other => Ok(other.map(|_| ())?),
        }
    }

    /// The account that signs in with an email (in lower case); `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn account_by_email(&self, email: &str) -> Result<Option<AccountRecord>, StoreError> {
        // No account has an email that can't be stored.
        if check_text(email).is_err() {
            return Ok(None);
        }
        let row = self.for_access().look_up(ACCOUNT_BY_EMAIL, &[&email]).await?;
        row.as_ref().map(decode_account).transpose()
    }

    /// An account by its id; `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn account(&self, id: AccountId) -> Result<Option<AccountRecord>, StoreError> {
        let row = self.for_access().look_up(ACCOUNT, &[&id.0]).await?;
        row.as_ref().map(decode_account).transpose()
    }

    /// Remembers the SHA-256 hash of a token, if the account has this hash of a password still. Gives the hashes of the
    /// tokens that end for it.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`], [`StoreError::NotFound`] when there is no such account with this hash of a
    /// password, or it is disabled or has ended, [`StoreError::Unavailable`].
    pub async fn insert_token(
        &self,
        hash: &[u8; 32],
        (account, password_hash): (AccountId, &str),
        expires_micros: i64,
        device: &str,
    ) -> Result<Vec<[u8; 32]>, StoreError> {
        let (now, end) = (Micros(now_micros()), Micros(expires_micros));
        check_text(device)?;
        let others = i64::from(TOKENS_OF_ACCOUNT) - 1;
        let parameters: [&(dyn ToSql + Sync); 7] =
            [&hash.as_slice(), &account.0, &now, &end, &password_hash, &device, &others];
        match self.change_row(INSERT_TOKEN, &parameters).await {
            Err(Refusal::Taken) => Err(StoreError::AlreadyExists("token")),
            Ok(None) => Err(StoreError::NotFound("account")),
            Ok(Some(row)) => decode_hashes(&row, 0),
            Err(other) => Err(other.into()),
        }
    }

    /// The record of a token by its hash, expired or not; `None` if it is unknown.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn token(&self, hash: &[u8; 32]) -> Result<Option<TokenRecord>, StoreError> {
        let Some(row) = self.for_access().look_up(TOKEN, &[&hash.as_slice()]).await? else {
            return Ok(None);
        };
        let expires: Micros = row.try_get(10)?;
        if row.try_get(11)?
            && let Err(error) = self.note_token_use(hash).await
        {
            tracing::debug!(%error, "the use of a token was not noted");
        }
        Ok(Some(TokenRecord { account: decode_account(&row)?, expires_micros: expires.0 }))
    }

    /// Which of these tokens of open sessions are not valid: unknown, or expired. Notes the use of the others.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn invalid_tokens(&self, hashes: &[[u8; 32]]) -> Result<Vec<[u8; 32]>, StoreError> {
        let given: Vec<&[u8]> = hashes.iter().map(<[u8; 32]>::as_slice).collect();
        let store = self.for_access();
        if let Err(error) = store.execute(USED, &[&given]).await {
            tracing::debug!(%error, "the use of tokens was not noted");
        }
        let rows = store.query(INVALID_TOKENS, &[&given]).await?;
        rows.iter().map(|row| decode_hash(row.try_get(0)?)).collect()
    }

    /// Forgets a token. Returns whether it was known.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn delete_token(&self, hash: &[u8; 32]) -> Result<bool, StoreError> {
        Ok(self.change(DELETE_TOKEN, &[&hash.as_slice()]).await? > 0)
    }

    /// Forgets the tokens that ended before a time. Returns how many.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn delete_expired_tokens(&self, before_micros: i64) -> Result<u64, StoreError> {
        Ok(self.change(DELETE_EXPIRED_TOKENS, &[&Micros(before_micros)]).await?)
    }

    pub(crate) async fn change(
        &self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, Refusal> {
        let connection = self.for_access().connection().await?;
        let query = async {
            let statement = connection.prepare_cached(sql).await?;
            // Distinguished here, while the names of the constraints are known.
            Ok::<_, tokio_postgres::Error>(connection.execute(&statement, parameters).await)
        };
        connection.within(QUERY_TIMEOUT, query).await?.map_err(Refusal::of)
    }

    /// The same for a statement that gives one row at most.
    pub(crate) async fn change_row(
        &self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Row>, Refusal> {
        let connection = self.for_access().connection().await?;
        let query = async {
            let statement = connection.prepare_cached(sql).await?;
            Ok::<_, tokio_postgres::Error>(connection.query_opt(&statement, parameters).await)
        };
        connection.within(QUERY_TIMEOUT, query).await?.map_err(Refusal::of)
    }
}

/// Why a change was refused, before it has a name that the caller knows.
pub(crate) enum Refusal {
    Taken,
    NoSuchReference,
    Other(StoreError),
}

impl Refusal {
    fn of(error: tokio_postgres::Error) -> Self {
        match error {
            error if violated_unique(&error).is_some() => Self::Taken,
            error if violates_reference(&error) => Self::NoSuchReference,
            error => Self::Other(error.into()),
        }
    }

    /// The error, where the only reference that can be missing is to this.
    pub(crate) fn for_reference(self, what: &'static str) -> StoreError {
        match self {
            Self::NoSuchReference => StoreError::NotFound(what),
            other => other.into(),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Other(error)
    }
}

impl From<Refusal> for StoreError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Taken => Self::AlreadyExists("row"),
            Refusal::NoSuchReference => Self::NotFound("row"),
            Refusal::Other(error) => error,
        }
    }
}

fn decode_account(row: &Row) -> Result<AccountRecord, StoreError> {
    Ok(AccountRecord {
        id: AccountId(row.try_get(0)?),
        email: Arc::from(row.try_get::<_, Option<&str>>(1)?.unwrap_or_default()),
        display_name: Arc::from(row.try_get::<_, &str>(2)?),
        password_hash: Arc::from(row.try_get::<_, Option<&str>>(3)?.unwrap_or_default()),
        created_micros: row.try_get::<_, Micros>(4)?.0,
        state: decode_state(row, 5)?,
        color: decode_color(row, 7)?,
        locale: decode_locale(row, 8)?,
        is_operator: row.try_get(9)?,
    })
}

/// The language tag of an account.
pub(crate) fn decode_locale(row: &Row, column: usize) -> Result<Option<Arc<str>>, StoreError> {
    Ok(row.try_get::<_, Option<&str>>(column)?.map(Arc::from))
}

/// A color; none where its column is null.
pub(crate) fn decode_color(row: &Row, column: usize) -> Result<AccountColor, StoreError> {
    color_of(row.try_get::<_, Option<i16>>(column)?.unwrap_or_default())
}

/// The color of a number.
pub(crate) fn color_of(number: i16) -> Result<AccountColor, StoreError> {
    AccountColor::new(number.into()).ok_or_else(|| StoreError::Corrupt("an account's color".into()))
}

/// The state, of two columns.
fn decode_state(row: &Row, column: usize) -> Result<AccountState, StoreError> {
    Ok(match (row.try_get(column)?, row.try_get(column + 1)?) {
        (true, _) => AccountState::Disabled,
        (false, true) => AccountState::Unconfirmed,
        (false, false) => AccountState::Active,
    })
}

fn decode_hash(hash: &[u8]) -> Result<[u8; 32], StoreError> {
    hash.try_into().map_err(|_| StoreError::Corrupt("a token's hash".into()))
}

fn decode_hashes(row: &Row, column: usize) -> Result<Vec<[u8; 32]>, StoreError> {
    let hashes: Vec<&[u8]> = row.try_get(column)?;
    hashes.into_iter().map(decode_hash).collect()
}
