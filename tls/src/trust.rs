//! The authorities that a client trusts: those of the machine, and those of one more file.
//!
//! Not the check itself: see `verify`. Invariant: the file adds to the machine's authorities and replaces none.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, TrustAnchor};
use rustls::{ClientConfig, RootCertStore};

use crate::verify::{self, Check};
use crate::{TlsError, provider};

/// The authorities of a client. Cheap to clone.
#[derive(Clone)]
pub struct Trust {
    own: Arc<[CertificateDer<'static>]>,
    roots: Arc<RootCertStore>,
}

impl Trust {
    /// The machine's authorities, and those in the PEM file `ca`.
    ///
    /// # Errors
    /// [`TlsError`]; a machine without authorities is no error.
    pub fn new(ca: Option<&Path>) -> Result<Self, TlsError> {
        let Some(path) = ca else { return Ok(Self::from_der(Vec::new())) };
        let pem = std::fs::read(path).map_err(|error| TlsError::Read(path.to_owned(), error))?;
        let refused = || TlsError::NoAuthority(path.to_owned());
        let own: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let own = own.map_err(|_| refused())?;
        let mut roots = RootCertStore::empty();
        if own.is_empty() || own.iter().any(|it| roots.add(it.clone()).is_err()) {
            return Err(refused());
        }
        Ok(Self::from_der(own))
    }

    fn from_der(own: Vec<CertificateDer<'static>>) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(machine().iter().chain(&own).cloned());
        Self { own: own.into(), roots: Arc::new(roots) }
    }

    /// Whether there is no authority, so that no certificate can be checked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// Whether a file has named authorities.
    #[must_use]
    pub fn has_own(&self) -> bool {
        !self.own.is_empty()
    }

    /// All authorities, for a library that makes its own configuration.
    #[must_use]
    pub fn anchors(&self) -> Vec<TrustAnchor<'static>> {
        self.roots.roots.clone()
    }

    /// All authorities as a PEM file.
    #[must_use]
    pub fn pem(&self) -> Vec<u8> {
        let block = |der: &CertificateDer<'_>| {
            let text = BASE64_STANDARD.encode(der);
            format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
        };
        machine().iter().chain(self.own.iter()).map(block).collect::<String>().into_bytes()
    }

    /// The configuration of a client that checks the server's certificate as far as `check` says.
    ///
    /// # Errors
    /// [`TlsError::Setup`]
    pub fn client_config(&self, check: Check) -> Result<ClientConfig, TlsError> {
        let setup = |error: &dyn fmt::Display| TlsError::Setup(error.to_string());
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| setup(&error))?;
        let roots = Arc::clone(&self.roots);
        let verifier = verify::verifier(check, roots, provider()).map_err(|error| setup(&error))?;
        let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
        Ok(builder.with_no_client_auth())
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust").field("roots", &self.roots.len()).finish()
    }
}

/// The machine's authorities, read once. Those that can't be read are left out.
fn machine() -> &'static [CertificateDer<'static>] {
    static MACHINE: OnceLock<Vec<CertificateDer<'static>>> = OnceLock::new();
    MACHINE.get_or_init(|| rustls_native_certs::load_native_certs().certs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_adds_its_authorities_and_a_file_without_one_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("ca.pem");
        let certified = rcgen::generate_simple_self_signed(["a".to_owned()]).expect("is made");
        std::fs::write(&path, certified.cert.pem()).expect("is written");
        let machine = Trust::new(None).expect("the machine's own");
        let trust = Trust::new(Some(&path)).expect("one more");
        assert_eq!(trust.anchors().len(), machine.anchors().len() + 1);
        assert!(trust.has_own() && !machine.has_own());
        let pem = trust.pem();
        let again: Vec<_> = CertificateDer::pem_slice_iter(&pem).collect();
        assert!(again.iter().flatten().any(|der| der == certified.cert.der()));
        for content in ["", "words", &certified.signing_key.serialize_pem()] {
            std::fs::write(&path, content).expect("is written");
            assert!(matches!(Trust::new(Some(&path)), Err(TlsError::NoAuthority(_))), "{content}");
        }
        assert!(matches!(Trust::new(Some(&dir.path().join("no"))), Err(TlsError::Read(..))));
    }
}
