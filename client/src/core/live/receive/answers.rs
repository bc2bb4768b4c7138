//! `Accepted` and `Rejected`: the answers to the client's own edits.
//!
//! Invariant: each edit gets one event, also when an answer was lost or is repeated.

use std::sync::Arc;

use gridloom::{rpc, v1};
use ot_engine::{FirstIds, Refused, Revision, Sequence};

use super::super::LiveSheet;
use crate::core::error::ProtocolError;
use crate::core::event::Event;

impl LiveSheet {
    pub(super) fn accepted(
        &mut self,
        mut accepted: v1::Accepted,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let (sequence, revision) = (Sequence(accepted.sequence), Revision(accepted.revision));
        let ids = FirstIds { row: accepted.first_row_id, col: accepted.first_column_id };
        let (delta, lost) = session.replica.accepted_with(sequence, revision, ids)?;
        // The refusals of these earlier edits were lost with a connection.
        self.holds.map_refused(&lost);
        push_refused(lost, lost_refusal_status(), events);
        // A repeated answer changes nothing: the replay already contained the edit.
        let Some(delta) = delta else { return Ok(()) };
        self.typed.answered(sequence, &mut accepted.conflicts);
        session.last_own = session.last_own.max(revision);
        self.resend.retain(|submission| submission.sequence > sequence);
        self.viewport.map(&delta, &mut session.replica);
        self.people.map(&delta);
        if ids != FirstIds::default() {
            events.push(Event::Named);
        }
        events.push(Event::Accepted {
            sequence,
            revision,
            conflicts: accepted.conflicts.into(),
            conflicts_left_out: accepted.conflicts_left_out,
        });
        Ok(())
    }

    pub(super) fn rejected(
        &mut self,
        rejected: v1::Rejected,
        events: &mut Vec<Event>,
    ) -> Result<(), ProtocolError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let sequence = Sequence(rejected.sequence);
        let answer = session.replica.rejected(sequence)?;
        self.holds.map_refused(&answer);
        self.resend.retain(|submission| submission.sequence > sequence);
        push_refused(answer, rejected.status.unwrap_or_default(), events);
        Ok(())
    }
}

/// The status of an edit whose refusal was lost, so that its reason is unknown.
fn lost_refusal_status() -> rpc::Status {
    rpc::Status {
        // google.rpc.Code.ABORTED
        code: 10,
        message: "The edit was refused while the connection was broken; make it again.".to_owned(),
        ..rpc::Status::default()
    }
}

/// Appends an event for each refused edit; none for a repeated answer.
fn push_refused(refused: Refused, status: rpc::Status, events: &mut Vec<Event>) {
    let (status, conflicts) = (Arc::new(status), Arc::from(refused.conflicts.as_slice()));
    let Refused { edits, back, .. } = refused;
    events.extend(edits.into_iter().zip(back).map(|((sequence, delta), back)| Event::Rejected {
        sequence,
        status: Arc::clone(&status),
        delta: Arc::new(delta),
        back: Arc::new(back),
        conflicts: Arc::clone(&conflicts),
    }));
}
