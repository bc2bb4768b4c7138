//! The settings of sign-in with an OpenID Connect provider.
//!
//! Not the flow (`service::accounts`). Invariants: a provider is given together with the name of this client; its secret
//! is in a file, and is never printed; an issuer whose connection the network can read is one of this machine, or is
//! logged.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use http::Uri;

use super::secret;
use super::this_machine::is_this_machine;

/// Characters of the name of the provider on a button.
const NAME_CHARACTERS: usize = 40;
/// The scope that makes a request one of OpenID Connect.
const OPENID: &str = "openid";

/// Sign-in with a provider.
#[derive(Clone, Debug, clap::Args)]
pub struct OidcOptions {
    /// An OpenID Connect provider by which people sign in, such as `https://id.example.org/realms/staff`, letter by
    /// letter as it names itself in /.well-known/openid-configuration below this address. Give --public-url, too: the
    /// provider sends browsers back to its path /sign-in/callback
    #[arg(long, env = "GRIDLOOM_OIDC_ISSUER", value_name = "URL", value_parser = issuer,
        requires = "oidc_client_id")]
    pub oidc_issuer: Option<String>,
    /// The id of this server at the provider
    #[arg(long, env = "GRIDLOOM_OIDC_CLIENT_ID", value_name = "ID", requires = "oidc_issuer")]
    pub oidc_client_id: Option<String>,
    /// A file with the secret that the provider has given for --oidc-client-id; without it, the client is a public one
    #[arg(
        long,
        env = "GRIDLOOM_OIDC_CLIENT_SECRET_FILE",
        value_name = "FILE",
        requires = "oidc_issuer"
    )]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// The secret, once its file is read.
    #[arg(skip)]
    pub oidc_client_secret: Option<ClientSecret>,
    /// The name of the provider on the button "Continue with NAME"; without it, the host of --oidc-issuer
    #[arg(long, env = "GRIDLOOM_OIDC_NAME", value_name = "NAME", value_parser = name,
        requires = "oidc_issuer")]
    pub oidc_name: Option<String>,
    /// What the provider is asked for; one by one or with commas. `openid` is always among it
    #[arg(long = "oidc-scope", env = "GRIDLOOM_OIDC_SCOPE", value_name = "SCOPE", value_delimiter = ',',
        default_values_t = [String::from("email"), String::from("profile")], value_parser = scope)]
    pub oidc_scopes: Vec<String>,
    /// Addresses of the provider count as confirmed where it does not say whether they are. For a provider that gives
    /// addresses to the persons of one organisation alone
    #[arg(long, env = "GRIDLOOM_OIDC_TRUST_EMAIL", requires = "oidc_issuer")]
    pub oidc_trust_email: bool,
}

impl Default for OidcOptions {
    fn default() -> Self {
        Self {
            oidc_issuer: None,
            oidc_client_id: None,
            oidc_client_secret_file: None,
            oidc_client_secret: None,
            oidc_name: None,
            oidc_scopes: vec!["email".to_owned(), "profile".to_owned()],
            oidc_trust_email: false,
        }
    }
}

impl OidcOptions {
    /// Reads the file of the secret.
    pub(super) fn read_file(&mut self) -> Result<(), String> {
        if let Some(file) = self.oidc_client_secret_file.take() {
            self.oidc_client_secret = Some(secret::read(&file)?);
        }
        Ok(())
    }

    /// The name of the provider for people; empty without one.
    pub(crate) fn shown_name(&self) -> String {
        let host = || self.oidc_issuer.as_ref()?.parse::<Uri>().ok()?.host().map(str::to_owned);
        self.oidc_name.clone().or_else(host).unwrap_or_default()
    }

    /// All scopes of a request.
    pub(crate) fn scopes(&self) -> Vec<String> {
        let others = self.oidc_scopes.iter().filter(|scope| *scope != OPENID).cloned();
        std::iter::once(OPENID.to_owned()).chain(others).collect()
    }

    /// Whether the network between here and the provider could change which person signs in.
    pub(crate) fn is_exposed(&self) -> bool {
        let uri = self.oidc_issuer.as_ref().and_then(|issuer| issuer.parse::<Uri>().ok());
        uri.is_some_and(|uri| {
            let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
            uri.scheme_str() == Some("http") && !is_this_machine(host)
        })
    }
}

/// The secret of this server at the provider. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// The secret itself.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(..)")
    }
}

impl FromStr for ClientSecret {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.chars().all(|it| it.is_ascii_graphic()) && !text.is_empty() {
            true => Ok(Self(text.to_owned())),
            false => Err("not a secret: one line of letters, digits and signs".to_owned()),
        }
    }
}

fn issuer(text: &str) -> Result<String, String> {
    let uri: Option<Uri> = text.parse().ok();
    let is_issuer = uri.is_some_and(|uri| {
        let is_web = matches!(uri.scheme_str(), Some("https" | "http"));
        is_web
            && uri.query().is_none()
            && uri.authority().is_some_and(|it| !it.as_str().contains('@'))
    });
    match is_issuer {
        true => Ok(text.to_owned()),
        false => Err("give the address of the provider, such as https://id.example.org".to_owned()),
    }
}

fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_shown = !text.chars().any(char::is_control);
    match (1..=NAME_CHARACTERS).contains(&text.chars().count()) && is_shown {
        true => Ok(text.to_owned()),
        false => Err(format!("give 1 to {NAME_CHARACTERS} characters in one line")),
    }
}

fn scope(text: &str) -> Result<String, String> {
    let fits = |letter: char| letter.is_ascii_graphic() && !matches!(letter, '"' | '\\');
    match !text.is_empty() && text.chars().all(fits) {
        true => Ok(text.to_owned()),
        false => Err("give scopes, such as email,profile".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: OidcOptions,
    }

    fn read(flags: &[&str]) -> Result<OidcOptions, String> {
        let line = Line::try_parse_from([&["x"], flags].concat());
        line.map(|line| line.options).map_err(|error| error.to_string())
    }

    #[test]
    fn a_provider_has_a_client_a_name_and_scopes() {
        let provider = ["--oidc-issuer", "https://id.example/realms/a", "--oidc-client-id", "grid"];
        let options = read(&provider).expect("is whole");
        assert_eq!(options.shown_name(), "id.example");
        assert_eq!(options.scopes(), ["openid", "email", "profile"]);
        let more = ["--oidc-name", " Staff ", "--oidc-scope", "openid,email,groups"];
        let options = read(&[&provider[..], &more].concat()).expect("is whole");
        assert_eq!(options.shown_name(), "Staff");
        assert_eq!(options.scopes(), ["openid", "email", "groups"]);
        assert_eq!(read(&[]).expect("is whole").shown_name(), "");
        for bad in
            [&provider[..2], &provider[2..], &["--oidc-name", "Staff"], &["--oidc-trust-email"]]
        {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn values_are_checked() {
        for bad in [
            "id.example",
            "ftp://id.example",
            "https://a:b@id.example",
            "https://id.example?x=1",
            "",
        ] {
            assert!(issuer(bad).is_err(), "{bad}");
        }
        assert!(name("").is_err() && name("a\nb").is_err() && name(&"x".repeat(41)).is_err());
        assert!(scope("a b").is_err() && scope("").is_err() && scope("a\"b").is_err());
        let secret: ClientSecret = "s3cret-".parse().expect("is one");
        assert!(!format!("{secret:?}").contains("s3cret"));
        for bad in ["", "two words", "a\nb"] {
            assert!(bad.parse::<ClientSecret>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_provider_beyond_this_machine_without_tls_is_exposed() {
        for (issuer, exposed) in [
            ("http://id.example", true),
            ("https://id.example", false),
            ("http://localhost:9400", false),
            ("http://[::1]:9400", false),
        ] {
            let flags = ["--oidc-issuer", issuer, "--oidc-client-id", "grid"];
            assert_eq!(read(&flags).expect("is whole").is_exposed(), exposed, "{issuer}");
        }
    }
}
