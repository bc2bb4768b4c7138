//! Slows down those who guess passwords: a bucket of attempts for each e-mail address and for each
//! network address.
//!
//! An attempt is taken before the password is checked and given back when it was right, so that
//! neither parallel guesses nor a busy person with the right password meet the wrong answer. It
//! sees the peer of the connection: behind a proxy, all clients share one bucket.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Wrong passwords in a row for one e-mail address, and how soon one more is allowed.
const EMAIL: Rate = Rate { burst: 10, one_each: Duration::from_secs(30) };
/// The same for one network address, behind which many people may be.
const ADDRESS: Rate = Rate { burst: 100, one_each: Duration::from_secs(1) };
/// Buckets remembered of each sort; past it, the one that was used longest ago is forgotten.
const BUCKETS: usize = 10_000;

#[derive(Clone, Copy, Debug)]
struct Rate {
    burst: u32,
    one_each: Duration,
}

/// The attempts that are left to each address.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    emails: Buckets<String>,
    addresses: Buckets<IpAddr>,
}

impl Guesses {
    /// Takes one attempt. The error says when the next one is possible.
    pub(crate) fn take(
        &self,
        email: &str,
        address: Option<IpAddr>,
        now: Instant,
    ) -> Result<(), Duration> {
        let mut state = self.state();
        if let Some(address) = address.map(network) {
            state.addresses.take(address, ADDRESS, now)?;
        }
        state.emails.take(email.to_owned(), EMAIL, now)
    }

    /// Gives an attempt back: the password was right.
    pub(crate) fn give_back(&self, email: &str, address: Option<IpAddr>) {
        let mut state = self.state();
        if let Some(address) = address.map(network) {
            state.addresses.give_back(&address, ADDRESS);
        }
        state.emails.give_back(&email.to_owned(), EMAIL);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Counters: whatever a panic left behind is a valid count.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One person's network: the whole /64 for IPv6, in which one machine has as many addresses as it
/// likes.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
        v4 => v4,
    }
}

#[derive(Debug)]
struct Bucket {
    left: u32,
    /// Until when the refill has been counted.
    counted: Instant,
}

#[derive(Debug)]
struct Buckets<K> {
    buckets: HashMap<K, Bucket>,
}

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self { buckets: HashMap::new() }
    }
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    fn take(&mut self, key: K, rate: Rate, now: Instant) -> Result<(), Duration> {
        if !self.buckets.contains_key(&key) && self.buckets.len() >= BUCKETS {
            self.forget_one();
        }
        let new = || Bucket { left: rate.burst, counted: now };
        let bucket = self.buckets.entry(key).or_insert_with(new);
        let since = now.saturating_duration_since(bucket.counted);
        let earned = since.as_nanos() / rate.one_each.as_nanos();
        let earned = u32::try_from(earned).unwrap_or(u32::MAX).min(rate.burst);
        bucket.left = (bucket.left + earned).min(rate.burst);
        bucket.counted = match bucket.left == rate.burst {
            true => now,
            false => bucket.counted + rate.one_each * earned,
        };
        if bucket.left == 0 {
            return Err((bucket.counted + rate.one_each).saturating_duration_since(now));
        }
        bucket.left -= 1;
        Ok(())
    }

    fn give_back(&mut self, key: &K, rate: Rate) {
        if let Some(bucket) = self.buckets.get_mut(key) {
            bucket.left = (bucket.left + 1).min(rate.burst);
        }
    }

    fn forget_one(&mut self) {
        let oldest = self.buckets.iter().min_by_key(|(_, bucket)| bucket.counted);
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.buckets.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS_A: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)));

    #[test]
    fn a_burst_is_followed_by_a_trickle() {
        let (guesses, start) = (Guesses::default(), Instant::now());
        for _ in 0..EMAIL.burst {
            assert_eq!(guesses.take("a@b", ADDRESS_A, start), Ok(()));
        }
        let wait = guesses.take("a@b", ADDRESS_A, start + Duration::from_secs(10));
        assert_eq!(wait, Err(Duration::from_secs(20)));
        assert_eq!(guesses.take("c@d", ADDRESS_A, start), Ok(()));
        assert_eq!(guesses.take("a@b", ADDRESS_A, start + EMAIL.one_each), Ok(()));
        assert!(guesses.take("a@b", ADDRESS_A, start + EMAIL.one_each).is_err());
    }

    #[test]
    fn the_right_password_costs_nothing() {
        let (guesses, start) = (Guesses::default(), Instant::now());
        for _ in 0..1_000 {
            assert_eq!(guesses.take("a@b", ADDRESS_A, start), Ok(()));
            guesses.give_back("a@b", ADDRESS_A);
        }
    }

    #[test]
    fn one_network_is_limited_over_all_names() {
        let (guesses, start) = (Guesses::default(), Instant::now());
        let one = |low: u64| Some(IpAddr::V6(Ipv6Addr::from_bits((7 << 64) | u128::from(low))));
        for guess in 0..u64::from(ADDRESS.burst) {
            assert_eq!(guesses.take(&guess.to_string(), one(guess), start), Ok(()));
        }
        assert!(guesses.take("x", one(9_999), start).is_err());
        assert_eq!(guesses.take("x", ADDRESS_A, start), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let (mut buckets, start) = (Buckets::default(), Instant::now());
        for key in 0..BUCKETS + 10 {
            assert_eq!(buckets.take(key, EMAIL, start + Duration::from_millis(key as u64)), Ok(()));
        }
        assert_eq!(buckets.buckets.len(), BUCKETS);
        assert!(!buckets.buckets.contains_key(&0));
    }
}
