//! The presence of the participants: this session's own, and the others' as the server sends it.
//!
//! It sends nothing. Positions of others are the server's; [`LiveSheet::people`](crate::core::LiveSheet::people)
//! maps them to the view, so that they stay beside the same cells while own edits are pending.
//!
//! Invariant: a new session starts without participants.

use std::collections::BTreeMap;

use gridloom::convert::{window_from_wire, window_to_wire};
use gridloom::v1;
use ot_engine::{Delta, Presence, Replica, Window};

/// Most participants that are kept; the server's own limit is far below.
const PEOPLE_MAX: usize = 10_000;

/// A participant: another session on the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The session's id.
    pub session_id: String,
    /// The account's id; an account may have several sessions.
    pub account_id: String,
    /// The account's display name.
    pub display_name: String,
    /// The account's color.
    pub color: v1::AccountColor,
    /// The presence.
    pub presence: Presence,
    /// Seconds without an edit or a move of the session, when the server sent this.
    pub idle_seconds: u32,
}

/// The participants of one session.
#[derive(Debug, Default)]
pub(in crate::core) struct People {
    own_session: String,
    own: Presence,
    /// Whether `own` is not sent yet.
    unsent: bool,
    others: BTreeMap<String, Person>,
}

impl People {
    /// A session opens, with no known participants and an unsent own presence.
    pub(in crate::core) fn begin(&mut self, session_id: &str) {
        session_id.clone_into(&mut self.own_session);
        self.others.clear();
        self.unsent = self.own != Presence::default();
    }

    /// Maps the others' positions over a change of the server's state.
    pub(in crate::core) fn map(&mut self, delta: &Delta) {
        if !delta.keeps_axes() {
            self.others.values_mut().for_each(|person| person.presence.follow(delta));
        }
    }

    /// Maps the own positions over a change of the view, as the server does.
    pub(in crate::core) fn map_own(&mut self, delta: &Delta) {
        self.own.follow(delta);
    }

    /// Applies a presence change from the server.
    pub(in crate::core) fn receive(&mut self, change: v1::PresenceChange) {
        if change.complete {
            self.others.clear();
        }
        for left in &change.left {
            self.others.remove(left);
        }
        for participant in change.present {
            let known = self.others.contains_key(&participant.session_id);
            if participant.session_id != self.own_session
                && (known || self.others.len() < PEOPLE_MAX)
            {
                self.others.insert(participant.session_id.clone(), person(participant));
            }
        }
    }

    /// The own presence in the server's positions, when it is not sent yet.
    pub(in crate::core) fn outgoing(&mut self, replica: &Replica) -> Option<v1::Presence> {
        std::mem::take(&mut self.unsent).then(|| {
            let confirmed = |window: &Window| replica.to_confirmed(window);
            // A cell on a line that only pending edits insert has no position for the others.
            let cell = |(row, col): (u32, u32)| {
                let one = |at: u32| at..at.saturating_add(1);
                let cell = confirmed(&Window { rows: one(row), cols: one(col) });
                let (row, col) = (cell.rows.start, cell.cols.start);
                (!cell.is_empty()).then_some(v1::CellPosition { row, col })
            };
            let selections = self.own.selections.iter().map(confirmed);
            v1::Presence {
                revision: replica.revision().0,
                cursor: self.own.cursor.and_then(cell),
                editing: self.own.editing.and_then(cell),
                selections: selections.map(|window| window_to_wire(&window)).collect(),
                away: self.own.away,
            }
        })
    }

    pub(in crate::core) fn own(&self) -> &Presence {
        &self.own
    }

    pub(in crate::core) fn set_own(&mut self, presence: Presence) {
        if self.own != presence {
            self.own = presence;
            self.unsent = true;
        }
    }

    pub(in crate::core) fn others(&self) -> impl Iterator<Item = &Person> {
        self.others.values()
    }
}

fn person(participant: v1::Participant) -> Person {
    let cell = |cell: v1::CellPosition| (cell.row, cell.col);
    let color = participant.color();
    Person {
        session_id: participant.session_id,
        account_id: participant.account_id,
        display_name: participant.display_name,
        color,
        presence: Presence {
            cursor: participant.cursor.map(cell),
            selections: participant.selections.into_iter().map(window_from_wire).collect(),
            editing: participant.editing.map(cell),
            away: participant.away,
        },
        idle_seconds: participant.idle_seconds,
    }
}
