//! Why a request has no answer.
//!
//! Not the meaning of an answer. Invariant: each text is for the person who has chosen the address, names the host alone, and
//! repeats no header and no query. Behind a redirect of a request with a secret it names the first host.

use thiserror::Error;

/// Why there is no answer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OutboundError {
    /// The text is no address; the rule, as the rest of a sentence that begins with the field.
    #[error("the address {0}")]
    Malformed(&'static str),
    /// The address is one of the own network.
    #[error("{0}")]
    Refused(String),
    /// The host was not reached, or its answer broke off. It may pass.
    #[error("{0}")]
    Unreached(String),
    /// The answer breaks a rule, and would do so again.
    #[error("{0}")]
    Answer(String),
}

impl OutboundError {
    /// Whether the same request may have an answer later.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unreached(_))
    }
}
