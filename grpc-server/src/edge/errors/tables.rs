//! The statuses of refusals for tables of files.
//!
//! Not the decision to refuse (`service::tables`, the crate `tables`). Invariant: the message of a file that is not read names
//! the line or the part of the file.

use tonic::Code;

use super::status_builder::{RETRY_AFTER, StatusBuilder};
use model::limits::outbound::ENRICH_PREVIEW_WITHIN;
use model::limits::tables::{PREVIEW_WITHIN, SUMMARY_WITHIN};

/// Why a call for a table is refused.
#[derive(Clone, Debug)]
pub enum TableRefusal {
    /// The file is not read as the request says.
    Unread {
        /// A stable name for programs.
        reason: &'static str,
        /// The sentence, with the place in the file.
        message: String,
    },
    /// The file was read again since the etag.
    Changed,
    /// The preview took too long.
    PreviewTooSlow,
    /// The table has no such view.
    ViewGone,
    /// The summary took too long.
    SummaryTooSlow,
    /// The query needs more memory and disk than there is for queries.
    QueryTooLarge,
    /// The engine that makes views and summaries does not answer, or has lost what it did.
    EngineAway(String),
    /// A sheet has no room for so many rows or columns.
    SheetFull {
        /// `rows` or `columns`.
        what: &'static str,
        /// Those that the sheet would have.
        count: u64,
        /// Those that a sheet may have.
        limit: u64,
    },
    /// The address of an API leads into the own network. The sentence, without the field.
    AddressRefused(String),
    /// An API does not answer as an enrichment needs it. The sentence.
    ApiFailed(String),
    /// The preview of an enrichment took too long.
    EnrichmentTooSlow,
}

pub(super) fn builder(why: TableRefusal) -> StatusBuilder {
    match why {
        TableRefusal::Unread { reason, message } => {
            StatusBuilder::new(Code::InvalidArgument, reason, message)
        }
        TableRefusal::Changed => {
            let message =
                "the file was read again since the etag of its table; list the tables again";
            StatusBuilder::new(Code::FailedPrecondition, "TABLE_CHANGED", message)
        }
        TableRefusal::PreviewTooSlow => {
            let seconds = PREVIEW_WITHIN.as_secs();
            let message = format!(
                "the first rows were not read within {seconds} s; try again later, or leave the preview out"
            );
            StatusBuilder::new(Code::DeadlineExceeded, "PREVIEW_TOO_SLOW", message)
        }
        TableRefusal::ViewGone => {
            let message = "no such view of the table, or it is deleted; make it again";
            StatusBuilder::new(Code::NotFound, "VIEW_GONE", message).with("what", "view")
        }
        TableRefusal::SummaryTooSlow => {
            let seconds = SUMMARY_WITHIN.as_secs();
            let message = format!(
                "the values of the column were not counted within {seconds} s; filter the rows, or try again later"
            );
            StatusBuilder::new(Code::DeadlineExceeded, "SUMMARY_TOO_SLOW", message)
        }
        TableRefusal::QueryTooLarge => {
            let message = "the query needs more memory and disk than the server has for queries; filter the rows further, sort \
                           by fewer columns, or try again later";
            StatusBuilder::new(Code::ResourceExhausted, "QUERY_TOO_LARGE", message)
        }
        TableRefusal::EngineAway(message) => {
            StatusBuilder::new(Code::Unavailable, "ENGINE_AWAY", message).retry(RETRY_AFTER)
        }
        TableRefusal::SheetFull { what, count, limit } => {
            let message = format!(
                "the sheet would have {count} {what}, and a sheet may have {limit}; choose fewer {what}, or split them over \
                 several sheets"
            );
            StatusBuilder::new(Code::ResourceExhausted, "SHEET_FULL", message)
                .with("what", what)
                .with("count", count)
                .with("limit", limit)
        }
        TableRefusal::AddressRefused(rule) => {
            let field = "enrichment.url".to_owned();
            StatusBuilder::field(Code::InvalidArgument, "ADDRESS_REFUSED", field, rule)
        }
        TableRefusal::ApiFailed(message) => {
            StatusBuilder::new(Code::FailedPrecondition, "API_FAILED", message)
        }
        TableRefusal::EnrichmentTooSlow => enrichment_too_slow(),
    }
}

fn enrichment_too_slow() -> StatusBuilder {
    let seconds = ENRICH_PREVIEW_WITHIN.as_secs();
    let message = format!(
        "the API has not answered within {seconds} s; try again later, or begin the enrichment without a preview"
    );
    StatusBuilder::new(Code::DeadlineExceeded, "ENRICHMENT_TOO_SLOW", message)
}
