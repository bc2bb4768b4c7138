//! The statuses of imports: files that can't be read, places, and ends.
//!
//! Invariant: each sentence says whether a sheet was created and what to do next.

use std::time::Duration;

use tonic::Code;

use super::status_builder::{RETRY_AFTER, StatusBuilder};
use csv_reader::ImportError;
use model::limits::edge::{
    IMPORT_QUIET_AT_MOST, IMPORT_QUIET_WHEN_WANTED, IMPORT_WITHIN, IMPORT_WITHOUT_BYTES, IMPORTS,
    IMPORTS_AT_ONCE, LEAST_RATE_WANTED, TRANSFER_WITHIN,
};

/// When it makes sense to send a piece again that has waited for a place.
const PLACE_RETRY: Duration = Duration::from_secs(5);

/// Why an import ends without its client's will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportEnd {
    /// Its client has made no call for too long.
    Quiet,
    /// Another import waits for its place, and its client is quiet, or sends too slowly, or has had all its time.
    Wanted,
    /// It has had its place for too long.
    TooLong,
    /// It has received no byte for too long.
    NoBytes,
}

pub(super) fn ended(why: ImportEnd) -> StatusBuilder {
    let fact = match why {
        ImportEnd::Quiet => "QUIET",
        ImportEnd::Wanted => "WANTED",
        ImportEnd::TooLong => "TOO_LONG",
        ImportEnd::NoBytes => "NO_BYTES",
    };
    let why = match why {
        ImportEnd::Quiet => {
            format!("its client made no call for {} s", IMPORT_QUIET_AT_MOST.as_secs())
        }
        ImportEnd::Wanted => format!(
            "another one waits for its place: while others wait, call at least every {} s, keep the connection open, send {} MiB/s on average, \
             and all within {} s",
            IMPORT_QUIET_WHEN_WANTED.as_secs(),
            LEAST_RATE_WANTED >> 20,
            TRANSFER_WITHIN.as_secs()
        ),
        ImportEnd::TooLong => {
            format!("it took longer than {} hours", IMPORT_WITHIN.as_secs() / 3_600)
        }
        ImportEnd::NoBytes => {
            format!("it received no byte for {} s", IMPORT_WITHOUT_BYTES.as_secs())
        }
    };
    let message = format!("the import ended, because {why}; no sheet was created, start it again");
    StatusBuilder::new(Code::Aborted, "IMPORT_LOST", message).with("why", fact)
}

pub(super) fn lost() -> StatusBuilder {
    let message =
        "Postgres became unavailable during the import; no sheet was created, start it again";
    StatusBuilder::new(Code::Unavailable, "IMPORT_LOST", message).retry(RETRY_AFTER)
}

pub(super) fn busy() -> StatusBuilder {
    let message = format!(
        "no place is free: an account has {IMPORTS_AT_ONCE}, the server {IMPORTS}; the import is kept and waits, send \
         the piece again within {} s",
        IMPORT_QUIET_WHEN_WANTED.as_secs()
    );
    StatusBuilder::new(Code::ResourceExhausted, "BUSY", message).retry(PLACE_RETRY)
}

pub(super) fn gap(expected: u64) -> StatusBuilder {
    let message = format!("a piece is missing; continue from byte {expected}");
    StatusBuilder::new(Code::FailedPrecondition, "IMPORT_GAP", message).with("offset", expected)
}

pub(super) fn csv(error: &ImportError) -> StatusBuilder {
    let builder =
        StatusBuilder::new(Code::InvalidArgument, error.problem.reason(), error.to_string());
    let facts = error.problem.facts();
    facts
        .into_iter()
        .fold(builder.with("line", error.line), |builder, (key, fact)| builder.with(key, fact))
}
