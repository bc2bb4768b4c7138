//! Log lines about connections that the network can read.
//!
//! Not a refusal: a proxy with TLS or a private network may stand in between. Invariant: each line names the setting
//! that closes the gap.

use std::net::SocketAddr;

use crate::config::Options;

/// Logs each connection of these settings that leaves the machine without protection.
pub(super) fn warn(options: &Options, listening: SocketAddr) {
    for line in exposures(options, listening) {
        tracing::warn!(%listening, "{line}");
    }
}

fn exposures(options: &Options, listening: SocketAddr) -> Vec<&'static str> {
    let mut lines = Vec::new();
    if !listening.ip().is_loopback() && !options.tls.is_served() {
        lines.push(
            "PASSWORDS AND TOKENS ARE SENT IN THE CLEAR: this server listens beyond this machine without TLS; \
             give --tls-cert and --tls-key, or put a proxy with TLS before it",
        );
    }
    let trust = options.tls.trust.read();
    let database = options.database_url.as_ref().zip(trust.as_ref().ok());
    let database = database.and_then(|(url, trust)| url.database(trust).ok());
    if database.is_some_and(|database| database.is_exposed()) {
        lines.push(
            "the network between this server and Postgres is trusted; add sslmode=verify-full to \
             --database-url unless it is private",
        );
    }
    if options.redis_url.as_ref().is_some_and(|url| !url.is_encrypted() && !url.is_local()) {
        lines.push(
            "the network between this server and Redis is trusted; use rediss:// in --redis-url unless it \
             is private",
        );
    }
    if options.mail.smtp_url.as_ref().is_some_and(|url| url.is_exposed()) {
        lines.push(
            "the network between this server and the mail server can read password links; use smtps:// or \
             ?tls=required in --smtp-url unless it is private",
        );
    }
    if options.oidc.is_exposed() {
        lines.push(
            "the network between this server and the OpenID provider can change which person signs in; use https:// in \
             --oidc-issuer unless it is private",
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_each_connection_that_leaves_the_machine_unprotected() {
        let count = |listen: &str, database: Option<&str>, redis: Option<&str>, tls: bool| {
            let mut options = Options {
                database_url: database.map(|url| url.parse().expect(url)),
                redis_url: redis.map(|url| url.parse().expect(url)),
                ..Options::default()
            };
            options.tls.tls_cert = tls.then(|| "cert.pem".into());
            exposures(&options, listen.parse().expect(listen)).len()
        };
        let far = Some("postgres://a@db.example/x");
        let safe = Some("postgres://a@db.example/x?sslmode=verify-full");
        assert_eq!(count("127.0.0.1:1", None, None, false), 0);
        assert_eq!(count("[::1]:1", None, Some("redis://127.0.0.1"), false), 0);
        assert_eq!(count("0.0.0.0:1", None, None, false), 1);
        assert_eq!(count("0.0.0.0:1", None, None, true), 0);
        assert_eq!(count("10.0.0.1:1", far, Some("redis://redis.example"), false), 3);
        assert_eq!(count("10.0.0.1:1", safe, Some("rediss://redis.example"), true), 0);
    }
}
