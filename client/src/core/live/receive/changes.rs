//! `Changes` frames: applies other clients' changes.
//!
//! The client's own changes come as `Accepted`. Invariant: a change is validated before it is applied.

use std::sync::Arc;

use gridloom::convert::{Change, Conflicts, decode_change};
use gridloom::v1;
use ot_engine::{Limits, Revision, Side, validate};

use super::super::LiveSheet;
use crate::core::error::ProtocolError;
use crate::core::event::{Changed, Event};
use crate::core::state::holds::Cause;
use crate::core::state::texts;

/// The limits on received changes. The server applies its own limits, so only the rules without limits
/// apply here.
const RECEIVED: Limits = Limits::UNBOUNDED;

impl LiveSheet {
    pub(super) fn changes(
        &mut self,
        changes: v1::Changes,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        for (i, encoded) in changes.changes.into_iter().enumerate() {
            let change = decode_change(encoded)
                .map_err(|error| error.within(&format!("changes.changes[{i}]")))?;
            validate(&change.delta, session.replica.confirmed().size(), &RECEIVED)?;
            let Change { head, delta, conflicts } = change;
            let Conflicts { listed: mut overwritten, left_out } = conflicts;
            texts::complete(&mut overwritten, &delta, session.replica.confirmed());
            let received = session.replica.receive_with(head.revision, &delta, head.inserted())?;
            // Own edits are later than the change. What its author lost to them, the author receives.
            let lost = received.conflicts.into_iter().filter(|lost| lost.loser == Side::Later);
            let lost = lost.collect();
            self.viewport.map(&delta, &mut session.replica);
            self.people.map(&delta);
            self.people.map_own(&received.delta);
            let author: Arc<str> = head.author.into();
            self.holds.map(&received.delta, || Cause::Other(Arc::clone(&author)));
            events.push(Event::Changed(Changed {
                revision: head.revision,
                author,
                time_micros: head.time_micros,
                origin: head.origin,
                delta: Arc::new(received.delta),
                conflicts: lost,
                overwritten: overwritten.into(),
                overwritten_left_out: left_out,
            }));
        }
        session.replica.skip_to(Revision(changes.through));
        Ok(())
    }
}
