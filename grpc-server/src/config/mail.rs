//! The settings of mail: the server that sends it, its sender, and what letters and pages name.
//!
//! Not the sending (`mail`). Invariants: a URL with a password is never printed; an account and its password leave this
//! machine without TLS only where the URL asks for that.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use http::Uri;
use lettre::message::Mailbox;
use percent_encoding::percent_decode_str;

use super::SecretParser;
use super::origins::own_origin;
use super::this_machine::is_this_machine;

/// Characters of `--operator-contact`.
const CONTACT_CHARACTERS: usize = 200;
const SUBMISSION_PORT: u16 = 587;
const SUBMISSIONS_PORT: u16 = 465;

/// Mail, and what it names.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct MailOptions {
    /// The server that sends mail, as smtp://user:password@host:587 (STARTTLS, unless the host is this machine;
    /// `?tls=required`, `opportunistic` or `none` change that) or smtps://user:password@host:465. Without it, links
    /// that would be sent are written to the log
    #[arg(long, env = "GRIDLOOM_SMTP_URL", value_name = "URL", hide_env_values = true,
        value_parser = SecretParser::<SmtpUrl>::default(), requires = "mail_from")]
    pub smtp_url: Option<SmtpUrl>,
    /// A file with the value of --smtp-url
    #[arg(
        long,
        env = "GRIDLOOM_SMTP_URL_FILE",
        value_name = "FILE",
        conflicts_with = "smtp_url",
        requires = "mail_from"
    )]
    pub smtp_url_file: Option<PathBuf>,
    /// The sender of mail, as grid@example.org or `Gridloom <grid@example.org>`
    #[arg(long, env = "GRIDLOOM_MAIL_FROM", value_name = "ADDRESS", value_parser = mailbox)]
    pub mail_from: Option<Mailbox>,
    /// How people reach the operator, such as an address or a name; pages show it
    #[arg(long, env = "GRIDLOOM_OPERATOR_CONTACT", value_name = "TEXT", value_parser = contact)]
    pub operator_contact: Option<String>,
    /// Where browsers reach this server, as `https://sheets.example.org`, for links in mail; without it, the first
    /// --host, or the address of --listen
    #[arg(long, env = "GRIDLOOM_PUBLIC_URL", value_name = "ORIGIN", value_parser = own_origin)]
    pub public_url: Option<String>,
}

/// How far a connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MailTls {
    /// From the first byte.
    Wrapper,
    /// By STARTTLS, or no mail is sent.
    Required,
    /// By STARTTLS where the server offers it.
    Opportunistic,
    /// Not at all.
    None,
}

/// The address of a mail server. May hold a password, so it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: MailTls,
    /// The user and the password.
    pub(crate) login: Option<(String, String)>,
}

impl SmtpUrl {
    /// Whether the network between here and the mail server could read or change what is sent.
    pub(crate) fn is_exposed(&self) -> bool {
        let is_open = matches!(self.tls, MailTls::Opportunistic | MailTls::None);
        is_open && !is_this_machine(&self.host)
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpUrl(..)")
    }
}

impl FromStr for SmtpUrl {
    type Err = String;

    /// Refuses what it can't read, without repeating it.
    fn from_str(url: &str) -> Result<Self, String> {
        parse(url).ok_or_else(|| {
            "not of the form smtp://user:password@host:port or smtps://user:password@host:port, with signs in user \
             and password as %XX, and perhaps ?tls=required, opportunistic or none after smtp://"
                .to_owned()
        })
    }
}

fn parse(url: &str) -> Option<SmtpUrl> {
    let uri: Uri = url.parse().ok()?;
    let authority = uri.authority()?;
    if !matches!(uri.path(), "" | "/") {
        return None;
    }
    let host = authority.host().trim_matches(['[', ']']).to_owned();
    let (tls, port) = match (uri.scheme_str()?, uri.query()) {
        ("smtps", None) => (MailTls::Wrapper, SUBMISSIONS_PORT),
        ("smtp", None) if is_this_machine(&host) => (MailTls::None, SUBMISSION_PORT),
        ("smtp", None | Some("tls=required")) => (MailTls::Required, SUBMISSION_PORT),
        ("smtp", Some("tls=opportunistic")) => (MailTls::Opportunistic, SUBMISSION_PORT),
        ("smtp", Some("tls=none")) => (MailTls::None, SUBMISSION_PORT),
        _ => return None,
    };
    let has_port = authority.as_str().rsplit(['@', ']']).next()?.contains(':');
    let port = match authority.port_u16() {
        Some(port) => port,
        None if has_port => return None,
        None => port,
    };
    let decoded = |text: &str| Some(percent_decode_str(text).decode_utf8().ok()?.into_owned());
    let login = match authority.as_str().rsplit_once('@') {
        Some((login, _)) => {
            let (user, password) = login.split_once(':')?;
            Some((decoded(user)?, decoded(password)?))
        }
        None => None,
    };
    Some(SmtpUrl { host, port, tls, login }).filter(|it| !it.host.is_empty())
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|_| "give an address, such as grid@example.org".to_owned())
}

fn contact(text: &str) -> Result<String, String> {
    let is_shown = |text: &str| !text.chars().any(char::is_control);
    match text.trim() {
        text if (1..=CONTACT_CHARACTERS).contains(&text.chars().count()) && is_shown(text) => {
            Ok(text.to_owned())
        }
        _ => Err(format!("give 1 to {CONTACT_CHARACTERS} characters in one line")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_or_refused_and_never_repeated() {
        let read = |url: &str| {
            let url = url.parse::<SmtpUrl>().expect(url);
            (url.host, url.port, url.tls)
        };
        let host = || "mail.example".to_owned();
        for (url, expected) in [
            ("smtps://mail.example", (host(), 465, MailTls::Wrapper)),
            ("smtp://mail.example", (host(), 587, MailTls::Required)),
            ("smtp://mail.example:25/?tls=none", (host(), 25, MailTls::None)),
            ("smtp://mail.example?tls=opportunistic", (host(), 587, MailTls::Opportunistic)),
            ("smtp://127.0.0.1:2525", ("127.0.0.1".to_owned(), 2525, MailTls::None)),
            ("smtp://[::1]:25?tls=required", ("::1".to_owned(), 25, MailTls::Required)),
        ] {
            assert_eq!(read(url), expected, "{url}");
        }
        let with_login: SmtpUrl = "smtps://me%40x:se%3Acret@mail.example".parse().expect("valid");
        assert_eq!(with_login.login, Some(("me@x".to_owned(), "se:cret".to_owned())));
        assert!(!format!("{with_login:?}").contains("cret"));
        for bad in [
            "",
            "http://mail.example",
            "smtp://",
            "smtps://a:secret@mail.example?tls=none",
            "smtp://me:secret@mail.example/path",
            "smtp://me:secret@mail.example?tls=secret",
            "smtp://me:secret@mail.example:port",
            "smtp://secret@mail.example",
        ] {
            let refused = bad.parse::<SmtpUrl>().expect_err(bad);
            assert!(!refused.contains("secret"), "{refused}");
        }
    }

    #[test]
    fn a_mail_server_beyond_this_machine_without_tls_is_exposed() {
        for (url, exposed) in [
            ("smtp://mail.example?tls=none", true),
            ("smtp://mail.example?tls=opportunistic", true),
            ("smtp://mail.example", false),
            ("smtps://mail.example", false),
            ("smtp://localhost:25", false),
        ] {
            assert_eq!(url.parse::<SmtpUrl>().expect(url).is_exposed(), exposed, "{url}");
        }
    }

    #[test]
    fn contacts_and_senders_are_checked() {
        assert_eq!(contact(" ops@example.org ").as_deref(), Ok("ops@example.org"));
        for bad in ["", " ", "a\nb", &"x".repeat(CONTACT_CHARACTERS + 1)] {
            assert!(contact(bad).is_err(), "{bad}");
        }
        assert!(mailbox("Gridloom <grid@example.org>").is_ok() && mailbox("grid").is_err());
    }
}
