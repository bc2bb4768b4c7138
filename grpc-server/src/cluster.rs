//! The parts that make several servers one: which nodes live, which sessions they have, and which epoch of the journal
//! they work in.
//!
//! Not the path of an edit. Invariant: nothing here decides about a sheet's content. With a single
//! server the same parts run and have no peers; only the epochs need Redis.

pub mod confirmation;
pub mod epochs;
pub mod membership;
pub mod session_registry;

use std::net::SocketAddr;

use crate::config::Options;
use model::NodeId;
use model::NodeRecord;

/// A node's own entry, as its flags and the address that it listens on have it.
#[must_use]
pub fn record(node: NodeId, options: &Options, listen: SocketAddr) -> NodeRecord {
    let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let name = options.node_name.clone().unwrap_or_else(|| format!("{machine}/{listen}"));
    let address = options.node_address.clone().unwrap_or_else(|| match listen.ip() {
        any if any.is_unspecified() => format!("{machine}:{}", listen.port()),
        _ => listen.to_string(),
    });
    let address = match options.tls.is_served() && !address.contains("://") {
        true => format!("https://{address}"),
        false => address,
    };
    let confirms_email = Some(options.accounts.confirms_email(options.mail.smtp_url.is_some()));
    NodeRecord { id: node.0, name, address, journal_epoch: None, left_epoch: None, confirms_email }
}
