//! Why a certificate, a key or an authority can't be used.
//!
//! Not the errors of a handshake. Invariant: each text names the file and what to do; none repeats a key.

use std::io;
use std::path::PathBuf;

/// Why TLS settings can't be used. Each text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file can't be read.
    #[error("can't read {0}: {1}")]
    Read(PathBuf, io::Error),
    /// The file has no certificate.
    #[error(
        "{0} has no certificate; give a PEM file that begins with the server's own certificate"
    )]
    NoCertificate(PathBuf),
    /// The file has no certificate of an authority.
    #[error("{0} has no certificate of an authority; give a PEM file")]
    NoAuthority(PathBuf),
    /// The file has no private key.
    #[error("{0} has no private key; give a PEM file without a passphrase")]
    NoKey(PathBuf),
    /// The two files do not belong together, or their kind is not supported.
    #[error("the certificate in {certificate} does not fit the key in {key}: {why}")]
    Mismatch {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// The reason of the library.
        why: String,
    },
    /// No protocol version is possible with the provider.
    #[error("TLS can't be set up: {0}")]
    Setup(String),
}
