//! The certificate and the key of a server, as files.
//!
//! Not how often the files are read: the server does that. Invariant: a configuration is made only from a key that
//! belongs to the certificate.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::ring::Ticketer;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use x509_cert::der::Decode as _;

use crate::{TlsError, provider};

/// How long before its end a certificate is to be renewed; most are renewed earlier by a program.
const RENEW_BEFORE: Duration = Duration::from_secs(14 * DAY);
const DAY: u64 = 24 * 60 * 60;

/// The content of a certificate's file and of its key's file.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    certificate: (PathBuf, Vec<u8>),
    key: (PathBuf, Vec<u8>),
}

impl Identity {
    /// Reads both files.
    ///
    /// # Errors
    /// [`TlsError::Read`]
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let read = |path: &Path| {
            let bytes = fs::read(path).map_err(|error| TlsError::Read(path.to_owned(), error))?;
            Ok((path.to_owned(), bytes))
        };
        Ok(Self { certificate: read(certificate)?, key: read(key)? })
    }

    /// A sentence for the operator when a certificate of the file has ended, is not valid yet, or ends within two weeks.
    pub fn expiry_warning(&self, now: SystemTime) -> Option<String> {
        let file = self.certificate.0.display();
        let mut ends = None::<SystemTime>;
        // One that can't be read is refused elsewhere.
        for certificate in CertificateDer::pem_slice_iter(&self.certificate.1).flatten() {
            let read = x509_cert::Certificate::from_der(&certificate).ok()?;
            let validity = read.tbs_certificate.validity;
            if validity.not_before.to_system_time() > now {
                return Some(format!(
                    "A CERTIFICATE IN {file} IS NOT VALID YET: clients refuse it"
                ));
            }
            let end = validity.not_after.to_system_time();
            ends = Some(ends.map_or(end, |ends| ends.min(end)));
        }
        match ends?.duration_since(now) {
            Err(_) => {
                Some(format!("A CERTIFICATE IN {file} HAS EXPIRED: clients refuse it; renew it"))
            }
            Ok(left) if left < RENEW_BEFORE => {
                let days = left.as_secs() / DAY;
                Some(format!("a certificate in {file} expires in {days} days; renew it"))
            }
            Ok(_) => None,
        }
    }

    /// The configuration of a server that speaks these protocols, the preferred one first.
    ///
    /// # Errors
    /// [`TlsError`]
    pub fn server_config(&self, protocols: &[&[u8]]) -> Result<ServerConfig, TlsError> {
        let (certificate, key) = (&self.certificate.0, &self.key.0);
        let chain = CertificateDer::pem_slice_iter(&self.certificate.1)
            .collect::<Result<Vec<_>, _>>()
            .ok()
            .filter(|chain| !chain.is_empty())
            .ok_or_else(|| TlsError::NoCertificate(certificate.clone()))?;
        let private =
            PrivateKeyDer::from_pem_slice(&self.key.1).map_err(|_| TlsError::NoKey(key.clone()))?;
        let setup = |error: rustls::Error| TlsError::Setup(error.to_string());
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(setup)?
            .with_no_client_auth()
            .with_single_cert(chain, private)
            .map_err(|error| TlsError::Mismatch {
                certificate: certificate.clone(),
                key: key.clone(),
                why: error.to_string(),
            })?;
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        // A client that returns skips the signature; the ticketer changes its key every six hours.
        config.ticketer = Ticketer::new().map_err(setup)?;
        Ok(config)
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("certificate", &self.certificate.0).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::generate_simple_self_signed;

    use super::*;

    fn files(certificate: &str, key: &str) -> (tempfile::TempDir, Result<(), String>) {
        let dir = tempfile::tempdir().expect("a directory");
        let paths = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
        fs::write(&paths.0, certificate).expect("is written");
        fs::write(&paths.1, key).expect("is written");
        let made = Identity::read(&paths.0, &paths.1).and_then(|it| it.server_config(&[b"h2"]));
        (dir, made.map(drop).map_err(|error| error.to_string()))
    }

    /// The warning at noon of 15 June 2030 about a chain of certificates that are valid between two days of that year.
    fn warning(chain: &[[(u8, u8); 2]]) -> Option<String> {
        let pem = chain.iter().map(|valid| {
            let names = vec!["localhost".to_owned()];
            let mut params = rcgen::CertificateParams::new(names).expect("names");
            let [from, to] = valid.map(|(month, day)| rcgen::date_time_ymd(2030, month, day));
            (params.not_before, params.not_after) = (from, to);
            let key = rcgen::KeyPair::generate().expect("a key");
            params.self_signed(&key).expect("is signed").pem()
        });
        let identity = Identity {
            certificate: ("cert.pem".into(), pem.collect::<String>().into_bytes()),
            key: ("key.pem".into(), Vec::new()),
        };
        identity.expiry_warning(SystemTime::UNIX_EPOCH + Duration::from_secs(1907755200))
    }

    #[test]
    fn a_certificate_that_has_ended_or_ends_soon_is_named_also_in_the_middle_of_a_chain() {
        let (long, soon, ended) = ([(6, 14), (9, 1)], [(1, 1), (6, 29)], [(1, 1), (6, 15)]);
        assert_eq!(warning(&[long, [(1, 1), (6, 30)]]), None);
        for (chain, words) in [
            (&[soon][..], "cert.pem expires in 13 days"),
            (&[[(1, 1), (6, 16)]], "expires in 0 days"),
            (&[ended], "HAS EXPIRED"),
            (&[long, ended], "HAS EXPIRED"),
            (&[long, soon], "expires in 13 days"),
            (&[[(6, 16), (9, 1)]], "NOT VALID YET"),
        ] {
            let warned = warning(chain).expect(words);
            assert!(warned.contains(words), "{warned}");
        }
    }

    #[test]
    fn only_a_key_of_the_certificate_is_taken_and_no_error_repeats_one() {
        let make = || generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let (one, other) = (make(), make());
        let (cert, key) = (one.cert.pem(), one.signing_key.serialize_pem());
        let foreign = other.signing_key.serialize_pem();
        assert_eq!(files(&cert, &key).1, Ok(()));
        assert_eq!(files(&format!("{cert}{}", other.cert.pem()), &key).1, Ok(()), "a chain");
        let cut = &key[..key.len() / 2];
        let wrong = [
            (cert.as_str(), foreign.as_str(), "does not fit the key"),
            (&key, &key, "has no certificate"),
            (&cert, &cert, "has no private key"),
            (&cert[..cert.len() / 2], &key, "has no certificate"),
            (&cert, cut, "has no private key"),
            ("", "", "has no certificate"),
        ];
        for (certificate, key, rule) in wrong {
            let error = files(certificate, key).1.expect_err(rule);
            assert!(error.contains(rule), "{error}");
            let secret: &str = key.lines().nth(1).unwrap_or("-----");
            assert!(!error.contains(secret), "{error}");
        }
    }
}
