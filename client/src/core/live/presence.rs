//! Sets the own presence and reads the participants.
//!
//! `core/state/people.rs` stores them. Invariant: the newest presence is sent, also on a new connection.

use ot_engine::Presence;

use super::LiveSheet;
use crate::core::state::people::Person;

impl LiveSheet {
    /// Sets this session's presence, in positions of the view. Only the newest one is sent, and a new
    /// connection sends it again.
    pub fn set_presence(&mut self, presence: Presence) {
        self.people.set_own(presence);
    }

    /// The own presence, in positions of the view.
    #[must_use]
    pub fn presence(&self) -> &Presence {
        self.people.own()
    }

    /// The other participants, in positions of the view. Positions may lie outside the sheet.
    #[must_use]
    pub fn people(&self) -> Vec<Person> {
        let Some(session) = &self.session else { return Vec::new() };
        let in_view = |person: &Person| {
            let mut person = person.clone();
            session.replica.session().pending().for_each(|(_, own)| person.presence.follow(own));
            person
        };
        self.people.others().map(in_view).collect()
    }
}
