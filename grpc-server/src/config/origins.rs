//! The settings of names and web pages: under which hosts this server is called, and which pages may call it.
//!
//! Not the check of a request (`serve`). Invariant: a value that could never match is refused at the start.

use http::Uri;
use http::uri::Authority;

/// In a list: all are allowed.
pub(crate) const ANY: &str = "*";

/// Names of this server, and pages of other sites.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct OriginOptions {
    /// A name of this server beside IP addresses, names without a dot and --node-address; several are given
    /// one by one or with commas, and * allows any
    #[arg(long = "host", env = "GRIDLOOM_HOST", value_name = "NAME", value_delimiter = ',',
        value_parser = host_name)]
    pub hosts: Vec<String>,
    /// An origin, such as `https://portal.example.org`, whose pages may call this server beside its own; several are
    /// given one by one or with commas, and * allows any
    #[arg(long = "allow-origin", env = "GRIDLOOM_ALLOW_ORIGIN", value_name = "ORIGIN",
        value_delimiter = ',', value_parser = origin)]
    pub allow_origins: Vec<String>,
}

/// Reads an origin of a flag.
pub(crate) fn origin(text: &str) -> Result<String, String> {
    let uri = text.parse::<Uri>().ok();
    let whole = |uri: &Uri| {
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.as_str());
        Some(format!("{scheme}://{authority}").to_ascii_lowercase())
    };
    match uri.as_ref().and_then(whole) {
        _ if text == ANY => Ok(text.to_owned()),
        Some(whole) if whole == text.to_ascii_lowercase() => Ok(whole),
        _ => Err("give an origin, such as https://sheets.example.org, without a path".to_owned()),
    }
}

/// Reads the origin of this server, which links name.
pub(crate) fn own_origin(text: &str) -> Result<String, String> {
    let origin = origin(text)?;
    let is_web = ["http://", "https://"].iter().any(|scheme| origin.starts_with(scheme));
    match is_web && origin != ANY {
        true => Ok(origin),
        false => Err("give the one address of this server, such as https://sheets.example.org, \
                      since links in mail begin with it"
            .to_owned()),
    }
}

/// Reads a host of a flag.
fn host_name(text: &str) -> Result<String, String> {
    match text.parse::<Authority>() {
        _ if text == ANY => Ok(text.to_owned()),
        Ok(authority) if authority.host() == text => Ok(text.to_owned()),
        _ => Err("give a name, such as sheets.example.org, without a port".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_or_refused() {
        for good in ["https://a.example", "http://localhost:5173", "*"] {
            assert_eq!(origin(good).as_deref(), Ok(good));
        }
        for bad in ["a.example", "https://a.example/", "https://a.example/x", "", "null"] {
            assert!(origin(bad).is_err(), "{bad}");
        }
        for good in ["https://a.example", "http://localhost:7400"] {
            assert_eq!(own_origin(good).as_deref(), Ok(good));
        }
        for bad in ["*", "ftp://a.example", "https://a.example/x", ""] {
            assert!(own_origin(bad).is_err(), "a link would begin with {bad}");
        }
        for good in ["a.example", "localhost", "[::1]", "*"] {
            assert_eq!(host_name(good).as_deref(), Ok(good));
        }
        for bad in ["a.example:80", "http://a.example", "", "a b"] {
            assert!(host_name(bad).is_err(), "{bad}");
        }
    }
}
