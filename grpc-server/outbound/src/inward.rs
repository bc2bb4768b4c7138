//! Which network addresses belong to no machine of the public internet.
//!
//! Not the exceptions of an operator (`allow`). The ranges are those of the registries of special addresses of IANA, and the
//! services of clouds that give their machines credentials. Invariant: an address that holds an IPv4 address is judged by that, or
//! refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4: the first address of a range, its bits, and what it is.
const V4: [([u8; 4], u32, &str); 18] = [
    ([0, 0, 0, 0], 8, "an unspecified address"),
    ([10, 0, 0, 0], 8, "a private address"),
    ([100, 64, 0, 0], 10, "an address behind a provider's translation"),
    ([127, 0, 0, 0], 8, "an address of the server itself"),
    ([168, 63, 129, 16], 32, "an address of a cloud's own services"),
    ([169, 254, 0, 0], 16, "a link-local address"),
    ([172, 16, 0, 0], 12, "a private address"),
    ([192, 0, 0, 0], 24, "an address of protocols"),
    ([192, 0, 2, 0], 24, "an address for documentation"),
    ([192, 31, 196, 0], 24, "an address of protocols"),
    ([192, 52, 193, 0], 24, "an address of protocols"),
    ([192, 88, 99, 0], 24, "an address of relays to IPv6"),
    ([192, 168, 0, 0], 16, "a private address"),
    ([198, 18, 0, 0], 15, "an address for benchmarks"),
    ([198, 51, 100, 0], 24, "an address for documentation"),
    ([203, 0, 113, 0], 24, "an address for documentation"),
    ([224, 0, 0, 0], 4, "an address of many machines"),
    ([240, 0, 0, 0], 4, "a reserved address"),
];

/// IPv6 within the public range: the first address of a range, its bits, and what it is.
const V6: [([u16; 3], u32, &str); 6] = [
    // Also Teredo (2001::/32), benchmarks (2001:2::/48), and names that look like addresses (2001:10::/28, 2001:20::/28).
    ([0x2001, 0, 0], 23, "an address of protocols"),
    ([0x2001, 0xdb8, 0], 32, "an address for documentation"),
    ([0x2002, 0, 0], 16, "an address of 6to4, which holds another one"),
    ([0x2620, 0x4f, 0x8000], 48, "an address of protocols"),
    ([0x3ffe, 0, 0], 16, "an address of a network that has ended"),
    ([0x3fff, 0, 0], 20, "an address for documentation"),
];

/// What an address is, if it is none of a machine of the public internet.
pub(crate) fn inward(address: IpAddr) -> Option<&'static str> {
    match address.to_canonical() {
        IpAddr::V4(address) => inward_v4(address),
        IpAddr::V6(address) => inward_v6(address),
    }
}

fn inward_v4(address: Ipv4Addr) -> Option<&'static str> {
    let begins = |first: [u8; 4], bits: u32| {
        (Ipv4Addr::from(first).to_bits() ^ address.to_bits()).leading_zeros() >= bits
    };
    V4.iter().find(|(first, bits, _)| begins(*first, *bits)).map(|(_, _, what)| *what)
}

fn inward_v6(address: Ipv6Addr) -> Option<&'static str> {
    if let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = address.segments() {
        // NAT64: the network translates it to the IPv4 address that it ends with.
        let [[a, b], [c, d]] = [high, low].map(u16::to_be_bytes);
        return inward_v4(Ipv4Addr::new(a, b, c, d));
    }
    if address.is_unspecified() {
        return Some("an unspecified address");
    }
    if address.is_loopback() {
        return Some("an address of the server itself");
    }
    let [first, .., fifth, sixth, _, _] = address.segments();
    match first {
        0xfc00..=0xfdff => return Some("a private address"),
        0xfe80..=0xfebf => return Some("a link-local address"),
        0xff00..=0xffff => return Some("an address of many machines"),
        0x2000..=0x3fff => {}
        // IPv4-compatible and translated addresses, NAT64 of the own network, and what is not assigned.
        _ => return Some("a reserved address"),
    }
    if (fifth & !0x200, sixth) == (0, 0x5efe) {
        return Some("an address of ISATAP, which holds another one");
    }
    let begins = |[a, b, c]: [u16; 3], bits: u32| {
        let first = Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0);
        (first.to_bits() ^ address.to_bits()).leading_zeros() >= bits
    };
    V6.iter().find(|(first, bits, _)| begins(*first, *bits)).map(|(_, _, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses of each range, and of each way to wrap one.
    const INWARD: [&str; 56] = [
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::1.1.1.1",
        "::ffff:127.0.0.1",
        "::ffff:10.1.2.3",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::10.0.0.1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2606:4700::5efe:10.0.0.1",
        "2606:4700::200:5efe:10.0.0.1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
    ];

    #[test]
    fn machines_of_the_public_internet_are_reached() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2001:200::1",
            "2606:4700:4700::1111",
            "2a00:1450:4001:81b::200e",
        ] {
            assert_eq!(inward(address.parse().expect(address)), None, "{address}");
        }
    }

    #[test]
    fn other_addresses_are_refused_however_they_are_wrapped() {
        for address in INWARD {
            assert!(inward(address.parse().expect(address)).is_some(), "{address}");
        }
    }
}
