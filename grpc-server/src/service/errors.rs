//! From errors to gRPC statuses: the one place that decides codes, sentences and details.
//!
//! Every status carries `ErrorInfo` with a stable reason in the domain `gridloom`; bad requests
//! name the field and the rule, and what a retry helps carries `RetryInfo`. The sentence says what
//! to do next. What is wrong inside the server is logged here, once, and never sent.

use std::collections::HashMap;
use std::fmt::Display;
use std::time::Duration;

use gridloom::convert::ConvertError;
use gridloom::rpc;
use prost::Message;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::import::ImportError;

/// The domain of every reason.
pub const DOMAIN: &str = "gridloom";
/// When it makes sense to come back to a part that was away.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What a service refuses by itself, or passes on.
#[derive(Debug)]
pub enum ServiceError {
    /// A field of the request breaks a rule.
    Malformed {
        /// Its path in the request.
        field: String,
        /// The rule, as the rest of a sentence that begins with the field.
        rule: String,
    },
    /// A position beyond the sheet.
    OutOfRange {
        /// Its path in the request.
        field: String,
        /// The rule, as the rest of a sentence that begins with the field.
        rule: String,
    },
    /// A CSV file that can't be read.
    Csv(ImportError),
    /// No access token came with the call.
    NoToken,
    /// The access token is unknown or expired.
    BadToken,
    /// Wrong e-mail address or password; which of them is not told.
    BadSignIn,
    /// Too many wrong passwords.
    TooManyGuesses(Duration),
    /// The e-mail address has an account.
    EmailTaken,
    /// No such thing, or not for this account.
    NotFound(&'static str),
    /// Somebody else changed it since the etag was read.
    EtagMismatch,
    /// A piece of a file that does not follow on what has arrived.
    ImportGap {
        /// The offset that would.
        expected: u64,
    },
    /// Too many of something at once; the text names it.
    Busy(&'static str),
    /// A needed part is away; the text names it.
    Unavailable(&'static str),
    /// The server is about to stop.
    Draining,
    /// Something is wrong with the server itself. Logged when made.
    Internal,
}

impl ServiceError {
    /// A field that breaks a rule.
    pub fn malformed(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self::Malformed { field: field.into(), rule: rule.into() }
    }

    /// Logs what is wrong with the server; the caller learns only that something is.
    pub fn internal(error: impl Display) -> Self {
        tracing::error!(%error, "internal error");
        Self::Internal
    }
}

impl From<ConvertError> for ServiceError {
    fn from(error: ConvertError) -> Self {
        Self::Malformed { field: error.field, rule: error.rule }
    }
}

impl From<ImportError> for ServiceError {
    fn from(error: ImportError) -> Self {
        Self::Csv(error)
    }
}

/// A status before it is put together.
pub(crate) struct Told {
    code: Code,
    reason: &'static str,
    message: String,
    fields: Vec<(String, String)>,
    metadata: Vec<(&'static str, String)>,
    retry_after: Option<Duration>,
}

impl Told {
    pub(crate) fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        let (fields, metadata) = (Vec::new(), Vec::new());
        Self { code, reason, message: message.into(), fields, metadata, retry_after: None }
    }

    /// A bad request: the message is made from the field and the rule.
    pub(crate) fn field(code: Code, reason: &'static str, field: String, rule: String) -> Self {
        let mut told = Self::new(code, reason, format!("{field}: {rule}"));
        told.fields.push((field, rule));
        told
    }

    pub(crate) fn with(mut self, key: &'static str, value: impl Display) -> Self {
        self.metadata.push((key, value.to_string()));
        self
    }

    pub(crate) fn retry(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    pub(crate) fn away(what: &str) -> Self {
        let message = format!("{what} is away for the moment; try again shortly");
        Self::new(Code::Unavailable, "UNAVAILABLE", message).retry(RETRY_AFTER)
    }

    pub(crate) fn draining() -> Self {
        let message = "this server is about to stop; connect again, elsewhere or in a moment";
        Self::new(Code::Unavailable, "DRAINING", message).retry(RETRY_AFTER)
    }

    pub(crate) fn no_sheet() -> Self {
        let message = "no such sheet, or it is not yours; ListSheets shows those that you can open";
        Self::new(Code::NotFound, "SHEET_NOT_FOUND", message)
    }

    pub(crate) fn internal() -> Self {
        let message = "something is wrong with the server; its log tells more";
        Self::new(Code::Internal, "INTERNAL", message)
    }
}

impl From<Told> for Status {
    fn from(told: Told) -> Self {
        let metadata = told.metadata.into_iter().map(|(key, value)| (key.to_owned(), value));
        let metadata: HashMap<_, _> = metadata.collect();
        let mut details = ErrorDetails::with_error_info(told.reason, DOMAIN, metadata);
        for (field, rule) in told.fields {
            details.add_bad_request_violation(field, rule);
        }
        if let Some(after) = told.retry_after {
            details.set_retry_info(Some(after));
        }
        Status::with_error_details(told.code, told.message, details)
    }
}

impl From<ServiceError> for Status {
    fn from(error: ServiceError) -> Self {
        told(error).into()
    }
}

fn told(error: ServiceError) -> Told {
    use ServiceError as E;
    match error {
        E::Malformed { field, rule } => {
            Told::field(Code::InvalidArgument, "MALFORMED", field, rule)
        }
        E::OutOfRange { field, rule } => Told::field(Code::OutOfRange, "OUT_OF_RANGE", field, rule),
        E::Csv(error) => {
            Told::new(Code::InvalidArgument, error.problem.reason(), error.to_string())
                .with("line", error.line)
        }
        E::NoToken | E::BadToken | E::BadSignIn => unauthenticated(&error),
        E::TooManyGuesses(after) => {
            let seconds = after.as_secs().max(1);
            let message = format!("too many wrong passwords; try again in {seconds} seconds");
            Told::new(Code::ResourceExhausted, "TOO_MANY_ATTEMPTS", message).retry(after)
        }
        E::EmailTaken => {
            let message = "there is an account with this e-mail address; sign in instead";
            Told::new(Code::AlreadyExists, "EMAIL_TAKEN", message)
        }
        E::NotFound("sheet") => Told::no_sheet(),
        E::NotFound(what) => {
            let message = format!("no such {what}; it ended, or it never was yours");
            Told::new(Code::NotFound, "NOT_FOUND", message).with("what", what)
        }
        E::EtagMismatch => {
            let message = "somebody else changed the sheet since; read it again, then decide";
            Told::new(Code::Aborted, "ETAG_MISMATCH", message)
        }
        E::ImportGap { expected } => {
            let message = format!("a piece is missing; go on from byte {expected}");
            Told::new(Code::FailedPrecondition, "IMPORT_GAP", message).with("offset", expected)
        }
        E::Busy(what) => {
            let message = format!("too many {what} at once; try again in a moment");
            Told::new(Code::ResourceExhausted, "BUSY", message).retry(RETRY_AFTER)
        }
        E::Unavailable(what) => Told::away(what),
        E::Draining => Told::draining(),
        E::Internal => Told::internal(),
    }
}

fn unauthenticated(error: &ServiceError) -> Told {
    let (reason, message) = match error {
        ServiceError::NoToken => (
            "TOKEN_MISSING",
            "no access token; sign in and send it as metadata `authorization: Bearer TOKEN`",
        ),
        ServiceError::BadSignIn => (
            "BAD_CREDENTIALS",
            "no account has this e-mail address and password; check both, or sign up",
        ),
        _ => ("TOKEN_INVALID", "the access token is unknown or expired; sign in again"),
    };
    Told::new(Code::Unauthenticated, reason, message)
}

/// The same status in the form that messages carry it.
pub(crate) fn to_wire(status: &Status) -> rpc::Status {
    let details = rpc::Status::decode(status.details()).map(|whole| whole.details);
    rpc::Status {
        code: i32::from(status.code()),
        message: status.message().to_owned(),
        details: details.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_request_names_field_rule_and_reason() {
        let status = Status::from(ServiceError::malformed("name", "must not be empty"));
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(status.message(), "name: must not be empty");
        let details = status.get_error_details();
        let violation = &details.bad_request().expect("it is one").field_violations[0];
        assert_eq!((&*violation.field, &*violation.description), ("name", "must not be empty"));
        let info = details.error_info().expect("all have it");
        assert_eq!((&*info.reason, &*info.domain), ("MALFORMED", DOMAIN));
    }

    #[test]
    fn what_may_be_retried_says_when() {
        let status = Status::from(ServiceError::Unavailable("Postgres"));
        assert_eq!(status.code(), Code::Unavailable);
        let retry = status.get_error_details().retry_info().and_then(|info| info.retry_delay);
        assert_eq!(retry, Some(RETRY_AFTER));
    }

    #[test]
    fn the_wire_form_carries_the_same_details() {
        let status = Status::from(ServiceError::ImportGap { expected: 7 });
        let wire = to_wire(&status);
        assert_eq!((wire.code, &*wire.message), (9, status.message()));
        assert_eq!(wire.details.len(), 1);
        assert!(wire.details[0].type_url.ends_with("google.rpc.ErrorInfo"));
    }
}
