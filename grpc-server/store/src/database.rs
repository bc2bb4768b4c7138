//! Where Postgres is, and how far the connection to it is protected: the `sslmode` of a URL as libpq defines it.
//!
//! Not a connection (`connection`). Invariant: no text and no debug output repeats the URL, which may hold a password.
//!
//! | `sslmode` | encrypted | certificate |
//! | --- | --- | --- |
//! | `disable` | no | |
//! | absent, `allow`, `prefer` | when Postgres offers it | not checked |
//! | `require` | yes | checked against the named authorities; not checked without any |
//! | `verify-ca` | yes | signed by an authority |
//! | `verify-full` | yes | signed by an authority for the host of the URL |

pub(crate) mod connection;
pub(crate) mod noted;

use std::fmt;
use std::path::PathBuf;

use tls::{Check, TlsError, Trust};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// A Postgres, and the TLS of connections to it.
#[derive(Clone)]
pub struct Database {
    pub(crate) config: Config,
    pub(crate) tls: Option<tls::ClientConfig>,
    check: Check,
}

/// Why a URL is not one of a Postgres.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// Its form.
    #[error("not of the form postgres://user:password@host:port/database")]
    Form,
    /// Its `sslmode`.
    #[error("with an sslmode that is not disable, prefer, require, verify-ca or verify-full")]
    Mode,
}

/// A URL taken apart: what the driver reads, and what it does not.
struct Parts {
    config: Config,
    check: Check,
    authority: Option<PathBuf>,
}

/// Without TLS, as for a socket of this machine.
impl From<Config> for Database {
    fn from(config: Config) -> Self {
        Self { config, tls: None, check: Check::Nothing }
    }
}

impl Database {
    /// Checks the form of a URL.
    ///
    /// # Errors
    /// [`BadUrl`]
    pub fn check(url: &str) -> Result<(), BadUrl> {
        take_apart(url).map(drop)
    }

    /// The Postgres of a URL. Its certificate is checked against `trust`, or against `sslrootcert` in the URL.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn from_url(url: &str, trust: &Trust) -> Result<Self, String> {
        let Parts { config, check, authority } = take_apart(url).map_err(|it| it.to_string())?;
        let text = |error: TlsError| error.to_string();
        let own = authority.map(|file| Trust::new(Some(&file))).transpose().map_err(text)?;
        let trust = own.as_ref().unwrap_or(trust);
        let named = config.get_ssl_mode() == SslMode::Require && trust.has_own();
        let check = if named && check == Check::Nothing { Check::Authority } else { check };
        if !wants_tls(&config) {
            return Ok(Self { tls: None, check, config });
        }
        Ok(Self { tls: Some(trust.client_config(check).map_err(text)?), check, config })
    }

    /// Whether the network between here and Postgres could read or change what is sent.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        let is_near = |host: &Host| match host {
            Host::Unix(_) => true,
            Host::Tcp(name) => {
                name == "localhost"
                    || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
            }
        };
        let checked = self.tls.is_some() && self.check == Check::Name;
        !checked && !self.config.get_hosts().iter().all(is_near)
    }
}

/// Sockets of this machine have no TLS, and a certificate needs the name of a host.
fn wants_tls(config: &Config) -> bool {
    let has_name = config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(_)));
    config.get_ssl_mode() != SslMode::Disable && has_name
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("check", &self.check).finish_non_exhaustive()
    }
}

/// Replaces what the driver does not know of `sslmode` and `sslrootcert`.
fn take_apart(url: &str) -> Result<Parts, BadUrl> {
    let is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let (head, settings, between) = match (is_url, url.split_once('?')) {
        (true, Some((head, settings))) => (head, settings, '&'),
        (true, None) => (url, "", '&'),
        (false, _) => ("", url, ' '),
    };
    let (mut check, mut authority, mut kept) = (Check::Nothing, None, Vec::new());
    for setting in settings.split(between).filter(|setting| !setting.is_empty()) {
        match setting.split_once('=') {
            Some(("sslmode", mode)) => {
                let (known, asked) = mode_of(mode.trim_matches('\''))?;
                check = asked;
                kept.push(format!("sslmode={known}"));
            }
            Some(("sslrootcert", file)) if is_url => authority = Some(decoded(file)?),
            Some(("sslrootcert", file)) => authority = Some(file.trim_matches('\'').into()),
            _ => kept.push(setting.to_owned()),
        }
    }
    let kept = kept.join(&between.to_string());
    let text = if is_url { format!("{head}?{kept}") } else { kept };
    let config = text.trim_end_matches('?').parse::<Config>().map_err(|_| BadUrl::Form)?;
    Ok(Parts { config, check, authority })
}

/// The mode that the driver knows, and the check of the certificate.
fn mode_of(mode: &str) -> Result<(&'static str, Check), BadUrl> {
    match mode {
        "disable" => Ok(("disable", Check::Nothing)),
        "allow" | "prefer" => Ok(("prefer", Check::Nothing)),
        "require" => Ok(("require", Check::Nothing)),
        "verify-ca" => Ok(("require", Check::Authority)),
        "verify-full" => Ok(("require", Check::Name)),
        _ => Err(BadUrl::Mode),
    }
}

/// A path of a URL, its escapes decoded.
fn decoded(text: &str) -> Result<PathBuf, BadUrl> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, tail @ ..] = rest {
        (rest, _) = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).map_err(|_| BadUrl::Form)?;
                (tail, bytes.push(u8::from_str_radix(digits, 16).map_err(|_| BadUrl::Form)?))
            }
            _ => (tail, bytes.push(*first)),
        };
    }
    String::from_utf8(bytes).map(PathBuf::from).map_err(|_| BadUrl::Form)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(url: &str) -> Database {
        Database::from_url(url, &Trust::new(None).expect("the machine's")).expect(url)
    }

    #[test]
    fn modes_are_those_of_libpq() {
        let modes = [
            ("", SslMode::Prefer, Check::Nothing),
            ("?sslmode=disable", SslMode::Disable, Check::Nothing),
            ("?sslmode=allow", SslMode::Prefer, Check::Nothing),
            ("?sslmode=prefer&application_name=a%20b", SslMode::Prefer, Check::Nothing),
            ("?application_name=a&sslmode=require", SslMode::Require, Check::Nothing),
            ("?sslmode=verify-ca", SslMode::Require, Check::Authority),
            ("?sslmode=verify-full", SslMode::Require, Check::Name),
        ];
        for (settings, mode, check) in modes {
            let url = format!("postgres://me:se%3Fcret@db.example:5433/grid{settings}");
            let found = database(&url);
            assert_eq!((found.config.get_ssl_mode(), found.check), (mode, check), "{settings}");
            assert_eq!(found.config.get_password(), Some(b"se?cret".as_slice()));
            assert_eq!(found.tls.is_some(), mode != SslMode::Disable, "{settings}");
            assert_eq!(found.is_exposed(), check != Check::Name, "{settings}");
            assert!(!format!("{found:?}").contains("cret"));
        }
        let pairs = "host=db.example user=me sslmode=verify-full password=secret";
        assert_eq!(database(pairs).check, Check::Name);
        for near in
            ["postgres://me@localhost/x", "postgres://me@127.0.0.2/x", "host=/run/db user=a"]
        {
            assert!(!database(near).is_exposed(), "{near}");
        }
    }

    #[test]
    fn a_refusal_repeats_nothing() {
        let bad = [
            ("postgres://me:secret@host:port/x", BadUrl::Form),
            ("postgres://me:secret@host/x?sslmode=secret", BadUrl::Mode),
            ("postgres://me:secret@host/x?sslrootcert=%zz", BadUrl::Form),
            ("postgres://me:secret@host/x?secret=1", BadUrl::Form),
        ];
        for (url, why) in bad {
            assert_eq!(Database::check(url), Err(why), "{url}");
            assert!(!why.to_string().contains("secret"));
        }
        let trust = Trust::new(None).expect("the machine's");
        let absent = "postgres://me:secret@host/x?sslmode=verify-full&sslrootcert=%2Fno%2Ffile";
        let error = Database::from_url(absent, &trust).expect_err("no such file");
        assert!(error.contains("/no/file") && !error.contains("secret"), "{error}");
    }
}
