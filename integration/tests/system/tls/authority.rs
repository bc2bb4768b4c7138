//! An authority of a test's own, and the certificates that it signs.
//!
//! Not the files of the machine. Invariant: each certificate has a key of its own.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;

/// An authority whose certificate is in a file.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    path: String,
    directory: Arc<TempDir>,
}

/// A certificate and its key, as files of the authority's directory.
pub(super) struct Files {
    _directory: Arc<TempDir>,
    pub(super) certificate: String,
    pub(super) key: String,
}

impl Authority {
    pub(super) fn new() -> Self {
        let directory = Arc::new(tempfile::tempdir().expect("a directory"));
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        // Two authorities of one name would be taken for one whose signature is wrong.
        let name = directory.path().display().to_string();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("is signed");
        let path = directory.path().join("ca.pem").display().to_string();
        fs::write(&path, issuer.pem()).expect("is written");
        Self { issuer, path, directory }
    }

    /// The file with its certificate.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// A new certificate for these names and addresses.
    pub(super) fn issue(&self, names: &[&str]) -> Files {
        let at = |name: &str| self.directory.path().join(name).display().to_string();
        let number = fs::read_dir(self.directory.path()).expect("is there").count();
        let certificate = at(&format!("cert-{number}.pem"));
        let key = at(&format!("key-{number}.pem"));
        let files = Files { _directory: Arc::clone(&self.directory), certificate, key };
        self.issue_into(&files, names);
        files
    }

    /// The same, in place of earlier files.
    pub(super) fn issue_into(&self, files: &Files, names: &[&str]) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(names).expect("names");
        let certificate = params.signed_by(&key, &self.issuer).expect("is signed");
        write(Path::new(&files.certificate), &certificate.pem());
        write(Path::new(&files.key), &key.serialize_pem());
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("is written");
}
