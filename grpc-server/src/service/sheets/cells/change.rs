//! The change of a unary edit, as the wire has it.
//!
//! Not how it is applied. Invariant: a change that is converted keeps the limits of one edit.

use gridloom::convert;
use gridloom::v1::{self, apply_edits_request::Change};
use ot_engine::Revision;

use crate::edge::errors::ServiceError;
use sheet::api::message::ApplyChange;
use sheet::api::undo_target::UndoTarget;

/// The elements of a change whose conversion visits each: its cost before it begins.
pub(super) fn items(change: Option<&Change>) -> usize {
    match change {
        Some(Change::Delta(delta)) => convert::delta_items(delta),
        Some(Change::Commands(list)) => list.commands.len(),
        Some(Change::Undo(_) | Change::Redo(_)) | None => 0,
    }
}

pub(super) fn from_wire(
    change: Option<Change>,
    base_revision: u64,
    limits: &ot_engine::Limits,
) -> Result<ApplyChange, ServiceError> {
    match change {
        Some(Change::Commands(commands)) if commands.commands.is_empty() => {
            Err(ServiceError::malformed("commands.commands", "must not be empty"))
        }
        Some(Change::Commands(commands)) => Ok(ApplyChange::Commands(commands.into())),
        Some(Change::Delta(delta)) => {
            let delta = convert::delta_within(delta, limits);
            let delta = delta.map_err(|error| error.within("delta"))?;
            let base = Revision(base_revision);
            Ok(ApplyChange::Delta { base, delta: delta.into(), yields: false })
        }
        Some(Change::Undo(v1::Undo { revision })) => {
            let asked = (revision != 0).then_some(Revision(revision));
            Ok(ApplyChange::TakeBack(UndoTarget::Undo(asked)))
        }
        Some(Change::Redo(v1::Redo {})) => Ok(ApplyChange::TakeBack(UndoTarget::Redo)),
        None => {
            let rule = "must be set: commands, a delta, undo or redo";
            Err(ServiceError::malformed("change", rule))
        }
    }
}
