//! The builder of a status: code, reason, sentence, details.
//!
//! Not which error gets which status (`errors`), but for the statuses that several of them share. Invariant: every
//! status carries a reason in [`DOMAIN`].

use std::collections::HashMap;
use std::fmt::Display;
use std::time::Duration;

use gridloom::rpc;
use prost::Message;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::edge::refusals;
use model::storage::{Disk, StorageExceeded};

/// The domain of every reason.
pub const DOMAIN: &str = "gridloom";
/// When it makes sense to come back to a part that was away.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(1);
/// When it makes sense to try again while the disk is low.
const DISK_RETRY: Duration = Duration::from_secs(60);

/// Builds a status.
pub(crate) struct StatusBuilder {
    code: Code,
    reason: &'static str,
    message: String,
    fields: Vec<(String, String)>,
    metadata: Vec<(&'static str, String)>,
    retry_after: Option<Duration>,
}

impl StatusBuilder {
    pub(crate) fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        let (fields, metadata) = (Vec::new(), Vec::new());
        Self { code, reason, message: message.into(), fields, metadata, retry_after: None }
    }

    /// A bad request: the message is made from the field and the rule.
    pub(crate) fn field(code: Code, reason: &'static str, field: String, rule: String) -> Self {
        let mut builder = Self::new(code, reason, format!("{field}: {rule}"));
        builder.fields.push((field, rule));
        builder
    }

    pub(crate) fn with(mut self, key: &'static str, value: impl Display) -> Self {
        self.metadata.push((key, value.to_string()));
        self
    }

    /// The same about what a field of the request names.
    pub(super) fn about(mut self, field: &str) -> Self {
        self.message = format!("{field}: {}", self.message);
        self.with("field", field)
    }

    /// The same after some sheets of an account were given away.
    pub(super) fn after_given(mut self, sheets: u64) -> Self {
        if sheets == 0 {
            return self;
        }
        let message = &self.message;
        self.message = match sheets {
            1 => format!("1 sheet was given away before this, and stays so; {message}"),
            _ => format!("{sheets} sheets were given away before this, and stay so; {message}"),
        };
        self.with("given", sheets)
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
        let message =
            "this server is about to stop; connect again, to another server or in a moment";
        Self::new(Code::Unavailable, "DRAINING", message).retry(RETRY_AFTER)
    }

    pub(crate) fn access_ended() -> Self {
        let message = "your access to this sheet has ended; ask its owner";
        Self::new(Code::PermissionDenied, "ACCESS_ENDED", message)
    }

    pub(crate) fn starting() -> Self {
        let message =
            "this server has just been started and waits for its parts; try again shortly";
        Self::new(Code::Unavailable, "STARTING", message).retry(RETRY_AFTER)
    }

    pub(crate) fn needs_tls() -> Self {
        let message =
            "this port speaks TLS, and the request came without it; use https:// in the address";
        Self::new(Code::FailedPrecondition, "TLS_REQUIRED", message)
    }

    pub(crate) fn too_slow() -> Self {
        let message = "the rest of the request did not arrive in time; send it again, as a whole";
        Self::new(Code::DeadlineExceeded, "REQUEST_TOO_SLOW", message)
    }

    pub(crate) fn no_sheet() -> Self {
        let message = "no such sheet, or it is not yours; ListSheets shows those that you can open";
        Self::new(Code::NotFound, "SHEET_NOT_FOUND", message)
    }

    pub(crate) fn revision_gone(oldest: impl Display) -> Self {
        let message = format!(
            "this revision is no longer kept; the oldest one is {oldest}: ask for that, or for a \
             later one"
        );
        Self::new(Code::OutOfRange, "COMPACTED", message).with("oldest", oldest)
    }

    pub(crate) fn read_only() -> Self {
        let message = "you may read this sheet, not change it; ask its owner";
        Self::new(Code::PermissionDenied, "READ_ONLY", message)
    }

    pub(crate) fn quota(quota: &str, used: u64, limit: u64, message: String) -> Self {
        Self::new(Code::ResourceExhausted, "QUOTA_EXCEEDED", message)
            .with("quota", quota)
            .with("used", used)
            .with("limit", limit)
    }

    /// The sheets of an account hold as many bytes as they may.
    pub(crate) fn stored(exceeded: &StorageExceeded) -> Self {
        let StorageExceeded { used, limit, disk } = *exceeded;
        let instead = match disk {
            // The history of an edit takes room, too.
            Disk::Full => "sheets can be read, exported and deleted",
            _ => "rows and sheets can be read, exported and deleted",
        };
        if disk != Disk::Roomy {
            let message = format!(
                "the disk of the server is almost full, and the sheets of this account hold {used} bytes; \
                 those that hold more than {limit} take no new content until its operator has made \
                 room; {instead}"
            );
            let builder = Self::new(Code::ResourceExhausted, "DISK_LOW", message);
            return builder.with("used", used).with("limit", limit).retry(DISK_RETRY);
        }
        let message = format!(
            "account_bytes: the sheets of this account hold {used} bytes with their history and may hold \
             {limit}; {instead}, what is deleted counts until its history ends; or ask the server's \
             operator for more"
        );
        Self::quota("account_bytes", used, limit, message)
    }

    pub(crate) fn rate_limited(what: &str, after: Duration) -> Self {
        let message = format!("too many {what} at once; continue a little slower");
        Self::new(Code::ResourceExhausted, "RATE_LIMITED", message).retry(after)
    }

    pub(crate) fn too_many_calls(most: usize) -> Self {
        let message = format!(
            "one connection may have {most} calls without a token under way; wait for some to end"
        );
        Self::new(Code::ResourceExhausted, "RATE_LIMITED", message).retry(RETRY_AFTER)
    }

    pub(crate) fn internal() -> Self {
        let message =
            "internal error of the server; try again, or ask its operator to read the log";
        Self::new(Code::Internal, "INTERNAL", message)
    }
}

impl StatusBuilder {
    /// The same, logged when it refuses a live session for a limit.
    pub(crate) fn logged(self) -> Self {
        if self.code == Code::ResourceExhausted {
            refusals::log_session(self.reason, &self.message);
        }
        self
    }
}

impl From<StatusBuilder> for Status {
    fn from(builder: StatusBuilder) -> Self {
        let metadata = builder.metadata.into_iter().map(|(key, value)| (key.to_owned(), value));
        let metadata: HashMap<_, _> = metadata.collect();
        let mut details = ErrorDetails::with_error_info(builder.reason, DOMAIN, metadata);
        for (field, rule) in builder.fields {
            details.add_bad_request_violation(field, rule);
        }
        if let Some(after) = builder.retry_after {
            details.set_retry_info(Some(after));
        }
        Status::with_error_details(builder.code, builder.message, details)
    }
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
