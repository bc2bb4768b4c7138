//! The errors of the SDK, and the only place that reads a gRPC status.
//!
//! It decides nothing about retries beyond [`Error::is_transient`].
//!
//! Invariant: each text is for a person, and its variant, code or reason is for a program.

use std::time::Duration;

use gridloom::rpc;
use prost::Message;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::core::{EditError, ProtocolError};

/// Parts of the texts of rustls, and what a person can do.
const TLS_ADVICE: [(&str, &str); 5] = [
    ("InvalidContentType", "the server speaks no TLS at this port; use http:// in the address"),
    (
        "BadSignature",
        "no trusted authority has signed the server's certificate; trust one with --tls-ca",
    ),
    (
        "UnknownIssuer",
        "no trusted authority has signed the server's certificate; trust one with --tls-ca",
    ),
    (
        "not valid for name",
        "the server's certificate is for another name; use that one in the address",
    ),
    ("certificate expired", "the server's certificate has expired; its operator must renew it"),
];

/// Any failure of the SDK.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The server's address is malformed.
    #[error("{url:?} is not a server address: {why}")]
    Url {
        /// The address as given.
        url: String,
        /// The broken rule.
        why: String,
    },
    /// No server answers there.
    #[error("no Gridloom server answers at {url}: {why}")]
    Unreachable {
        /// The address.
        url: String,
        /// The system's error.
        why: String,
    },
    /// The server refused.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// The address of the account has to be confirmed by the link that is sent to it.
    #[error("a letter is sent to the address; open its link, then sign in")]
    Unconfirmed,
    /// The edit is not possible on this client's view.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The server violated the protocol.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// The edit was not saved: the server pruned the history after its base while the client was offline.
    #[error(
        "the edit is lost: the sheet's history was pruned while the client was offline; make it again"
    )]
    Lost,
    /// The live sheet was closed.
    #[error("the live sheet is closed; open it again")]
    Closed,
    /// The server is of a release that can't do this.
    #[error("the server is of an earlier release, which {0}, or update the server")]
    EarlierServer(&'static str),
    /// The text has characters that no token has.
    #[error("this is not an access token; sign in to get one")]
    Token,
    /// The authorities can't be read.
    #[error("{0}")]
    Trust(String),
    /// The file can't be read.
    #[error("cannot read the file: {0}")]
    Read(std::sync::Arc<std::io::Error>),
    /// The digest of the bytes that have arrived is not that of the file.
    #[error("the bytes that have arrived are not those of the file; download it again")]
    Damaged,
}

/// A refusal by the server: a gRPC status with its details unpacked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The gRPC code.
    pub code: Code,
    /// A sentence for a person.
    pub message: String,
    /// A stable name of the reason, such as `COMPACTED`, where the server sends one.
    pub reason: Option<String>,
    /// The fields of the request that broke a rule.
    pub violations: Vec<Violation>,
    /// The wait before another attempt, where one can help.
    pub retry_after: Option<Duration>,
}

/// A field of the request that broke a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The path of the field, as in the request.
    pub field: String,
    /// The rule.
    pub rule: String,
}

impl Refusal {
    fn new(code: Code, message: &str, details: &ErrorDetails) -> Self {
        let violations = details.bad_request().map(|bad| {
            let violation = |v: &tonic_types::FieldViolation| Violation {
                field: v.field.clone(),
                rule: v.description.clone(),
            };
            bad.field_violations.iter().map(violation).collect()
        });
        Self {
            code,
            message: if message.is_empty() { code.to_string() } else { message.to_owned() },
            reason: details.error_info().map(|info| info.reason.clone()),
            violations: violations.unwrap_or_default(),
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
        }
    }
}

impl Error {
    /// The gRPC code of a refusal.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Refused(refusal) => Some(refusal.code),
            _ => None,
        }
    }

    /// Whether the same attempt may succeed later without a change.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            // What can't be read is the same on another connection: the server is of a later release.
            Self::Protocol(error) => !matches!(error, ProtocolError::Malformed(_)),
            Self::Unreachable { .. } => true,
            Self::Refused(refusal) => !matches!(
                refusal.code,
                Code::Unauthenticated
                    | Code::PermissionDenied
                    | Code::NotFound
                    | Code::InvalidArgument
                    | Code::FailedPrecondition
                    | Code::AlreadyExists
                    | Code::OutOfRange
                    | Code::Unimplemented
            ),
            _ => false,
        }
    }

    /// Whether a live sheet closes after this error. After a message above a limit (`OUT_OF_RANGE`) it
    /// reconnects instead, because it contains unsaved edits.
    pub(crate) fn ends_live_sheet(&self) -> bool {
        !self.is_transient() && self.code() != Some(Code::OutOfRange)
    }

    /// The error of a `Rejected` frame's status.
    #[must_use]
    pub fn from_rejection(status: rpc::Status) -> Self {
        let code = Code::from_i32(status.code);
        let encoded = status.encode_to_vec();
        Status::with_details(code, status.message, encoded.into()).into()
    }

    pub(crate) fn unreachable(url: &str, cause: &dyn std::error::Error) -> Self {
        Self::Unreachable { url: url.to_owned(), why: root_cause(cause) }
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        let mut refusal =
            Refusal::new(status.code(), status.message(), &status.get_error_details());
        // The transport reports its failures only as "transport error"; the source names the cause.
        if let Some(source) = std::error::Error::source(&status) {
            refusal.message =
                format!("the connection to the server failed: {}", root_cause(source));
        }
        Self::Refused(Box::new(refusal))
    }
}

impl From<std::io::Error> for Error {
    fn from(cause: std::io::Error) -> Self {
        Self::Read(std::sync::Arc::new(cause))
    }
}

/// The text of the innermost error, which names the cause; for a failure of TLS also what to do.
pub(super) fn root_cause(mut cause: &dyn std::error::Error) -> String {
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let text = cause.to_string();
    match TLS_ADVICE.iter().find(|(mark, _)| text.contains(mark)) {
        Some((_, advice)) => format!("{advice} ({text})"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use gridloom::convert::kind_from_wire;

    use super::*;

    #[test]
    fn a_live_sheet_closes_only_after_an_error_that_a_reconnect_does_not_fix() {
        let ends = |code| Error::from(Status::new(code, "")).ends_live_sheet();
        let reconnects =
            [Code::OutOfRange, Code::Unavailable, Code::ResourceExhausted, Code::Internal];
        assert!(!reconnects.into_iter().any(ends));
        let closes = [Code::Unauthenticated, Code::PermissionDenied, Code::NotFound];
        assert!(closes.into_iter().all(ends));
        let protocol = |error| Error::Protocol(error).ends_live_sheet();
        assert!(!protocol(ProtocolError::WrongResume));
        let unknown = kind_from_wire(77).expect_err("no kind");
        assert!(protocol(ProtocolError::Malformed(unknown)));
    }
}
