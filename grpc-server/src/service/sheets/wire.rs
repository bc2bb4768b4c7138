//! Sheets as messages, and the rule for their names.
//!
//! Not their cells. Invariant: every sheet has a message; a name from the wire is checked.

use std::sync::Arc;

use gridloom::v1;
use heavy_work::{Caller, Size};
use prost::Message as _;

use crate::edge::errors::ServiceError;
use model::{AccountId, ColumnRecord, Role, SheetSummary};
use sheet::fanout::cells::column_to_wire;
use sheet::fanout::role::role_to_wire;

const NAME_CHARACTERS: std::ops::RangeInclusive<usize> = 1..=200;

/// A sheet's name, without space around it.
pub(in crate::service) fn sheet_name(given: &str) -> Result<Arc<str>, ServiceError> {
    let name = given.trim();
    let plain = !name.chars().any(char::is_control);
    if plain && NAME_CHARACTERS.contains(&name.chars().count()) {
        Ok(name.into())
    } else {
        Err(ServiceError::malformed("name", "must have 1 to 200 characters, none of them control"))
    }
}

/// The bytes of an answer besides its sheet.
const ANSWER_BYTES: usize = 64;

/// A sheet for the wire, for an account of this role, with its columns if they fit a message.
pub(super) fn sheet_to_wire(
    (summary, role): (&SheetSummary, Role),
    columns: &[ColumnRecord],
    message_bytes: u32,
) -> v1::Sheet {
    let columns = columns.iter().map(column_to_wire).collect();
    let whole = v1::Sheet { columns, columns_left_out: false, ..summary_to_wire(summary, role) };
    within(whole, message_bytes)
}

/// The same for a caller. Long settings of columns are read beside the threads that serve calls.
pub(super) async fn whole_sheet_to_wire(
    caller: AccountId,
    (summary, role): (SheetSummary, Role),
    columns: Vec<ColumnRecord>,
    message_bytes: u32,
) -> Result<v1::Sheet, ServiceError> {
    let bytes = columns.iter().map(|column| column.name.len() + column.settings.len()).sum();
    let to_wire = move || sheet_to_wire((&summary, role), &columns, message_bytes);
    let sheet = heavy_work::run_sized(Caller::Account(caller), Size::Bytes(bytes), to_wire).await;
    sheet.map_err(ServiceError::internal)
}

fn within(mut sheet: v1::Sheet, message_bytes: u32) -> v1::Sheet {
    if sheet.encoded_len() + ANSWER_BYTES > message_bytes as usize {
        sheet.columns.clear();
        sheet.columns_left_out = true;
    }
    sheet
}

/// A sheet for the wire, as lists show it.
pub(super) fn summary_to_wire(summary: &SheetSummary, role: Role) -> v1::Sheet {
    v1::Sheet {
        id: summary.id.to_string(),
        name: summary.name.to_string(),
        columns: Vec::new(),
        row_count: summary.row_count,
        revision: summary.head.0,
        created_micros: summary.created_micros,
        changed_micros: summary.changed_micros,
        deleted_micros: summary.deleted_micros.unwrap_or_default(),
        etag: summary.version.to_string(),
        column_count: summary.column_count,
        columns_left_out: true,
        role: role_to_wire(role).into(),
        owner_name: summary.owner_name.to_string(),
    }
}
