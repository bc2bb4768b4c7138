//! The setting of trusted proxies: from which addresses a connection names its caller in a PROXY header.
//!
//! Not the header itself (`serve::proxy_header`). Invariant: an address outside of these networks is never believed.

use std::net::IpAddr;

pub use model::Network;

/// The proxies before the server.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ProxyOptions {
    /// An address, or a network such as 10.0.0.0/8, of proxies whose connections begin with a PROXY header
    /// (version 1 or 2): the caller's address is then the one in the header, and a connection from there without
    /// a header is refused. Several are given one by one or with commas
    #[arg(
        long = "trusted-proxy",
        env = "GRIDLOOM_TRUSTED_PROXY",
        value_name = "ADDRESS|NETWORK",
        value_delimiter = ','
    )]
    pub trusted_proxies: Vec<Network>,
}

impl ProxyOptions {
    /// Whether connections from this address begin with a header.
    pub(crate) fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.has(peer))
    }
}
