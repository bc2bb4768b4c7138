//! Passwords: argon2id, away from the async workers, a few at a time.
//!
//! Not the accounts that they belong to. Invariant: checking a password takes the same work
//! whether the account exists or not, so the time of an answer does not show whether it exists.

use std::sync::Arc;
use std::thread;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use super::errors::ServiceError;

/// Sign-ins and sign-ups that wait for their turn; further ones are refused.
const WAITING: usize = 256;
/// Each computation takes 19 MiB for some tens of milliseconds, so at most this many run at once
/// even where there are more cores.
const AT_ONCE: usize = 8;

/// Hashes and checks passwords.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    turns: Semaphore,
    waiting: Semaphore,
    /// The hash of a password that no account has; the password of an unknown account is checked against it.
    unknown: String,
}

impl Passwords {
    /// Takes one hash computation, to have something to check unknown accounts against.
    pub(crate) async fn new() -> Result<Self, ServiceError> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let inner = |unknown| Inner {
            turns: Semaphore::new(cores.min(AT_ONCE)),
            waiting: Semaphore::new(WAITING),
            unknown,
        };
        let first = Self { inner: Arc::new(inner(String::new())) };
        let unknown = first.hash("a password of no account".to_owned()).await?;
        Ok(Self { inner: Arc::new(inner(unknown)) })
    }

    /// The password's hash in PHC form, with a fresh salt.
    pub(crate) async fn hash(&self, password: String) -> Result<String, ServiceError> {
        self.compute(move || {
            let hash = Argon2::default().hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
        })
        .await
    }

    /// Whether it is the password of this hash; without a hash, it is not.
    pub(crate) async fn verify(
        &self,
        password: String,
        hash: Option<Arc<str>>,
    ) -> Result<bool, ServiceError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| Arc::from(self.inner.unknown.as_str()));
        self.compute(move || {
            let hash = PasswordHash::new(&hash).map_err(|error| error.to_string())?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && known)
        })
        .await
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, String> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let Ok(_place) = self.inner.waiting.try_acquire() else {
            return Err(ServiceError::Busy("sign-ins and sign-ups"));
        };
        let _turn = self.inner.turns.acquire().await.map_err(ServiceError::internal)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(ServiceError::internal)?
            .map_err(ServiceError::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_account_passes() {
        let passwords = Passwords::new().await.expect("argon2 works");
        let hash = passwords.hash("correct horse".into()).await.expect("argon2 works");
        assert!(hash.starts_with("$argon2id$v=19$"), "{hash}");
        let check = async |password: &str, hash: Option<&str>| {
            passwords.verify(password.into(), hash.map(Arc::from)).await
        };
        assert!(matches!(check("correct horse", Some(&hash)).await, Ok(true)));
        assert!(matches!(check("correct horsf", Some(&hash)).await, Ok(false)));
        assert!(matches!(check("correct horse", None).await, Ok(false)));
        assert!(matches!(check("a password of no account", None).await, Ok(false)));
        assert!(check("correct horse", Some("not a hash")).await.is_err());
    }
}
