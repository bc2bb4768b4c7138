//! Changes: one revision as its readers receive it.
//!
//! It does not cut a change to a window; `ot_engine::restrict` does.
//!
//! Invariant: a change without conflicts is encoded once, and all readers of one window share the bytes.

use bytes::Bytes;
use ot_engine::{Delta, Inserted, Revision};
use prost::Message;

use super::ConvertError;
use super::columns::known_kind;
use super::conflict::Conflicts;
use super::delta::{delta_from_wire, delta_to_wire};
use super::settings::{known_settings, settings_to_wire};
use crate::v1;

/// One revision of a sheet, as a reader receives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Everything but the delta.
    pub head: ChangeHead,
    /// The delta, cut to the reader's window.
    pub delta: Delta,
    /// The reader's accepted edits that the change overwrites.
    pub conflicts: Conflicts,
}

/// A change without its delta.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeHead {
    /// The revision.
    pub revision: Revision,
    /// The author's account.
    pub author: String,
    /// The time of acceptance, in microseconds since the Unix epoch.
    pub time_micros: i64,
    /// The origin.
    pub origin: v1::ChangeOrigin,
    /// The undone revision of an undo or a redo; 0 for others.
    pub target: Revision,
}

impl ChangeHead {
    /// The kind of the inserted lines.
    #[must_use]
    pub const fn inserted(&self) -> Inserted {
        match self.origin {
            v1::ChangeOrigin::Unspecified | v1::ChangeOrigin::Edit => Inserted::New,
            _ => Inserted::Restored,
        }
    }
}

/// An encoded `Change`: an element of `Changes.changes`. `conflicts` are those of one reader; with
/// none, all readers of one window share the bytes.
#[must_use]
pub fn encode_change(head: &ChangeHead, delta: &Delta, conflicts: Conflicts) -> Bytes {
    let change = v1::Change {
        revision: head.revision.0,
        author_id: head.author.clone(),
        time_micros: head.time_micros,
        delta: Some(delta_to_wire(delta)),
        origin: match head.origin {
            // Nearly all changes are edits, and the default value takes no byte.
            v1::ChangeOrigin::Edit => v1::ChangeOrigin::Unspecified.into(),
            other => other.into(),
        },
        target_revision: head.target.0,
        conflicts: conflicts.listed,
        conflicts_left_out: conflicts.left_out,
    };
    change.encode_to_vec().into()
}

/// Decodes a change that [`encode_change`] of this release or a later one encoded: a kind of columns that this release does
/// not know is any kind. The error's path is relative to the change.
///
/// # Errors
/// Bytes that are not a `Change`, or a malformed delta.
pub fn decode_change(encoded: Bytes) -> Result<Change, ConvertError> {
    let change = v1::Change::decode(encoded)
        .map_err(|error| ConvertError::new("", format!("must be a Change: {error}")))?;
    let origin = match change.origin() {
        v1::ChangeOrigin::Unspecified => v1::ChangeOrigin::Edit,
        other => other,
    };
    let head = ChangeHead {
        revision: Revision(change.revision),
        author: change.author_id,
        time_micros: change.time_micros,
        origin,
        target: Revision(change.target_revision),
    };
    let mut delta = change.delta.unwrap_or_default();
    for edit in &mut delta.columns {
        edit.kind = known_kind(edit.kind);
        // Settings that this release does not know are passed over, too.
        edit.settings = edit
            .settings
            .take()
            .map(|settings| settings_to_wire(&known_settings(&settings)).unwrap_or_default());
    }
    let delta = delta_from_wire(delta).map_err(|error| error.within("delta"))?;
    let conflicts = Conflicts { listed: change.conflicts, left_out: change.conflicts_left_out };
    Ok(Change { head, delta, conflicts })
}
