//! An OpenID provider with TLS: its certificate is checked, and a sign-in begins at no other.

use integration::harness::{OidcProvider, Server, eventually};

use super::authority::Authority;
use crate::provider::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_found_whose_authority_is_trusted_and_no_other() {
    let (authority, other) = (Authority::new(), Authority::new());
    let files = authority.issue(&["localhost"]);
    let tls = ["--cert", &files.certificate, "--key", &files.key];
    let provider = OidcProvider::start_with(&tls);
    let issuer = format!("https://localhost:{}", provider.port());
    for trusted in [&other, &authority] {
        let flags = ["--oidc-issuer", &issuer, "--oidc-client-id", "grid"];
        let server = Server::start_with(&[&flags[..], &["--tls-ca", trusted.path()]].concat());
        let is_trusted = trusted.path() == authority.path();
        let line = if is_trusted { "OpenID provider found" } else { "OpenID provider not found" };
        let log = eventually(line, async || {
            let log = std::fs::read_to_string(server.home().log()).expect("is there");
            log.contains(line).then_some(log)
        });
        assert_eq!(log.await.contains("certificate"), !is_trusted);
        let begun = Browser::at(&server).await.begin(false).await;
        assert_eq!(begun.ok().map(|url| url.starts_with(&issuer)), is_trusted.then_some(true));
    }
}
