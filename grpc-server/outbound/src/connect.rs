//! The connection to a host: its network addresses are looked up once and checked, and one of them is connected to.
//!
//! Not the request. An address of the machine itself is refused as one of the own network, also a public one: no firewall stands
//! before it. Invariants: each network address of a host is checked, and one that is refused refuses the host; the
//! connection leads to an address of that look-up, so a second answer of the name server changes nothing; no reason has a host that
//! is hidden.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use model::limits::outbound::{OUTBOUND_ADDRESSES, OUTBOUND_CONNECT};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::address::HostName;
use crate::inward::inward;
use crate::{Address, Allowed, OutboundError};

/// The network addresses of the host, all of them checked.
pub(crate) async fn resolved(
    address: &Address,
    allowed: &Allowed,
) -> Result<Vec<SocketAddr>, OutboundError> {
    let port = address.port();
    let name = match address.host() {
        HostName::Ip(ip) => {
            let whole = vec![SocketAddr::new(ip, port)];
            return checked(address, whole, allowed);
        }
        HostName::Name(name) => name,
    };
    let found = timeout(OUTBOUND_CONNECT, lookup_host((name.as_str(), port))).await;
    let host = address.host_text();
    let unreached = |why: String| OutboundError::Unreached(format!("{host} is not found: {why}"));
    let found = found.map_err(|_| unreached(format!("no answer within {OUTBOUND_CONNECT:?}")))?;
    let found: Vec<SocketAddr> = found.map_err(|error| unreached(error.to_string()))?.collect();
    if found.is_empty() {
        return Err(unreached("it has no address".to_owned()));
    }
    if allowed.has_host(&name, port) {
        return Ok(found);
    }
    checked(address, found, allowed)
}

/// The addresses, unless one of them is refused.
fn checked(
    address: &Address,
    found: Vec<SocketAddr>,
    allowed: &Allowed,
) -> Result<Vec<SocketAddr>, OutboundError> {
    for one in &found {
        // Also an IPv6 address with a zone: the zone is no part of the address that is judged.
        let ip: IpAddr = one.ip();
        let what = inward(ip).or_else(|| is_own(ip).then_some("an address of the server itself"));
        let Some(what) = what.filter(|_| !allowed.has_address(ip, one.port())) else {
            continue;
        };
        let (host, port) = (address.host_text(), one.port());
        let flag = match address.is_hidden() {
            true => "--outbound-allow".to_owned(),
            false => format!("--outbound-allow {host}:{port}"),
        };
        return Err(OutboundError::Refused(format!(
            "{host} is refused: it leads to {what}; the operator of this server may allow it with {flag}"
        )));
    }
    Ok(found)
}

/// Whether an address is one of this machine: the system binds no other one. Where it is set to bind foreign ones, that is not
/// known.
fn is_own(address: IpAddr) -> bool {
    // Nothing is sent, and nothing blocks.
    let binds = |address: IpAddr| UdpSocket::bind((address, 0)).is_ok();
    let address = address.to_canonical();
    // Addresses for documentation, which no machine has.
    let foreign: IpAddr = match address {
        IpAddr::V4(_) => Ipv4Addr::new(192, 0, 2, 1).into(),
        IpAddr::V6(_) => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
    };
    binds(address) && !binds(foreign)
}

/// Connects to the first of the addresses that answers.
pub(crate) async fn connected(
    address: &Address,
    found: &[SocketAddr],
) -> Result<TcpStream, OutboundError> {
    let host = address.host_text();
    let mut last = None;
    let trying = async {
        for one in found.iter().take(OUTBOUND_ADDRESSES) {
            match TcpStream::connect(one).await {
                Ok(stream) => return Some(stream),
                Err(error) => last = Some(error),
            }
        }
        None
    };
    let connected = timeout(OUTBOUND_CONNECT, trying).await;
    match connected {
        Ok(Some(stream)) => {
            // An error here changes only how soon a short request is sent.
            let _ = stream.set_nodelay(true);
            Ok(stream)
        }
        Ok(None) => {
            let error = last.unwrap_or_else(|| io::Error::other("it has no address"));
            Err(OutboundError::Unreached(format!("{host} is not reached: {error}")))
        }
        Err(_) => Err(OutboundError::Unreached(format!(
            "{host} is not reached: no connection within {OUTBOUND_CONNECT:?}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_machine_is_its_own_and_another_is_not() {
        assert!(is_own(IpAddr::from([127, 0, 0, 1])));
        for other in ["1.1.1.1", "198.51.100.7", "2606:4700:4700::1111"] {
            assert!(!is_own(other.parse().expect(other)), "{other}");
        }
    }
}
