//! Where people are: this session's own place on its way out, the others' as the server tells them.
//!
//! Positions of others are kept in the server's and shown in the view's, so that they stand beside
//! the same cells also while own edits wait. Invariant: nobody is kept over a new connection.

use std::collections::BTreeMap;

use gridloom::convert::{window_from_wire, window_to_wire};
use gridloom::v1;
use ot_engine::{Delta, Presence, Replica, Window};

use super::{Event, Link, LiveSheet};

/// People of one sheet who are kept; the server's own limit is far below.
const PEOPLE_MAX: usize = 10_000;

/// Somebody in session on the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The session.
    pub session_id: String,
    /// The account; one may have several sessions.
    pub account_id: String,
    /// The account's name for others.
    pub display_name: String,
    /// Where it is.
    pub presence: Presence,
}

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct People {
    own_session: String,
    own: Presence,
    /// What is to be said of `own`.
    unsaid: bool,
    others: BTreeMap<String, Person>,
}

impl People {
    /// A session opens: nobody is known, and nobody knows where this one is.
    pub(super) fn begin(&mut self, session_id: &str) {
        session_id.clone_into(&mut self.own_session);
        self.others.clear();
        self.unsaid = self.own != Presence::default();
    }

    /// A change of the server's state.
    pub(super) fn carry(&mut self, delta: &Delta) {
        if !delta.keeps_axes() {
            self.others.values_mut().for_each(|person| person.presence.follow(delta));
        }
    }

    /// A change of the view: this session goes along, as the server has it do.
    pub(super) fn carry_own(&mut self, delta: &Delta) {
        self.own.follow(delta);
    }

    /// What the server tells of others.
    pub(super) fn hear(&mut self, change: v1::PresenceChange) {
        if change.complete {
            self.others.clear();
        }
        for left in &change.left {
            self.others.remove(left);
        }
        for told in change.present {
            let known = self.others.contains_key(&told.session_id);
            if told.session_id != self.own_session && (known || self.others.len() < PEOPLE_MAX) {
                self.others.insert(told.session_id.clone(), person(told));
            }
        }
    }

    fn say(&mut self, replica: &Replica) -> Option<v1::Presence> {
        std::mem::take(&mut self.unsaid).then(|| {
            let confirmed = |window: &Window| replica.to_confirmed(window);
            // A cell on a line that the server does not know yet is nowhere for the others.
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
            }
        })
    }
}

fn person(told: v1::Participant) -> Person {
    let cell = |cell: v1::CellPosition| (cell.row, cell.col);
    Person {
        session_id: told.session_id,
        account_id: told.account_id,
        display_name: told.display_name,
        presence: Presence {
            cursor: told.cursor.map(cell),
            selections: told.selections.into_iter().map(window_from_wire).collect(),
            editing: told.editing.map(cell),
        },
    }
}

impl LiveSheet {
    /// Tells the others where this session is, in positions of the view. Only the newest is sent;
    /// a new connection is told by itself.
    pub fn set_presence(&mut self, presence: Presence) {
        if self.people.own != presence {
            self.people.own = presence;
            self.people.unsaid = true;
        }
    }

    /// The others in session, where they stand in the view. Positions may lie beyond the sheet.
    #[must_use]
    pub fn people(&self) -> Vec<Person> {
        let Some(session) = &self.session else { return Vec::new() };
        let in_view = |person: &Person| {
            let mut person = person.clone();
            session.replica.session().pending().for_each(|(_, own)| person.presence.follow(own));
            person
        };
        self.people.others.values().map(in_view).collect()
    }

    pub(super) fn heard_of_people(&mut self, change: v1::PresenceChange, events: &mut Vec<Event>) {
        self.people.hear(change);
        events.push(Event::People);
    }

    pub(super) fn next_presence(&mut self) -> Option<v1::Presence> {
        let session = self.session.as_ref().filter(|_| self.link == Link::Open)?;
        self.people.say(&session.replica)
    }
}
