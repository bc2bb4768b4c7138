//! Refusals of what goes beyond a limit: attempts, what an account may have, and the size of an answer.
//!
//! Not the bytes that an account stores (`status_builder`), nor its jobs (`jobs`). Invariant: each sentence has the limit, or the
//! time until the next attempt.

use std::time::Duration;

use tonic::Code;

use super::status_builder::StatusBuilder;

/// A caller without a token has tried too often.
pub(super) fn too_many_attempts(what: &'static str, after: Duration) -> StatusBuilder {
    let seconds = after.as_secs().max(1);
    let message = format!("too many {what}; try again in {seconds} seconds");
    StatusBuilder::new(Code::ResourceExhausted, "TOO_MANY_ATTEMPTS", message)
        .with("what", what)
        .with("seconds", seconds)
        .retry(after)
}

/// An account has as many of something as it may.
pub(super) fn quota_exceeded(quota: &'static str, used: u64, limit: u64) -> StatusBuilder {
    let message = match quota {
        "account_sheets" => format!(
            "account_sheets: your account has {used} sheets and may have {limit}; delete some, or ask the \
             server's operator for more"
        ),
        "notice_streams" => format!(
            "{quota}: your account has {used} streams of notices at this server and may have {limit}; close some \
             before you open another"
        ),
        "job_streams" => format!(
            "{quota}: your account has {used} streams of jobs at this server and may have {limit}; close some before \
             you open another"
        ),
        "guest_messages" => format!(
            "{quota}: the messages of this guest hold {used} bytes and may hold {limit}; sign up or sign in to \
             write more"
        ),
        _ => format!(
            "{quota}: your account has {used} live sessions at this server and may have {limit}; close some \
             before you open another"
        ),
    };
    StatusBuilder::quota(quota, used, limit, message)
}

/// A field of the request leads to an answer that is too large.
pub(super) fn answer_too_large(field: &str, instead: &str, limit: u32) -> StatusBuilder {
    let rule = format!("leads to an answer of more than {limit} bytes; {instead}");
    StatusBuilder::field(Code::ResourceExhausted, "ANSWER_TOO_LARGE", field.to_owned(), rule)
        .with("limit_bytes", limit)
}
