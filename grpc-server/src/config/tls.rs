//! The settings of TLS: the certificate of this server, and the authorities of the servers that it connects to.
//!
//! Not a connection. Invariant: a certificate is given together with its key.

use std::path::PathBuf;

use tls::{TlsError, Trust};

/// The files of TLS.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct TlsOptions {
    /// PEM file with the certificate of this server and those that lead to its authority: the port then
    /// serves TLS. Renewed files take effect without a restart
    #[arg(long, env = "GRIDLOOM_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// PEM file with the key of --tls-cert, readable by the account of the server
    #[arg(long, env = "GRIDLOOM_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// The authorities of other servers.
    #[command(flatten)]
    pub trust: TrustOptions,
}

/// The authorities besides those of the machine.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct TrustOptions {
    /// PEM file with the authorities that sign the certificates of Postgres, Redis and the other servers,
    /// besides those that the machine trusts
    #[arg(long, env = "GRIDLOOM_TLS_CA", value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,
}

impl TlsOptions {
    /// Whether the port serves TLS.
    pub(crate) fn is_served(&self) -> bool {
        self.tls_cert.is_some()
    }
}

impl TrustOptions {
    /// Reads the authorities.
    pub(crate) fn read(&self) -> Result<Trust, TlsError> {
        Trust::new(self.tls_ca.as_deref())
    }
}
