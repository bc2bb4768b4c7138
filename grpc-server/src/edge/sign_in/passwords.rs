//! Passwords: argon2id, away from the async workers, a few at a time.
//!
//! Not the accounts that they belong to. Invariant: checking a password takes the same work
//! whether the account exists or not, so the time of an answer does not show whether it exists.

use std::net::IpAddr;
use std::sync::Arc;
use std::thread;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use super::networks::Addresses;
use super::strength;
use crate::edge::errors::ServiceError;
use model::limits::edge::{
    NETWORK_SIGN_INS_WAITING, NETWORK_SIGN_UPS_WAITING, SIGN_INS_WAITING, SIGN_UPS_WAITING,
};

/// Each computation takes 19 MiB for some tens of milliseconds, so at most this many run at once
/// even where there are more cores.
const AT_ONCE: usize = 8;

/// Hashes and checks passwords.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    inner: Arc<Inner>,
}

/// Whose computation it is. Each kind has its own turns before the common ones, so a sign-in of an account from
/// a known network waits for a few others at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// A sign-in of an account that has signed in from this network before.
    Known,
    /// Another sign-in.
    Unknown(IpAddr),
    /// A sign-up, or a new password by a link: one at a time.
    SignUp(IpAddr),
}

#[derive(Debug)]
struct Inner {
    turns: Arc<Semaphore>,
    known: Queue,
    unknown: Queue,
    sign_ups: Queue,
    /// The hash of a password that no account has; the password of an unknown account is checked against it.
    unknown_account: String,
}

/// The queue of one lane.
#[derive(Debug)]
struct Queue {
    turns: Arc<Semaphore>,
    waiting: Semaphore,
    networks: Addresses,
}

impl Queue {
    fn new(turns: usize, waiting: usize, of_network: u32) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(turns)),
            waiting: Semaphore::new(waiting),
            networks: Addresses::new(of_network),
        }
    }
}

impl Inner {
    fn new(at_once: usize, unknown_account: String) -> Self {
        // With one core, the other lanes take turns with it.
        let others = at_once.saturating_sub(1).max(1);
        Self {
            turns: Arc::new(Semaphore::new(at_once)),
            known: Queue::new(at_once, SIGN_INS_WAITING, 0),
            unknown: Queue::new(others, SIGN_INS_WAITING, NETWORK_SIGN_INS_WAITING),
            sign_ups: Queue::new(1, SIGN_UPS_WAITING, NETWORK_SIGN_UPS_WAITING),
            unknown_account,
        }
    }

    fn queue(&self, lane: Lane) -> (&Queue, Option<IpAddr>) {
        match lane {
            Lane::Known => (&self.known, None),
            Lane::Unknown(network) => (&self.unknown, Some(network)),
            Lane::SignUp(network) => (&self.sign_ups, Some(network)),
        }
    }
}

impl Passwords {
    /// Takes one hash computation, to have something to check unknown accounts against.
    pub(crate) async fn new() -> Result<Self, ServiceError> {
        let cores = thread::available_parallelism().map_or(1, usize::from).min(AT_ONCE);
        let first = Self { inner: Arc::new(Inner::new(cores, String::new())) };
        let unknown = first.hash("a password of no account".to_owned(), Lane::Known).await?;
        Ok(Self { inner: Arc::new(Inner::new(cores, unknown)) })
    }

    /// The password's hash in PHC form, with a fresh salt.
    pub(crate) async fn hash(&self, password: String, lane: Lane) -> Result<String, ServiceError> {
        self.compute(lane, move || hashed(&password)).await
    }

    /// The hash of a new password, or the rule of its field that a weak one breaks; `of_person`: the address and the name
    /// of its owner. Both are one computation, so a caller waits for one turn.
    pub(crate) async fn hash_strong(
        &self,
        password: String,
        of_person: Vec<String>,
        lane: Lane,
    ) -> Result<Result<String, String>, ServiceError> {
        self.compute(lane, move || match strength::weakness(&password, &of_person) {
            Some(rule) => Ok(Err(rule)),
            None => hashed(&password).map(Ok),
        })
        .await
    }

    /// Whether it is the password of this hash; without a hash, it is not.
    pub(crate) async fn verify(
        &self,
        password: String,
        hash: Option<Arc<str>>,
        lane: Lane,
    ) -> Result<bool, ServiceError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| Arc::from(self.inner.unknown_account.as_str()));
        self.compute(lane, move || {
            let hash = PasswordHash::new(&hash).map_err(|error| error.to_string())?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && known)
        })
        .await
    }

    async fn compute<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce() -> Result<T, String> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let (queue, network) = self.inner.queue(lane);
        let busy = || match lane {
            Lane::SignUp(_) => ServiceError::Busy("new passwords"),
            _ => ServiceError::Busy("sign-ins"),
        };
        let _share = network.map(|it| queue.networks.take(it).ok_or_else(busy)).transpose()?;
        let _place = queue.waiting.try_acquire().map_err(|_| busy())?;
        let own_turn = Arc::clone(&queue.turns).acquire_owned().await;
        let turn = Arc::clone(&self.inner.turns).acquire_owned().await;
        let turns =
            (own_turn.map_err(ServiceError::internal)?, turn.map_err(ServiceError::internal)?);
        // The turns end with the computation, also where the caller is gone before.
        let computing = tokio::task::spawn_blocking(move || {
            let _turns = turns;
            work()
        });
        computing.await.map_err(ServiceError::internal)?.map_err(ServiceError::internal)
    }
}

fn hashed(password: &str) -> Result<String, String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::task::JoinSet;

    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_account_passes() {
        let passwords = Passwords::new().await.expect("argon2 works");
        let hash = passwords.hash("correct horse".into(), Lane::Known).await.expect("argon2 works");
        assert!(hash.starts_with("$argon2id$v=19$"), "{hash}");
        let check = async |password: &str, hash: Option<&str>| {
            passwords.verify(password.into(), hash.map(Arc::from), Lane::Known).await
        };
        assert!(matches!(check("correct horse", Some(&hash)).await, Ok(true)));
        assert!(matches!(check("correct horsf", Some(&hash)).await, Ok(false)));
        assert!(matches!(check("correct horse", None).await, Ok(false)));
        assert!(matches!(check("a password of no account", None).await, Ok(false)));
        assert!(check("correct horse", Some("not a hash")).await.is_err());
    }

    /// A network of its own for each number.
    fn network(number: u32) -> IpAddr {
        IpAddr::V4(number.into())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_flood_of_others_does_not_delay_a_known_sign_in() {
        let passwords = Passwords::new().await.expect("argon2 works");
        let hash: Arc<str> =
            passwords.hash("x".into(), Lane::Known).await.expect("argon2 works").into();
        let mut flood = JoinSet::new();
        let done = Arc::new(AtomicUsize::new(0));
        for number in 0..(SIGN_UPS_WAITING + SIGN_INS_WAITING) as u32 {
            let (passwords, hash, done) = (passwords.clone(), hash.clone(), done.clone());
            flood.spawn(async move {
                let network = network(number);
                let outcome = match number as usize {
                    ..SIGN_UPS_WAITING => {
                        passwords.hash("x".into(), Lane::SignUp(network)).await.map(drop)
                    }
                    _ => passwords
                        .verify("y".into(), Some(hash), Lane::Unknown(network))
                        .await
                        .map(drop),
                };
                done.fetch_add(1, Ordering::Relaxed);
                outcome
            });
        }
        // All of the flood waits, or has its turn.
        while passwords.inner.unknown.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let before = done.load(Ordering::Relaxed);
        let known = passwords.verify("x".into(), Some(hash), Lane::Known).await;
        assert!(matches!(known, Ok(true)), "{known:?}");
        let between = done.load(Ordering::Relaxed) - before;
        assert!(between <= 4 * AT_ONCE, "{between} of the flood came first");
        flood.shutdown().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_network_has_its_share_of_the_places() {
        let passwords = Passwords::new().await.expect("argon2 works");
        for (most, lane) in [
            (NETWORK_SIGN_UPS_WAITING, Lane::SignUp(network(1))),
            (NETWORK_SIGN_INS_WAITING, Lane::Unknown(network(1))),
        ] {
            let queue = passwords.inner.queue(lane).0;
            let held: Vec<_> = (0..most).map(|_| queue.networks.take(network(1))).collect();
            assert!(held.iter().all(Option::is_some));
            let refused = passwords.hash("x".into(), lane).await;
            assert!(matches!(refused, Err(ServiceError::Busy(_))), "{refused:?}");
            let other = match lane {
                Lane::SignUp(_) => Lane::SignUp(network(2)),
                _ => Lane::Unknown(network(2)),
            };
            assert!(passwords.hash("x".into(), other).await.is_ok());
        }
    }
}
