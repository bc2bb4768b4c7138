//! The attacks, by what they go for.
//!
//! Each function prepares itself, announces that with `Field::ready` or `Field::flood`, and ends with the field.

pub(super) mod connections;
pub(super) mod edits;
pub(super) mod reads;
pub(super) mod shared;
pub(super) mod strangers;

use gridloom::v1;
use ot_engine::{Delta, Revision, Size};
use tonic::Status;

use super::field::Field;
use crate::harness::new_wide_sheet;

/// A sheet of the hostile account.
async fn sheet(field: &Field, rows: u32, columns: u32) -> String {
    new_wide_sheet(field.client(), "Hostile", rows, columns).await
}

/// An edit before the attack.
async fn prepare(field: &Field, sheet: &str, base: u64, delta: &Delta) -> u64 {
    let wait = v1::WaitFor::Accepted;
    let applied = field.client().apply_delta(sheet, Revision(base), delta, wait, "").await;
    applied.expect("there is no attack yet").revision
}

/// An edit that sets every cell of a block to a number.
fn numbers(size: Size, number: f64) -> Delta {
    let cells = (0..size.rows).flat_map(|row| (0..size.cols).map(move |col| (row, col)));
    Delta::set_cells(cells.map(|(row, col)| (row, col, number.into())))
}

/// One edit by a call.
async fn apply(
    field: &Field,
    sheet: &str,
    base_revision: u64,
    change: v1::apply_edits_request::Change,
) -> Result<v1::ApplyEditsResponse, Status> {
    let message = v1::ApplyEditsRequest {
        sheet_id: sheet.to_owned(),
        change: Some(change),
        base_revision,
        wait_for: v1::WaitFor::Accepted.into(),
        ..v1::ApplyEditsRequest::default()
    };
    let mut calls = field.sheets().await?;
    calls.apply_edits(field.request(message)).await.map(tonic::Response::into_inner)
}
