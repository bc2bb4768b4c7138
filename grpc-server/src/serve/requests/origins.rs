//! Which names this server has, and which web pages may call it: by default, its own page alone.
//!
//! A browser states in `Origin` the site of the page that calls. A page of another site is refused, also one whose
//! name was made to lead to this machine (DNS rebinding), which is why unknown names are refused. Such a name needs a
//! dot, so IP addresses and names without one are known. Not the rights of a caller: see `edge::auth`.
//!
//! Invariant: a request with one host that is known and no foreign origin passes; every other one but a health check
//! is refused before any other layer sees it.

use std::net::IpAddr;

use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderValue, StatusCode, Uri};
use tonic::Code;
use tower_http::cors::AllowOrigin;

use crate::config::Options;
use crate::config::origins::ANY;
use crate::edge::errors::StatusBuilder;

/// The path of health checks, whose host is a balancer's choice.
pub(in crate::serve) const HEALTH: &str = "/healthz";

/// The names and the origins that are allowed.
#[derive(Clone, Debug)]
pub(in crate::serve) struct Origins {
    hosts: Vec<String>,
    origins: Vec<String>,
}

/// Why a request is refused before a service sees it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::serve) enum Refused {
    /// No host that can be read, or more than one.
    Unclear,
    /// A name that is not this server's.
    Host(String),
    /// A page of another site.
    Origin(String),
}

impl Refused {
    /// As a plain HTTP caller receives it.
    pub(in crate::serve) const fn code(&self) -> StatusCode {
        match self {
            Self::Unclear => StatusCode::BAD_REQUEST,
            Self::Host(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::Origin(_) => StatusCode::FORBIDDEN,
        }
    }

    /// As a gRPC caller receives it.
    pub(in crate::serve) fn builder(&self) -> StatusBuilder {
        match self {
            Self::Unclear => {
                let rule = "must be one name or address, the same in each place of the request";
                let field = "host".to_owned();
                StatusBuilder::field(Code::InvalidArgument, "HOST_UNCLEAR", field, rule.to_owned())
            }
            Self::Host(host) => {
                let message = format!(
                    "{host:?} is no name of this server; its operator can add it with --host"
                );
                StatusBuilder::new(Code::PermissionDenied, "HOST_UNKNOWN", message)
            }
            Self::Origin(origin) => {
                let message = format!(
                    "pages of {origin:?} may not call this server; its operator can allow them \
                     with --allow-origin"
                );
                StatusBuilder::new(Code::PermissionDenied, "ORIGIN_REFUSED", message)
            }
        }
    }
}

impl Origins {
    /// Those of the flags, and the address under which other servers reach this one.
    pub(in crate::serve) fn new(options: &Options, own_address: Option<&str>) -> Self {
        let own = [own_address, options.node_address.as_deref()];
        let own = own.into_iter().flatten().filter_map(|it| it.rsplit("://").next());
        let own = own.filter_map(|it| it.parse::<Authority>().ok());
        let own = own.map(|authority| authority.host().to_owned());
        let hosts = options.origins.hosts.iter().cloned().chain(own);
        let origins = options.origins.allow_origins.iter();
        Self {
            hosts: hosts.map(|host| normal(&host)).collect(),
            origins: origins.map(|origin| origin.to_ascii_lowercase()).collect(),
        }
    }

    /// Why a request is refused; `None` when it is not.
    pub(in crate::serve) fn refuse(&self, request: &Parts) -> Option<Refused> {
        let host = match host(request) {
            Ok(host) => host,
            Err(refused) => return Some(refused),
        };
        if request.uri.path() == HEALTH {
            return None;
        }
        if let Some(host) = host.as_ref().filter(|host| !self.knows(host.host())) {
            return Some(Refused::Host(shown(host.as_str())));
        }
        let mut origins = request.headers.get_all(ORIGIN).into_iter();
        let origin = origins.next()?;
        let allowed = origins.next().is_none() && self.allows(origin, host.as_ref());
        (!allowed).then(|| Refused::Origin(shown(&String::from_utf8_lossy(origin.as_bytes()))))
    }

    /// The origins beside the server's own, for the answers to browsers.
    pub(in crate::serve) fn allowed(&self) -> AllowOrigin {
        if self.origins.iter().any(|origin| origin == ANY) {
            return AllowOrigin::any();
        }
        AllowOrigin::list(self.origins.iter().filter_map(|it| HeaderValue::from_str(it).ok()))
    }

    fn knows(&self, host: &str) -> bool {
        let host = normal(host);
        let address = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(&host);
        // No stranger has a name without a dot, or changes where an address leads.
        address.parse::<IpAddr>().is_ok()
            || !host.contains('.')
            || host.ends_with(".localhost")
            || self.hosts.iter().any(|known| *known == host || known == ANY)
    }

    fn allows(&self, origin: &HeaderValue, host: Option<&Authority>) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        let listed = |known: &String| known == ANY || known.eq_ignore_ascii_case(origin);
        self.origins.iter().any(listed) || host.is_some_and(|host| is_same(origin, host))
    }
}

/// The host that a request names, the same in each place; `None` where it names none, as old HTTP may.
fn host(request: &Parts) -> Result<Option<Authority>, Refused> {
    let mut host: Option<Authority> = request.uri.authority().cloned();
    let mut headers = 0;
    for header in request.headers.get_all(HOST) {
        headers += 1;
        let named = Authority::try_from(header.as_bytes()).map_err(|_| Refused::Unclear)?;
        if headers > 1 || host.as_ref().is_some_and(|host| *host != named) {
            return Err(Refused::Unclear);
        }
        host = Some(named);
    }
    match host {
        Some(host) if !is_plain(&host) => Err(Refused::Unclear),
        host => Ok(host),
    }
}

/// Whether it is a host and, at most, a port.
fn is_plain(authority: &Authority) -> bool {
    let port = authority.as_str().strip_prefix(authority.host());
    port.is_some_and(|port| port.is_empty() || authority.port_u16().is_some())
}

/// Whether an origin is the site of a host.
fn is_same(origin: &str, host: &Authority) -> bool {
    let Ok(origin) = origin.parse::<Uri>() else { return false };
    let (Some(scheme), Some(site)) = (origin.scheme_str(), origin.authority()) else {
        return false;
    };
    let default = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return false,
    };
    let port = |authority: &Authority| authority.port_u16().unwrap_or(default);
    normal(site.host()) == normal(host.host()) && port(site) == port(host)
}

fn normal(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// As much of a caller's text as an answer repeats.
fn shown(text: &str) -> String {
    text.chars().take(100).collect()
}

#[cfg(test)]
mod tests;
