//! A live sheet as bytes, so that edits which nobody has accepted outlive the process.
//!
//! What is saved is the session: who this client is to the server, the revision that it has seen, the
//! shape of the sheet and the pending edits; no values (see [`Replica::save`]). It is read again by
//! this crate only, on the machine that wrote it, and may be damaged there: restoring checks it.

use gridloom::convert::limits_from_wire;
use gridloom::v1;
use ot_engine::{ClientId, Replica, RestoreError, Revision};
use prost::Message;

use super::session::Session;
use super::{LiveOptions, LiveSheet};

/// The form's version. Never reuse a number.
const VERSION: u32 = 1;

/// The form: a message of its own, which never travels.
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
}

/// Why saved bytes are no live sheet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SavedError {
    /// They are no such form.
    #[error("what was saved is damaged")]
    Damaged,
    /// They were saved by a newer release.
    #[error("what was saved has form {0}, which this release does not know")]
    UnknownVersion(u32),
    /// The edits or the sheet in them can't be.
    #[error(transparent)]
    Replica(#[from] RestoreError),
}

impl LiveSheet {
    /// What [`Self::restore`] needs to go on later with the edits that are not accepted yet; `None`
    /// when there are none, and so nothing that could be lost.
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
        };
        Some(saved.encode_to_vec())
    }

    /// The live sheet that [`Self::save`] wrote, not connected yet. Its edits show at once on lines
    /// that they made, and on others as those are loaded; the next [`Self::hello`] goes on with them.
    ///
    /// At most one process may go on from what was saved: the server knows its edits by their numbers.
    ///
    /// # Errors
    /// When the bytes are not such a form.
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
        };
        let mut live = Self::new(saved.sheet_id, options);
        live.session = Some(session);
        Ok(live)
    }
}
