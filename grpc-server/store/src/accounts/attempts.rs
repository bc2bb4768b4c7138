//! The tables behind sign-in and sign-up: attempts that are left, networks of an account, and the shared key.
//!
//! Not the rates and not the decision (the caller's). Invariant: an attempt is taken in one statement, so of parallel
//! attempts at any nodes no more succeed than the bucket holds.

use std::time::Duration;

use crate::{Store, StoreError};
use model::AccountId;
use model::allowance::Rate;

/// The bucket is full again at `full_at`; each attempt moves that by the time that earns one.
const TAKE: &str = "
    with taken as (
        insert into attempts as kept (key, full_at)
        values ($1, now() + make_interval(secs => $2))
        on conflict (key) do update
            set full_at = greatest(kept.full_at, now()) + make_interval(secs => $2)
            where greatest(kept.full_at, now()) <= now() + make_interval(secs => $3 - $2)
        returning key)
    select exists (select from taken), coalesce((
        select extract(epoch from full_at - now())::float8 from attempts where key = $1), $3)";

const GIVE_BACK: &str =
    "update attempts set full_at = full_at - make_interval(secs => $2) where key = $1";

const FORGET: &str = "delete from attempts where key = $1";

const FORGET_FULL: &str = "delete from attempts where full_at <= now()";

const IS_KNOWN: &str = "
    select exists (
        select from known_networks as network join accounts as account on account.id = network.account
        where account.email = $1 and network.network = $2)";

/// A network that was used less than a day ago costs no write.
const REMEMBER: &str = "
    insert into known_networks as known (account, network, used_at) values ($1, $2, now())
    on conflict (account, network) do update set used_at = now()
        where known.used_at < now() - interval '1 day'";

/// The networks beyond the newest.
const FORGET_OLDEST: &str = "
    delete from known_networks where account = $1 and network in (
        select network from known_networks where account = $1 order by used_at desc offset $2)";

const NETWORKS_OF_ACCOUNT: i64 = 32;

const MAKE_KEY: &str = "
    insert into server_keys (name, key) values ($1, $2) on conflict (name) do nothing";

const KEY: &str = "select key from server_keys where name = $1";

impl Store {
    /// Takes one attempt from the bucket of a key, over all nodes.
    ///
    /// # Errors
    /// The inner error is the time until the next attempt is possible. The outer one is
    /// [`StoreError::Unavailable`].
    pub async fn take_attempt(
        &self,
        key: &[u8; 32],
        rate: Rate,
    ) -> Result<Result<(), Duration>, StoreError> {
        let each = rate.one_each.as_secs_f64();
        let burst = each * f64::from(rate.burst);
        let row = self.for_access().query_one(TAKE, &[&key.as_slice(), &each, &burst]).await?;
        let (taken, full_in): (bool, f64) = (row.try_get(0)?, row.try_get(1)?);
        let wait = (full_in + each - burst).clamp(0.0, burst.max(0.0));
        Ok(if taken { Ok(()) } else { Err(Duration::from_secs_f64(wait)) })
    }

    /// Makes up for an attempt that was taken.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn give_back_attempt(&self, key: &[u8; 32], rate: Rate) -> Result<(), StoreError> {
        let each = rate.one_each.as_secs_f64();
        self.for_access().execute(GIVE_BACK, &[&key.as_slice(), &each]).await.map(drop)
    }

    /// Fills the bucket of a key.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_attempts(&self, key: &[u8; 32]) -> Result<(), StoreError> {
        self.for_access().execute(FORGET, &[&key.as_slice()]).await.map(drop)
    }

    /// Deletes the buckets that are full, which hold no more than an absent one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_full_buckets(&self) -> Result<(), StoreError> {
        self.for_access().execute(FORGET_FULL, &[]).await.map(drop)
    }

    /// Whether the account of an email (in lower case) has signed in from a network before.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn knows_network(&self, email: &str, network: &[u8]) -> Result<bool, StoreError> {
        if crate::sql::check_text(email).is_err() {
            return Ok(false);
        }
        Ok(self.for_access().query_one(IS_KNOWN, &[&email, &network]).await?.try_get(0)?)
    }

    /// Remembers that an account signed in from a network; of many, the newest are kept.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn remember_network(
        &self,
        account: AccountId,
        network: &[u8],
    ) -> Result<(), StoreError> {
        self.for_access().execute(REMEMBER, &[&account.0, &network]).await?;
        self.for_access()
            .execute(FORGET_OLDEST, &[&account.0, &NETWORKS_OF_ACCOUNT])
            .await
            .map(drop)
    }

    /// The key of a name, which all nodes share; `new` becomes the key when there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn shared_key(&self, name: &str, new: &[u8; 32]) -> Result<[u8; 32], StoreError> {
        self.for_access().execute(MAKE_KEY, &[&name, &new.as_slice()]).await?;
        let row = self.for_access().query_one(KEY, &[&name]).await?;
        let key: &[u8] = row.try_get(0)?;
        key.try_into().map_err(|_| StoreError::Corrupt("a shared key".into()))
    }
}
