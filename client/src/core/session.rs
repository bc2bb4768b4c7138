//! What a client keeps from one connection to the next.

use std::sync::Arc;

use gridloom::convert::{ConvertError, client_id_from_wire, column_from_wire, limits_from_wire};
use gridloom::v1;
use ot_engine::{ClientId, ClientSession, Column, Replica, Revision, Sequence};

use super::{Event, Lost, ProtocolError};

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Session {
    pub(super) client: ClientId,
    pub(super) epoch: u64,
    pub(super) replica: Replica,
    /// Everything up to here is in Postgres.
    pub(super) committed: Revision,
    /// The revision of this client's last accepted edit.
    pub(super) last_own: Revision,
    pub(super) role: v1::Role,
    pub(super) name: String,
    pub(super) limits: v1::Limits,
}

impl Session {
    /// A session as a `Welcome` describes it, with nothing loaded.
    pub(super) fn new(welcome: &v1::Welcome, max_in_flight: usize) -> Result<Self, ProtocolError> {
        let client = client_id_from_wire(&welcome.client_id)?;
        let limits = welcome.limits.unwrap_or_default();
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
        };
        session.learn(welcome);
        Ok(session)
    }

    /// Takes in what each `Welcome` tells.
    pub(super) fn learn(&mut self, welcome: &v1::Welcome) {
        self.committed = self.committed.max(Revision(welcome.committed_revision));
        self.role = welcome.role();
        welcome.name.clone_into(&mut self.name);
        self.limits = welcome.limits.unwrap_or(self.limits);
    }

    /// Starts afresh as `fresh` says, under the numbers of this session where the client is the
    /// same: a number that an abandoned edit may have used up is never used again.
    pub(super) fn replace(&mut self, fresh: Self, welcome: &v1::Welcome) {
        if fresh.client != self.client {
            *self = fresh;
            return;
        }
        let columns = fresh.replica.confirmed().columns().to_vec();
        self.replica.resync(Revision(welcome.revision), welcome.row_count, columns);
        self.epoch = fresh.epoch;
        self.committed = fresh.committed;
        // Edits whose answer was not heard may stand anywhere up to here.
        self.last_own = fresh.replica.revision();
        self.role = fresh.role;
        self.name = fresh.name;
        self.limits = fresh.limits;
    }

    /// Gives up every edit that is not answered. Those up to `last_accepted` count as accepted,
    /// unheard (one among them that was refused, also unheard, can't be told apart: the history that
    /// would tell is gone); the others are lost, and given back.
    pub(super) fn abandon(&self, last_accepted: Sequence, events: &mut Vec<Event>) -> Vec<Lost> {
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
