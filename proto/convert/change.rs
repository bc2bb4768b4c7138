//! Changes: one revision as all its readers get it. Encoded once, shared as bytes.

use bytes::Bytes;
use ot_engine::{Delta, Inserted, Revision};
use prost::Message;

use super::{Conflicts, ConvertError, delta_from_wire, delta_to_wire};
use crate::v1;

/// One revision of a sheet, as a reader gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which, whose, when and why.
    pub head: ChangeHead,
    /// What changed, cut to the reader's window.
    pub delta: Delta,
    /// Accepted edits of the reader's own that lost to it.
    pub conflicts: Conflicts,
}

/// All of a change but what it does.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeHead {
    /// Its number.
    pub revision: Revision,
    /// The account that made it.
    pub author: String,
    /// When it was accepted: microseconds since the Unix epoch.
    pub time_micros: i64,
    /// Why it was made.
    pub origin: v1::ChangeOrigin,
    /// The revision that an undo or a redo takes back; 0 for others.
    pub target: Revision,
}

impl ChangeHead {
    /// What the lines are that the change inserts.
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
            // What nearly all of them are costs no byte.
            v1::ChangeOrigin::Edit => v1::ChangeOrigin::Unspecified.into(),
            other => other.into(),
        },
        target_revision: head.target.0,
        conflicts: conflicts.told,
        conflicts_left_out: conflicts.left_out,
    };
    change.encode_to_vec().into()
}

/// Reads what [`encode_change`] made. The error's path is relative to the change.
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
    let delta =
        delta_from_wire(change.delta.unwrap_or_default()).map_err(|error| error.within("delta"))?;
    let conflicts = Conflicts { told: change.conflicts, left_out: change.conflicts_left_out };
    Ok(Change { head, delta, conflicts })
}
