//! The login throttle against guessed passwords: a bucket of attempts for each e-mail address and for
//! each network address.
//!
//! Not the check of a password. Invariant: an attempt is taken before the password is checked and given
//! back when it was right, so parallel attempts are all counted and a right password costs nothing. It
//! sees the peer of the connection: behind a proxy, all clients share one bucket.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use model::allowance::{Buckets, Rate};

/// Wrong passwords in a row for one e-mail address, and how soon one more is allowed.
const EMAIL: Rate = Rate { burst: 10, one_each: Duration::from_secs(30) };
/// The same for one network address, behind which many people may be.
const ADDRESS: Rate = Rate { burst: 100, one_each: Duration::from_secs(1) };

/// The attempts that are left to each address.
#[derive(Debug, Default)]
pub(crate) struct LoginThrottle {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    emails: Buckets<String>,
    addresses: Buckets<IpAddr>,
}

impl Default for State {
    fn default() -> Self {
        Self { emails: Buckets::new(EMAIL), addresses: Buckets::new(ADDRESS) }
    }
}

impl LoginThrottle {
    /// Takes one attempt. The error is the time until the next one is possible.
    pub(crate) fn take(
        &self,
        email: &str,
        address: Option<IpAddr>,
        now: Instant,
    ) -> Result<(), Duration> {
        let mut state = self.state();
        if let Some(address) = address.map(network) {
            state.addresses.take(address, now)?;
        }
        state.emails.take(email.to_owned(), now)
    }

    /// Gives an attempt back: the password was right.
    pub(crate) fn give_back(&self, email: &str, address: Option<IpAddr>) {
        let mut state = self.state();
        if let Some(address) = address.map(network) {
            state.addresses.give_back(&address);
        }
        state.emails.give_back(&email.to_owned());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Counters: after a panic elsewhere they are still valid counts.
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

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS_A: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)));

    #[test]
    fn the_right_password_costs_nothing() {
        let (throttle, start) = (LoginThrottle::default(), Instant::now());
        for _ in 0..1_000 {
            assert_eq!(throttle.take("a@b", ADDRESS_A, start), Ok(()));
            throttle.give_back("a@b", ADDRESS_A);
        }
    }

    #[test]
    fn one_network_is_limited_over_all_names() {
        let (throttle, start) = (LoginThrottle::default(), Instant::now());
        let one = |low: u64| Some(IpAddr::V6(Ipv6Addr::from_bits((7 << 64) | u128::from(low))));
        for guess in 0..u64::from(ADDRESS.burst) {
            assert_eq!(throttle.take(&guess.to_string(), one(guess), start), Ok(()));
        }
        assert!(throttle.take("x", one(9_999), start).is_err());
        assert_eq!(throttle.take("x", ADDRESS_A, start), Ok(()));
    }
}
