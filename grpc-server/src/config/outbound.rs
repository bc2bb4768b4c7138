//! The settings of requests to addresses that callers choose: the exceptions for the own network, and how long one may take.
//!
//! Not the requests (the crate `outbound`). Invariant: without an exception no request reaches the own network.

use std::time::Duration;

use outbound::{Allowed, Allowing, Outbound};
use tls::{TlsError, Trust};

use model::limits::outbound::{OUTBOUND_SECONDS_MOST, OUTBOUND_WITHIN};

/// Requests to other servers.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Requests to other servers")]
pub struct OutboundOptions {
    /// An address, a network such as 10.0.0.0/8, or a host, each perhaps with :PORT behind an address or a host, of the own
    /// network that enrichments of tables may ask; without it, they reach the public internet alone. Several are given one by
    /// one or with commas
    #[arg(
        long = "outbound-allow",
        env = "GRIDLOOM_OUTBOUND_ALLOW",
        value_name = "NETWORK|HOST[:PORT]",
        value_delimiter = ','
    )]
    pub outbound_allow: Vec<Allowing>,
    /// Seconds within which an answer must be whole, with its redirects, 1 to 300
    #[arg(
        long = "outbound-seconds",
        env = "GRIDLOOM_OUTBOUND_SECONDS",
        value_name = "SECONDS",
        default_value_t = OUTBOUND_WITHIN.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=OUTBOUND_SECONDS_MOST)
    )]
    pub outbound_seconds: u64,
}

impl Default for OutboundOptions {
    fn default() -> Self {
        Self { outbound_allow: Vec::new(), outbound_seconds: OUTBOUND_WITHIN.as_secs() }
    }
}

impl OutboundOptions {
    /// The client of these settings, which trusts these authorities.
    pub(crate) fn client(&self, trust: &Trust) -> Result<Outbound, TlsError> {
        let within = Duration::from_secs(self.outbound_seconds);
        Outbound::new(trust, Allowed::new(self.outbound_allow.clone()), within)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: OutboundOptions,
    }

    #[test]
    fn exceptions_are_given_one_by_one_or_with_commas() {
        let read = |flags: &[&str]| {
            let line = Line::try_parse_from([&["x"], flags].concat());
            line.map(|line| line.options).map_err(|error| error.to_string())
        };
        let one = "--outbound-allow";
        let options =
            read(&[one, "127.0.0.1:80,10.0.0.0/8", one, "api.example.org"]).expect("are some");
        assert_eq!(options.outbound_allow.len(), 3);
        assert_eq!(options.outbound_seconds, OUTBOUND_WITHIN.as_secs());
        for bad in [&[one, "10.0.0.0/33"][..], &["--outbound-seconds", "0"]] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
