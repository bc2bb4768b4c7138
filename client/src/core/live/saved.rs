//! Saves a live sheet as bytes and restores it, so that pending edits survive the process.
//!
//! The form contains the session: client id, revision, size and columns of the sheet, pending edits. It
//! contains no values (see [`Replica::save`]). Only this crate reads it, on the machine that wrote it.
//!
//! Invariant: damaged bytes are an error, never a panic.

use gridloom::convert::limits_from_wire;
use gridloom::v1;
use ot_engine::{ClientId, Replica, RestoreError, Revision, Sequence};
use prost::Message;

use super::{LiveOptions, LiveSheet};
use crate::core::state::gestures::Gestures;
use crate::core::state::session::Session;

/// The form's version. Never reuse a number.
const VERSION: u32 = 1;

/// The form: a message that is never sent.
#[derive(Clone, PartialEq, Message)]
struct Saved {
    #[prost(uint32, tag = "1")]
    version: u32,
    #[prost(string, tag = "2")]
    sheet_id: String,
    #[prost(bytes = "vec", tag = "3")]
    client: Vec<u8>,
    #[prost(uint64, tag = "4")]
    epoch: u64,
    #[prost(uint64, tag = "5")]
    committed: u64,
    #[prost(uint64, tag = "6")]
    last_own: u64,
    #[prost(int32, tag = "7")]
    role: i32,
    #[prost(string, tag = "8")]
    name: String,
    #[prost(message, optional, tag = "9")]
    limits: Option<v1::Limits>,
    #[prost(bytes = "vec", tag = "10")]
    replica: Vec<u8>,
    /// Earlier releases leave these out, and skip them.
    #[prost(uint64, tag = "11")]
    place: u64,
    #[prost(message, repeated, tag = "12")]
    groups: Vec<SavedGroup>,
}

/// The group of a pending edit.
#[derive(Clone, PartialEq, Message)]
struct SavedGroup {
    #[prost(uint64, tag = "1")]
    sequence: u64,
    #[prost(fixed64, tag = "2")]
    group: u64,
}

/// The reason why saved bytes can't be restored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SavedError {
    /// The bytes are not the saved form.
    #[error("the saved sheet is damaged; open the sheet again")]
    Damaged,
    /// A newer release saved the bytes.
    #[error(
        "this release does not know saved form {0}; use the release that saved it or a newer one"
    )]
    UnknownVersion(u32),
    /// The saved edits or the saved sheet contradict each other.
    #[error(transparent)]
    Replica(#[from] RestoreError),
}

impl LiveSheet {
    /// The live sheet as bytes for [`Self::restore`]; `None` when no edit is pending, so that none can be
    /// lost.
    #[must_use]
    pub fn save(&self) -> Option<Vec<u8>> {
        let session = self.session.as_ref().filter(|session| session.replica.pending() > 0)?;
        let saved = Saved {
            version: VERSION,
            sheet_id: self.sheet_id.clone(),
            client: session.client.0.to_be_bytes().to_vec(),
            epoch: session.epoch,
            committed: session.committed.0,
            last_own: session.last_own.0,
            role: session.role.into(),
            name: session.name.clone(),
            limits: Some(session.limits),
            replica: session.replica.save(),
            place: session.place,
            groups: self
                .gestures
                .all()
                .map(|(sequence, group)| SavedGroup { sequence: sequence.0, group })
                .collect(),
        };
        Some(saved.encode_to_vec())
    }

    /// Restores the live sheet that [`Self::save`] wrote, without a connection. Its edits show immediately on
    /// lines that they insert, and on other lines after those are loaded.
    ///
    /// At most one process may restore the same bytes, because the server identifies edits by number.
    ///
    /// # Errors
    /// When the bytes are not the saved form.
    pub fn restore(bytes: &[u8], options: LiveOptions) -> Result<Self, SavedError> {
        let saved = Saved::decode(bytes).map_err(|_| SavedError::Damaged)?;
        if saved.version != VERSION {
            return Err(SavedError::UnknownVersion(saved.version));
        }
        let client = saved.client.try_into().map_err(|_| SavedError::Damaged)?;
        let limits = saved.limits.unwrap_or_default();
        let replica = Replica::restore(&saved.replica, limits_from_wire(&limits))?;
        let client = ClientId(u128::from_be_bytes(client));
        if replica.session().client() != client {
            return Err(SavedError::Damaged);
        }
        let session = Session {
            client,
            epoch: saved.epoch,
            committed: Revision(saved.committed).min(replica.revision()),
            last_own: Revision(saved.last_own).min(replica.revision()),
            role: v1::Role::try_from(saved.role).unwrap_or_default(),
            name: saved.name,
            limits,
            replica,
            place: saved.place,
        };
        let mut live = Self::new(saved.sheet_id, options);
        let mut groups: Vec<_> =
            saved.groups.iter().map(|of| (Sequence(of.sequence), of.group)).collect();
        groups.sort_unstable();
        live.gestures = Gestures::restored(groups);
        live.session = Some(session);
        Ok(live)
    }
}
