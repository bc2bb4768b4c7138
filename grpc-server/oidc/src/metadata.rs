//! What a provider publishes of itself: its endpoints (OpenID Connect Discovery 1.0).
//!
//! Not its keys. Invariants: the document is the one of the issuer in the settings; a provider with TLS has no endpoint
//! without it.

use http::Uri;
use serde::Deserialize;

use crate::OidcError;
use crate::http::Http;

const PATH: &str = "/.well-known/openid-configuration";
const DOCUMENT: &str = "the configuration of the provider";

/// The endpoints of a provider.
#[derive(Debug)]
pub(crate) struct Metadata {
    /// Where the browser goes.
    pub(crate) authorization: Uri,
    /// Where a code becomes tokens.
    pub(crate) token: Uri,
    /// Where the keys are.
    pub(crate) keys: Uri,
    /// Where claims are that the ID token lacks.
    pub(crate) userinfo: Option<Uri>,
    /// Whether the secret of a client goes into the form, in place of a header.
    pub(crate) secret_in_form: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

impl Metadata {
    /// Reads the document of an issuer.
    pub(crate) async fn fetch(http: &Http, issuer: &str) -> Result<Self, OidcError> {
        let url = format!("{}{PATH}", issuer.trim_end_matches('/'));
        let url = url.parse().map_err(|_| OidcError::Misfit("the issuer is no address".into()))?;
        let answer = http.get(&url, None).await?;
        Self::of(answer.json(DOCUMENT)?, issuer)
    }

    fn of(document: Document, issuer: &str) -> Result<Self, OidcError> {
        if document.issuer != issuer {
            let named: String = document.issuer.chars().take(200).collect();
            return Err(OidcError::Misfit(format!(
                "the provider names its issuer {named:?}, not {issuer:?}: give that name, letter by letter"
            )));
        }
        let is_encrypted = issuer.starts_with("https://");
        let read = |name: &str, text: &str| {
            let uri: Option<Uri> = text.parse().ok();
            let fits = |uri: &Uri| match uri.scheme_str() {
                Some("https") => uri.host().is_some(),
                Some("http") => uri.host().is_some() && !is_encrypted,
                _ => false,
            };
            uri.filter(fits).ok_or_else(|| {
                OidcError::Misfit(format!("{name} of the provider is no address with https"))
            })
        };
        let methods = &document.token_endpoint_auth_methods_supported;
        let takes = |method: &str| methods.iter().any(|it| it == method);
        let userinfo = document.userinfo_endpoint.as_deref();
        Ok(Self {
            authorization: read("authorization_endpoint", &document.authorization_endpoint)?,
            token: read("token_endpoint", &document.token_endpoint)?,
            keys: read("jwks_uri", &document.jwks_uri)?,
            userinfo: userinfo.map(|text| read("userinfo_endpoint", text)).transpose()?,
            secret_in_form: takes("client_secret_post") && !takes("client_secret_basic"),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(issuer: &str, named: &str, endpoint: &str) -> Result<Metadata, OidcError> {
        let document = json!({
            "issuer": named,
            "authorization_endpoint": format!("{endpoint}/authorize?tenant=a"),
            "token_endpoint": format!("{endpoint}/token"),
            "jwks_uri": format!("{endpoint}/keys"),
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        });
        Metadata::of(serde_json::from_value(document).expect("is whole"), issuer)
    }

    #[test]
    fn a_document_is_of_its_issuer_and_has_no_endpoint_without_tls() {
        let id = "https://id.example";
        let metadata = read(id, id, id).expect("fits");
        assert_eq!(metadata.authorization.query(), Some("tenant=a"));
        assert!(metadata.secret_in_form && metadata.userinfo.is_none());
        assert!(read("http://id.example", "http://id.example", "http://id.example").is_ok());
        for (named, endpoint) in [
            ("https://other.example", id),
            ("https://id.example/", id),
            (id, "http://id.example"),
            (id, "javascript:alert(1)//"),
            (id, "/relative"),
        ] {
            let refused = read(id, named, endpoint);
            assert!(matches!(refused, Err(OidcError::Misfit(_))), "{named} {endpoint}");
        }
    }
}
