//! From errors to gRPC statuses: the one place that decides codes, sentences and details.
//!
//! Every status carries `ErrorInfo` with a stable reason in the domain `gridloom`. Bad requests name the field and the
//! rule, and an error that a retry helps carries `RetryInfo`. The sentence ends with what to do next. Not the
//! decision to refuse. Invariant: internal errors are logged here, once, and never sent.

mod accounts;
mod connection;
mod file_roles;
mod files;
mod imports;
mod jobs;
mod limits;
mod misfits;
mod provider;
mod sharing;
mod sheet;
mod status_builder;
mod tables;
#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::time::Duration;

use gridloom::convert::ConvertError;
use tonic::{Code, Status};

pub use self::accounts::AccountRefusal;
pub(crate) use self::connection::{connection_full, connection_gone, connection_silent};
pub use self::file_roles::{FileRoleRefusal, OriginalRefusal};
pub use self::files::{FileRefusal, WrongPlace};
pub use self::imports::ImportEnd;
pub(crate) use self::jobs::{job_being_cancelled, job_done, job_not_retryable};
use self::limits::{answer_too_large, quota_exceeded, too_many_attempts};
pub use self::provider::ProviderRefusal;
pub use self::sharing::SharingRefusal;
pub(crate) use self::sheet::{
    convert, end, frames_left_out, malformed, open, refusal, refusal_to_wire, session_gone,
};
pub use self::status_builder::DOMAIN;
use self::status_builder::RETRY_AFTER;
pub(crate) use self::status_builder::{StatusBuilder, to_wire};
pub use self::tables::TableRefusal;

use csv_reader::{ImportError, Problem};
use model::storage::StorageExceeded;
use store::StoreError;

/// The errors of the services.
#[derive(Clone, Debug)]
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
    /// A page token of revisions that are others by now.
    PageOfAnotherHistory,
    /// A CSV file that can't be read.
    Csv(ImportError),
    /// No access token came with the call.
    NoToken,
    /// The access token is unknown or expired.
    BadToken,
    /// Too many attempts of a caller without a token.
    TooManyAttempts {
        /// The thing that was tried.
        what: &'static str,
        /// The time until the next attempt is possible.
        after: Duration,
    },
    /// Too many calls of one account.
    TooManyCalls(Duration),
    /// Too many live sessions that one account opens.
    TooManyOpenings(Duration),
    /// An account has as many of something as it may.
    Quota {
        /// The limit, by its name in `Limits`.
        quota: &'static str,
        /// How many it has.
        used: u64,
        /// How many it may have.
        limit: u64,
    },
    /// An account has stored as many bytes as it may.
    Stored(StorageExceeded),
    /// As many jobs wait as may.
    TooManyJobs {
        /// How many wait.
        used: u64,
        /// How many may.
        limit: u64,
    },
    /// A password link that does not work; the text is the rule.
    BadLink(&'static str),
    /// The e-mail address has an account.
    EmailTaken,
    /// No such thing, or not for this account.
    NotFound(&'static str),
    /// A thing that one of several fields names is not there, or has changed.
    About {
        /// Its path in the request.
        field: String,
        /// What is wrong with it.
        why: Box<Self>,
    },
    /// Another caller changed it since the etag was read.
    EtagMismatch,
    /// A piece of a file that does not follow on what has arrived.
    ImportGap {
        /// The offset that would.
        expected: u64,
    },
    /// Postgres became unavailable during an import.
    ImportLost,
    /// An import ended without its client's will.
    ImportEnded(ImportEnd),
    /// An edit is durable but not in Postgres within the time that a call waits.
    NotCommitted {
        /// The revision that the edit became.
        revision: u64,
    },
    /// The answer would be larger than a message may be.
    AnswerTooLarge {
        /// The field of the request that makes it so large.
        field: &'static str,
        /// The request to make instead.
        instead: &'static str,
        /// Bytes at most.
        limit: u32,
    },
    /// A search takes longer than one may.
    TooSlow,
    /// A revision whose history is no longer kept.
    Compacted {
        /// The oldest revision that still is.
        oldest: u64,
    },
    /// The account may read, not change.
    ReadOnly,
    /// For the state of an account, or the rules on new ones.
    Account(AccountRefusal),
    /// For a sign-in with a provider.
    Provider(ProviderRefusal),
    /// For a role, a link or a share.
    Sharing(SharingRefusal),
    /// For a file, an upload, or the place of the files.
    File(FileRefusal),
    /// For a table of a file.
    Table(TableRefusal),
    /// No place of an import is free.
    ImportsBusy,
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

    /// The same with the field that names what is not there, or has changed. Other errors stay as they are.
    #[must_use]
    pub fn about(self, field: &str) -> Self {
        match self {
            Self::NotFound(_)
            | Self::File(FileRefusal::NoFile | FileRefusal::WhileRemoved)
            | Self::Table(TableRefusal::ViewGone | TableRefusal::Changed) => {
                Self::About { field: field.to_owned(), why: Box::new(self) }
            }
            other => other,
        }
    }

    /// The columns of an answer, or one of its values, are larger than a message may be.
    pub fn columns_too_large(limit: u32) -> Self {
        let instead = "ask for fewer columns, or export the sheet";
        Self::AnswerTooLarge { field: "cols.count", instead, limit }
    }

    /// A page token of a state whose history since is not kept, or too long.
    pub fn page_too_old() -> Self {
        let rule = "is too old: the changes since its page are too many, or deleted, or its \
                    columns are others by now; begin with the first page";
        Self::OutOfRange { field: "page_token".into(), rule: rule.into() }
    }

    /// A page token that does not name the history of its sheet.
    pub fn page_of_an_earlier_release() -> Self {
        let rule = "is of an earlier release of the server; begin with the first page";
        Self::OutOfRange { field: "page_token".into(), rule: rule.into() }
    }

    /// Logs what is wrong with the server; the caller learns only that something is.
    pub fn internal(error: impl Display) -> Self {
        tracing::error!(%error, "internal error");
        Self::Internal
    }
}

impl From<AccountRefusal> for ServiceError {
    fn from(why: AccountRefusal) -> Self {
        Self::Account(why)
    }
}

impl From<ProviderRefusal> for ServiceError {
    fn from(why: ProviderRefusal) -> Self {
        Self::Provider(why)
    }
}

impl From<SharingRefusal> for ServiceError {
    fn from(why: SharingRefusal) -> Self {
        Self::Sharing(why)
    }
}

impl From<SharingRefusal> for Status {
    fn from(why: SharingRefusal) -> Self {
        ServiceError::from(why).into()
    }
}

impl From<FileRefusal> for ServiceError {
    fn from(why: FileRefusal) -> Self {
        Self::File(why)
    }
}

impl From<ConvertError> for ServiceError {
    fn from(error: ConvertError) -> Self {
        Self::Malformed { field: error.field, rule: error.rule }
    }
}

impl From<ImportError> for ServiceError {
    fn from(error: ImportError) -> Self {
        match error.problem {
            Problem::OtherMark { .. } => Self::malformed("encoding", error.problem.to_string()),
            _ => Self::Csv(error),
        }
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            error if error.is_unavailable() => {
                tracing::warn!(%error, "Postgres is away; call refused with UNAVAILABLE");
                Self::Unavailable("Postgres")
            }
            StoreError::TooSlow => Self::TooSlow,
            StoreError::TooOld => Self::page_too_old(),
            StoreError::TooManyJobs { used, limit } => Self::TooManyJobs { used, limit },
            StoreError::NotFound(what) => Self::NotFound(what),
            StoreError::Changed { .. } => Self::EtagMismatch,
            StoreError::Invalid(rule) => Self::malformed("request", rule),
            other => Self::internal(other),
        }
    }
}

impl From<ServiceError> for Status {
    fn from(error: ServiceError) -> Self {
        builder(error).into()
    }
}

/// A refusal after some sheets of an account were given away.
pub(crate) fn given_in_part(given: u64, why: ServiceError) -> StatusBuilder {
    builder(why).after_given(given)
}

fn builder(error: ServiceError) -> StatusBuilder {
    use ServiceError as E;
    match error {
        E::Malformed { field, rule } => {
            StatusBuilder::field(Code::InvalidArgument, "MALFORMED", field, rule)
        }
        E::OutOfRange { field, rule } => {
            StatusBuilder::field(Code::OutOfRange, "OUT_OF_RANGE", field, rule)
        }
        E::PageOfAnotherHistory => page_of_another_history(),
        E::Csv(error) => imports::csv(&error),
        E::NoToken | E::BadToken => unauthenticated(&error),
        E::TooManyAttempts { what, after } => too_many_attempts(what, after),
        E::TooManyCalls(after) => StatusBuilder::rate_limited("calls", after),
        E::TooManyOpenings(after) => StatusBuilder::rate_limited("new live sessions", after),
        E::Quota { quota, used, limit } => quota_exceeded(quota, used, limit),
        E::Stored(exceeded) => StatusBuilder::stored(&exceeded),
        E::TooManyJobs { used, limit } => jobs::too_many(used, limit),
        E::BadLink(rule) => bad_link(rule),
        E::EmailTaken => {
            let message = "there is an account with this e-mail address; sign in instead";
            StatusBuilder::new(Code::AlreadyExists, "EMAIL_TAKEN", message)
        }
        E::NotFound("sheet") => StatusBuilder::no_sheet(),
        E::NotFound(what) => {
            let message = format!("no such {what}; it ended, or it never was yours");
            StatusBuilder::new(Code::NotFound, "NOT_FOUND", message).with("what", what)
        }
        E::About { field, why } => builder(*why).about(&field),
        E::EtagMismatch => {
            let message =
                "the sheet was changed since its etag was read; read it again, then decide";
            StatusBuilder::new(Code::Aborted, "ETAG_MISMATCH", message)
        }
        E::ImportGap { expected } => imports::gap(expected),
        E::ReadOnly => StatusBuilder::read_only(),
        E::Account(why) => accounts::builder(&why),
        E::Provider(why) => provider::builder(&why),
        E::Sharing(why) => sharing::builder(&why),
        E::File(why) => files::builder(&why),
        E::Table(why) => tables::builder(why),
        E::ImportLost => imports::lost(),
        E::ImportEnded(why) => imports::ended(why),
        E::NotCommitted { revision } => not_committed(revision),
        E::AnswerTooLarge { field, instead, limit } => answer_too_large(field, instead, limit),
        E::TooSlow => {
            let message = "this takes too long; narrow it with a filter, or sort by less";
            StatusBuilder::new(Code::ResourceExhausted, "TOO_SLOW", message)
        }
        E::Compacted { oldest } => StatusBuilder::revision_gone(oldest),
        E::ImportsBusy => imports::busy(),
        E::Busy(what) => {
            let message = format!("too many {what} at once; try again in a moment");
            StatusBuilder::new(Code::ResourceExhausted, "BUSY", message).retry(RETRY_AFTER)
        }
        E::Unavailable(what) => StatusBuilder::away(what),
        E::Draining => StatusBuilder::draining(),
        E::Internal => StatusBuilder::internal(),
    }
}

fn page_of_another_history() -> StatusBuilder {
    let rule = "belongs to a history of the sheet that was replaced, as from a backup; begin with the first page";
    let (reason, field) = ("HISTORY_REPLACED", "page_token".to_owned());
    StatusBuilder::field(Code::OutOfRange, reason, field, rule.to_owned())
}

fn bad_link(rule: &str) -> StatusBuilder {
    StatusBuilder::field(Code::InvalidArgument, "LINK_REFUSED", "token".into(), rule.into())
}

fn not_committed(revision: u64) -> StatusBuilder {
    let message = format!(
        "the edit is durable as revision {revision} but not in Postgres yet, which is away; nothing \
         is lost, and the same request_id will not apply it twice"
    );
    StatusBuilder::new(Code::Unavailable, "NOT_COMMITTED_YET", message)
        .with("revision", revision)
        .retry(RETRY_AFTER)
}

fn unauthenticated(error: &ServiceError) -> StatusBuilder {
    let (reason, message) = match error {
        ServiceError::NoToken => (
            "TOKEN_MISSING",
            "no access token; sign in and send it as metadata `authorization: Bearer TOKEN`",
        ),
        _ => ("TOKEN_INVALID", "the access token is unknown or expired; sign in again"),
    };
    StatusBuilder::new(Code::Unauthenticated, reason, message)
}
