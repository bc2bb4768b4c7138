//! The session of a client, which survives its connections.
//!
//! It holds no connection. Invariant: a sequence number is never used twice, also after a fresh start.

use std::sync::Arc;

use gridloom::convert::{ConvertError, client_id_from_wire, column_from_wire, limits_from_wire};
use gridloom::v1;
use ot_engine::{ClientId, ClientSession, Column, Replica, Revision, Sequence};

use crate::core::error::ProtocolError;
use crate::core::event::{Event, Lost};

/// The session of a client.
#[derive(Debug)]
pub(in crate::core) struct Session {
    pub(in crate::core) client: ClientId,
    pub(in crate::core) epoch: u64,
    pub(in crate::core) replica: Replica,
    /// The last revision that is committed to Postgres.
    pub(in crate::core) committed: Revision,
    /// The revision of this client's last accepted edit.
    pub(in crate::core) last_own: Revision,
    pub(in crate::core) role: v1::Role,
    pub(in crate::core) name: String,
    pub(in crate::core) limits: v1::Limits,
    /// The place of the client id; 0: none.
    pub(in crate::core) place: u64,
}

impl Session {
    /// A session from a `Welcome`, with no rows loaded.
    pub(in crate::core) fn new(
        welcome: &v1::Welcome,
        max_in_flight: usize,
    ) -> Result<Self, ProtocolError> {
        let client = client_id_from_wire(&welcome.client_id)?;
        let limits = welcome.limits.as_deref().copied().unwrap_or_default();
        let session = ClientSession::new(client, Revision(welcome.revision))
            .with_max_in_flight(max_in_flight);
        let mut session = Self {
            client,
            epoch: welcome.epoch,
            replica: Replica::with_session(
                session,
                welcome.row_count,
                columns(welcome)?,
                limits_from_wire(&limits),
            ),
            committed: Revision(0),
            last_own: Revision(0),
            role: v1::Role::Unspecified,
            name: String::new(),
            limits,
            place: 0,
        };
        session.update(welcome);
        Ok(session)
    }

    /// Updates the attributes that every `Welcome` contains.
    pub(in crate::core) fn update(&mut self, welcome: &v1::Welcome) {
        self.committed = self.committed.max(Revision(welcome.committed_revision));
        self.role = welcome.role();
        self.place = welcome.place;
        welcome.name.clone_into(&mut self.name);
        self.limits = welcome.limits.as_deref().copied().unwrap_or(self.limits);
    }

    /// Sets the sheet's name. Returns the event of another one.
    pub(in crate::core) fn rename(&mut self, name: &str) -> Option<Event> {
        if self.name == name {
            return None;
        }
        name.clone_into(&mut self.name);
        Some(Event::Renamed { name: name.into() })
    }

    /// Starts fresh from `fresh`. It keeps the sequence numbers when the client is the same, so a number of an
    /// abandoned edit is not used again.
    pub(in crate::core) fn replace(&mut self, fresh: Self, welcome: &v1::Welcome) {
        if fresh.client != self.client {
            *self = fresh;
            return;
        }
        let columns = fresh.replica.confirmed().columns().to_vec();
        self.replica.resync(Revision(welcome.revision), welcome.row_count, columns);
        self.epoch = fresh.epoch;
        self.committed = fresh.committed;
        // Edits whose answer was lost may have any revision up to this one.
        self.last_own = fresh.replica.revision();
        self.role = fresh.role;
        self.name = fresh.name;
        self.limits = fresh.limits;
        self.place = fresh.place;
    }

    /// Abandons every unanswered edit. Edits up to `last_accepted` count as accepted with a lost answer. A
    /// refused edit among them counts so too, because the history no longer distinguishes them. Returns the
    /// other edits, which are lost.
    pub(in crate::core) fn abandon(
        &self,
        last_accepted: Sequence,
        events: &mut Vec<Event>,
    ) -> Vec<Lost> {
        let mut lost = Vec::new();
        for (sequence, delta) in self.replica.session().pending() {
            if sequence <= last_accepted {
                let (revision, conflicts) = (self.replica.revision(), Arc::from([]));
                events.push(Event::Accepted {
                    sequence,
                    revision,
                    conflicts,
                    conflicts_left_out: 0,
                });
            } else {
                lost.push(Lost { sequence, delta: delta.clone() });
            }
        }
        lost
    }
}

fn columns(welcome: &v1::Welcome) -> Result<Vec<Column>, ConvertError> {
    let column = |(i, column): (usize, &v1::Column)| {
        column_from_wire(column.clone()).map_err(|error| error.within(&format!("columns[{i}]")))
    };
    welcome.columns.iter().enumerate().map(column).collect()
}
