//! A client of HTTP for addresses that callers choose. It reaches the public internet alone, and what the operator allows.
//!
//! | file | holds |
//! | --- | --- |
//! | `address` | an address that a caller has given, and one that a redirect leads to |
//! | `inward` | which network addresses are no ones of the public internet |
//! | `allow` | those that the operator allows nevertheless |
//! | `headers` | the headers that a caller may choose |
//! | `client` | a request with its redirects |
//! | `connect` | the look-up of a host, and the connection |
//! | `answer` | the answer, read within its bounds |
//! | `error` | why there is no answer, in sentences for a person |
//!
//! Not what is asked and what an answer means. Start at [`Outbound`]. Proxies of the environment are ignored: a proxy would look
//! the host up a second time. Invariants: a connection leads to a network address that was checked, also after a redirect; no
//! answer is kept beyond its bound; no error has a header or the query of an address, or the host of a redirect that may repeat them.

mod address;
mod allow;
mod answer;
mod client;
mod connect;
mod error;
mod headers;
mod inward;
#[cfg(test)]
mod tests;

pub use self::address::Address;
pub use self::allow::{Allowed, Allowing};
pub use self::answer::Answer;
pub use self::client::Outbound;
pub use self::error::OutboundError;
pub use self::headers::chosen;
