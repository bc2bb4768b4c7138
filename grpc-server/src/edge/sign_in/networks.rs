//! Network addresses of callers: which ones count as one network, and how many of something each may have at once.
//!
//! Not rates (`login_throttle`). Invariant: an address counts exactly the things whose [`Place`] lives.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

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

/// The things that each network has at this time, such as connections.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    most: u32,
    counts: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

/// One thing's place among those of its network.
#[derive(Debug)]
pub(crate) struct Place {
    address: IpAddr,
    counts: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

impl Addresses {
    /// At most this many of one network at once; 0 for no limit.
    pub(crate) fn new(most: u32) -> Self {
        Self { most, counts: Arc::default() }
    }

    /// Takes a place; `None` when the network has as many as it may have.
    pub(crate) fn take(&self, address: IpAddr) -> Option<Place> {
        let address = network(address);
        // Every change is a single call, so a poisoned map is whole.
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if self.most > 0 && *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place { address, counts: Arc::clone(&self.counts) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn an_address_has_its_share_and_gets_it_back() {
        let addresses = Addresses::new(2);
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let places = [addresses.take(one), addresses.take(one)];
        assert!(places.iter().all(Option::is_some) && addresses.take(one).is_none());
        assert!(
            addresses.take(IpAddr::from(Ipv4Addr::to_ipv6_mapped(&[10, 0, 0, 1].into()))).is_none()
        );
        assert!(addresses.take(other).is_some());
        drop(places);
        assert!(addresses.take(one).is_some());
        assert!(addresses.counts.lock().expect("whole").is_empty(), "nothing is left of them");
    }
}
