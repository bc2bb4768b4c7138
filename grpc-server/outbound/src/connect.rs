//! The connection to a host: its network addresses are looked up once and checked, and one of them is connected to.
//!
//! Not the request. Invariants: each network address of a host is checked, and one that is refused refuses the host; the
//! connection leads to an address of that look-up, so a second answer of the name server changes nothing.

use std::io;
use std::net::{IpAddr, SocketAddr};

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
    let unreached = |why: String| OutboundError::Unreached(format!("{name} is not found: {why}"));
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
        let Some(what) = inward(ip).filter(|_| !allowed.has_address(ip, one.port())) else {
            continue;
        };
        let (host, port) = (address.host_text(), one.port());
        return Err(OutboundError::Refused(format!(
            "{host} is refused: it leads to {what}; the operator of this server may allow it with --outbound-allow \
             {host}:{port}"
        )));
    }
    Ok(found)
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
