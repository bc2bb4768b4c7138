//! A range of network addresses, as operators write it.
//!
//! Not what an address in it may do. Invariant: an IPv4 address is in a range however it is written.

use std::net::IpAddr;
use std::str::FromStr;

/// A range of addresses: all that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u32,
}

impl Network {
    /// Whether an address begins with these bits. An IPv4 address within IPv6 is that of IPv4.
    #[must_use]
    pub fn has(self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let differing = first.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= self.bits
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let differing = first.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rule = || "give an address, or a network such as 10.0.0.0/8 or fd00::/8".to_owned();
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| rule())?)),
            None => (text, None),
        };
        let first = address.parse::<IpAddr>().map_err(|_| rule())?;
        if bits.is_some() && first.to_canonical() != first {
            return Err(rule());
        }
        let first = first.to_canonical();
        let most = if first.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(most, u32::from);
        if bits > most {
            return Err(rule());
        }
        Ok(Self { first, bits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(network: &str, address: &str) -> bool {
        let network: Network = network.parse().expect(network);
        network.has(address.parse().expect(address))
    }

    #[test]
    fn a_network_has_the_addresses_that_begin_with_its_bits() {
        for (network, address) in [
            ("10.0.0.0/8", "10.255.0.1"),
            ("10.1.2.3", "10.1.2.3"),
            ("10.1.2.3", "::ffff:10.1.2.3"),
            ("::ffff:10.1.2.3", "10.1.2.3"),
            ("0.0.0.0/0", "1.2.3.4"),
            ("fd00::/8", "fdff::1"),
            ("::1", "::1"),
        ] {
            assert!(has(network, address), "{network} {address}");
        }
        for (network, address) in [
            ("10.0.0.0/8", "11.0.0.0"),
            ("10.1.2.3", "10.1.2.2"),
            ("10.1.2.2/31", "10.1.2.4"),
            ("0.0.0.0/0", "::1"),
            ("::/0", "1.2.3.4"),
            ("fd00::/8", "fc00::1"),
        ] {
            assert!(!has(network, address), "{network} {address}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for bad in ["", "proxy", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0/8", "1.2.3.4:80"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
        assert!("::ffff:10.0.0.0/8".parse::<Network>().is_err(), "its bits are unclear");
    }
}
