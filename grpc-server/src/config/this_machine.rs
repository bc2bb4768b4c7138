//! Whether a host of a setting is this machine, so that no network is on the way.
//!
//! Not a look-up: a name that leads here by other means is another machine's.

use std::net::IpAddr;

/// Whether a host of a URL, without brackets, is this machine.
pub(super) fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}
