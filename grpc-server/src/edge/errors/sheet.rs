//! The statuses of refused edits and reads, of sheets that can't be opened, and of ended sessions.
//!
//! Not the decision to refuse: the crate `sheet` makes it. Invariant: every refusal and every end has a status.

use std::time::Duration;

use gridloom::convert::ConvertError;
use gridloom::rpc;
use ot_engine::Revision;
use tonic::{Code, Status};

use super::status_builder::RETRY_AFTER;
use super::{ServiceError, StatusBuilder, to_wire};
use crate::edge::refusals;
use model::gesture::PassedOver;
use model::sizes::{READ_BYTES, RESTORED_BYTES};
use sheet::fanout::session::EndReason;
use sheet::open_error::OpenError;
use sheet::refusal::Refusal;

/// When a session that was too slow may come back.
const SLOW_READER_RETRY: Duration = Duration::from_secs(1);

/// A field that breaks a rule.
pub(crate) fn malformed(field: &str, rule: &str) -> Status {
    ServiceError::malformed(field, rule).into()
}

/// A message of the wrong form.
pub(crate) fn convert(error: ConvertError) -> Status {
    ServiceError::from(error).into()
}

/// A sheet that can't be opened.
pub(crate) fn open(error: OpenError) -> Status {
    match error {
        OpenError::NotFound => StatusBuilder::no_sheet().into(),
        OpenError::Draining => StatusBuilder::draining().into(),
        OpenError::Store(error) if error.is_unavailable() => StatusBuilder::away("Postgres").into(),
        error if error.is_without_memory() => without_memory().into(),
        OpenError::Journal(error) => {
            tracing::warn!(%error, "sheet not opened; call refused with UNAVAILABLE");
            StatusBuilder::away("the journal").into()
        }
        // Logged for the operator where it was found.
        OpenError::Split { .. } => histories_differ().into(),
        OpenError::SetAside(_) => set_aside().into(),
        other => Status::from(ServiceError::internal(other)),
    }
}

fn without_memory() -> StatusBuilder {
    if let Some(left_out) = refusals::line("sheets with too many edits that wait for Postgres") {
        tracing::warn!(
            left_out,
            "sheet not opened, this server has no memory for its edits that wait for Postgres"
        );
    }
    let message = "this server has no memory for the edits of this sheet that wait for Postgres; open it at another \
                   server, or later";
    StatusBuilder::new(Code::Unavailable, "UNAVAILABLE", message).retry(SLOW_READER_RETRY)
}

fn set_aside() -> StatusBuilder {
    let message = "a change of this sheet can't be stored, so the sheet is set aside; its changes are \
                   kept, and its operator must decide (gridloom admin sheet)";
    StatusBuilder::new(Code::FailedPrecondition, "SET_ASIDE", message)
}

fn histories_differ() -> StatusBuilder {
    let message = "the server's journal and its database hold different histories of this sheet; \
                   its operator must bring together what belongs together";
    StatusBuilder::new(Code::FailedPrecondition, "HISTORIES_DIFFER", message)
}

/// The status of a refused edit or read.
pub(crate) fn refusal(refusal: &Refusal) -> Status {
    builder(refusal).into()
}

/// The same in the form that `Rejected` carries.
pub(crate) fn refusal_to_wire(refused: &Refusal) -> rpc::Status {
    to_wire(&builder(refused).logged().into())
}

/// No session of this account has this id.
pub(crate) fn session_gone() -> Status {
    let message = "no such session, or it has ended; open it again";
    StatusBuilder::new(Code::NotFound, "SESSION_NOT_FOUND", message).into()
}

/// Frames between those received and those sent are missing.
pub(crate) fn frames_left_out(expected: u64) -> Status {
    let message = format!("frames are missing; send again from number {expected}");
    StatusBuilder::new(Code::FailedPrecondition, "FRAMES_LEFT_OUT", message)
        .with("frame", expected)
        .into()
}

/// Why a session's stream ends.
pub(crate) fn end(reason: &EndReason) -> Status {
    match reason {
        EndReason::SlowReader => {
            let message = "this session did not read what it was sent; open it again";
            StatusBuilder::new(Code::ResourceExhausted, "SLOW_READER", message)
                .retry(SLOW_READER_RETRY)
        }
        EndReason::TooMany => {
            let message = "the sheet has as many sessions as it may have; try again later";
            StatusBuilder::new(Code::ResourceExhausted, "TOO_MANY_SESSIONS", message)
                .retry(SLOW_READER_RETRY)
        }
        EndReason::Early => {
            let message =
                "too much was sent before the Welcome frame; wait for it, then send the rest";
            StatusBuilder::new(Code::ResourceExhausted, "TOO_EARLY", message)
        }
        EndReason::Reload => StatusBuilder::away("the sheet"),
        EndReason::Unavailable => StatusBuilder::away("Postgres"),
        EndReason::JournalAway => StatusBuilder::away("the journal"),
        EndReason::Draining => StatusBuilder::draining(),
        EndReason::Unauthenticated => return ServiceError::BadToken.into(),
        EndReason::NotFound => StatusBuilder::no_sheet(),
        EndReason::AccessEnded => StatusBuilder::access_ended(),
        EndReason::Replaced => {
            let message = "the same client opened a newer session; continue there";
            StatusBuilder::new(Code::Aborted, "SESSION_REPLACED", message)
        }
        EndReason::ForeignClient => foreign_client(),
        EndReason::SecondHello => {
            let (field, rule) =
                ("frame.hello".into(), "may be sent once, as the first frame".into());
            StatusBuilder::field(Code::InvalidArgument, "MALFORMED", field, rule)
        }
        EndReason::Unreadable(why) => {
            StatusBuilder::field(Code::InvalidArgument, "MALFORMED", "frame".into(), why.clone())
        }
        EndReason::Unfinished => StatusBuilder::too_slow().retry(RETRY_AFTER),
        EndReason::Silent => {
            let message =
                "the session sent no frame for its silence_seconds; resume it, and send Ping";
            StatusBuilder::new(Code::DeadlineExceeded, "SESSION_SILENT", message).retry(RETRY_AFTER)
        }
    }
    .logged()
    .into()
}

fn foreign_client() -> StatusBuilder {
    let message = "this client id belongs to another account; open the session without one";
    StatusBuilder::new(Code::PermissionDenied, "FOREIGN_CLIENT", message)
}

fn builder(refusal: &Refusal) -> StatusBuilder {
    match refusal {
        Refusal::Malformed { field, rule } => {
            StatusBuilder::field(Code::InvalidArgument, "MALFORMED", field.clone(), rule.clone())
        }
        Refusal::OutOfRange { field, rule } => {
            StatusBuilder::field(Code::OutOfRange, "OUT_OF_RANGE", field.clone(), rule.clone())
        }
        Refusal::BaseInFuture { head, .. } => base_in_future(*head),
        Refusal::Compacted { oldest } => {
            let message = "base_revision: its history is no longer kept; read the sheet again";
            StatusBuilder::new(Code::OutOfRange, "COMPACTED", message).with("oldest", oldest)
        }
        Refusal::NothingToUndo { passed, more } => nothing("undo", passed, *more),
        Refusal::NotUndoable { target } => not_undoable(*target),
        Refusal::NothingToRedo { passed, more } => nothing("redo", passed, *more),
        Refusal::TooLongAgo { target } => {
            let message = "this change can no longer be taken back: its history is gone, or too \
                           much has changed since; restore a revision instead";
            StatusBuilder::new(Code::OutOfRange, "COMPACTED", message).with("revision", target)
        }
        Refusal::HistoryUnreadable { target } => history_unreadable(*target),
        Refusal::NothingToRestore { target } => nothing_to_restore(*target),
        Refusal::UndoOutdated => undo_outdated(),
        Refusal::RevisionGone { oldest } => StatusBuilder::revision_gone(oldest),
        Refusal::TooManyCells { cells, bytes, most } => too_many_cells(*cells, *bytes, *most),
        Refusal::Pipelined { .. } => pipelined(),
        Refusal::Stale { .. } => stale(),
        Refusal::ReadOnly => StatusBuilder::read_only(),
        Refusal::ForeignClient => foreign_client(),
        Refusal::RateLimited { retry_after } => {
            StatusBuilder::rate_limited("edits, or too many cells in them,", *retry_after)
        }
        Refusal::TooLarge { bytes, most } => edit_too_large(*bytes, *most),
        Refusal::TooFarBehind { steps, most } => too_far_behind(*steps, *most),
        Refusal::TooManyConflicts { conflicts, most } => too_many_conflicts(*conflicts, *most),
        Refusal::RowTooLarge { row, bytes, most } => row_too_large(*row, *bytes, *most),
        Refusal::DoesNotFit { row, col, misfit } => does_not_fit(*row, *col, misfit),
        Refusal::TooManySettings { most } => too_many_settings(*most),
        Refusal::TextRowsTooLarge { most } => text_rows_too_large(*most),
        Refusal::SizedRowsTooLarge { most } => sized_rows_too_large(*most),
        Refusal::UndoTooLarge { most } => undo_too_large(*most),
        Refusal::TooManySpans { most } => too_many_spans(*most),
        Refusal::ReadTooLarge { rows } => read_too_large(*rows),
        Refusal::Storage(exceeded) => StatusBuilder::stored(exceeded),
        Refusal::JournalFull => {
            journal_full("the server's journal is full; edits are taken again when there is room")
        }
        Refusal::JournalShareFull => journal_full(
            "the edits of this sheet or of your account that wait for Postgres fill their share \
             of the server's journal; edits are taken again when some are committed",
        ),
        Refusal::TooManyWaiting => too_many_waiting(),
        Refusal::Unavailable(what) => StatusBuilder::away(what),
    }
}

/// An undo or a redo that has nothing to take back: also why not.
fn nothing(what: &str, passed: &[PassedOver], more: bool) -> StatusBuilder {
    let reason = if what == "undo" { "NOTHING_TO_UNDO" } else { "NOTHING_TO_REDO" };
    let none =
        format!("there is nothing of yours to {what} that was made at this place (tab or program)");
    let Some(first) = passed.first() else {
        return StatusBuilder::new(Code::FailedPrecondition, reason, none);
    };
    let of_newest = format!("your newest changes at this place leave nothing to {what}");
    let mut message = if more { of_newest } else { none };
    message += &format!(": revision {} can't be taken back: {}", first.revision, first.why);
    if passed.len() > 1 {
        message += &format!("; nor can {} others", passed.len() - 1);
    }
    message += "; nothing was changed";
    if more {
        message += &format!("; {what} again to continue with older changes");
    }
    let builder = StatusBuilder::new(Code::FailedPrecondition, reason, message);
    builder.with("revision", first.revision).with("why", &first.why).with("more", more)
}

fn not_undoable(target: Revision) -> StatusBuilder {
    let message = format!(
        "undo.revision: there is nothing of yours to undo with the revision {target}: there is no such change, it is of \
         another account, or undone already; nothing was changed"
    );
    StatusBuilder::new(Code::FailedPrecondition, "NOTHING_TO_UNDO", message)
        .with("revision", target)
}

fn nothing_to_restore(target: Revision) -> StatusBuilder {
    let message = format!("the sheet is as it was at revision {target}; nothing was changed");
    StatusBuilder::new(Code::FailedPrecondition, "NOTHING_TO_RESTORE", message)
        .with("revision", target)
}

fn history_unreadable(target: Revision) -> StatusBuilder {
    let message = format!(
        "the history of this sheet has a record that can't be read, so revision {target} can't be taken back; \
         nothing was changed: its operator finds the record (gridloom admin check)"
    );
    StatusBuilder::new(Code::FailedPrecondition, "HISTORY_UNREADABLE", message)
        .with("revision", target)
}

fn base_in_future(head: Revision) -> StatusBuilder {
    let message = format!("base_revision: is in the future; the newest one is {head}");
    StatusBuilder::new(Code::FailedPrecondition, "BASE_IN_FUTURE", message).with("head", head)
}

fn pipelined() -> StatusBuilder {
    let message = "an edit must be answered before another is sent that edits text, or if it \
                   moves lines";
    StatusBuilder::new(Code::FailedPrecondition, "PIPELINED", message)
}

fn stale() -> StatusBuilder {
    let message = "this edit was answered before; send a new one under a new number";
    StatusBuilder::new(Code::FailedPrecondition, "STALE", message)
}

fn journal_full(message: &str) -> StatusBuilder {
    StatusBuilder::new(Code::ResourceExhausted, "JOURNAL_FULL", message).retry(SLOW_READER_RETRY)
}

fn edit_too_large(bytes: usize, most: usize) -> StatusBuilder {
    let message = format!(
        "this edit leads to {bytes} bytes; one edit may lead to {most}; nothing was changed: \
         make it in several smaller ones"
    );
    StatusBuilder::new(Code::InvalidArgument, "TOO_LARGE", message).with("limit_bytes", most)
}

fn too_far_behind(steps: usize, most: usize) -> StatusBuilder {
    if let Some(left_out) = refusals::line("edits on old bases") {
        tracing::warn!(steps, most, left_out, "edit refused, too much follows its base");
    }
    let message = format!(
        "base_revision: too much was changed since: to bring this edit to the newest revision takes {steps} steps or \
         more, and one edit may take {most}; nothing was changed: read the sheet again, and make the edit there"
    );
    StatusBuilder::new(Code::OutOfRange, "TOO_FAR_BEHIND", message).with("limit_steps", most)
}

fn too_many_conflicts(conflicts: usize, most: usize) -> StatusBuilder {
    if let Some(left_out) = refusals::line("conflicts of edits on old bases") {
        tracing::warn!(conflicts, most, left_out, "edit refused, it has too many conflicts");
    }
    let message = format!(
        "base_revision: too much was changed since: this edit has {conflicts} conflicts or more, and one edit may have \
         {most}; nothing was changed: read the sheet again, and make the edit there"
    );
    StatusBuilder::new(Code::OutOfRange, "TOO_FAR_BEHIND", message).with("limit_conflicts", most)
}

fn too_many_waiting() -> StatusBuilder {
    if let Some(left_out) = refusals::line("edits that would wait") {
        tracing::warn!(left_out, "edit refused, as many edits of its sheet wait as may");
    }
    let message = "as many edits of this sheet as may wait already wait for rows, for older changes, or for their \
                   turn at heavy work; nothing was changed: send the edit again later";
    StatusBuilder::new(Code::Unavailable, "UNAVAILABLE", message).retry(SLOW_READER_RETRY)
}

fn undo_outdated() -> StatusBuilder {
    if let Some(left_out) = refusals::line("undos of busy sheets") {
        tracing::warn!(left_out, "undo refused, its sheet changes too fast");
    }
    let message = "this sheet changes faster than the undo can be carried to its newest revision; nothing was changed: \
                   send the undo again later";
    StatusBuilder::new(Code::Unavailable, "UNAVAILABLE", message).retry(SLOW_READER_RETRY)
}

fn row_too_large(row: u32, bytes: usize, most: usize) -> StatusBuilder {
    let message = format!(
        "row_bytes: the row at position {row} would hold {bytes} bytes, also in deleted columns; one row may \
         hold {most}; nothing was changed: shorten its cells, or use another row"
    );
    let builder = StatusBuilder::new(Code::InvalidArgument, "ROW_TOO_LARGE", message);
    builder.with("row", row).with("limit_bytes", most)
}

fn does_not_fit(row: u32, col: u32, misfit: &values::Misfit) -> StatusBuilder {
    let misfit = super::misfits::text(misfit);
    let message = format!(
        "cells: the value at row {row}, column {col} does not fit its column, which refuses such values: {misfit}; \
         nothing was changed"
    );
    let builder = StatusBuilder::new(Code::InvalidArgument, "DOES_NOT_FIT", message);
    builder.with("row", row).with("col", col).with("misfit", misfit)
}

fn too_many_settings(most: usize) -> StatusBuilder {
    let rule = format!("of all columns of the sheet would take more than {most} bytes");
    StatusBuilder::field(Code::ResourceExhausted, "TOO_MANY_SETTINGS", "settings".to_owned(), rule)
        .with("limit_bytes", most)
}

fn text_rows_too_large(most: usize) -> StatusBuilder {
    let message = format!(
        "the rows whose texts this edit changes take more than {most} bytes; nothing was changed: edit the \
         texts of fewer rows at once"
    );
    StatusBuilder::new(Code::InvalidArgument, "TOO_LARGE", message).with("limit_bytes", most)
}

fn sized_rows_too_large(most: usize) -> StatusBuilder {
    let message = format!(
        "row_bytes: some rows of this sheet are near the limit of a row, and the rows that this edit writes take \
         more than {most} bytes to compare with it; nothing was changed: write fewer rows at once"
    );
    StatusBuilder::new(Code::InvalidArgument, "TOO_LARGE", message).with("limit_bytes", most)
}

fn undo_too_large(most: usize) -> StatusBuilder {
    if let Some(left_out) = refusals::line("undos of large values") {
        tracing::warn!(most, left_out, "undo refused, the values that it reads are too large");
    }
    let message = format!(
        "this undo or restore needs to read more than {most} bytes, the most that one may; nothing was changed: read the \
         older revision, and set the cells from there in several edits"
    );
    StatusBuilder::new(Code::InvalidArgument, "TOO_LARGE", message).with("limit_bytes", most)
}

fn too_many_spans(most: usize) -> StatusBuilder {
    let message = format!(
        "sheet_spans: the rows of this sheet would stand in more than {most} pieces; nothing was changed: \
         insert or move more rows at once, or export the sheet and import it as a new one, which is one piece"
    );
    StatusBuilder::new(Code::ResourceExhausted, "TOO_MANY_SPANS", message).with("limit", most)
}

fn read_too_large(rows: usize) -> StatusBuilder {
    let rule =
        format!("leads to {rows} rows that take more than {READ_BYTES} bytes; ask for fewer rows");
    StatusBuilder::field(Code::ResourceExhausted, "ANSWER_TOO_LARGE", "rows.count".to_owned(), rule)
        .with("limit_bytes", READ_BYTES)
}

fn too_many_cells(cells: u64, bytes: u64, most: u32) -> StatusBuilder {
    let message = format!(
        "going back to this revision sets {cells} cells with {bytes} bytes; one change may set \
         {most} cells with {RESTORED_BYTES} bytes; nothing was changed"
    );
    StatusBuilder::new(Code::FailedPrecondition, "TOO_MANY_CELLS", message).with("cells", cells)
}
