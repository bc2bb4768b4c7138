//! Changes: one revision as all its readers get it. Encoded once, shared as bytes.

use bytes::Bytes;
use ot_engine::{Delta, Revision};
use prost::Message;

use super::{ConvertError, delta_from_wire, delta_to_wire};
use crate::v1;

/// One revision of a sheet, as a reader gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its number.
    pub revision: Revision,
    /// The account that made it.
    pub author: String,
    /// When it was accepted: microseconds since the Unix epoch.
    pub time_micros: i64,
    /// What changed, cut to the reader's window.
    pub delta: Delta,
}

/// An encoded `Change`: an element of `Changes.changes`.
#[must_use]
pub fn encode_change(revision: Revision, author: &str, time_micros: i64, delta: &Delta) -> Bytes {
    let change = v1::Change {
        revision: revision.0,
        author_id: author.to_owned(),
        time_micros,
        delta: Some(delta_to_wire(delta)),
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
    let delta =
        delta_from_wire(change.delta.unwrap_or_default()).map_err(|error| error.within("delta"))?;
    Ok(Change {
        revision: Revision(change.revision),
        author: change.author_id,
        time_micros: change.time_micros,
        delta,
    })
}
