//! TLS settings: the certificate that a server shows, and the authorities that a client trusts.
//!
//! Not a connection: the crates that open sockets make those. Start at [`Trust`] for a client and at [`Identity`]
//! for a server. Invariant: ring is the one provider of cryptography, and it is named in each configuration.

mod error;
mod identity;
mod trust;
mod verify;

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};

pub use rustls::{ClientConfig, ServerConfig};

pub use self::error::TlsError;
pub use self::identity::Identity;
pub use self::trust::Trust;
pub use self::verify::Check;

/// Makes ring the provider of this process, for libraries that take the process' default. For the first line of each
/// `main`; a second call changes nothing.
pub fn install_provider() {
    // The error is the provider that was installed before.
    let _ = ring::default_provider().install_default();
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
