//! How a server reaches a bucket.
//!
//! Not which bucket. Invariant: keys are in no text, neither of the options nor of their errors.

use std::fmt;

use crate::VaultError;

/// How a server reaches a bucket. The default is S3 in its first region, with the credentials of the environment.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct BucketOptions {
    /// The address of a server with the protocol of S3, such as `https://host:9000`; `None`: S3.
    pub endpoint: Option<String>,
    /// The region; `None`: that of the environment, or `us-east-1`.
    pub region: Option<String>,
    /// The id of the key; `None`: the credentials of the environment or of the machine.
    pub access_key_id: Option<String>,
    /// The key; set with its id.
    pub secret_access_key: Option<String>,
    /// Whether the endpoint may have `http`: all bytes are readable on their way then.
    pub allow_http: bool,
}

impl fmt::Debug for BucketOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |key: &Option<String>| key.as_ref().map(|_| "(hidden)");
        f.debug_struct("BucketOptions")
            // One with a login in it is refused later.
            .field("endpoint", &self.endpoint.as_ref().filter(|it| !it.contains('@')))
            .field("region", &self.region)
            .field("access_key_id", &hidden(&self.access_key_id))
            .field("secret_access_key", &hidden(&self.secret_access_key))
            .field("allow_http", &self.allow_http)
            .finish()
    }
}

impl BucketOptions {
    /// Checks that the options fit each other.
    pub(super) fn check(&self) -> Result<(), VaultError> {
        let bad = |rule: &str| Err(VaultError::BadPlace(rule.to_owned()));
        if self.access_key_id.is_some() != self.secret_access_key.is_some() {
            return bad(
                "of the bucket's key only the id or only the secret is set; set both or none",
            );
        }
        let Some(endpoint) = &self.endpoint else { return Ok(()) };
        let host = match endpoint.split_once("://") {
            Some(("https", host)) => host,
            Some(("http", host)) if self.allow_http => host,
            Some(("http", _)) => {
                return bad("the bucket's endpoint has http, which is not allowed");
            }
            _ => return bad("the bucket's endpoint is no address that begins with https://"),
        };
        let is_plain = |c: char| c.is_ascii_graphic() && !"@?#".contains(c);
        if host.is_empty() || !host.chars().all(is_plain) {
            return bad("the bucket's endpoint has more than a host, a port and a path");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(endpoint: &str, allow_http: bool) -> bool {
        let options =
            BucketOptions { endpoint: Some(endpoint.to_owned()), allow_http, ..Default::default() };
        options.check().is_ok()
    }

    #[test]
    fn an_endpoint_is_an_address_without_a_login() {
        assert!(at("https://s3.example.org", false) && at("https://[::1]:9000/", false));
        assert!(at("http://127.0.0.1:9000", true) && !at("http://127.0.0.1:9000", false));
        for endpoint in
            ["", "s3.example.org", "ftp://a", "https://", "https://a:b@c", "https://a?b"]
        {
            assert!(!at(endpoint, true), "{endpoint}");
        }
    }

    #[test]
    fn half_a_key_is_refused() {
        let key = || Some("key".to_owned());
        let id = BucketOptions { access_key_id: key(), ..Default::default() };
        let secret = BucketOptions { secret_access_key: key(), ..Default::default() };
        let both = BucketOptions { secret_access_key: key(), ..id.clone() };
        assert!(id.check().is_err() && secret.check().is_err() && both.check().is_ok());
    }

    #[test]
    fn keys_are_hidden() {
        let options = BucketOptions {
            endpoint: Some("https://me:hunter2@host".to_owned()),
            access_key_id: Some("hunter2".to_owned()),
            secret_access_key: Some("hunter2".to_owned()),
            ..Default::default()
        };
        assert!(!format!("{options:?}").contains("hunter2"));
        let error = options.check().expect_err("has a login");
        assert!(!error.to_string().contains("hunter2"));
    }
}
