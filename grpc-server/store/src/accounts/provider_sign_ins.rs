//! Sign-ins with an OpenID provider that are under way, each bound to one browser by a secret.
//!
//! Not the provider, and not the secret, of which only the hash is here. Invariants: one call at a time takes a sign-in to
//! the provider, however many come; what the provider has answered is kept until the sign-in expires.

use super::Refusal;
use crate::sql::{Micros, check_text};
use crate::{Store, StoreError};

const BEGIN: &str = "insert into oidc_sign_ins (hash, expires_at) values ($1, $2)";

const TAKE: &str = "
    update oidc_sign_ins set taken = true where hash = $1 and not taken and expires_at > $2";

const GIVE_BACK: &str =
    "update oidc_sign_ins set taken = false where hash = $1 and subject is null";

const NAME: &str = "
    update oidc_sign_ins set subject = $2, email = $3, display_name = $4 where hash = $1 and taken";

const NAMED: &str = "
    select subject, email, display_name from oidc_sign_ins
    where hash = $1 and subject is not null and expires_at > $2";

const END: &str = "delete from oidc_sign_ins where hash = $1";

const DELETE_EXPIRED: &str = "delete from oidc_sign_ins where expires_at <= $1";

/// A person whose address the provider has confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPerson {
    /// The id at the provider.
    pub subject: String,
    /// The address, in lower case.
    pub email: String,
    /// The name; may be empty.
    pub name: String,
}

impl Store {
    /// Keeps a sign-in by the hash of its secret.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`], [`StoreError::Unavailable`].
    pub async fn begin_provider_sign_in(
        &self,
        hash: &[u8; 32],
        expires_micros: i64,
    ) -> Result<(), StoreError> {
        match self.change(BEGIN, &[&hash.as_slice(), &Micros(expires_micros)]).await {
            Err(Refusal::Taken) => Err(StoreError::AlreadyExists("sign-in")),
            other => Ok(other.map(drop)?),
        }
    }

    /// Takes a sign-in to the provider. False: it was taken, has expired or was never begun.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn take_provider_sign_in(
        &self,
        hash: &[u8; 32],
        now_micros: i64,
    ) -> Result<bool, StoreError> {
        Ok(self.change(TAKE, &[&hash.as_slice(), &Micros(now_micros)]).await? > 0)
    }

    /// Gives a sign-in back that was taken: the provider could not be asked.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn give_provider_sign_in_back(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        Ok(self.change(GIVE_BACK, &[&hash.as_slice()]).await.map(drop)?)
    }

    /// Keeps the person of a sign-in.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn name_provider_sign_in(
        &self,
        hash: &[u8; 32],
        person: &NamedPerson,
    ) -> Result<(), StoreError> {
        let NamedPerson { subject, email, name } = person;
        for text in [subject, email, name] {
            check_text(text)?;
        }
        Ok(self.change(NAME, &[&hash.as_slice(), subject, email, name]).await.map(drop)?)
    }

    /// The person of a sign-in; `None` where the provider has named none, or the sign-in has expired.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn provider_sign_in(
        &self,
        hash: &[u8; 32],
        now_micros: i64,
    ) -> Result<Option<NamedPerson>, StoreError> {
        let now = Micros(now_micros);
        let row = self.for_access().query_opt(NAMED, &[&hash.as_slice(), &now]).await?;
        let decode = |row: tokio_postgres::Row| {
            let (subject, email, name) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            Ok(NamedPerson { subject, email, name })
        };
        row.map(decode).transpose()
    }

    /// Deletes a sign-in, which is done.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn end_provider_sign_in(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        Ok(self.change(END, &[&hash.as_slice()]).await.map(drop)?)
    }

    /// Deletes the sign-ins that expired before a time. Gives their number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn delete_expired_provider_sign_ins(
        &self,
        before_micros: i64,
    ) -> Result<u64, StoreError> {
        Ok(self.change(DELETE_EXPIRED, &[&Micros(before_micros)]).await?)
    }
}
